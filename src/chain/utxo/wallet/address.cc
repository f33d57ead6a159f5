#include "chain/utxo/wallet/address.h"

#include "chain/utxo/codec/script.h"
#include "chain/utxo/wallet/base58.h"
#include "chain/utxo/wallet/bech32.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kHashedPayload = 1 + Hash20::kSize;
constexpr std::size_t kP2pkhHashAt = 3;   // OP_DUP OP_HASH160 <20>
constexpr std::size_t kP2shHashAt = 2;    // OP_HASH160 <20>
constexpr std::size_t kWitnessHeader = 2;  // OP_n <size>

Failure malformed(std::string why) { return refuse("address_malformed", std::move(why)); }

template <class Matches>
Failure of_another_network(Matches matches) {
  for (const Network& network : networks()) {
    if (matches(network)) {
      return refuse("address_of_another_network", "this is an address of " + std::string(network.name));
    }
  }
  return refuse("address_of_another_network", "this is an address of a network that Holdfast does not know");
}

Result<Bytes> script_of_segwit(const Network& network, const WitnessProgram& witness) {
  if (witness.hrp != network.hrp) return of_another_network([&](const Network& n) { return n.hrp == witness.hrp; });
  if (witness.version > 1 || (witness.version == 1 && witness.program.size() != XOnlyKey::kSize)) {
    return refuse("address_witness_unknown", "nobody knows today how to spend from such an address");
  }
  if (witness.version == 1) return p2tr_script(XOnlyKey::from(witness.program));
  if (witness.program.size() == Hash20::kSize) return p2wpkh_script(Hash20::from(witness.program));
  Bytes script{0x00, Hash32::kSize};
  script.insert(script.end(), witness.program.begin(), witness.program.end());
  return script;
}

Result<Bytes> script_of_base58(const Network& network, ByteView payload) {
  const auto is_wif = [&](const Network& n) { return payload[0] == n.wif; };
  if ((payload.size() == 33 || payload.size() == 34) && std::ranges::any_of(networks(), is_wif)) {
    return malformed("this is a private key, not an address; who has seen it can spend with it");
  }
  if (payload.size() != kHashedPayload) return malformed("base58check of another length than an address has");
  const Hash20 hash = Hash20::from(payload.subspan(1));
  const auto has_version = [&](const Network& n) {
    return payload[0] == n.p2pkh || payload[0] == n.p2sh || payload[0] == n.p2sh_legacy;
  };
  if (!has_version(network)) return of_another_network(has_version);
  return payload[0] == network.p2pkh ? p2pkh_script(hash) : p2sh_script(hash);
}

// Whether somebody who wrote this meant bech32, so that what is told is about bech32.
bool begins_as_segwit(std::string_view text) {
  return std::ranges::any_of(networks(), [&](const Network& network) {
    const std::string_view hrp = network.hrp;
    const auto same = [](char ours, char c) { return ours == c || (ours >= 'a' && ours <= 'z' && ours - 'a' + 'A' == c); };
    return text.size() > hrp.size() && text[hrp.size()] == '1' &&
           std::equal(hrp.begin(), hrp.end(), text.begin(), same);
  });
}

std::string base58_address(std::uint8_t version, ByteView hash) {
  Bytes payload{version};
  payload.insert(payload.end(), hash.begin(), hash.end());
  return base58check_encode(payload);
}

std::string segwit_address(const Network& network, unsigned version, ByteView program) {
  return segwit_encode({std::string(network.hrp), version, to_bytes(program)});
}

}  // namespace

Result<Bytes> script_of_address(const Network& network, std::string_view text) {
  const auto witness = segwit_decode(text);
  if (witness) return script_of_segwit(network, *witness);
  if (begins_as_segwit(text)) {
    const bool mistyped = witness.error().code == "bech32_checksum";
    return refuse(mistyped ? "address_checksum" : "address_malformed", witness.error().text);
  }
  const auto payload = base58check_decode(text);
  if (payload && !payload->empty()) return script_of_base58(network, *payload);
  // A text of base58's letters and about an address's length was meant as one.
  const auto letters = base58_decode(text);
  if (letters && letters->size() == kHashedPayload + 4) {
    return refuse("address_checksum", "the address is mistyped: its checksum is wrong");
  }
  return malformed("this is no address of the Bitcoin family");
}

std::optional<std::string> address_of_script(const Network& network, ByteView script_pubkey) {
  switch (classify(script_pubkey)) {
    case ScriptKind::p2pkh:
      return base58_address(network.p2pkh, script_pubkey.subspan(kP2pkhHashAt, Hash20::kSize));
    case ScriptKind::p2sh: return base58_address(network.p2sh, script_pubkey.subspan(kP2shHashAt, Hash20::kSize));
    case ScriptKind::p2wpkh:
    case ScriptKind::p2wsh: return segwit_address(network, 0, script_pubkey.subspan(kWitnessHeader));
    case ScriptKind::p2tr: return segwit_address(network, 1, script_pubkey.subspan(kWitnessHeader));
    case ScriptKind::unknown:
    case ScriptKind::witness_unknown:
    case ScriptKind::null_data: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace holdfast::chain::utxo
