#include "custody/test_chain.h"

#include <algorithm>
#include <iterator>

namespace holdfast::custody {
namespace {

MinedFact fact_of(const TxId& txid, WalletId safe, bool by_owners, bool success, const Hash32& intent) {
  MinedFact fact;
  fact.txid = txid;
  fact.safe = safe;
  fact.executed = by_owners;
  fact.success = success;
  fact.intent = intent;
  return fact;
}

}  // namespace

TestChain::TestChain(ChainId id, AssetId native, Dice& dice) : id_(id), native_(native), dice_(dice) {
  Truth& genesis = blocks_.emplace_back();
  genesis.block.height = 100;
  genesis.block.hash = dice.bytes<32>();
}

const Truth& TestChain::at(std::uint64_t height) const {
  return blocks_.at(static_cast<std::size_t>(height - first_height()));
}

BlockFacts TestChain::mine(const State& state) {
  Truth truth = head();
  BlockFacts facts;
  facts.block = {truth.block.height + 1, dice_.bytes<32>(), truth.block.hash, {}};
  truth.block = facts.block;
  for (const auto& [key, amount] : gifts) truth.balances[key] += amount.units();
  gifts.clear();
  mine_deposits(state, truth, facts);
  std::vector<const PoolTransaction*> chosen;
  for (const PoolTransaction& transaction : pool) {
    if (!truth.mined.contains(transaction.txid) && !dice_.one_in(4)) chosen.push_back(&transaction);
  }
  for (std::size_t i = chosen.size(); i > 1; --i) std::swap(chosen[i - 1], chosen[dice_.below(i)]);
  for (const PoolTransaction* transaction : chosen) mine_transaction(state, truth, *transaction, facts);
  for (const PoolTransaction* transaction : chosen) mine_transaction(state, truth, *transaction, facts);
  report_balances(state, truth, facts);
  blocks_.push_back(std::move(truth));
  return facts;
}

void TestChain::mine_deposits(const State& state, Truth& truth, BlockFacts& facts) {
  for (const PoolDeposit& deposit : deposits) {
    if (truth.deposited.contains(deposit.txid) || dice_.one_in(3)) continue;
    truth.deposited.insert(deposit.txid);
    truth.at_addresses[{deposit.address, deposit.asset}] += deposit.amount.units();
    const DepositAddress* address = state.deposit_address(id_, deposit.address);
    truth.received[{address->customer, deposit.asset}] += deposit.amount.units();
    facts.deposits.push_back({deposit.address, deposit.asset, deposit.amount, deposit.txid, deposit.position});
  }
}

bool TestChain::mine_transaction(const State& state, Truth& truth, const PoolTransaction& transaction,
                                 BlockFacts& facts) {
  if (truth.mined.contains(transaction.txid)) return false;
  Truth after = truth;
  Amount fee;
  if (transaction.sender) {
    if (truth.nonces[transaction.sender] != transaction.nonce) return false;
    fee = Amount::of(static_cast<Int128>(1 + dice_.below(20)));
    if (!move(after, {transaction.sender, {}, native_, fee, {}})) return false;
    ++after.nonces[transaction.sender];
  }
  std::vector<MinedFact> told;
  if (!carry_out(state, after, transaction, told)) return false;
  for (MinedFact& fact : told) fact.txid = transaction.txid;
  if (transaction.sender) {
    told[0].sender = transaction.sender;
    told[0].sender_nonce = transaction.nonce;
    told[0].network_fee = fee;
  }
  after.mined.insert(transaction.txid);
  truth = std::move(after);
  std::move(told.begin(), told.end(), std::back_inserter(facts.mined));
  return true;
}

// False: nobody would mine this, or nothing of it can be seen.
bool TestChain::carry_out(const State& state, Truth& truth, const PoolTransaction& transaction,
                          std::vector<MinedFact>& facts) {
  if (transaction.robs) {
    rob(state, truth, transaction, facts);
    return !facts.empty();
  }
  const Truth before = truth;
  bool undone = transaction.reverts;
  MinedFact plain;
  plain.success = true;
  std::vector<MinedFact> own;
  for (const SpendId id : transaction.does) {
    const Spend& spend = state.spends.at(id);
    const WalletKind kind = state.wallets.at(spend.wallet).kind;
    if (undone) continue;
    if (kind == WalletKind::safe) {
      const auto done = execute(state, truth, spend);
      if (!done && transaction.sender) undone = true;
      if (!done) continue;
      own.push_back(fact_of(transaction.txid, done->safe, done->by_owners, done->success, done->intent));
      own.back().movements = done->movements;
    } else if (kind == WalletKind::forwarders) {
      sweep(state, truth, spend.salts, spend.assets, plain);
    } else {
      undone = !pay_by_key(state, truth, spend, plain);
    }
  }
  if (undone && !transaction.sender) return false;
  if (undone) {
    truth = before;
    plain = {};
    const Spend& spend = state.spends.at(transaction.does.at(0));
    const bool exec = state.wallets.at(spend.wallet).kind == WalletKind::safe && spend.purpose != Purpose::evacuation;
    if (exec) plain.safe = spend.wallet;
    facts.push_back(std::move(plain));
    return true;
  }
  std::vector<AssetId> all;
  for (const Asset& asset : state.assets) all.push_back(asset.id);
  sweep(state, truth, transaction.flushes, all, plain);
  const auto inside = transaction.inside ? execute(state, truth, state.spends.at(transaction.inside)) : std::nullopt;
  if (inside) {
    facts.push_back(fact_of(transaction.txid, inside->safe, inside->by_owners, inside->success, inside->intent));
    facts.back().movements = inside->movements;
  }
  std::move(own.begin(), own.end(), std::back_inserter(facts));
  if (facts.empty() && (transaction.sender || !plain.movements.empty())) facts.emplace_back().success = true;
  if (facts.empty()) return false;
  std::move(plain.movements.begin(), plain.movements.end(), std::back_inserter(facts[0].movements));
  return true;
}

std::optional<TestChain::Execution> TestChain::execute(const State& state, Truth& truth, const Spend& spend) {
  Execution out{spend.wallet, spend.purpose != Purpose::evacuation, true, spend.intent, {}};
  if (spend.intent.is_zero()) return std::nullopt;
  if (spend.purpose == Purpose::evacuation) {
    if (!truth.evacuated.insert(spend.id).second) return std::nullopt;
    for (const AssetId asset : spend.assets) {
      const Int128 balance = truth.balances[{spend.wallet, asset}];
      const Movement all{spend.wallet, state.wallets.at(spend.wallet).cold, asset, Amount::of(balance), {}};
      if (balance > 0 && move(truth, all)) out.movements.push_back(all);
    }
    return out;
  }
  std::uint64_t& nonce = truth.nonces[spend.wallet];
  if (nonce != spend.nonce) return std::nullopt;
  ++nonce;
  if (spend.purpose == Purpose::burn) return out;
  const Movement payment{spend.wallet, {}, spend.money.asset, spend.money.amount, {}};
  out.success = !dice_.one_in(6) && move(truth, payment);
  if (out.success) {
    ++truth.paid[spend.withdrawal];
    out.movements.push_back(payment);
  }
  return out;
}

// False: it failed.
bool TestChain::pay_by_key(const State& state, Truth& truth, const Spend& spend, MinedFact& fact) {
  if (spend.purpose == Purpose::burn) return true;
  const WalletId to = spend.purpose == Purpose::evacuation ? state.wallets.at(spend.wallet).cold : WalletId{};
  const Movement payment{spend.wallet, to, spend.money.asset, spend.money.amount, {}};
  if (!move(truth, payment)) return false;
  if (spend.withdrawal) ++truth.paid[spend.withdrawal];
  fact.movements.push_back(payment);
  return true;
}

void TestChain::sweep(const State& state, Truth& truth, const std::vector<Hash32>& salts,
                      const std::vector<AssetId>& assets, MinedFact& fact) {
  WalletId hot;
  WalletId forwarders;
  for (const Wallet& wallet : state.wallets) {
    if (wallet.kind == WalletKind::safe && !hot) hot = wallet.id;
    if (wallet.kind == WalletKind::forwarders) forwarders = wallet.id;
  }
  for (auto& [key, amount] : truth.at_addresses) {
    const DepositAddress* address = state.deposit_address(id_, key.first);
    const bool named = std::ranges::find(salts, address->salt) != salts.end() &&
                       std::ranges::find(assets, key.second) != assets.end();
    if (!named || amount == 0) continue;
    fact.movements.push_back({forwarders, hot, key.second, Amount::of(amount), key.first});
    truth.balances[{hot, key.second}] += amount;
    amount = 0;
  }
}

void TestChain::rob(const State& state, Truth& truth, const PoolTransaction& transaction,
                    std::vector<MinedFact>& facts) {
  MinedFact fact;
  fact.success = true;
  if (!transaction.sender) {  // by its owners' signatures
    ++truth.nonces[transaction.robs];
    fact = fact_of(transaction.txid, transaction.robs, true, true, transaction.txid);
  }
  for (const Asset& asset : state.assets) {
    const Int128 balance = truth.balances[{transaction.robs, asset.id}];
    const Movement loot{transaction.robs, {}, asset.id, Amount::of(balance / 2), {}};
    if (balance > 1 && move(truth, loot)) fact.movements.push_back(loot);
  }
  facts.push_back(std::move(fact));
}

bool TestChain::move(Truth& truth, const Movement& movement) const {
  Int128& from = truth.balances[{movement.from, movement.asset}];
  if (from < movement.amount.units()) return false;
  from -= movement.amount.units();
  if (movement.to) truth.balances[{movement.to, movement.asset}] += movement.amount.units();
  return true;
}

void TestChain::report_balances(const State& state, const Truth& truth, BlockFacts& facts) const {
  for (const Wallet& wallet : state.wallets) {
    if (wallet.kind == WalletKind::forwarders) continue;
    for (const Asset& asset : state.assets) {
      const auto found = truth.balances.find({wallet.id, asset.id});
      facts.balances.push_back({wallet.id, asset.id, Amount::of(found == truth.balances.end() ? 0 : found->second)});
    }
  }
}

}  // namespace holdfast::custody
