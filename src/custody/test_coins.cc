#include "custody/test_coins.h"

namespace holdfast::custody {
namespace {

Wallet wallet_of_coins(ChainId chain, WalletKind kind, const char* name, std::uint64_t script) {
  Wallet out;
  out.chain = chain;
  out.kind = kind;
  out.name = name;
  out.address = address(script);
  out.output_descriptor = std::string("descriptor of ") + name;
  if (kind == WalletKind::single_key) out.signer = {1};
  return out;
}

Address change_script(WalletId wallet, std::uint32_t index) { return address(40'000 + wallet.value * 1'000 + index); }

}  // namespace

CoinSide::CoinSide(Exchange& exchange) : x(exchange) {
  x.must(RegisterChain{{{}, "bip122:0f9188f13cb7b2c71f2a335e3a4fc328", 3, ChainFamily::coins}});
  chain = {x.state.chains.size()};
  Asset coins;
  coins.chain = chain;
  coins.symbol = "BTC";
  coins.decimals = 8;
  coins.auto_approve_max = units(100);
  coins.withdrawal_max = units(500);
  coins.withdrawal_fee = units(2);
  coins.withdrawal_min = units(10);
  coins.deposit_tiers = {{units(5'000), 5}};
  x.must(RegisterAsset{coins});
  asset = {x.state.assets.size()};
  x.must(RegisterWallet{wallet_of_coins(chain, WalletKind::cold, "cold", 701)});
  cold = {x.state.wallets.size()};
  for (const WalletKind kind : {WalletKind::multisig, WalletKind::single_key}) {
    Wallet wallet = wallet_of_coins(chain, kind, kind == WalletKind::multisig ? "quorum" : "key", 700 + x.state.wallets.size());
    wallet.cold = cold;
    x.must(RegisterWallet{wallet});
  }
  quorum = {cold.value + 1};
  key = {cold.value + 2};
  DepositAddress of_ann{kAnn, chain, ann, {}, quorum, 1};
  x.must(AssignDepositAddress{of_ann});
  x.must(empty());
  std::vector<CoinFact> first;
  for (int i = 0; i < 10; ++i) first.push_back(at(x.state.wallets.at(quorum).address, {quorum, 0, 0}, 1'000));
  first.push_back(at(x.state.wallets.at(key).address, {key, 0, 0}, 1'000));
  first.push_back(at_ann(2'000));
  x.must(with_coins(std::move(first)));
  finalize();
}

WithdrawalId CoinSide::approved(std::int64_t amount) {
  x.must(x.request(amount, asset));
  return {x.state.withdrawals.size()};
}

PlanCoins CoinSide::plan(Purpose purpose, std::vector<CoinId> inputs, WalletId from) {
  PlanCoins out;
  out.purpose = purpose;
  out.wallet = from ? from : quorum;
  out.inputs = std::move(inputs);
  if (purpose == Purpose::evacuation || purpose == Purpose::reserve) return out;
  out.change_index = x.state.wallets.at(out.wallet).next_change;
  out.change = change_script(out.wallet, out.change_index);
  return out;
}

PlanCoins CoinSide::payment(std::vector<CoinId> inputs, std::vector<WithdrawalId> batch, WalletId from) {
  PlanCoins out = plan(Purpose::withdrawal, std::move(inputs), from);
  out.batch = std::move(batch);
  return out;
}

PlanCoins CoinSide::burn(SpendId burnt) {
  PlanCoins out = plan(Purpose::burn, x.spend(burnt).inputs);
  out.burns = burnt;
  return out;
}

PlanChild CoinSide::child(SpendId parent, std::size_t attempt) {
  const PlanCoins plain = plan(Purpose::consolidation, {}, x.spend(parent).wallet);
  Amount left;
  for (const CoinId input : x.spend(parent).inputs) left += coin(input).amount;
  left -= x.spend(parent).money.amount + units(7);
  return {parent, {x.spend(parent).attempts.at(attempt).txid, 0}, left, plain.change, plain.change_index};
}

PlanCoins CoinSide::evacuation(std::vector<CoinId> inputs) {
  PlanCoins out = plan(Purpose::evacuation, std::move(inputs));
  const IncidentId lost_in = x.state.wallets.at(quorum).compromised_by;
  out.incident = lost_in ? lost_in : x.compromised(quorum);
  return out;
}

SpendId CoinSide::must(const PlanCoins& command) {
  x.must(command);
  return {x.state.spends.size()};
}

SpendId CoinSide::planned(std::vector<CoinId> inputs, std::int64_t amount) {
  const WithdrawalId withdrawal = approved(amount);
  return must(payment(std::move(inputs), {withdrawal}));
}

SpendId CoinSide::sign(SpendId id, std::int64_t fee) {
  x.must(AddAttempt{id, x.attempt(fee)});
  return id;
}

SpendId CoinSide::signed_by(std::vector<CoinId> inputs, std::int64_t amount) {
  return sign(planned(std::move(inputs), amount));
}

SpendId CoinSide::reserve(CoinId coin) { return sign(must(plan(Purpose::reserve, {coin}))); }

CoinFact CoinSide::at(const Address& script, Origin origin, std::int64_t amount) {
  return {{hash(fresh()), 0}, script, origin, units(amount), false};
}

ConnectBlock CoinSide::block(std::vector<MinedFact> mined, std::vector<CoinFact> coins) {
  const BlockRef before = x.state.head(chain).value_or(BlockRef{});
  BlockFacts facts;
  facts.block = {before.height + 1, hash(fresh()), before.hash, x.now};
  facts.mined = std::move(mined);
  facts.coins = std::move(coins);
  return {chain, std::move(facts)};
}

ConnectBlock CoinSide::with_coins(std::vector<CoinFact> coins) { return block({}, std::move(coins)); }

ConnectBlock CoinSide::with(SpendId id, std::size_t attempt, std::vector<CoinId> spends) {
  const Spend& spend = x.spend(id);
  MinedFact fact;
  fact.txid = spend.attempts.at(attempt).txid;
  fact.sender = spend.wallet;
  fact.network_fee = units(7);
  fact.executed = fact.success = true;
  Amount in;
  for (const CoinId input : spends.empty() ? spend.inputs : spends) {
    fact.spent.push_back(coin(input).outpoint);
    in += coin(input).amount;
  }
  Amount left = in - units(7);
  std::vector<CoinFact> coins;
  if (spend.purpose == Purpose::withdrawal) {
    fact.movements.push_back({spend.wallet, {}, asset, spend.money.amount, {}});
    left -= spend.money.amount;
  }
  if (spend.change.empty()) {
    fact.movements.push_back({spend.wallet, cold, asset, left, {}});
    coins.push_back({{fact.txid, 0}, spend.destination, {cold, 0, 0}, left, false});
  } else if (!left.is_zero()) {
    coins.push_back({{fact.txid, 0}, spend.change, {spend.wallet, 1, spend.change_index}, left, false});
  }
  return block({fact}, std::move(coins));
}

ConnectBlock CoinSide::with_theft(std::vector<CoinId> coins) {
  MinedFact fact;
  fact.txid = hash(fresh());
  fact.sender = coin(coins.front()).wallet;
  fact.network_fee = units(9);
  fact.executed = fact.success = true;
  Amount in;
  for (const CoinId id : coins) fact.spent.push_back(coin(id).outpoint), in += coin(id).amount;
  fact.movements.push_back({fact.sender, {}, asset, in - units(9), {}});
  return block({fact}, {});
}

}  // namespace holdfast::custody
