#include "chain/evm/codec/contracts.h"

#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/eip712.h"
#include "chain/evm/codec/keccak.h"

#include <algorithm>

namespace holdfast::chain::evm {

namespace {

// Creation code of an EIP-1167 clone: what stands before and behind the implementation's address.
constexpr std::array<std::uint8_t, 20> kCloneFront = {0x3d, 0x60, 0x2d, 0x80, 0x60, 0x0a, 0x3d, 0x39, 0x81, 0xf3,
                                                      0x36, 0x3d, 0x3d, 0x37, 0x3d, 0x3d, 0x3d, 0x36, 0x3d, 0x73};
constexpr std::array<std::uint8_t, 15> kCloneBack = {0x5a, 0xf4, 0x3d, 0x82, 0x80, 0x3e, 0x90, 0x3d,
                                                     0x91, 0x60, 0x2b, 0x57, 0xfd, 0x5b, 0xf3};

const Selector& flush_selector() {
  static const Selector kSelector = selector_of("flush(bytes32[],address[])");
  return kSelector;
}
const Selector& evacuation_selector() {
  static const Selector kSelector = selector_of("evacuateWithSignature(address[],uint256,uint256,bytes)");
  return kSelector;
}
const Selector& freeze_selector() {
  static const Selector kSelector = selector_of("freezeWithSignature(uint256,uint256,bytes)");
  return kSelector;
}

ByteView low_bytes(const Word& big_endian, std::size_t count) { return big_endian.view().last(count); }

}  // namespace

Hash32 deposit_salt(std::uint64_t customer, std::uint64_t number) {
  const Word customer_word = word_of(customer);
  const Word number_word = word_of(number);
  return keccak256({as_bytes("holdfast deposit"), low_bytes(customer_word, 8), low_bytes(number_word, 8)});
}

Address20 forwarder_address(const Address20& factory, const Address20& implementation, const Hash32& salt) {
  static constexpr std::array<std::uint8_t, 1> kCreate2 = {0xff};
  const Hash32 code = keccak256({kCloneFront, implementation.view(), kCloneBack});
  const Hash32 hash = keccak256({kCreate2, factory.view(), salt.view(), code.view()});
  return Address20::from(low_bytes(hash, Address20::kSize));
}

Bytes encode_flush(const Flush& call) {
  return AbiWriter().words(call.salts).addresses(call.tokens).finish(flush_selector());
}

Result<Flush> decode_flush(ByteView calldata) {
  if (!has_selector(calldata, flush_selector())) return refuse("not_flush");
  const AbiReader reader(calldata.subspan(Selector::kSize));
  auto salts = reader.words(0);
  if (!salts) return Failure(salts.error());
  auto tokens = reader.addresses(1);
  if (!tokens) return Failure(tokens.error());
  Flush call{std::move(*salts), std::move(*tokens)};
  if (!std::ranges::equal(encode_flush(call), calldata)) return refuse("abi_not_canonical");
  return call;
}

const Hash32& flushed_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("Flushed(address,address,uint256)"));
  return kTopic;
}

Hash32 evacuation_hash(std::uint64_t chain_id, const Address20& module, const Evacuation& evacuation) {
  static const Hash32 kType = keccak256(as_bytes("Evacuate(address[] assets,uint256 nonce,uint256 deadline)"));
  Bytes assets;
  for (const Address20& asset : evacuation.assets) {
    const Word word = address_word(asset);
    assets.insert(assets.end(), word.bytes.begin(), word.bytes.end());
  }
  const Bytes fields = AbiWriter()
                           .word(kType)
                           .word(keccak256(assets))
                           .word(evacuation.nonce)
                           .word(evacuation.deadline_s)
                           .finish();
  return typed_data_hash(domain_separator("Holdfast EvacuationModule", chain_id, module), keccak256(fields));
}

Bytes encode_evacuation(const EvacuationCall& call) {
  return AbiWriter()
      .addresses(call.evacuation.assets)
      .word(call.evacuation.nonce)
      .word(call.evacuation.deadline_s)
      .bytes(call.signature)
      .finish(evacuation_selector());
}

Result<EvacuationCall> read_evacuation(ByteView calldata) {
  if (!has_selector(calldata, evacuation_selector())) return refuse("not_evacuation");
  const AbiReader reader(calldata.subspan(Selector::kSize));
  const auto signature = reader.bytes(3);
  if (!signature) return Failure(signature.error());
  auto assets = reader.addresses(0);
  if (!assets) return Failure(assets.error());
  return EvacuationCall{{std::move(*assets), *reader.word(1), *reader.word(2)}, to_bytes(*signature)};
}

Result<EvacuationCall> decode_evacuation(ByteView calldata) {
  auto call = read_evacuation(calldata);
  if (call && !std::ranges::equal(encode_evacuation(*call), calldata)) return refuse("abi_not_canonical");
  return call;
}

const Hash32& evacuated_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("Evacuated(address,address,uint256)"));
  return kTopic;
}

Hash32 guard_freeze_hash(std::uint64_t chain_id, const Address20& guard, const GuardFreeze& freeze) {
  static const Hash32 kType = keccak256(as_bytes("Freeze(uint256 nonce,uint256 deadline)"));
  const Bytes fields = AbiWriter().word(kType).number(freeze.nonce).number(freeze.deadline_s).finish();
  return typed_data_hash(domain_separator("Holdfast LimitGuard", chain_id, guard), keccak256(fields));
}

Bytes encode_guard_freeze(const GuardFreezeCall& call) {
  return AbiWriter().number(call.freeze.nonce).number(call.freeze.deadline_s).bytes(call.signature).finish(freeze_selector());
}

Result<GuardFreezeCall> decode_guard_freeze(ByteView calldata) {
  if (!has_selector(calldata, freeze_selector())) return refuse("not_guard_freeze");
  const AbiReader reader(calldata.subspan(Selector::kSize));
  const auto nonce = reader.number(0);
  if (!nonce) return Failure(nonce.error());
  const auto deadline = reader.number(1);
  if (!deadline) return Failure(deadline.error());
  const auto signature = reader.bytes(2);
  if (!signature) return Failure(signature.error());
  GuardFreezeCall call{{*nonce, *deadline}, to_bytes(*signature)};
  if (!std::ranges::equal(encode_guard_freeze(call), calldata)) return refuse("abi_not_canonical");
  return call;
}

}  // namespace holdfast::chain::evm
