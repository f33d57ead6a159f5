// The client of a real node, against a server that answers what it was told to.
#include "chain/evm/json_rpc_node.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace holdfast::chain::evm {
namespace {

constexpr std::string_view kGoodTrace = R"("result":[])";

class NodeServer {
 public:
  NodeServer() {
    server_.Post("/", [this](const httplib::Request&, httplib::Response& response) {
      ++asked;
      const std::lock_guard lock(mutex_);
      response.set_content(fmt::format(R"([{{"jsonrpc":"2.0","id":0,{}}}])", answer_), "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~NodeServer() {
    server_.stop();
    thread_.join();
  }
  NodeServer(const NodeServer&) = delete;
  NodeServer& operator=(const NodeServer&) = delete;

  void answer(std::string_view with) {
    const std::lock_guard lock(mutex_);
    answer_ = with;
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

  std::atomic<int> asked = 0;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::string answer_;
  std::thread thread_;
};

Hash32 block(std::uint8_t number) {
  Hash32 out;
  out.bytes.back() = number;
  return out;
}

TEST(json_rpc_node, only_a_missing_method_ends_tracing) {
  NodeServer server;
  JsonRpcNode node(server.url());
  for (const auto* words : {"header not found", "state not available", "tracer not supported"}) {
    server.answer(fmt::format(R"("error":{{"code":-32000,"message":"{}"}})", words));
    EXPECT_EQ(node.internal_transfers(block(1)).error().code, "node_refused");
    server.answer(kGoodTrace);
    EXPECT_TRUE(node.internal_transfers(block(2)).value().has_value());
  }
  server.answer(R"("error":{"code":-32601,"message":"no such method"})");
  EXPECT_FALSE(node.internal_transfers(block(3)).value().has_value());
  const int before = server.asked;
  server.answer(kGoodTrace);
  EXPECT_FALSE(node.internal_transfers(block(4)).value().has_value());
  EXPECT_EQ(server.asked, before);
}

TEST(json_rpc_node, a_block_that_cannot_be_traced_does_not_stop_the_chain) {
  NodeServer server;
  JsonRpcLimits limits;
  limits.max_answer_bytes = 4096;
  JsonRpcNode node(server.url(), limits);
  const std::string bombs[] = {
      fmt::format(R"("result":["{}"])", std::string(5000, 'x')),
      R"("result":"none")",
      fmt::format(R"("result":[{{"txHash":"0x{}","error":"execution timeout"}}])", std::string(64, '1')),
      R"("error":{"code":-32000,"message":"execution timeout"})",
  };
  std::uint8_t number = 0;
  for (const std::string& bomb : bombs) {
    SCOPED_TRACE(bomb.substr(0, 40));
    ++number;
    server.answer(bomb);
    EXPECT_FALSE(node.internal_transfers(block(number)).has_value());
    EXPECT_FALSE(node.internal_transfers(block(number)).has_value());
    const auto given_up = node.internal_transfers(block(number));
    ASSERT_TRUE(given_up.has_value());
    EXPECT_FALSE(given_up->has_value());
    server.answer(kGoodTrace);  // The next block is traced again.
    EXPECT_TRUE(node.internal_transfers(block(static_cast<std::uint8_t>(100 + number))).value().has_value());
  }
}

TEST(json_rpc_node, a_token_that_fails_says_nothing_about_its_balance) {
  NodeServer server;
  JsonRpcNode node(server.url());
  const std::vector<BalanceQuery> query = {{Address20{}, Address20{}}};
  for (const auto* answer : {R"("error":{"code":3,"message":"execution reverted"})", R"("result":"0x")", R"("result":"0x01")"}) {
    server.answer(answer);
    const auto balances = node.balances(block(1), query);
    ASSERT_TRUE(balances.has_value()) << answer;
    EXPECT_FALSE(balances->at(0).has_value()) << answer;
  }
  server.answer(R"("error":{"code":-32000,"message":"header not found"})");
  EXPECT_EQ(node.balances(block(1), query).error().code, "node_refused");
  server.answer(fmt::format(R"("result":"0x{:064x}")", 5));
  EXPECT_EQ(node.balances(block(1), query).value().at(0), Amount::of(5));
}

}  // namespace
}  // namespace holdfast::chain::evm
