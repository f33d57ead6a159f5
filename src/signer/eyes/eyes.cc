#include "signer/eyes/eyes.h"

#include "chain/utxo/codec/hash.h"

namespace holdfast::signer {
namespace {

void append_number(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

void append(Bytes& out, ByteView field) {
  append_number(out, field.size());
  out.insert(out.end(), field.begin(), field.end());
}

}  // namespace

Hash32 deposit_key(const DepositClaim& claim) {
  Bytes all;
  append(all, as_bytes(claim.chain));
  append(all, claim.address);
  append(all, claim.asset_contract);
  append(all, claim.txid.view());
  append_number(all, claim.position);
  return chain::utxo::sha256(all);
}

std::string_view name(SightingKind kind) {
  switch (kind) {
    case SightingKind::own_key_misused: return "own_key_misused";
    case SightingKind::unknown_spend: return "unknown_spend";
    case SightingKind::wallet_changed: return "wallet_changed";
  }
  return "unknown";
}

}  // namespace holdfast::signer
