#include "chain/evm/judge.h"

#include "base/planted.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/safe.h"
#include "chain/evm/spend_form.h"

#include <algorithm>

namespace holdfast::chain::evm {

using custody::IncidentCause;
using custody::ReportForeignSpend;
using custody::WalletKind;

namespace {

// How far around the nonces of open spends a stolen signature is looked for: one executes at the Safe's next nonce only.
constexpr std::uint64_t kNoncesBelow = 2;
constexpr std::uint64_t kNoncesAbove = 8;
constexpr std::uint64_t kMaxNonces = 64;

struct NonceRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

NonceRange nonces_of(const custody::State& state, custody::WalletId safe) {
  const std::uint64_t next = state.wallets.at(safe).next_nonce;
  const auto open = state.spends_by_nonce.lower_bound({safe, 0});
  const bool any = open != state.spends_by_nonce.end() && open->first.first == safe;
  const std::uint64_t lowest = any ? std::min(open->first.second, next) : next;
  const std::uint64_t first = lowest - std::min(lowest, kNoncesBelow);
  return {first, std::min(next + kNoncesAbove, first + kMaxNonces)};
}

ReportForeignSpend report(IncidentCause cause, custody::WalletId wallet, const Transaction& transaction) {
  return {cause, wallet, transaction.hash, 0, transaction.max_fee, transaction.priority_fee};
}

}  // namespace

std::vector<ReportForeignSpend> Judge::judge(const Transaction& transaction) const {
  std::vector<ReportForeignSpend> out = judge_owners(transaction);
  const OwnWallet* sender = own_.wallet(transaction.from);
  if (sender && sender->has_key() && !durable(transaction.hash)) {
    out.push_back(report(IncidentCause::unmatched_spend, sender->id, transaction));
    out.back().nonce = transaction.nonce;
  }
  return out;
}

std::vector<ReportForeignSpend> Judge::judge_owners(const Transaction& transaction) const {
  std::vector<ReportForeignSpend> out;
  if (own_.owners.contains(transaction.from)) {
    for (const OwnWallet& wallet : own_.wallets) {
      if (wallet.kind == WalletKind::safe) out.push_back(report(IncidentCause::leaked_owner, wallet.id, transaction));
    }
    return out;
  }
  if (!transaction.to) return out;
  const OwnWallet* safe = own_.wallet(*transaction.to);
  const OwnWallet* evacuated = own_.wallet_of_module(*transaction.to);
  if (safe && safe->kind == WalletKind::safe && leaks_in_exec(*safe, transaction)) {
    out.push_back(report(IncidentCause::leaked_owner, safe->id, transaction));
  }
  if (evacuated && leaks_in_evacuation(*evacuated, transaction)) {
    out.push_back(report(IncidentCause::leaked_owner, evacuated->id, transaction));
  }
  return out;
}

bool Judge::durable(const Hash32& txid) const {
  bool known = false;
  view_.read([&](const custody::State& state) { known = state.spend_by_txid.contains(txid); });
  return known;
}

bool Judge::signed_by_owner(const Hash32& hash, ByteView signatures) const {
  // A quorum is never more than all owners, and the contract looks no further.
  const std::size_t useful = std::min(signatures.size(), own_.owners.size() * Signature::kSize);
  const auto signers = recover_owner_signatures(hash, signatures.first(useful));
  return std::ranges::any_of(signers, [&](const Address20& signer) { return own_.owners.contains(signer); });
}

bool Judge::leaks_in_exec(const OwnWallet& safe, const Transaction& transaction) const {
  if (HF_PLANTED(stolen_owner_ignored)) return false;
  const auto call = read_exec_transaction(transaction.input);
  if (!call || call->signatures.size() < Signature::kSize || durable(transaction.hash)) return false;
  NonceRange nonces;
  view_.read([&](const custody::State& state) { nonces = nonces_of(state, safe.id); });
  for (std::uint64_t nonce = nonces.first; nonce <= nonces.last; ++nonce) {
    const Hash32 hash = safe_transaction_hash(chain_id_, safe.address, call->transaction, nonce);
    if (signed_by_owner(hash, call->signatures) && !asked_for(safe, hash)) return true;
  }
  return false;
}

bool Judge::leaks_in_evacuation(const OwnWallet& safe, const Transaction& transaction) const {
  const auto call = read_evacuation(transaction.input);
  if (!call || durable(transaction.hash)) return false;
  const Hash32 hash = evacuation_hash(chain_id_, safe.module, call->evacuation);
  return signed_by_owner(hash, call->signature) && !asked_for(safe, hash);
}

bool Judge::asked_for(const OwnWallet& safe, const Hash32& intent) const {
  bool asked = false;
  view_.read([&](const custody::State& state) {
    asked = state.spend_by_intent.contains(intent) ||
            std::ranges::any_of(state.open_spends, [&](custody::SpendId id) {
              const custody::Spend& spend = state.spends.at(id);
              if (spend.wallet != safe.id || spend.state != custody::SpendState::planned) return false;
              const auto planned = intent_of(chain_id_, state, spend);
              return planned && *planned == intent;
            });
  });
  return asked;
}

}  // namespace holdfast::chain::evm
