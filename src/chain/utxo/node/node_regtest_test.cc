// RpcNode against real nodes on regtest: litecoind always, bitcoind where there is one.
#include "base/hex.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/node/rpc_node.h"
#include "chain/utxo/node/testing/core_node.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <thread>

namespace holdfast::chain::utxo {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kCoin = 100'000'000;

class NodeOfBoth : public testing::TestWithParam<Coin> {
 protected:
  void SetUp() override {
    if (!CoreNode::program(GetParam())) GTEST_SKIP() << "there is no bitcoind: set BITCOIND or PATH";
  }
};

std::string name_of(const testing::TestParamInfo<Coin>& coin) {
  return coin.param == Coin::bitcoin ? "bitcoin" : "litecoin";
}

INSTANTIATE_TEST_SUITE_P(node, NodeOfBoth, testing::Values(Coin::litecoin, Coin::bitcoin), name_of);

// What went wrong; "none" when nothing did.
template <class T>
std::string_view code_of(const Result<T>& result) {
  return result ? "none" : result.error().code;
}

// Of one that the wallet knows, mined or not.
std::string raw_of(CoreNode& core, const Txid& txid) {
  return Json::parse(core.call("gettransaction", fmt::format(R"(["{}"])", display(txid)))).at("hex").get<std::string>();
}

// Signed by the wallet, not sent.
struct Draft {
  std::vector<OutPoint> spends;
  std::string to;
  std::string coins;
  std::uint32_t sequence = kSequenceReplaceable;
};
Bytes draft(CoreNode& core, const Draft& wanted) {
  Json inputs = Json::array();
  for (const OutPoint& spent : wanted.spends) {
    inputs.push_back({{"txid", display(spent.txid)}, {"vout", spent.vout}, {"sequence", wanted.sequence}});
  }
  const std::string outputs = fmt::format(R"([{{"{}":{}}}])", wanted.to, wanted.coins);
  const std::string unsigned_raw = core.text("createrawtransaction", fmt::format("[{},{}]", inputs.dump(), outputs));
  const Json answer = Json::parse(core.call("signrawtransactionwithwallet", fmt::format(R"(["{}"])", unsigned_raw)));
  return *from_hex(answer.at("hex").get<std::string>());
}

// The output of `txid` that pays `value`.
OutPoint output_of(CoreNode& core, const Txid& txid, std::int64_t value) {
  const auto transaction = decode_transaction(*from_hex(raw_of(core, txid)));
  EXPECT_TRUE(transaction.has_value());
  const auto found = std::ranges::find(transaction->outputs, value, &TxOut::value);
  EXPECT_NE(found, transaction->outputs.end());
  return {txid, static_cast<std::uint32_t>(found - transaction->outputs.begin())};
}

TEST_P(NodeOfBoth, tells_which_chain_it_follows) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  core.mine(3);
  const auto info = node.info();
  ASSERT_TRUE(info.has_value()) << info.error().text;
  EXPECT_EQ(info->chain, "regtest");
  EXPECT_EQ(info->height, 3U);
  EXPECT_EQ(info->headers, 3U);
  EXPECT_FALSE(info->initial_download);
  EXPECT_FALSE(info->pruned_below);
  const Coin other = GetParam() == Coin::bitcoin ? Coin::litecoin : Coin::bitcoin;
  EXPECT_TRUE(check_network(node, regtest_genesis(GetParam()), "regtest"));
  EXPECT_EQ(code_of(check_network(node, regtest_genesis(other))), "node_other_network");
  EXPECT_EQ(code_of(check_network(node, regtest_genesis(GetParam()), "main")), "node_other_network");
}

TEST_P(NodeOfBoth, headers_and_blocks) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  const std::vector<Hash32> ids = core.mine(5);
  const auto best = node.best();
  ASSERT_TRUE(best.has_value()) << best.error().text;
  EXPECT_EQ(best->height, 5U);
  EXPECT_EQ(best->hash, ids[4]);
  EXPECT_EQ(best->previous, ids[3]);
  EXPECT_GT(best->time, Instant{});
  EXPECT_LE(best->median_time, best->time);
  const auto genesis = *node.header_at(0);
  EXPECT_EQ(display(genesis->hash), regtest_genesis(GetParam()));
  EXPECT_TRUE(genesis->previous.is_zero());
  EXPECT_EQ((*node.header_at(4))->hash, ids[3]);
  EXPECT_FALSE(node.header_at(6)->has_value());
  EXPECT_FALSE(node.header_at(~std::uint64_t{0})->has_value());
  EXPECT_FALSE(node.header(Hash32{})->has_value());
  const auto raw = node.block(ids[2]);
  ASSERT_TRUE(raw.has_value() && raw->has_value());
  EXPECT_EQ(sha256d(ByteView(**raw).first(80)), ids[2]);
  EXPECT_EQ(to_hex(**raw), core.text("getblock", fmt::format(R"(["{}",0])", display(ids[2]))));
  EXPECT_FALSE(node.block(Hash32{})->has_value());
}

TEST_P(NodeOfBoth, a_reorg_by_two_nodes) {
  CoreNode core(GetParam());
  CoreNode other(GetParam());
  RpcNode node(core.settings());
  core.mine(101);
  other.connect(core);
  other.wait_for_same_tip(core);
  other.disconnect(core);
  const Txid paid = core.pay(core.new_address(), "1");
  const Hash32 lost = core.mine().front();
  EXPECT_FALSE(node.pool_entry(paid)->has_value());
  const std::vector<Hash32> winning = other.mine(3);
  other.connect(core);
  core.wait_for_same_tip(other);
  EXPECT_EQ(node.best()->hash, winning[2]);
  const auto header = *node.header(lost);
  ASSERT_TRUE(header.has_value());
  EXPECT_FALSE(header->on_best_chain);
  EXPECT_EQ(header->height, 102U);
  EXPECT_TRUE((*node.header(winning[0]))->on_best_chain);
  EXPECT_EQ((*node.header_at(102))->hash, winning[0]);
  EXPECT_TRUE(node.block(lost)->has_value());  // Kept, for whoever has to undo it.
  EXPECT_TRUE(node.pool_entry(paid)->has_value());
}

TEST_P(NodeOfBoth, says_what_keeps_a_transaction_out) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  core.mine(102);
  const Txid funding = core.pay(core.new_address(), "5");
  core.mine();
  const OutPoint coin = output_of(core, funding, 5 * kCoin);
  const std::string to = core.new_address();
  const auto spend = [&](std::string coins, std::uint32_t sequence = kSequenceReplaceable) {
    return draft(core, {{coin}, to, std::move(coins), sequence});
  };
  const Bytes good = spend("4.9999");
  const auto allowed = node.test_accept(good);
  ASSERT_TRUE(allowed.has_value()) << allowed.error().text;
  EXPECT_TRUE(allowed->allowed) << allowed->reason;
  EXPECT_EQ(allowed->fee, 10'000);
  EXPECT_EQ(allowed->vsize, vsize_of(*decode_transaction(good)));
  EXPECT_EQ(code_of(node.send(spend("4.99999999"))), "fee_too_low");
  EXPECT_EQ(node.test_accept(spend("4.99999999"))->reason, "min relay fee not met");
  EXPECT_EQ(*node.send(good), txid_of(*decode_transaction(good)));
  EXPECT_EQ(*node.send(good), txid_of(*decode_transaction(good)));  // Known already.
  EXPECT_EQ(code_of(node.send(spend("4.9998995"))), "underpriced");
  EXPECT_EQ(node.send(spend("4.9998")).value(), txid_of(*decode_transaction(spend("4.9998"))));
  EXPECT_EQ(code_of(node.send(draft(core, {{{Txid::from(Bytes(32, 7)), 0}}, to, "1"}))), "inputs_missing");
  Bytes broken = spend("4.9");
  broken[broken.size() - 40] ^= 1;  // In the witness.
  EXPECT_EQ(code_of(node.send(broken)), "refused");
  EXPECT_FALSE(node.test_accept(broken)->allowed);
  EXPECT_EQ(code_of(node.send(Bytes{1, 2, 3})), "refused");
}

TEST_P(NodeOfBoth, what_is_mined_counts_as_sent) {
  CoreNode core(GetParam(), {"-txindex"});
  RpcNode node(core.settings());
  core.mine(102);
  const Txid funding = core.pay(core.new_address(), "5");
  core.mine();
  const OutPoint coin = output_of(core, funding, 5 * kCoin);
  const Bytes spend = draft(core, {{coin}, core.new_address(), "4.999"});
  const Txid txid = *node.send(spend);
  core.mine();
  EXPECT_EQ(node.send(spend).value(), txid);  // Its output is unspent.
  const Bytes next = draft(core, {{{txid, 0}}, core.new_address(), "4.998"});
  ASSERT_TRUE(node.send(next));
  core.mine();
  EXPECT_EQ(node.send(spend).value(), txid);  // All its outputs are spent: only the index knows of it.
  const Bytes late = draft(core, {{coin}, core.new_address(), "4.997"});
  EXPECT_EQ(code_of(node.send(late)), "inputs_missing");
}

TEST_P(NodeOfBoth, outputs_and_transactions) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  core.mine(102);
  const std::string address = core.new_address();
  const Txid funding = core.pay(address, "1.23456789");
  const std::string raw = raw_of(core, funding);
  const OutPoint coin = output_of(core, funding, 123'456'789);
  EXPECT_FALSE(node.unspent(coin, false)->has_value());
  const auto waiting = *node.unspent(coin, true);
  ASSERT_TRUE(waiting.has_value());
  EXPECT_EQ(waiting->confirmations, 0U);
  const auto pending = *node.transaction(funding, {});
  ASSERT_TRUE(pending.has_value());
  EXPECT_EQ(to_hex(pending->transaction.raw), raw);
  EXPECT_FALSE(pending->block);
  const Hash32 block = core.mine().front();
  const auto mined = *node.unspent(coin, true);
  ASSERT_TRUE(mined.has_value());
  EXPECT_EQ(mined->output.value, 123'456'789);
  EXPECT_EQ(mined->confirmations, 1U);
  EXPECT_EQ(mined->best_block, block);
  EXPECT_FALSE(mined->coinbase);
  EXPECT_EQ(to_hex(mined->output.script),
            Json::parse(core.call("getaddressinfo", fmt::format(R"(["{}"])", address))).at("scriptPubKey").get<std::string>());
  EXPECT_FALSE(node.transaction(funding, {})->has_value());  // No index, no pool: it cannot tell.
  const auto in_block = *node.transaction(funding, block);
  ASSERT_TRUE(in_block.has_value());
  EXPECT_EQ(to_hex(in_block->transaction.raw), raw);
  EXPECT_EQ(in_block->block, block);
  EXPECT_FALSE(node.transaction(funding, Hash32{})->has_value());
  EXPECT_FALSE(node.unspent({funding, 77}, true)->has_value());
}

TEST_P(NodeOfBoth, an_index_finds_every_transaction) {
  CoreNode core(GetParam(), {"-txindex"});
  RpcNode node(core.settings());
  core.mine(102);
  const Txid funding = core.pay(core.new_address(), "2");
  const Hash32 block = core.mine().front();
  auto found = node.transaction(funding, {});
  for (int i = 0; i < 500 && (!found || !*found); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    found = node.transaction(funding, {});
  }
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->block, block);
}

TEST_P(NodeOfBoth, fees_and_families_in_the_pool) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  core.mine(102);
  const auto quiet = node.fee_estimate(6);
  ASSERT_TRUE(quiet.has_value()) << quiet.error().text;
  EXPECT_FALSE(quiet->rate_per_kvb);
  EXPECT_EQ(quiet->floor_per_kvb, 1000);
  EXPECT_EQ(quiet->increment_per_kvb, 1000);
  const Txid parent = core.pay(core.new_address(), "5");
  const OutPoint coin = output_of(core, parent, 5 * kCoin);
  const Bytes raw = draft(core, {{coin}, core.new_address(), "4.999", kSequenceReplaceable});
  const Txid child = *node.send(raw);
  const auto above = *node.pool_entry(parent);
  const auto below = *node.pool_entry(child);
  ASSERT_TRUE(above.has_value() && below.has_value());
  EXPECT_EQ(below->fee, 100'000);
  EXPECT_EQ(below->vsize, vsize_of(*decode_transaction(raw)));
  EXPECT_EQ(below->ancestor_count, 2U);
  EXPECT_EQ(below->ancestor_fee, 100'000 + above->fee);
  EXPECT_EQ(below->ancestor_vsize, below->vsize + above->vsize);
  EXPECT_EQ(below->descendant_count, 1U);
  EXPECT_EQ(below->signals_replacement, true);
  EXPECT_EQ(above->descendant_count, 2U);
  EXPECT_EQ(above->descendant_fee, below->ancestor_fee);
  EXPECT_EQ(above->descendant_vsize, below->ancestor_vsize);
  EXPECT_EQ(above->ancestor_count, 1U);
  EXPECT_EQ(above->spent_by, std::vector{child});
  EXPECT_TRUE(below->spent_by.empty());
  EXPECT_FALSE(node.pool_entry(Txid{})->has_value());
  const auto pool = node.pool();
  EXPECT_EQ(pool->txids.size(), 2U);
  EXPECT_TRUE(pool->sequence.has_value());
}

TEST_P(NodeOfBoth, estimates_once_it_has_seen_blocks_with_fees) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  core.mine(120);
  for (int block = 0; block < 8; ++block) {
    for (int i = 0; i < 5; ++i) core.pay(core.new_address(), "0.1");
    core.mine();
  }
  const auto estimate = node.fee_estimate(2);
  ASSERT_TRUE(estimate.has_value()) << estimate.error().text;
  ASSERT_TRUE(estimate->rate_per_kvb.has_value());
  EXPECT_GE(*estimate->rate_per_kvb, 1000);
  EXPECT_LE(*estimate->rate_per_kvb, 100'000);
}

TEST_P(NodeOfBoth, scans_for_the_coins_of_descriptors) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  core.mine(102);
  const std::string one = core.new_address();
  const std::string two = core.new_address();
  const Txid first = core.pay(one, "0.7");
  core.pay(two, "0.00009999");
  const Hash32 block = core.mine().front();
  const auto scan = node.scan({{fmt::format("addr({})", one), 0}, {fmt::format("addr({})", two), 0}});
  ASSERT_TRUE(scan.has_value()) << scan.error().text;
  EXPECT_EQ(scan->total, 70'009'999);
  EXPECT_EQ(scan->height, 103U);
  EXPECT_EQ(scan->best_block, block);
  ASSERT_EQ(scan->coins.size(), 2U);
  EXPECT_EQ(std::ranges::count(scan->coins, first, [](const ScannedCoin& coin) { return coin.outpoint.txid; }), 1);
  EXPECT_EQ(scan->coins[0].height, 103U);
  const std::string quotes = R"(addr("],"x)";
  EXPECT_EQ(code_of(node.scan({{quotes, 0}})), "node_refused");
}

// From not there over warming up to an answer: every word before it is the same fault.
Hash32 best_in_the_end(RpcNode& node) {
  for (int i = 0; i < 6000; ++i) {
    const auto best = node.best();
    if (best) return best->hash;
    EXPECT_EQ(best.error().code, "node_unavailable") << best.error().text;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return {};
}

TEST_P(NodeOfBoth, restarts_under_the_same_connection) {
  CoreNode core(GetParam(), {"-rpcservertimeout=1"});  // It waits for connections to end before it ends.
  RpcNode node(core.settings());
  const Hash32 tip = core.mine(2).back();
  EXPECT_EQ(node.best()->hash, tip);
  core.stop();
  EXPECT_EQ(code_of(node.best()), "node_unavailable");
  core.start(false);
  EXPECT_EQ(best_in_the_end(node), tip);  // With the new cookie.
  core.kill_now();
  EXPECT_EQ(code_of(node.best()), "node_unavailable");
  core.start(false);
  EXPECT_FALSE(best_in_the_end(node).is_zero());  // It may have forgotten blocks, as after a loss of power.
}

TEST_P(NodeOfBoth, is_killed_while_it_answers) {
  CoreNode core(GetParam());
  RpcNode node(core.settings());
  core.mine(1);
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    core.kill_now();
  });
  Result<Header> best = node.best();
  while (best) best = node.best();
  EXPECT_EQ(best.error().code, "node_unavailable") << best.error().text;
}

TEST_P(NodeOfBoth, wants_its_credentials) {
  CoreNode core(GetParam());
  RpcNodeSettings settings = core.settings();
  settings.address.credentials_file = "/dev/null";
  EXPECT_EQ(code_of(RpcNode(settings).best()), "node_unauthorised");
  settings.address.credentials_file.clear();
  EXPECT_EQ(code_of(RpcNode(settings).best()), "node_unauthorised");
}

TEST(node_litecoin, a_pool_without_replacement_names_the_conflict) {
  CoreNode core(Coin::litecoin, {"-mempoolreplacement=0"});
  RpcNode node(core.settings());
  core.mine(102);
  const Txid funding = core.pay(core.new_address(), "5");
  core.mine();
  const OutPoint coin = output_of(core, funding, 5 * kCoin);
  ASSERT_TRUE(node.send(draft(core, {{coin}, core.new_address(), "4.999"})));
  EXPECT_EQ(code_of(node.send(draft(core, {{coin}, core.new_address(), "4.9"}))), "conflict");
}

TEST(node_bitcoin, a_pruned_block_is_named_as_such) {
  if (!CoreNode::program(Coin::bitcoin)) GTEST_SKIP() << "there is no bitcoind: set BITCOIND or PATH";
  CoreNode core(Coin::bitcoin, {"-prune=1", "-fastprune"});
  RpcNode node(core.settings());
  const Hash32 old = core.mine(1).front();
  core.mine(800);
  core.call("pruneblockchain", "[400]");
  EXPECT_EQ(code_of(node.block(old)), "block_pruned");
  const auto info = node.info();
  ASSERT_TRUE(info.has_value() && info->pruned_below.has_value());
  EXPECT_GT(*info->pruned_below, 1U);
  EXPECT_TRUE((*node.header(old))->on_best_chain);
}

}  // namespace
}  // namespace holdfast::chain::utxo
