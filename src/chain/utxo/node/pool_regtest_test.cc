// The pools of real nodes, followed with and without ZeroMQ; and Litecoin's extension blocks.
#include "base/hex.h"
#include "chain/utxo/node/mweb.h"
#include "chain/utxo/node/rpc_node.h"
#include "chain/utxo/node/testing/core_node.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace holdfast::chain::utxo {
namespace {

using Json = nlohmann::json;

constexpr int kNewsMs = 10'000;  // Long: an announcement takes milliseconds.

enum class Way : std::uint8_t { polled, published };

struct Case {
  Coin coin;
  Way way;
};

class PoolOf : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!CoreNode::program(GetParam().coin)) GTEST_SKIP() << "there is no bitcoind: set BITCOIND or PATH";
    std::vector<std::string> arguments = {"-rpcservertimeout=1"};  // It waits for connections to end before it ends.
    if (GetParam().way == Way::published) {
      arguments.push_back(fmt::format("-zmqpubsequence=tcp://127.0.0.1:{}", free_port()));
    }
    core = std::make_unique<CoreNode>(GetParam().coin, arguments);
    node = std::make_unique<RpcNode>(core->settings());
    core->mine(105);
  }
  // The ids of what is new, now.
  std::set<Txid> news() {
    std::set<Txid> out;
    const auto pending = node->new_pending();
    EXPECT_TRUE(pending.has_value()) << pending.error().text;
    for (const RawTransaction& one : *pending) {
      EXPECT_EQ(txid_of(*decode_transaction(one.raw)), one.txid);
      out.insert(one.txid);
    }
    return out;
  }
  // Where announcements are waited for, the first that comes may be of something else.
  std::set<Txid> next_news() {
    for (int i = 0; i < 20; ++i) {
      if (GetParam().way == Way::published) node->wait_for_news(kNewsMs);
      const std::set<Txid> out = news();
      if (!out.empty()) return out;
    }
    return {};
  }
  Txid pay(std::string_view coins) { return core->pay(core->new_address(), coins, R"(,"","",false,true)"); }

  std::unique_ptr<CoreNode> core;
  std::unique_ptr<RpcNode> node;
};

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return fmt::format("{}_{}", info.param.coin == Coin::bitcoin ? "bitcoin" : "litecoin",
                     info.param.way == Way::polled ? "polled" : "published");
}

INSTANTIATE_TEST_SUITE_P(pool, PoolOf,
                         testing::Values(Case{Coin::litecoin, Way::polled}, Case{Coin::bitcoin, Way::polled},
                                         Case{Coin::bitcoin, Way::published}),
                         name_of);

TEST_P(PoolOf, gives_everything_once) {
  const Txid early = pay("1");
  EXPECT_EQ(news(), std::set{early});  // It was there before the first question.
  EXPECT_EQ(node->is_listening(), GetParam().way == Way::published);
  const Txid second = pay("2");
  EXPECT_EQ(next_news(), std::set{second});
  EXPECT_TRUE(node->new_pending()->empty());
  core->mine();
  EXPECT_EQ(news(), std::set<Txid>());
}

TEST_P(PoolOf, sees_a_replacement) {
  ASSERT_TRUE(news().empty());
  const Txid first = pay("1");
  EXPECT_EQ(next_news(), std::set{first});
  const std::string bumped = core->call("bumpfee", fmt::format(R"(["{}"])", display(first)));
  const Txid second = *id_from_display(Json::parse(bumped).at("txid").get<std::string>());
  EXPECT_EQ(next_news(), std::set{second});
  EXPECT_FALSE(node->pool_entry(first)->has_value());
}

TEST_P(PoolOf, gives_again_what_a_reorg_put_back) {
  const Txid paid = pay("1");
  EXPECT_EQ(next_news(), std::set{paid});
  const Hash32 block = core->mine().front();
  EXPECT_EQ(news(), std::set<Txid>());
  core->call("invalidateblock", fmt::format(R"(["{}"])", display(block)));
  const std::set<Txid> again = news();
  // Announced as new, it is known still; polled, it had left.
  EXPECT_TRUE(again.empty() || again == std::set{paid});
  EXPECT_TRUE(node->pool_entry(paid)->has_value());
}

TEST_P(PoolOf, restarts_with_what_it_had_written_down) {
  const Txid paid = pay("1");
  EXPECT_EQ(next_news(), std::set{paid});
  core->stop();
  const auto gone = node->new_pending();
  if (GetParam().way == Way::polled) {  // Otherwise nothing was announced, and so nothing asked.
    EXPECT_EQ(gone ? "none" : gone.error().code, "node_unavailable");
  }
  core->start();
  const Txid second = pay("2");
  std::set<Txid> seen;
  for (int i = 0; i < 100 && !seen.contains(second); ++i) seen.merge(next_news());
  EXPECT_TRUE(seen.contains(second));
}

TEST(pool_bitcoin, listens_to_whatever_of_it_is_published) {
  if (!CoreNode::program(Coin::bitcoin)) GTEST_SKIP() << "there is no bitcoind: set BITCOIND or PATH";
  for (const std::string topic : {"rawtx", "hashtx", "sequence"}) {
    SCOPED_TRACE(topic);
    CoreNode core(Coin::bitcoin, {fmt::format("-zmqpub{}=tcp://127.0.0.1:{}", topic, free_port())});
    RpcNode node(core.settings());
    core.mine(101);
    ASSERT_TRUE(node.new_pending());
    ASSERT_TRUE(node.is_listening());
    // Messages flow once the subscription has reached the node: a payment that comes too early is not announced.
    bool heard = false;
    for (int i = 0; i < 50 && !heard; ++i) {
      core.pay(core.new_address(), "0.1");
      heard = node.wait_for_news(200);
    }
    EXPECT_TRUE(heard);
    node.wait_for_news(0);
    ASSERT_TRUE(node.new_pending());
    const Txid paid = core.pay(core.new_address(), "0.2");
    EXPECT_TRUE(node.wait_for_news(kNewsMs));
    const auto pending = node.new_pending();
    ASSERT_TRUE(pending.has_value());
    EXPECT_TRUE(std::ranges::count(*pending, paid, &RawTransaction::txid) == 1);
  }
}

// Litecoin's extension blocks: mined to their activation, with a payment into them and one that stays in them.
TEST(pool_litecoin, copes_with_extension_blocks) {
  CoreNode core(Coin::litecoin);
  RpcNode node(core.settings());
  core.mine(431);
  const Txid first = core.pay(core.new_address("mweb"), "5");  // Activation needs one to put into its block.
  core.mine();
  ASSERT_NE(core.call("getblockchaininfo").find(R"("mweb":{"active":true)"), std::string::npos);
  EXPECT_FALSE(node.pool_entry(first)->has_value());
  const Hash32 tip = core.mine().front();
  const auto block = node.block(tip);
  ASSERT_TRUE(block.has_value() && block->has_value()) << block.error().text;
  ASSERT_TRUE(node.new_pending());

  core.pay(core.new_address("mweb"), "3");
  EXPECT_EQ(node.pool()->txids.size(), 1U);
  EXPECT_TRUE(node.new_pending()->empty());  // It stays inside: nothing of it is anybody's here.

  const Txid into = core.pay(core.new_address("mweb"), "20");
  const auto pending = node.new_pending();
  ASSERT_TRUE(pending.has_value()) << pending.error().text;
  ASSERT_EQ(pending->size(), 1U);
  EXPECT_EQ(pending->front().txid, into);
  const auto seen = decode_transaction(pending->front().raw);
  ASSERT_TRUE(seen.has_value()) << seen.error().text;
  EXPECT_EQ(txid_of(*seen), into);
  const std::string raw = core.text("getrawtransaction", fmt::format(R"(["{}"])", display(into)));
  EXPECT_TRUE(has_mweb_flag(*from_hex(raw)));
  const Hash32 mined = core.mine().front();
  const auto found = node.transaction(into, mined);
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->transaction.raw, pending->front().raw);
}

}  // namespace
}  // namespace holdfast::chain::utxo
