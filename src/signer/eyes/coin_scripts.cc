#include "signer/eyes/coin_scripts.h"

#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/script.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using namespace chain::utxo;

// BIP 341: leaf version and parity, the internal key, a path of hashes. Holdfast's leaves are alone: no path.
constexpr std::size_t kLoneControlBytes = 1 + XOnlyKey::kSize;

std::optional<Bytes> taproot_script(ByteView leaf, ByteView control) {
  if (control.size() != kLoneControlBytes || (control[0] & 0xfe) != kTapscriptLeaf || !parse_multi_a(leaf)) return std::nullopt;
  const auto output = taproot_output(XOnlyKey::from(control.subspan(1)), tapleaf_hash(leaf));
  if (!output) return std::nullopt;
  return p2tr_script(output->key);
}

}  // namespace

bool CoinScripts::extend(const CoinReach& reach) {
  std::size_t left = kDerivedAtOnce;
  for (std::uint32_t wallet = 0; wallet < rule_.wallets.size(); ++wallet) {
    for (std::uint32_t branch = 0; branch < 2; ++branch) {
      Branch& known = branches_[wallet][branch];
      const std::uint32_t handed_out = std::max(known.found, reach ? reach(rule_.wallets[wallet].name, branch) : 0);
      const std::uint32_t end = std::min(handed_out, kMost) + kGap;
      for (; known.derived < end; ++known.derived, --left) {
        if (left == 0) return false;
        const auto output = rule_.wallets[wallet].descriptor.derive(branch, known.derived);
        if (output) places_[sha256(output->script_pubkey)] = {wallet, branch, known.derived};
      }
    }
  }
  return true;
}

void CoinScripts::found_at(const Place& place) {
  Branch& known = branches_[place.wallet][place.branch];
  known.found = std::max(known.found, place.index + 1);
}

std::optional<CoinScripts::Place> CoinScripts::find(ByteView script_pubkey) const {
  const auto found = places_.find(sha256(script_pubkey));
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Bytes> CoinScripts::script_shown_by(const std::vector<Bytes>& witness) {
  if (witness.size() < 2) return std::nullopt;
  const Bytes& last = witness.back();
  if (witness.size() == 2 && last.size() == PublicKey33::kSize && (last[0] == 2 || last[0] == 3)) {
    return p2wpkh_script(hash160(last));
  }
  if (auto taproot = taproot_script(witness[witness.size() - 2], last)) return taproot;
  if (!parse_multisig(last)) return std::nullopt;
  return p2wsh_script(last);
}

}  // namespace holdfast::signer
