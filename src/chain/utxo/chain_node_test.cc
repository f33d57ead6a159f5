// The whole way of coins on real nodes: deposits, batches, fee bumps, reorganisations, thefts, rescues.
#include "base/hex.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/testing/coin_world.h"
#include "chain/utxo/wallet/address.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::chain::utxo {
namespace {

using namespace custody;

struct Where {
  Coin coin;
  HotKind hot;
};

class coins_on_a_node : public testing::TestWithParam<Where> {
 protected:
  void SetUp() override {
    if (!CoreNode::program(GetParam().coin)) GTEST_SKIP() << "no bitcoind on PATH or in BITCOIND";
    world = std::make_unique<CoinWorld>(GetParam().coin, GetParam().hot);
  }
  std::string outside() { return world->core.new_address(); }
  bool at_peace() const { return world->books.state.incidents.size() == 0; }

  // The one payment that the planner makes; reserves are planned beside it.
  const Spend& payment() const {
    const Spend* found = nullptr;
    for (const Spend& spend : world->books.state.spends) {
      if (spend.purpose == Purpose::withdrawal) found = &spend;
    }
    HF_CHECK(found != nullptr);
    return *found;
  }

  std::unique_ptr<CoinWorld> world;
};

TEST_P(coins_on_a_node, a_deposit_is_credited_when_it_is_final) {
  world->deposit("1.5");
  world->follow();
  EXPECT_TRUE(world->available().is_zero());
  world->mine();
  EXPECT_EQ(world->books.state.deposits.size(), 1u);
  EXPECT_EQ(world->balance(world->hot), Amount::of(150'000'000));
  EXPECT_TRUE(world->available().is_zero());
  world->mine(2);
  EXPECT_EQ(world->available(), Amount::of(150'000'000));
  EXPECT_EQ(world->on_chain(world->hot), 150'000'000);
  EXPECT_TRUE(at_peace());
}

TEST_P(coins_on_a_node, a_large_deposit_waits_for_as_many_blocks_as_its_tier_asks_for) {
  Asset coin = world->books.state.assets.at(world->asset);
  coin.deposit_tiers = {{Amount::of(100'000'000), 4}};
  world->books.submit(RegisterAsset{coin});
  world->deposit("0.9");
  world->mine();
  world->deposit("1");
  world->mine(2);
  EXPECT_EQ(world->available(), Amount::of(90'000'000));
  world->mine(2);
  EXPECT_EQ(world->available(), Amount::of(90'000'000));
  world->mine();
  EXPECT_EQ(world->available(), Amount::of(190'000'000));
}

TEST_P(coins_on_a_node, many_withdrawals_are_one_transaction) {
  world->fund("2");
  std::vector<std::string> to;
  for (int i = 0; i < 5; ++i) {
    to.push_back(outside());
    world->request(10'000'000 + i, to.back());
  }
  world->plan();
  const SpendId spend = payment().id;
  EXPECT_EQ(payment().batch.size(), 5u);
  world->sign_and_send(spend);
  world->mine(3);
  for (const Withdrawal& withdrawal : world->books.state.withdrawals) {
    EXPECT_EQ(withdrawal.state, WithdrawalState::completed);
  }
  const std::int64_t paid = 5 * 10'000'000 + 10 + static_cast<std::int64_t>(payment().network_fee.units());
  EXPECT_EQ(world->balance(world->hot), Amount::of(200'000'000 - paid));
  EXPECT_EQ(world->on_chain(world->hot), 200'000'000 - paid);
  EXPECT_TRUE(at_peace());
}

TEST_P(coins_on_a_node, a_bump_replaces_and_pays_once) {
  world->fund("1");
  world->request(5'000'000, outside());
  world->plan();
  const SpendId spend = payment().id;
  world->sign_and_send(spend, 2'000);
  const Attempt first = payment().attempts.front();
  const FeeQuote fees = world->builder.bump({first.max_fee, first.priority_fee}, *world->builder.quote());
  const auto second = world->sign(spend, fees);
  ASSERT_TRUE(second.has_value()) << second.error().text;
  EXPECT_NE(second->txid, first.txid);
  world->books.submit(AddAttempt{spend, *second});
  const auto sent = world->builder.broadcast(second->raw);
  ASSERT_TRUE(sent.has_value()) << sent.error().text;
  const auto gone = world->node.pool_entry(first.txid);
  ASSERT_TRUE(gone.has_value());
  EXPECT_FALSE(gone->has_value());  // the node threw the first out
  world->watch();
  world->mine(3);
  EXPECT_EQ(payment().state, SpendState::settled);
  EXPECT_EQ(payment().mined_txid, second->txid);
  EXPECT_TRUE(at_peace());
}

TEST_P(coins_on_a_node, a_payment_with_no_change_left_is_bumped_with_another_coin) {
  world->fund("0.01");
  world->fund("0.5");
  world->request(998'000, outside());
  world->plan();
  const SpendId spend = payment().id;
  const CoinId pin = payment().inputs.front();
  const auto first = world->sign(spend, {Amount::of(1'000), {}});
  ASSERT_TRUE(first.has_value()) << first.error().text;
  world->books.submit(AddAttempt{spend, *first});
  world->books.now = world->books.now + 60'000;
  world->plan();
  ASSERT_GE(payment().inputs.size(), 2u);
  EXPECT_EQ(payment().inputs.front(), pin);
  const auto second = world->sign(spend, {Amount::of(50'000), {}});
  ASSERT_TRUE(second.has_value()) << second.error().text;
  world->books.submit(AddAttempt{spend, *second});
  ASSERT_TRUE(world->builder.broadcast(second->raw).has_value());
  world->mine(3);
  EXPECT_EQ(payment().state, SpendState::settled);
  EXPECT_EQ(world->balance(world->hot).units(), world->on_chain(world->hot));
}

constexpr std::size_t kHung = 23;  // With the payment and what it is hung on: all that a node takes.

// Spends an output of the node's wallet, mined or not, to so many outputs, the first of which are the wallet's.
Txid receivers(CoinWorld& world, const Txid& from, std::uint32_t vout, std::size_t outputs, std::int64_t each) {
  std::string to;
  for (std::size_t i = 0; i < outputs; ++i) {
    Hash20 nobody = hash160(from.view());
    nobody.bytes[0] = static_cast<std::uint8_t>(i), nobody.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    const bool own = i < kHung;  // the wallet takes its time for each
    const std::string address = own ? world.core.new_address() : *address_of_script(world.network, p2wpkh_script(nobody));
    to += fmt::format("{}{{\"{}\":{}}}", i == 0 ? "" : ",", address, Amount::of(each).to_decimal(8));
  }
  const std::string raw =
      world.core.text("createrawtransaction", fmt::format("[[{{\"txid\":\"{}\",\"vout\":{}}}],[{}]]", display(from), vout, to));
  const std::string signed_raw = world.core.call("signrawtransactionwithwallet", "[\"" + raw + "\"]");
  const std::size_t hex = signed_raw.find("\"hex\":\"") + 7;
  const std::string sent = signed_raw.substr(hex, signed_raw.find('"', hex) - hex);
  return *id_from_display(world.core.text("sendrawtransaction", "[\"" + sent + "\"]"));
}

// The receiver hangs something large and cheap on his payment, and then all that a node lets hang on one: whoever replaces the
// payment would have to pay for it all. No miner takes the payment for what it pays. What spends its change is mined with it.
TEST_P(coins_on_a_node, a_payment_that_its_receiver_pins_is_paid_for_by_its_child) {
  constexpr std::size_t kOutputs = 1'500;
  constexpr std::int64_t kEach = 100'000;
  world = std::make_unique<CoinWorld>(GetParam().coin, GetParam().hot, 2, std::vector<std::string>{"-blockmintxfee=0.00005"});
  CoinWorld& w = *world;
  w.fund("3");
  w.request(kOutputs * kEach + 70'000, outside());
  w.plan();
  const SpendId parent = payment().id;
  w.sign_and_send(parent, 2'000);
  const Attempt first = payment().attempts.front();
  const auto sent = decode_transaction(first.raw);
  const auto paid = std::ranges::find_if(sent->outputs, [&](const TxOut& out) { return out.value == kOutputs * kEach + 70'000; });
  const auto pin = receivers(w, first.txid, static_cast<std::uint32_t>(paid - sent->outputs.begin()), kOutputs, kEach);
  for (std::uint32_t i = 0; i < kHung; ++i) receivers(w, pin, i, 1, kEach - 1'000);

  const FeeQuote fees = w.builder.bump({first.max_fee, first.priority_fee}, *w.builder.quote());
  const auto second = w.sign(parent, fees);
  ASSERT_TRUE(second.has_value()) << second.error().text;
  w.books.submit(AddAttempt{parent, *second});
  const auto refused = w.builder.broadcast(second->raw);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "underpriced") << refused.error().text;
  ASSERT_TRUE(w.builder.prepare(w.books).has_value());
  EXPECT_TRUE(w.builder.is_bump_in_vain(w.books.state, payment()));
  w.mine();
  EXPECT_EQ(payment().state, SpendState::signed_);  // no miner wants it

  w.plan();
  EXPECT_NE(w.newest_spend().purpose, Purpose::consolidation);  // the bump may still get in
  w.books.now = w.books.now + 60'000;
  w.plan();
  const SpendId child = w.newest_spend().id;
  ASSERT_EQ(w.newest_spend().purpose, Purpose::consolidation);
  EXPECT_EQ(w.books.state.coins.at(w.newest_spend().inputs.front()).outpoint.txid, first.txid);
  const auto price = w.builder.quote();
  const auto attempt = w.sign(child, *price);
  ASSERT_TRUE(attempt.has_value()) << attempt.error().text;
  w.books.submit(AddAttempt{child, *attempt});
  const auto let_in = w.builder.broadcast(attempt->raw);
  ASSERT_TRUE(let_in.has_value()) << let_in.error().text;
  const auto entry = w.node.pool_entry(attempt->txid);
  ASSERT_TRUE(entry && *entry);
  EXPECT_EQ((*entry)->ancestor_count, 2u);
  const std::int64_t together = (*entry)->ancestor_fee * 1'000 / static_cast<std::int64_t>((*entry)->ancestor_vsize);
  EXPECT_GE(together, price->max_fee.units());
  EXPECT_LT(together, price->max_fee.units() + 100);
  EXPECT_EQ(w.builder.rate_of(w.books.state, w.newest_spend()), Amount::of(together));

  // Itself it may be replaced: nobody else can hang anything on it.
  const auto dearer = w.sign(child, w.builder.bump({attempt->max_fee, attempt->priority_fee}, *price));
  ASSERT_TRUE(dearer.has_value()) << dearer.error().text;
  w.books.submit(AddAttempt{child, *dearer});
  const auto replaced = w.builder.broadcast(dearer->raw);
  ASSERT_TRUE(replaced.has_value()) << replaced.error().text;
  w.watch();
  EXPECT_EQ(w.plan(), 0u);
  w.mine(3);
  EXPECT_EQ(payment().state, SpendState::settled);
  EXPECT_EQ(payment().mined_txid, first.txid);
  EXPECT_EQ(w.books.state.spends.at(child).state, SpendState::settled);
  EXPECT_EQ(w.balance(w.hot).units(), w.on_chain(w.hot));
  EXPECT_TRUE(at_peace());
}

// Litecoin's nodes replace nothing unless they are told to. A child they let in.
TEST(a_node_that_replaces_nothing, lets_a_child_pay) {
  CoinWorld w(Coin::litecoin, HotKind::p2wsh, 2, {"-mempoolreplacement=0", "-blockmintxfee=0.00005"});
  w.fund("3");
  w.request(100'000'000, w.core.new_address());
  w.plan();
  const SpendId parent{1};
  ASSERT_EQ(w.books.state.spends.at(parent).purpose, Purpose::withdrawal);
  w.sign_and_send(parent, 2'000);
  const Attempt first = w.books.state.spends.at(parent).attempts.front();
  const auto second = w.sign(parent, w.builder.bump({first.max_fee, first.priority_fee}, *w.builder.quote()));
  w.books.submit(AddAttempt{parent, *second});
  const auto refused = w.builder.broadcast(second->raw);
  ASSERT_FALSE(refused.has_value());
  w.mine();
  EXPECT_EQ(w.books.state.spends.at(parent).state, SpendState::signed_);
  w.books.now = w.books.now + 60'000;
  w.plan();
  const SpendId child = w.newest_spend().id;
  ASSERT_EQ(w.newest_spend().purpose, Purpose::consolidation);
  w.sign_and_send(child, 10'000);
  w.mine(3);
  EXPECT_EQ(w.books.state.spends.at(parent).mined_txid, first.txid);
  EXPECT_EQ(w.books.state.spends.at(child).state, SpendState::settled);
  EXPECT_EQ(w.balance(w.hot).units(), w.on_chain(w.hot));
}

TEST_P(coins_on_a_node, a_burn_makes_a_payment_impossible_and_gives_the_money_back) {
  world->fund("1");
  world->request(5'000'000, outside());
  world->plan();
  const SpendId given_up = payment().id;
  const auto never_sent = world->sign(given_up, {Amount::of(2'000), {}});
  ASSERT_TRUE(never_sent.has_value());
  world->plan({given_up});
  const SpendId burn{world->books.state.spends.size()};
  ASSERT_EQ(world->books.state.spends.at(burn).purpose, Purpose::burn);
  world->sign_and_send(burn);
  world->mine(3);
  EXPECT_EQ(world->books.state.withdrawals.at({1}).state, WithdrawalState::returned);
  EXPECT_EQ(world->available(), Amount::of(100'000'000));
  EXPECT_FALSE(world->builder.broadcast(never_sent->raw).has_value());
  EXPECT_TRUE(at_peace());
}

TEST_P(coins_on_a_node, what_two_nodes_disagree_about_is_undone_and_done_again) {
  world->fund("1");
  CoreNode other(GetParam().coin);
  world->core.connect(other);
  world->core.wait_for_same_tip(other);
  world->core.disconnect(other);
  world->request(5'000'000, outside());
  world->plan();
  world->sign_and_send(payment().id);
  world->deposit("0.25");
  world->mine();
  EXPECT_EQ(payment().state, SpendState::mined);
  other.mine(3);
  world->core.connect(other);
  world->core.wait_for_same_tip(other);
  world->follow();
  EXPECT_EQ(payment().state, SpendState::signed_);  // its block is gone
  EXPECT_EQ(world->books.state.deposits.at({2}).state, DepositState::orphaned);
  EXPECT_EQ(world->balance(world->hot).units(), world->on_chain(world->hot));
  static_cast<void>(world->builder.broadcast(payment().attempts.back().raw));  // known already, in most cases
  world->mine(3);
  EXPECT_EQ(payment().state, SpendState::settled);
  EXPECT_EQ(world->books.state.deposits.at({3}).state, DepositState::credited);
  EXPECT_EQ(world->balance(world->hot).units(), world->on_chain(world->hot));
  EXPECT_TRUE(at_peace());
}

TEST_P(coins_on_a_node, a_stranger_who_pays_to_an_address_next_in_line_is_seen) {
  const Wallet& wallet = world->books.state.wallets.at(world->hot);
  const auto ahead = Descriptor::parse(wallet.output_descriptor, world->network)->derive(1, 17);
  world->core.pay(*address_of_script(world->network, ahead->script_pubkey), "0.75");
  world->mine();
  EXPECT_EQ(world->balance(world->hot), Amount::of(75'000'000));
  EXPECT_EQ(world->books.state.deposits.size(), 0u);
}

// A thief has the key of the old wallet and offers twice what the market asks. Ours takes its place.
TEST_P(coins_on_a_node, a_single_keys_coins_are_outrun_in_the_mempool) {
  const std::string old = *address_of_script(world->network, world->books.state.wallets.at(world->single).address.view());
  world->core.pay(old, "3");
  world->mine(3);
  CoinWorld& w = *world;
  Spend fake;
  fake.id = {1};
  fake.wallet = w.single;
  fake.purpose = Purpose::evacuation;
  fake.inputs = {*w.books.state.unspent_coins.at(w.single).begin()};
  fake.destination = Address(*script_of_address(w.network, outside()));
  Transaction stolen;
  {
    const Wallets wallets(w.network);
    const auto previous_raw = w.core.text("getrawtransaction", "[\"" + display(w.books.state.coins.at(fake.inputs[0]).outpoint.txid) + "\"]");
    const auto previous = decode_transaction(*from_hex(previous_raw), {w.network.max_money, true});
    ASSERT_TRUE(previous.has_value());
    auto psbt = form_of(w.books.state, fake, {{Amount::of(20'000), {}}, 500'000, 1'000}, wallets,
                        [&](const Txid&) -> const Transaction* { return &*previous; });
    ASSERT_TRUE(psbt.has_value()) << psbt.error().text;
    ASSERT_TRUE(sign_psbt(*psbt, w.single_key).has_value());
    stolen = *extract(*finalize(*psbt));
  }
  ASSERT_TRUE(w.node.send(encode(stolen)).has_value());
  w.watch();
  ASSERT_EQ(w.books.state.incidents.size(), 1u);
  EXPECT_TRUE(w.books.state.platform_frozen());
  w.plan();
  const Spend& rescue = w.newest_spend();
  ASSERT_EQ(rescue.purpose, Purpose::evacuation);
  const ForeignSpend& thief = w.books.state.foreign_spends.at({w.single, rescue.inputs.front().value});
  const FeeQuote fees = w.builder.bump({thief.max_fee, thief.priority_fee}, *w.builder.quote());
  const auto attempt = w.sign(rescue.id, fees);
  ASSERT_TRUE(attempt.has_value()) << attempt.error().text;
  w.books.submit(AddAttempt{rescue.id, *attempt});
  const auto sent = w.builder.broadcast(attempt->raw);
  ASSERT_TRUE(sent.has_value()) << sent.error().text;
  w.mine(3);
  EXPECT_EQ(rescue.state, SpendState::settled);
  EXPECT_TRUE(w.balance(w.single).is_zero());
  EXPECT_EQ(w.balance(w.cold).units(), w.on_chain(w.cold));
  EXPECT_GT(w.on_chain(w.cold), 290'000'000);
}

TEST_P(coins_on_a_node, reserves_are_signed_beforehand_and_save_without_the_quorum) {
  world->fund("1");
  world->plan();
  const SpendId reserve = world->newest_spend().id;
  ASSERT_EQ(world->newest_spend().purpose, Purpose::reserve);
  for (std::size_t level = 0; level < kReserveLevels; ++level) {
    const auto attempt = world->sign(reserve, {Amount::of(1'000), {}});
    ASSERT_TRUE(attempt.has_value()) << attempt.error().text;
    world->books.submit(AddAttempt{reserve, *attempt});
  }
  // An ordinary payment from the same coin goes its way; a new reserve takes the place of the old.
  world->request(5'000'000, outside());
  world->plan();
  world->sign_and_send(payment().id);
  world->mine(3);
  EXPECT_EQ(payment().state, SpendState::settled);
  EXPECT_EQ(world->books.state.spends.at(reserve).state, SpendState::superseded);
  world->plan();
  const SpendId fresh = world->newest_spend().id;
  ASSERT_EQ(world->newest_spend().purpose, Purpose::reserve);
  const auto ready = world->sign(fresh, {Amount::of(1'000), {}});
  ASSERT_TRUE(ready.has_value());
  world->books.submit(AddAttempt{fresh, *ready});
  world->books.submit(OpenIncident{IncidentCause::operator_report, world->hot, "risk desk"});
  ASSERT_TRUE(world->builder.broadcast(ready->raw).has_value());
  world->watch();
  world->mine(3);
  EXPECT_EQ(world->books.state.spends.at(fresh).state, SpendState::settled);
  EXPECT_TRUE(world->balance(world->hot).is_zero());
  EXPECT_EQ(world->balance(world->cold).units(), world->on_chain(world->cold));
  EXPECT_EQ(world->books.state.incidents.size(), 1u);
}

TEST_P(coins_on_a_node, coins_that_were_there_before_the_first_block_are_found) {
  CoinWorld& w = *world;
  w.fund("1");
  const auto hot_descriptor = Descriptor::parse(w.books.state.wallets.at(w.hot).output_descriptor, w.network);
  for (const std::uint32_t index : {150u, 340u, 500u}) {  // each within the gap behind the one before
    w.core.pay(*address_of_script(w.network, hot_descriptor->derive(0, index)->script_pubkey), "1");
  }
  w.mine(1);
  CoinBooks fresh;
  UtxoFollower follower(w.chain, w.network, w.node, fresh);
  for (const Chain& chain : w.books.state.chains) fresh.submit(RegisterChain{chain});
  for (const Asset& coin : w.books.state.assets) fresh.submit(RegisterAsset{coin});
  for (const Signer& signer : w.books.state.signers) fresh.submit(RegisterSigner{signer});
  for (Wallet wallet : w.books.state.wallets) {
    wallet.id = {};
    fresh.submit(RegisterWallet{wallet});
  }
  const auto commands = follower.follow(32);
  ASSERT_TRUE(commands.has_value()) << commands.error().text;
  for (const Command& command : *commands) fresh.submit(command);
  EXPECT_EQ(fresh.state.wallet_balance(w.hot, w.asset), Amount::of(400'000'000));
  EXPECT_EQ(fresh.state.wallets.at(w.hot).next_receive, 501u);  // no used address is handed out again
}

std::string where(const testing::TestParamInfo<Where>& info) {
  return std::string(info.param.coin == Coin::bitcoin ? "bitcoind" : "litecoind") +
         (info.param.hot == HotKind::p2wsh ? "_p2wsh" : "_taproot");
}
INSTANTIATE_TEST_SUITE_P(nodes, coins_on_a_node,
                         testing::Values(Where{Coin::litecoin, HotKind::p2wsh}, Where{Coin::litecoin, HotKind::taproot},
                                         Where{Coin::bitcoin, HotKind::p2wsh}, Where{Coin::bitcoin, HotKind::taproot}),
                         where);

}  // namespace
}  // namespace holdfast::chain::utxo
