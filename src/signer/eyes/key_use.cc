#include "signer/eyes/key_use.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/transaction.h"

#include <algorithm>
#include <set>

namespace holdfast::signer {
namespace {

using namespace chain::evm;

using Sightings = std::vector<Sighting>;

Sighting seen(SightingKind kind, std::string_view what, const Address20& wallet, const Hash32& digest, const Hash32& txid) {
  Sighting out;
  out.kind = kind;
  out.what = what;
  out.wallet = to_checksum_text(wallet);
  out.digest = digest;
  out.txid = txid;
  return out;
}

// What the sender signed, of the only kind that this signer signs: EIP-1559 without an access list. Of any other kind it is
// a hash that nobody signed.
Hash32 signing_hash_of(std::uint64_t chain_id, const Transaction& transaction) {
  if (!transaction.to) return {};
  return signing_hash({chain_id, transaction.nonce, transaction.priority_fee, transaction.max_fee, transaction.gas, *transaction.to,
                       transaction.value, transaction.input});
}

bool is_quorum(const SafeRule& safe, const std::vector<Address20>& signers) {
  std::set<Address20> owners;
  for (const Address20& signer : signers) {
    if (std::ranges::find(safe.owners, signer) != safe.owners.end()) owners.insert(signer);
  }
  return owners.size() >= safe.threshold;
}

}  // namespace

bool KeyUse::may_execute(const SafeRule& safe, const Transaction& transaction) const {
  return transaction.to == safe.address || mentions(transaction.input, safe.address);
}

bool KeyUse::is_by_owner(const Hash32& hash, ByteView signatures, std::size_t parts, Effort& effort) const {
  const auto signers = signers_of(hash, signatures, parts, effort);
  return std::ranges::find(signers, owner_) != signers.end();
}

Sightings KeyUse::judge(const Transaction& transaction, const SafeNonces& nonces, std::optional<std::uint64_t> height,
                        Effort& effort) const {
  Sightings out;
  judge_sender(transaction, out);
  for (const SafeRule& safe : rule_.safes) {
    const auto range = nonces.find(safe.address);
    if (range != nonces.end() && may_execute(safe, transaction)) {
      judge_exec(safe, transaction, range->second, !height, effort, out);
    }
    if (transaction.to == safe.module) judge_evacuation(safe, transaction, effort, out);
    if (transaction.to == safe.guard) judge_guard_freeze(safe, transaction, effort, out);
  }
  for (Sighting& sighting : out) sighting.height = height;
  return out;
}

void KeyUse::judge_sender(const Transaction& transaction, Sightings& out) const {
  const Address20& from = transaction.from;
  if (rule_.account(from)) {
    const Hash32 digest = signing_hash_of(rule_.chain_id, transaction);
    if (was_signed_(digest)) return;
    out.push_back(seen(SightingKind::own_key_misused, "account_sent", from, digest, transaction.hash));
    return;
  }
  if (from == owner_) {
    out.push_back(seen(SightingKind::own_key_misused, "owner_sent", from, {}, transaction.hash));
    return;
  }
  for (const SafeRule& safe : rule_.safes) {
    if (std::ranges::find(safe.owners, from) == safe.owners.end()) continue;
    out.push_back(seen(SightingKind::unknown_spend, "other_owner_sent", safe.address, {}, transaction.hash));
    out.back().subject = to_bytes(from.view());
  }
}

void KeyUse::judge_exec(const SafeRule& safe, const Transaction& transaction, const NonceRange& nonces, bool waits, Effort& effort,
                        Sightings& out) const {
  for (const ExecTransaction& call : exec_calls_in(transaction.input)) {
    for (std::uint64_t nonce = nonces.first; nonce <= nonces.last; ++nonce) {
      const Hash32 hash = safe_transaction_hash(rule_.chain_id, safe.address, call.transaction, nonce);
      if (was_signed_(hash)) continue;
      const auto signers = signers_of(hash, call.signatures, safe.owners.size(), effort);
      if (std::ranges::find(signers, owner_) != signers.end()) {
        out.push_back(seen(SightingKind::own_key_misused, "owner_signed", safe.address, hash, transaction.hash));
      } else if (waits && is_quorum(safe, signers)) {
        out.push_back(seen(SightingKind::unknown_spend, "safe_spend", safe.address, hash, transaction.hash));
      }
    }
  }
}

void KeyUse::judge_evacuation(const SafeRule& safe, const Transaction& transaction, Effort& effort, Sightings& out) const {
  const auto call = read_evacuation(transaction.input);
  if (!call) return;
  const Hash32 hash = evacuation_hash(rule_.chain_id, safe.module, call->evacuation);
  if (was_signed_(hash)) return;
  const auto signers = signers_of(hash, call->signature, 1, effort);
  if (std::ranges::find(signers, owner_) != signers.end()) {
    out.push_back(seen(SightingKind::own_key_misused, "owner_signed", safe.address, hash, transaction.hash));
  } else if (std::ranges::find_first_of(signers, safe.owners) != signers.end()) {
    out.push_back(seen(SightingKind::unknown_spend, "evacuation", safe.address, hash, transaction.hash));
  }
}

void KeyUse::judge_guard_freeze(const SafeRule& safe, const Transaction& transaction, Effort& effort, Sightings& out) const {
  const auto call = decode_guard_freeze(transaction.input);
  if (!call) return;
  const Hash32 hash = guard_freeze_hash(rule_.chain_id, safe.guard, call->freeze);
  if (was_signed_(hash) || !is_by_owner(hash, call->signature, 1, effort)) return;
  out.push_back(seen(SightingKind::own_key_misused, "owner_signed", safe.address, hash, transaction.hash));
}

Sightings KeyUse::judge_executed(const SafeRule& safe, const Transaction& transaction, const Hash32& hash, std::uint64_t height,
                                 Effort& effort) const {
  if (was_signed_(hash)) return {};
  const auto calls = exec_calls_in(transaction.input);
  const bool own = std::ranges::any_of(
      calls, [&](const ExecTransaction& call) { return is_by_owner(hash, call.signatures, safe.owners.size(), effort); });
  Sightings out;
  if (own) out.push_back(seen(SightingKind::own_key_misused, "owner_signed", safe.address, hash, transaction.hash));
  else out.push_back(seen(SightingKind::unknown_spend, "safe_spend", safe.address, hash, transaction.hash));
  out.back().height = height;
  return out;
}

Sightings KeyUse::judge_evacuated(const SafeRule& safe, const Transaction& transaction, std::uint64_t height) const {
  const auto call = read_evacuation(transaction.input);
  const bool told = call && transaction.to == safe.module;
  const Hash32 hash = told ? evacuation_hash(rule_.chain_id, safe.module, call->evacuation) : Hash32{};
  if (told && was_signed_(hash)) return {};
  Sightings out = {seen(SightingKind::unknown_spend, "evacuation", safe.address, hash, transaction.hash)};
  out.back().height = height;
  return out;
}

}  // namespace holdfast::signer
