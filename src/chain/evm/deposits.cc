#include "chain/evm/deposits.h"

#include "chain/evm/codec/contracts.h"

#include <algorithm>
#include <set>

namespace holdfast::chain::evm {

namespace {

struct Claim {
  Touched where;
  Amount amount;
  std::size_t place = 0;  // Of the transaction in the block.
  std::uint32_t position = 0;
  Address20 from{};
};

Amount plus(Amount a, Amount b) { return Amount::sum(a, b).value_or(Amount::max()); }

void claim_native(const BlockEvidence& evidence, custody::AssetId native, std::vector<Claim>& out) {
  const auto& transactions = evidence.block.transactions;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const Transaction& transaction = transactions[i];
    if (!transaction.to || transaction.value.is_zero() || !evidence.deposit_addresses.contains(*transaction.to)) continue;
    if (!evidence.receipts.at(transaction.hash).success) continue;
    out.push_back({{*transaction.to, native}, transaction.value, i, static_cast<std::uint32_t>(i), transaction.from});
  }
  std::uint32_t position = kInternalPosition;
  for (const InternalTransfer& transfer : evidence.internal) {
    ++position;
    const auto place = evidence.places.find(transfer.txid);
    if (place == evidence.places.end() || !evidence.deposit_addresses.contains(transfer.to)) continue;
    out.push_back({{transfer.to, native}, transfer.value, place->second, position - 1, transfer.from});
  }
}

// In the order of the block.
std::vector<Claim> claims_of(const BlockEvidence& evidence, const Own& own) {
  std::vector<Claim> out;
  if (own.native) claim_native(evidence, *own.native, out);
  for (const Log& log : evidence.token_transfers) {
    const auto transfer = read_transfer_log(log);
    if (!transfer || transfer->amount.is_zero() || !evidence.deposit_addresses.contains(transfer->to)) continue;
    out.push_back({{transfer->to, own.tokens.at(log.address)}, transfer->amount, evidence.places.at(log.txid), log.index,
                   transfer->from});
  }
  std::ranges::sort(out, {}, [](const Claim& claim) { return std::pair(claim.place, claim.position); });
  return out;
}

// What deposit addresses lost in the block. Our factory's word goes before a token's: it looked at the balance.
std::map<Touched, Amount> outflows_of(const BlockEvidence& evidence, const Own& own) {
  std::map<Touched, Amount> out;
  for (const Log& log : evidence.flushed) {
    const auto flushed = read_address_pair_log(log);
    if (!flushed) continue;
    const auto asset = flushed->second == kNativeAsset ? own.native : own.asset(flushed->second);
    if (!asset) continue;
    Amount& sum = out[{flushed->first, *asset}];
    sum = plus(sum, flushed->amount);
  }
  std::map<Touched, Amount> logged;
  for (const Log& log : evidence.token_transfers) {
    const auto transfer = read_transfer_log(log);
    if (!transfer || transfer->amount.is_zero() || !evidence.deposit_addresses.contains(transfer->from)) continue;
    Amount& sum = logged[{transfer->from, own.tokens.at(log.address)}];
    sum = plus(sum, transfer->amount);
  }
  out.merge(logged);
  return out;
}

Amount arrived_of(const BalanceChange& change, Amount left) {
  return Amount::difference(plus(change.after, left), change.before).value_or(Amount::zero());
}

}  // namespace

std::vector<Touched> touched_deposits(const BlockEvidence& evidence, const Own& own) {
  std::set<Touched> out;
  for (const Claim& claim : claims_of(evidence, own)) out.insert(claim.where);
  for (const auto& [where, amount] : outflows_of(evidence, own)) out.insert(where);
  return {out.begin(), out.end()};
}

std::vector<custody::DepositFact> judge_deposits(const BlockEvidence& evidence, const Own& own,
                                                 const std::map<Touched, BalanceChange>& changes) {
  const auto outflows = outflows_of(evidence, own);
  std::map<Touched, Amount> unclaimed;
  for (const auto& [where, change] : changes) {
    const auto left = outflows.find(where);
    unclaimed[where] = arrived_of(change, left == outflows.end() ? Amount::zero() : left->second);
  }
  std::vector<custody::DepositFact> out;
  for (const Claim& claim : claims_of(evidence, own)) {
    Amount& remaining = unclaimed.at(claim.where);
    const Amount credited = std::min(claim.amount, remaining);
    if (credited.is_zero()) continue;
    remaining -= credited;
    out.push_back({to_custody(claim.where.first), claim.where.second, credited,
                   evidence.block.transactions[claim.place].hash, claim.position, to_custody(claim.from)});
  }
  for (const auto& [where, amount] : unclaimed) {
    if (amount.is_zero()) continue;
    const Hash32& last = evidence.block.transactions.back().hash;
    out.push_back({to_custody(where.first), where.second, amount, last, kUnclaimedPosition});
  }
  return out;
}

}  // namespace holdfast::chain::evm
