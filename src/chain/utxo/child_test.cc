// Children that pay for their parents: when one is planned, what it spends and what it pays. On real nodes: chain_node_test.cc.
#include "chain/utxo/child.h"

#include "base/check.h"
#include "chain/utxo/builder.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/node/testing/scripted_node.h"
#include "chain/utxo/wallet/bip32.h"
#include "custody/custody.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

using namespace custody;

const Network& network() { return **network_by_name("bitcoin-regtest"); }

constexpr std::int64_t kFunds = 100'000'000;
constexpr std::int64_t kPaid = 40'000'000;
constexpr std::int64_t kLow = 2'000;      // sat/kvB: what the parent pays,
constexpr std::int64_t kMarket = 20'000;  // and what it takes by now.

// One key's wallet with two coins, one of them a customer's, who asks for a part of it. Nobody signs here: the attempts are
// what would be signed.
class Children : public ::testing::Test, public StateView {
 protected:
  Children() {
    for (std::uint64_t height = 0; height < 3; ++height) node.add(height, Hash32{{static_cast<std::uint8_t>(height + 1)}});
    submit(RegisterChain{{{}, std::string(network().caip2), 1, ChainFamily::coins}});
    Asset coin;
    coin.chain = {1};
    coin.symbol = "BTC";
    coin.decimals = 8;
    coin.auto_approve_max = coin.withdrawal_max = Amount::of(kFunds);
    submit(RegisterAsset{coin});
    submit(RegisterSigner{{{}, "signer-1", Address(std::array<std::uint8_t, 20>{1})}});
    const auto key = neuter(*master_of_seed(Secret(32)));
    Wallet wallet;
    wallet.chain = {1};
    wallet.kind = WalletKind::single_key;
    wallet.name = "old";
    wallet.signer = {1};
    wallet.output_descriptor = "wpkh(" + to_text(*key, network()) + "/<0;1>/*)";
    wallet.address = script(wallet, 0, 0);
    submit(RegisterWallet{wallet});
    submit(CreateCustomer{"ann"});
    submit(AssignDepositAddress{{{1}, {1}, script(wallet, 0, 1), {}, {1}, 1}});
    node.fees = {kMarket, 1'000, 1'000};
    fund(wallet);
    request(kPaid);
    HF_CHECK(builder.quote().has_value());
    take_plan();
    parent = {1};
    HF_CHECK(builder.prepare(*this).has_value());
    first = attempt(parent, kLow, 0);
    second = attempt(parent, 2 * kLow, 0);
  }

  static Address script(const Wallet& wallet, std::uint32_t branch, std::uint32_t index) {
    return Address(Descriptor::parse(wallet.output_descriptor, network())->derive(branch, index)->script_pubkey);
  }

  void fund(const Wallet& wallet) {
    Transaction funding;
    funding.inputs.push_back({{Hash32{{9}}, 0}, {}, 0, {}});
    for (std::uint32_t i = 0; i < 2; ++i) funding.outputs.push_back({kFunds, to_bytes(script(wallet, 0, i).view())});
    const Txid txid = txid_of(funding);
    node.mined[txid] = {{txid, encode(funding)}, node.best_chain[1]};
    BlockFacts facts;
    facts.block = {0, node.best_chain[0], {}, now};
    submit(ConnectBlock{{1}, facts});
    facts.block = {1, node.best_chain[1], node.best_chain[0], now};
    for (std::uint32_t i = 0; i < 2; ++i) {
      facts.coins.push_back({{txid, i}, script(wallet, 0, i), {{1}, 0, i}, Amount::of(kFunds), false});
    }
    submit(ConnectBlock{{1}, facts});
    submit(ConnectBlock{{1}, {{2, node.best_chain[2], node.best_chain[1], now}, {}, {}, {}, {}}});
    submit(FinalizeBlocks{{1}, 2});
  }

  void request(std::int64_t amount) {
    RequestWithdrawal command;
    command.request.bytes[0] = 1;
    command.customer = {1};
    command.asset = {1};
    command.amount = Amount::of(amount);
    command.destination = Address(p2wpkh_script(Hash20{{7}}));
    submit(command);
    now = now + 10'000;
  }

  // What would be signed for these fees, as an attempt.
  Txid attempt(SpendId id, std::int64_t feerate, std::int64_t least) {
    const auto psbt = build(id, feerate, least);
    const auto transaction = psbt.unsigned_transaction();
    std::int64_t fee = 0;
    for (const PsbtInput& input : psbt.inputs) fee += input.witness_utxo->value;
    for (const TxOut& output : transaction->outputs) fee -= output.value;
    const Txid txid = txid_of(*transaction);
    submit(AddAttempt{id, {txid, encode(*transaction), Amount::of(feerate), Amount::of(fee), now}});
    return txid;
  }

  Psbt build(SpendId id, std::int64_t feerate, std::int64_t least) {
    const auto built = builder.build(state, spend(id), {Amount::of(feerate), Amount::of(least)});
    HF_CHECK(built.has_value());
    return *read_psbt(*built);
  }

  // The node keeps this one, whatever came later.
  void pool_keeps(const Txid& txid) {
    node.entries.clear();
    node.entries[txid] = {};
    look();
  }

  void look() {
    HF_CHECK(builder.quote().has_value());
    HF_CHECK(builder.prepare(*this).has_value());
  }

  // Children only.
  std::vector<PlanChild> plan() {
    std::vector<PlanChild> out;
    const auto quote = builder.quote();
    for (const Command& command : builder.plan(state, {now, *quote, {}})) {
      if (const auto* child = std::get_if<PlanChild>(&command)) out.push_back(*child);
    }
    return out;
  }

  void take_plan() {
    for (const Command& command : builder.plan(state, {now, *builder.quote(), {}})) submit(command);
  }

  SpendId child_of_first() {
    pool_keeps(first);
    now = now + 60'000;
    for (const PlanChild& one : plan()) submit(one);
    look();
    return {state.spends.size()};
  }

  const Spend& spend(SpendId id) const { return state.spends.at(id); }
  void read(const std::function<void(const State&)>& look_at) const override { look_at(state); }
  void submit(const Command& command) {
    Events events;
    const Refusal refusal = decide(state, command, now, events);
    ASSERT_EQ(refusal, Refusal::none) << name(refusal);
    for (const Event& event : events) apply(state, event);
    check(state);
  }

  Instant now{1'700'000'000'000};
  State state;
  ScriptedNode node;
  UtxoBuilder builder{{1}, network(), node, {}};
  SpendId parent;
  Txid first, second;
};

TEST_F(Children, are_planned_when_the_pool_keeps_an_older_attempt) {
  pool_keeps(first);
  EXPECT_TRUE(plan().empty());  // the newest was hardly sent
  now = now + 60'000;
  const auto planned = plan();
  ASSERT_EQ(planned.size(), 1u);
  EXPECT_EQ(planned[0].parent, parent);
  EXPECT_EQ(planned[0].output.txid, first);
  const auto sent = decode_transaction(spend(parent).attempts[0].raw);
  const TxOut& change = sent->outputs.at(planned[0].output.vout);
  EXPECT_EQ(change.script, to_bytes(spend(parent).change.view()));
  EXPECT_EQ(planned[0].amount, Amount::of(change.value));
  EXPECT_EQ(planned[0].change_index, spend(parent).change_index + 1);
  submit(planned[0]);
  EXPECT_TRUE(plan().empty());  // one is enough
}

TEST_F(Children, are_not_planned_where_a_bump_may_help) {
  now = now + 60'000;
  pool_keeps(second);
  EXPECT_TRUE(plan().empty());
  EXPECT_FALSE(builder.is_bump_in_vain(state, spend(parent)));
  node.entries.clear();  // the pool has none: the newest will get in
  look();
  EXPECT_TRUE(plan().empty());
  EXPECT_FALSE(builder.is_bump_in_vain(state, spend(parent)));
}

TEST_F(Children, are_not_planned_where_the_parent_pays_enough_or_nobody_may) {
  pool_keeps(first);
  now = now + 60'000;
  node.fees.rate_per_kvb = kLow / 2;
  EXPECT_TRUE(plan().empty());
  node.fees.rate_per_kvb = kMarket;
  submit(PlaceFreeze{Scope::wallet, 1, "anna"});
  EXPECT_TRUE(plan().empty());
  submit(LiftFreeze{{1}, "anna"});
  EXPECT_EQ(plan().size(), 1u);
  submit(PlaceFreeze{Scope::customer, 1, "anna"});
  EXPECT_TRUE(plan().empty());
}

TEST_F(Children, make_another_bump_of_the_parent_vain) {
  EXPECT_FALSE(builder.is_bump_in_vain(state, spend(parent)));  // nobody has looked yet
  pool_keeps(first);
  EXPECT_TRUE(builder.is_bump_in_vain(state, spend(parent)));
  child_of_first();
  EXPECT_TRUE(builder.is_bump_in_vain(state, spend(parent)));
  pool_keeps(second);
  EXPECT_FALSE(builder.is_bump_in_vain(state, spend(parent)));
}

// The node is asked once for each price, and when it has refused something.
TEST_F(Children, are_looked_for_when_the_node_has_refused) {
  HF_CHECK(builder.prepare(*this).has_value());
  node.entries[first] = {};
  HF_CHECK(builder.prepare(*this).has_value());
  EXPECT_FALSE(builder.is_bump_in_vain(state, spend(parent)));
  node.send_failure = Error{ErrorKind::fault, "conflict", "txn-mempool-conflict"};
  const auto sent = builder.broadcast(spend(parent).attempts.back().raw);
  EXPECT_EQ(sent.error().code, "underpriced");
  HF_CHECK(builder.prepare(*this).has_value());
  EXPECT_TRUE(builder.is_bump_in_vain(state, spend(parent)));
  node.entries.clear();
  node.failure = Error{ErrorKind::fault, "node_unavailable", ""};
  EXPECT_FALSE(builder.quote().has_value());
  EXPECT_FALSE(builder.prepare(*this).has_value());
  EXPECT_TRUE(builder.is_bump_in_vain(state, spend(parent)));  // what was known is not forgotten
}

TEST_F(Children, pay_for_both_and_show_where_their_coin_comes_from) {
  const SpendId child = child_of_first();
  const Psbt psbt = build(child, kMarket, 0);
  ASSERT_EQ(psbt.inputs.size(), 1u);
  EXPECT_EQ(txid_of(psbt.inputs[0].non_witness_utxo.value()), first);  // no block has it: it is our own
  const Ancestors above = ancestors_of(state, spend(child));
  const auto sent = decode_transaction(spend(parent).attempts[0].raw);
  EXPECT_EQ(above.vsize, static_cast<std::int64_t>(vsize_of(*sent)));
  EXPECT_EQ(above.fee, spend(parent).attempts[0].priority_fee.units());
  const std::int64_t fee = psbt.inputs[0].witness_utxo->value - psbt.outputs.at(0).value;
  const std::int64_t alone = fee_for(kMarket, kEnvelopeWeight + 41 * 4 + 108 + output_weight(spend(child).change.view()));
  EXPECT_EQ(fee, alone + fee_for(kMarket, 4 * above.vsize) - above.fee);
}

TEST_F(Children, stay_under_the_ceiling) {
  const SpendId child = child_of_first();
  node.fees.rate_per_kvb = 450'000;
  look();
  const Psbt psbt = build(child, 450'000, 0);
  const std::int64_t weight = kEnvelopeWeight + 41 * 4 + 108 + output_weight(spend(child).change.view());
  EXPECT_EQ(psbt.inputs[0].witness_utxo->value - psbt.outputs.at(0).value, fee_for(500'000, weight));
}

// A bump pays more than before and no more than that: the parent is paid for already.
TEST_F(Children, are_bumped_as_anything_else) {
  const SpendId child = child_of_first();
  attempt(child, kMarket, 0);
  const Attempt& before = spend(child).attempts.front();
  const FeeQuote fees = builder.bump({Amount::of(before.priority_fee.units() * 1000 / 110), before.priority_fee}, *builder.quote());
  const Psbt psbt = build(child, static_cast<std::int64_t>(fees.max_fee.units()), static_cast<std::int64_t>(fees.priority_fee.units()));
  const std::int64_t fee = psbt.inputs[0].witness_utxo->value - psbt.outputs.at(0).value;
  EXPECT_GT(fee, before.priority_fee.units() * 110 / 100);
  EXPECT_LT(fee, before.priority_fee.units() * 130 / 100);
}

TEST_F(Children, are_judged_by_what_both_pay) {
  const SpendId child = child_of_first();
  attempt(child, kMarket, 0);
  const auto alone = builder.rate_of(state, spend(parent));
  EXPECT_EQ(alone, spend(parent).attempts.back().max_fee);
  // The attempt is unsigned, and so lighter than what was paid for.
  EXPECT_GE(builder.rate_of(state, spend(child)), Amount::of(kMarket));
  EXPECT_LT(builder.rate_of(state, spend(child)), Amount::of(kMarket * 3 / 2));
}

TEST_F(Children, that_nobody_signs_are_not_planned_again) {
  const SpendId child = child_of_first();
  submit(DropConsolidation{child});
  look();
  EXPECT_TRUE(plan().empty());
}

TEST_F(Children, of_change_that_is_not_worth_it_are_none) {
  pool_keeps(first);
  const Attempt kept = spend(parent).attempts.front();
  Wallets wallets(network());
  const auto sent = decode_transaction(kept.raw);
  EXPECT_TRUE(child_of(state, spend(parent), first, {kMarket, 500'000}, wallets).has_value());
  EXPECT_FALSE(child_of(state, spend(parent), Txid{{5}}, {kMarket, 500'000}, wallets).has_value());
  Spend poor = spend(parent);
  Transaction smaller = *sent;
  const auto change = std::ranges::find(smaller.outputs, to_bytes(poor.change.view()), &TxOut::script);
  change->value = 5'000;  // a child pays about 4,000 for both
  poor.attempts.front().raw = encode(smaller);
  EXPECT_FALSE(child_of(state, poor, first, {kMarket, 500'000}, wallets).has_value());
  EXPECT_TRUE(child_of(state, poor, first, {kLow, 500'000}, wallets).has_value());
  smaller.outputs.erase(change);
  poor.attempts.front().raw = encode(smaller);
  EXPECT_FALSE(child_of(state, poor, first, {kLow, 500'000}, wallets).has_value());
}

TEST_F(Children, have_none_themselves_and_a_consolidation_that_nothing_replaces_is_let_be) {
  const SpendId child = child_of_first();
  const Txid older = attempt(child, kMarket, 0);
  attempt(child, 2 * kMarket, 2 * static_cast<std::int64_t>(spend(child).attempts[0].priority_fee.units()));
  node.entries[older] = {};
  look();
  now = now + 60'000;
  EXPECT_TRUE(plan().empty());
  EXPECT_TRUE(builder.is_bump_in_vain(state, spend(child)));
}

TEST(package, pays_what_is_missing_above) {
  EXPECT_EQ(package_fee(10'000, 400, {}), 1'000);
  EXPECT_EQ(package_fee(10'000, 400, {200, 500}), 10 * 300 - 500);
  EXPECT_EQ(package_fee(10'000, 400, {200, 2'000}), 1'000);
  EXPECT_EQ(package_fee(10'000, 400, {200, 9'000}), 1'000);  // it pays more by itself: never less than alone
}

}  // namespace
}  // namespace holdfast::chain::utxo
