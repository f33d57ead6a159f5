#include "custody/test_coin_chain.h"

#include <algorithm>

namespace holdfast::custody {

CoinChain::CoinChain(Dice& dice) : dice_(dice) {
  CoinTruth& genesis = blocks_.emplace_back();
  genesis.block.height = 100;
  genesis.block.hash = dice.bytes<32>();
}

const CoinTruth& CoinChain::at(std::uint64_t height) const {
  return blocks_.at(static_cast<std::size_t>(height - first_height()));
}

WalletId CoinChain::owner(const Address& script) const {
  const auto found = own.find(script);
  return found == own.end() ? WalletId{} : found->second.wallet;
}

BlockFacts CoinChain::mine() {
  CoinTruth truth = head();
  BlockFacts facts;
  facts.block = {truth.block.height + 1, dice_.bytes<32>(), truth.block.hash, {}};
  truth.block = facts.block;
  std::vector<const CoinTransaction*> chosen;
  for (const CoinTransaction& transaction : pool) {
    if (!truth.mined.contains(transaction.txid) && !dice_.one_in(4)) chosen.push_back(&transaction);
  }
  for (std::size_t i = chosen.size(); i > 1; --i) std::swap(chosen[i - 1], chosen[dice_.below(i)]);
  for (int round = 0; round < 2; ++round) {
    for (const CoinTransaction* transaction : chosen) mine_transaction(truth, *transaction, facts);
  }
  blocks_.push_back(std::move(truth));
  return facts;
}

bool CoinChain::mine_transaction(CoinTruth& truth, const CoinTransaction& transaction, BlockFacts& facts) const {
  const bool there = std::ranges::all_of(transaction.inputs, [&](const OutPoint& at) { return truth.unspent.contains(at); });
  const bool outdone = transaction.rivals != 0 && truth.rivals.contains(transaction.rivals);
  if (!there || outdone || truth.mined.contains(transaction.txid)) return false;
  tell(truth, transaction, facts);
  truth.mined.insert(transaction.txid);
  if (transaction.rivals != 0) truth.rivals.insert(transaction.rivals);
  for (const OutPoint& input : transaction.inputs) truth.unspent.erase(input);
  for (std::size_t i = 0; i < transaction.outputs.size(); ++i) {
    const OutPoint at{transaction.txid, static_cast<std::uint32_t>(i)};
    if (owner(transaction.outputs[i].first)) truth.unspent[at] = transaction.outputs[i];
    if (customers.contains(transaction.outputs[i].first)) truth.deposits[at] = transaction.outputs[i].second;
  }
  for (const WithdrawalId id : transaction.pays) ++truth.paid[id];
  return true;
}

void CoinChain::tell(const CoinTruth& truth, const CoinTransaction& transaction, BlockFacts& facts) const {
  std::map<WalletId, MinedFact> by_wallet;
  Int128 fee = 0;
  for (const OutPoint& input : transaction.inputs) {
    const auto& [script, amount] = truth.unspent.at(input);
    fee += amount;
    MinedFact& fact = by_wallet[owner(script)];
    fact.spent.push_back(input);
    fact.sender = owner(script);
  }
  std::vector<Movement> out;
  for (std::size_t i = 0; i < transaction.outputs.size(); ++i) {
    const auto& [script, amount] = transaction.outputs[i];
    fee -= amount;
    const WalletId to = owner(script);
    if (to) facts.coins.push_back({{transaction.txid, static_cast<std::uint32_t>(i)}, script, own.at(script), Amount::of(amount), false});
    if (by_wallet.empty() || to == by_wallet.begin()->first) continue;
    out.push_back({by_wallet.begin()->first, to, {1}, Amount::of(amount), {}});
  }
  bool first = true;
  for (auto& [wallet, fact] : by_wallet) {
    fact.txid = transaction.txid;
    fact.executed = fact.success = true;
    if (first) fact.network_fee = Amount::of(fee), fact.movements = out;
    first = false;
    facts.mined.push_back(fact);
  }
}

}  // namespace holdfast::custody
