#include "chain/evm/codec/safe.h"

#include "chain/evm/codec/eip712.h"
#include "chain/evm/codec/keccak.h"

#include <algorithm>

namespace holdfast::chain::evm {

namespace {

constexpr std::size_t kMaxSignatures = 64;
constexpr std::uint8_t kMessageV = 31;  // The Safe's mark for "signed as an Ethereum message": v + 4.

const Selector& exec_selector() {
  static const Selector kSelector = selector_of(
      "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)");
  return kSelector;
}

// Solidity 0.7.6 ignores the upper bytes of an address; so must whoever judges what the Safe would do.
Result<Address20> masked_address(const AbiReader& reader, std::size_t slot) {
  const auto word = reader.word(slot);
  if (!word) return Failure(word.error());
  return Address20::from(word->view().subspan(Word::kSize - Address20::kSize));
}

Hash32 message_hash(const Hash32& hash) {
  return keccak256({as_bytes("\x19" "Ethereum Signed Message:\n32"), hash.view()});
}

}  // namespace

Hash32 safe_transaction_hash(std::uint64_t chain_id, const Address20& safe, const SafeTransaction& transaction,
                             std::uint64_t nonce) {
  static const Hash32 kType = keccak256(as_bytes(
      "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
      "address gasToken,address refundReceiver,uint256 nonce)"));
  const Bytes fields = AbiWriter()
                           .word(kType)
                           .address(transaction.to)
                           .word(transaction.value)
                           .word(keccak256(transaction.data))
                           .number(transaction.operation)
                           .word(transaction.safe_tx_gas)
                           .word(transaction.base_gas)
                           .word(transaction.gas_price)
                           .address(transaction.gas_token)
                           .address(transaction.refund_receiver)
                           .number(nonce)
                           .finish();
  return typed_data_hash(safe_domain_separator(chain_id, safe), keccak256(fields));
}

Bytes encode_exec_transaction(const ExecTransaction& call) {
  const SafeTransaction& inner = call.transaction;
  return AbiWriter()
      .address(inner.to)
      .word(inner.value)
      .bytes(inner.data)
      .number(inner.operation)
      .word(inner.safe_tx_gas)
      .word(inner.base_gas)
      .word(inner.gas_price)
      .address(inner.gas_token)
      .address(inner.refund_receiver)
      .bytes(call.signatures)
      .finish(exec_selector());
}

Result<ExecTransaction> read_exec_transaction(ByteView calldata) {
  if (!has_selector(calldata, exec_selector())) return refuse("not_exec_transaction");
  const AbiReader reader(calldata.subspan(Selector::kSize));
  const auto signatures = reader.bytes(9);
  const auto data = reader.bytes(2);
  const auto operation = reader.number(3);
  const auto to = masked_address(reader, 0);
  const auto gas_token = masked_address(reader, 7);
  const auto refund_receiver = masked_address(reader, 8);
  if (!signatures) return Failure(signatures.error());  // The last word of the head: the others are there.
  if (!data) return Failure(data.error());
  if (!operation || *operation > kSafeDelegateCall) return refuse("safe_operation");
  return ExecTransaction{
      .transaction = {.to = *to,
                      .value = *reader.word(1),
                      .data = to_bytes(*data),
                      .operation = static_cast<std::uint8_t>(*operation),
                      .safe_tx_gas = *reader.word(4),
                      .base_gas = *reader.word(5),
                      .gas_price = *reader.word(6),
                      .gas_token = *gas_token,
                      .refund_receiver = *refund_receiver},
      .signatures = to_bytes(*signatures),
  };
}

Result<ExecTransaction> decode_exec_transaction(ByteView calldata) {
  auto call = read_exec_transaction(calldata);
  if (call && !std::ranges::equal(encode_exec_transaction(*call), calldata)) return refuse("abi_not_canonical");
  return call;
}

Bytes join_owner_signatures(std::vector<SafeOwnerSignature> signatures) {
  std::ranges::sort(signatures, {}, &SafeOwnerSignature::owner);
  Bytes out;
  for (const auto& [owner, signature] : signatures) {
    out.insert(out.end(), signature.bytes.begin(), signature.bytes.end());
  }
  return out;
}

std::vector<Address20> recover_owner_signatures(const Hash32& hash, ByteView signatures) {
  std::vector<Address20> out;
  const std::size_t count = std::min(signatures.size() / Signature::kSize, kMaxSignatures);
  for (std::size_t i = 0; i < count; ++i) {
    Signature signature = Signature::from(signatures.subspan(i * Signature::kSize, Signature::kSize));
    std::uint8_t& v = signature.bytes[64];
    const bool as_message = v == kMessageV || v == kMessageV + 1;
    if (as_message) v = static_cast<std::uint8_t>(v - 4);
    if (const auto owner = recover(as_message ? message_hash(hash) : hash, signature)) out.push_back(*owner);
  }
  return out;
}

const Hash32& execution_success_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("ExecutionSuccess(bytes32,uint256)"));
  return kTopic;
}
const Hash32& execution_failure_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("ExecutionFailure(bytes32,uint256)"));
  return kTopic;
}
const Hash32& execution_from_module_success_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("ExecutionFromModuleSuccess(address)"));
  return kTopic;
}
const Hash32& execution_from_module_failure_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("ExecutionFromModuleFailure(address)"));
  return kTopic;
}

}  // namespace holdfast::chain::evm
