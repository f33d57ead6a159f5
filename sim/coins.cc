// What happens on the chain of coins in a life (World): customers, strangers, thieves, miners and its node.
#include "chain/utxo/codec/script.h"
#include "sim/coin_installation.h"
#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::sim {

using namespace custody;
using chain::utxo::Transaction;
using chain::utxo::TxOut;

namespace {

constexpr std::int64_t kCoinUnit = 100'000'000;

// By an outsider: spends a coin of his own, needs no signature here.
Transaction outsiders(const utxo::OutPoint& from, std::vector<TxOut> outputs) {
  Transaction out;
  utxo::TxIn in;
  in.previous = from;
  in.sequence = utxo::kSequenceReplaceable;
  out.inputs.push_back(std::move(in));
  out.outputs = std::move(outputs);
  return out;
}

}  // namespace

void World::coins_set_up() {
  for (int i = 0; i < 8; ++i) pay_coins(coin_script(kQuorum, 0, 0), prng_.between(2, 20) * kCoinUnit / 4, 20'000);
  for (int i = 0; i < 3; ++i) pay_coins(coin_script(kCoinKey, 0, 0), prng_.between(2, 20) * kCoinUnit / 4, 20'000);
  for (int i = 0; i < 3; ++i) coins_.mine();
  daemon_.follow_coins(1);
  for (int i = 0; i < 15; ++i) coin_customer_pays();
  for (int i = 0; i < 8; ++i) coins_.mine();
  daemon_.follow_coins(100);
}

void World::coin_address_for(std::uint64_t customer) {
  if (!daemon_.up()) return;
  DepositAddress address;
  address.customer = {customer};
  address.chain = kCoinChain;
  address.wallet = prng_.one_in(5) ? kCoinKey : kQuorum;
  daemon_.read([&](const State& state) { address.index = state.wallets.at(address.wallet).next_receive; });
  const Bytes& script = coin_script(address.wallet, 0, address.index);
  address.address = Address(script);
  const std::vector<Command> commands = {AssignDepositAddress{address}};
  const auto outcomes = daemon_.submit(commands);
  if (outcomes && outcomes->front().refusal == custody::Refusal::none) coin_addresses_.push_back(script);
}

void World::pay_coins(const Bytes& script, std::int64_t amount, std::int64_t rate) {
  const std::int64_t fee = rate * 200 / 1000;
  Transaction transaction = outsiders(coins_.outside_coin(amount + fee), {{amount, script}});
  static_cast<void>(coins_.submit(encode(transaction)));
  changeable_minds_.push_back(std::move(transaction));
}

void World::coin_customer_pays() {
  if (coin_addresses_.empty()) return;
  const Bytes& script = coin_addresses_[prng_.index(coin_addresses_.size())];
  const std::int64_t amount = prng_.one_in(3) ? prng_.between(1, 8) * kCoinUnit / 2 : prng_.between(1'000, 30'000'000);
  say(fmt::format("a customer pays {} sat", amount));
  if (prng_.one_in(12)) {
    coins_.mine_for(script);  // he is a miner
    return;
  }
  pay_coins(script, amount, prng_.between(2'000, 60'000));
}

// He replaces his deposit by a transaction that pays himself.
void World::coin_sender_changes_his_mind() {
  if (changeable_minds_.empty()) return;
  Transaction again = changeable_minds_[prng_.index(changeable_minds_.size())];
  again.outputs.front().script = utxo::p2wpkh_script(prng_.bytes<20>());
  again.outputs.front().value -= std::min<std::int64_t>(again.outputs.front().value / 2, 50'000);
  static_cast<void>(coins_.submit(encode(again)));
}

void World::coin_customer_asks() {
  Asked what;
  what.request = std::string(as_text(prng_.bytes<16>().view()));
  what.fingerprint = std::string(as_text(prng_.bytes<16>().view()));
  what.customer = 1 + prng_.below(customers_);
  what.asset = kBitcoin.value;
  std::int64_t amount = prng_.one_in(3) ? prng_.between(1, 4) * kCoinUnit / 2 : prng_.between(500, 20'000'000);
  if (daemon_.up() && !prng_.one_in(8)) {
    daemon_.read([&](const State& state) {
      const Amount there = state.available({what.customer}, kBitcoin);
      if (Amount::of(amount) > there) amount = static_cast<std::int64_t>(there.units() / prng_.between(2, 6));
    });
  }
  what.amount = amount;
  Bytes script = utxo::p2wpkh_script(prng_.bytes<20>());
  if (prng_.one_in(25)) script = coin_script(kQuorum, 0, 0);
  what.destination = std::string(as_text(script));
  asked_.push_back(what);
  ask(what);
}

void World::coin_stranger_gives() {
  ++auditor_.excuses.gifts;
  const WalletId wallet = prng_.one_in(3) ? kColdCoins : prng_.one_in(2) ? kQuorum : kCoinKey;
  pay_coins(coin_script(wallet, 0, 0), prng_.between(600, 3'000'000), prng_.between(2'000, 60'000));
}

void World::coin_block_comes() { coins_.mine(); }
void World::coins_followed() { daemon_.follow_coins(1 + prng_.below(5)); }
void World::coins_watched() { daemon_.watch_coins(); }

void World::coins_reorganise() {
  if (coin_view_.forged_head) return;  // A shallow lie must stay one.
  const std::uint64_t depth = 1 + prng_.below(4);
  say(fmt::format("reorganisation of coins, {} deep, from height {}", depth, coins_.height()));
  coins_.reorg(depth);
}

void World::coin_pool_forgets() {
  if (!coins_.pool().empty()) coins_.drop(prng_.index(coins_.pool().size()));
}

// A receiver hangs something large and cheap on a payment that waits, and fees rise: whoever replaces the payment has to pay
// for that, too.
void World::coin_receiver_pins() {
  const auto is_own = [](const Bytes& script) { return coin_scripts().contains(script); };
  for (const PooledCoins& waiting : coins_.pool()) {
    const auto& outputs = waiting.transaction.outputs;
    const utxo::TxOut* spent = coins_.output(waiting.transaction.inputs.front().previous);
    const bool ours = spent != nullptr && is_own(spent->script) && !auditor_.coins.thefts.contains(waiting.txid);
    const auto paid = std::ranges::find_if(outputs, [&](const TxOut& out) { return !is_own(out.script) && out.value > 20'000; });
    const bool has_change = std::ranges::any_of(outputs, [&](const TxOut& out) { return is_own(out.script); });
    if (!ours || !has_change || paid == outputs.end()) continue;
    const auto size = static_cast<std::size_t>(prng_.between(1'000, std::min<std::int64_t>(paid->value / 4, 30'000)));
    const std::int64_t fee = (static_cast<std::int64_t>(size) + 200) * prng_.between(1'000, 1'300) / 1'000;
    Transaction pin = outsiders({waiting.txid, static_cast<std::uint32_t>(paid - outputs.begin())},
                                {{paid->value - fee, utxo::p2wpkh_script(prng_.bytes<20>())}});
    pin.inputs.front().script_sig.resize(size);
    coins_.market = std::max(coins_.market, waiting.rate() * 2);
    const bool hangs = coins_.submit(encode(pin)).has_value();
    say(fmt::format("a receiver pins his payment {}", hangs ? "down" : "in vain"));
    return;
  }
}

void World::coin_fees_move() { coins_.market = prng_.one_in(4) ? prng_.between(50'000, 300'000) : prng_.between(1'000, 30'000); }
void World::coin_node_falls_behind() { coin_view_.behind = prng_.one_in(2) ? 0 : prng_.below(5); }

// Never so long that a forged block becomes final.
void World::coin_node_lies() {
  if (weather_.lie == Lie::none || coin_view_.forged_head) return;
  const std::uint64_t length = 1 + prng_.below(weather_.coin_finality);
  Hash32 at = coins_.tip();
  for (std::uint64_t i = 0; i < length; ++i) {
    std::vector<Transaction> chosen;
    for (const PooledCoins& waiting : coins_.pool()) {
      if (prng_.one_in(2)) chosen.push_back(waiting.transaction);
    }
    at = coins_.forge(at, chosen);
  }
  coin_view_.forged_head = at;
  ++lies_;
  say(fmt::format("the node of coins shows {} forged blocks", length));
}

void World::coin_node_repents() {
  if (!coin_view_.forged_head) return;
  if (coins_.height() >= coins_.block(*coin_view_.forged_head).header.height) coin_view_.forged_head.reset();
}

// Some coins of a wallet whose keys he has, or all; at any price. With one key of a quorum he has nothing.
void World::coin_thief_strikes() {
  if (weather_.coin_theft == CoinTheft::none || !prng_.one_in(4)) return;
  const bool of_quorum = weather_.coin_theft != CoinTheft::coin_key;
  const WalletId victim = of_quorum ? kQuorum : kCoinKey;
  std::vector<std::size_t> seeds = {2};
  if (of_quorum) seeds = weather_.coin_theft == CoinTheft::quorum ? std::vector<std::size_t>{0, 1} : std::vector<std::size_t>{0};
  std::vector<StolenCoin> loot;
  std::int64_t sum = 0;
  const bool all = prng_.one_in(3);
  for (const auto& [at, entry] : coins_.block(coins_.tip()).after->coins) {
    if (coin_scripts().at(entry.output.script).wallet != victim || entry.coinbase || (!all && !prng_.one_in(3))) continue;
    const CoinBlock* block = coins_.containing(at.txid, coins_.tip());
    const auto place = static_cast<std::size_t>(std::ranges::find(block->txids, at.txid) - block->txids.begin());
    loot.push_back({at, entry.output, block->transactions[place]});
    sum += entry.output.value;
  }
  const std::int64_t fee = std::min<std::int64_t>(sum / 2, static_cast<std::int64_t>(150 * loot.size()) * prng_.between(2, 400));
  if (loot.empty() || sum - fee < 1'000) return;
  const auto theft = sign_stolen(loot, {{sum - fee, utxo::p2wpkh_script(prng_.bytes<20>())}}, seeds);
  say(fmt::format("a thief takes {} coins, {}", loot.size(), theft ? "signed" : "in vain"));
  if (!theft) return;
  ++thefts_;
  auditor_.excuses.theft = true;
  auditor_.coins.thefts.insert(txid_of(*theft));
  if (prng_.one_in(3)) {
    coins_.to_a_miner(*theft);  // no pool ever shows it
    if (prng_.one_in(2)) coins_.mine();
    return;
  }
  static_cast<void>(coins_.submit(encode(*theft)));
}

bool World::coins_at_rest() {
  if (!weather_.coins) return true;
  bool rest = false;
  daemon_.read([&](const State& state) {
    const auto head = state.head(kCoinChain);
    rest = head && head->hash == coins_.tip();
  });
  return rest;
}

}  // namespace holdfast::sim
