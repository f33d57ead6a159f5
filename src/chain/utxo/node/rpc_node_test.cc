// The client of a real node, against a server that answers what it was told to.
#include "chain/utxo/node/rpc_node.h"

#include "base/hex.h"
#include "chain/utxo/node/testing/answering_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace holdfast::chain::utxo {
namespace {

Transaction payment(std::uint8_t seed) {
  Transaction out;
  out.inputs.push_back({{Txid::from(Bytes(32, seed)), 0}, {}, kSequenceReplaceable, {}});
  out.outputs.push_back({1000, Bytes(22, seed)});
  return out;
}

template <class T>
std::string_view code_of(const Result<T>& result) {
  return result ? "none" : result.error().code;
}

class RpcNodeTest : public testing::Test {
 protected:
  RpcNodeTest() { server.refuse("getzmqnotifications", -32601, "Method not found"); }
  RpcNode node(RpcLimits limits = {}) { return RpcNode({server.address(), limits, true}); }
  AnsweringServer server;
};

TEST_F(RpcNodeTest, every_answer_may_be_nonsense) {
  RpcNode tested = node();
  for (const auto* body : {"", "x", "{}", "[]", "null", R"([{"id":0}])", R"([{"id":7,"result":1}])", R"([{"id":"0","result":1}])",
                           R"([{"id":0,"result":1},{"id":0,"result":1}])", R"([{"id":0,"result":{}}])", "[1]", "\xff",
                           R"([{"id":0,"result":"00"}])", R"([{"id":0,"result":null}])"}) {
    server.answer_all(*body ? body : " ");
    EXPECT_FALSE(tested.best()) << body;
    EXPECT_FALSE(tested.info()) << body;
    EXPECT_FALSE(tested.header_at(3)) << body;
    EXPECT_FALSE(tested.block(Hash32{})) << body;
    EXPECT_FALSE(tested.pool()) << body;
    EXPECT_FALSE(tested.new_pending()) << body;
    EXPECT_FALSE(tested.fee_estimate(2)) << body;
    EXPECT_FALSE(tested.scan({{"addr(x)", 0}})) << body;
    EXPECT_FALSE(tested.send(encode(payment(1)))) << body;
  }
  const std::string deep = fmt::format(R"([{{"id":0,"result":{}{}}}])", std::string(2000, '['), std::string(2000, ']'));
  server.answer_all(deep);
  EXPECT_EQ(code_of(tested.best()), "node_answer_malformed");
}

TEST_F(RpcNodeTest, is_bounded) {
  RpcLimits limits;
  limits.max_answer_bytes = 1000;
  RpcNode tested = node(limits);
  server.answer("getbestblockhash", fmt::format(R"("result":"{}")", std::string(2000, '1')));
  EXPECT_EQ(code_of(tested.best()), "node_answer_too_large");
}

TEST_F(RpcNodeTest, what_keeps_a_node_from_answering) {
  RpcNode tested = node();
  server.refuse("getbestblockhash", -28, "Loading block index...");
  EXPECT_EQ(code_of(tested.best()), "node_unavailable");
  EXPECT_EQ(tested.best().error().text, "Loading block index...");
  server.refuse("sendrawtransaction", -28, "Verifying blocks... fee too low, missing inputs");
  EXPECT_EQ(code_of(tested.send(encode(payment(1)))), "node_unavailable");
  server.refuse("getbestblockhash", -7, R"(bad\nlogin: root\u0007)");
  EXPECT_EQ(code_of(tested.best()), "node_refused");
  EXPECT_EQ(tested.best().error().text, "bad?login: root?");
  server.answer_all("Work queue depth exceeded", 503);
  EXPECT_EQ(code_of(tested.best()), "node_unavailable");
  for (const int status : {401, 403}) {
    server.answer_all("no", status);
    EXPECT_EQ(code_of(tested.best()), "node_unauthorised");
  }
  EXPECT_EQ(code_of(RpcNode({{"http://127.0.0.1:1", {}}, {}, true}).best()), "node_unavailable");
  for (const auto* url : {"", "ftp://a:1", "http://a", "http://:1", "http://a:0", "http://a:65536", "http://u:p@a:1", "https://a:1"}) {
    EXPECT_EQ(code_of(RpcNode({{url, {}}, {}, true}).best()), "node_url_invalid") << url;
  }
}

TEST_F(RpcNodeTest, credentials_are_read_at_every_call) {
  const std::string file = (std::filesystem::temp_directory_path() / fmt::format("holdfast-cookie-{}", ::getpid())).string();
  RpcAddress address = server.address();
  address.credentials_file = file;
  RpcNode tested({address, {}, true});
  EXPECT_EQ(code_of(tested.best()), "node_unavailable");  // No cookie, no node.
  std::ofstream(file) << "user:pass\r\nmore";
  EXPECT_EQ(code_of(tested.best()), "node_refused");
  EXPECT_EQ(server.authorisation(), "Basic dXNlcjpwYXNz");
  std::ofstream(file) << "__cookie__:1\n";
  EXPECT_EQ(code_of(tested.best()), "node_refused");
  EXPECT_EQ(server.authorisation(), "Basic X19jb29raWVfXzox");
  std::ofstream(file) << "nothing";
  EXPECT_EQ(code_of(tested.best()), "node_unauthorised");
  EXPECT_EQ(tested.best().error().text.find("nothing"), std::string::npos);
  std::filesystem::remove(file);
}

TEST_F(RpcNodeTest, blocks_that_are_not_there) {
  RpcNode tested = node();
  const auto block = [&](int code, std::string_view words) {
    server.refuse("getblock", code, words);
    return tested.block(Hash32{});
  };
  EXPECT_EQ(code_of(block(-1, "Block not available (pruned data)")), "block_pruned");
  EXPECT_EQ(code_of(block(-1, "Block not available (not fully downloaded)")), "block_missing");
  EXPECT_EQ(code_of(block(-1, "Block not found on disk")), "block_missing");
  EXPECT_EQ(code_of(block(-1, "something else")), "node_refused");
  EXPECT_FALSE(block(-5, "Block not found")->has_value());
  server.answer("getblock", fmt::format(R"("result":"{}")", std::string(400, '0')));  // Whose header hashes to something else.
  EXPECT_EQ(code_of(tested.block(Hash32{})), "node_answer_malformed");
}

TEST_F(RpcNodeTest, a_header_has_to_be_the_one_asked_for) {
  RpcNode tested = node();
  const std::string id(64, '1');
  server.answer("getblockhash", fmt::format(R"("result":"{}")", id));
  const auto header = [&](std::string_view hash, int height, int confirmations) {
    server.answer("getblockheader",
                  fmt::format(R"("result":{{"hash":"{}","height":{},"previousblockhash":"{}","time":1,"mediantime":1,)"
                              R"("confirmations":{}}})", hash, height, id, confirmations));
    return tested.header_at(5);
  };
  EXPECT_TRUE(header(id, 5, 1)->has_value());
  EXPECT_EQ(code_of(header(std::string(64, '2'), 5, 1)), "node_answer_malformed");
  EXPECT_EQ(code_of(header(id, 6, 1)), "node_answer_malformed");
  EXPECT_EQ(code_of(header(id, 5, -1)), "node_unavailable");  // It never settles.
}

TEST_F(RpcNodeTest, words_of_refusal_become_codes) {
  RpcNode tested = node();
  const Bytes raw = encode(payment(1));
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"min relay fee not met, 10 < 141", "fee_too_low"},
      {"mempool min fee not met, 10 < 141", "fee_too_low"},
      {"insufficient fee, rejecting replacement ab; new feerate 1 <= old feerate 2", "underpriced"},
      {"insufficient fee, rejecting replacement, less fees than conflicting txs; 1 < 2", "underpriced"},
      {"txn-mempool-conflict", "conflict"},
      {"too many potential replacements, rejecting replacement", "conflict"},
      {"replacement-adds-unconfirmed", "conflict"},
      {"bad-txns-inputs-missingorspent", "inputs_missing"},
      {"missing-inputs", "inputs_missing"},
      {"mandatory-script-verify-flag-failed (Signature must be zero)", "refused"},
      {"dust", "refused"},
  };
  for (const auto& [words, code] : cases) {
    server.refuse("sendrawtransaction", -26, words);
    EXPECT_EQ(code_of(tested.send(raw)), code) << words;
    EXPECT_EQ(tested.send(raw).error().text, words);
  }
  for (const auto* words : {"Transaction already in block chain", "Transaction outputs already in utxo set", "txn-already-known",
                            "txn-already-in-mempool", "txn-same-nonwitness-data-in-mempool"}) {
    server.refuse("sendrawtransaction", -27, words);
    EXPECT_EQ(tested.send(raw).value(), txid_of(payment(1))) << words;
  }
  server.answer("sendrawtransaction", fmt::format(R"("result":"{}")", std::string(64, '1')));
  EXPECT_EQ(code_of(tested.send(raw)), "node_answer_malformed");
}

TEST_F(RpcNodeTest, missing_inputs_of_a_transaction_that_it_knows) {
  RpcNode tested = node();
  const Transaction mined = payment(1);
  server.refuse("sendrawtransaction", -25, "bad-txns-inputs-missingorspent");
  EXPECT_EQ(code_of(tested.send(encode(mined))), "inputs_missing");
  server.answer("getrawtransaction", fmt::format(R"("result":{{"hex":"{}","blockhash":"{}"}})", to_hex(encode(mined)), std::string(64, '1')));
  EXPECT_EQ(tested.send(encode(mined)).value(), txid_of(mined));
  server.answer("getrawtransaction", fmt::format(R"("result":{{"hex":"{}"}})", to_hex(encode(payment(2)))));
  EXPECT_EQ(code_of(tested.send(encode(mined))), "inputs_missing");
  EXPECT_EQ(code_of(tested.transaction(txid_of(mined), {})), "node_answer_malformed");  // Another one.
  server.refuse("getrawtransaction", -5, "No such mempool transaction. Blockchain transactions are still in the process of being indexed.");
  EXPECT_EQ(code_of(tested.transaction(txid_of(mined), {})), "node_unavailable");
}

class PoolTest : public RpcNodeTest {
 protected:
  PoolTest() {
    for (std::uint8_t i = 0; i < 250; ++i) payments.push_back(payment(static_cast<std::uint8_t>(i + 1)));
    for (const Transaction& one : payments) give(one);
  }
  void give(const Transaction& one) {
    server.answer("getrawtransaction", fmt::format(R"("result":"{}")", to_hex(encode(one))), params_of(one));
  }
  static std::string params_of(const Transaction& one) { return fmt::format(R"(["{}",false])", display(txid_of(one))); }
  void pool(std::size_t from, std::size_t to) {
    std::vector<std::string> ids;
    for (std::size_t i = from; i < to; ++i) ids.push_back(fmt::format(R"("{}")", display(txid_of(payments[i]))));
    server.answer("getrawmempool", fmt::format(R"("result":{{"txids":[{}],"mempool_sequence":1}})", fmt::join(ids, ",")));
  }
  std::vector<Transaction> payments;
};

TEST_F(PoolTest, gives_each_once_and_again_when_it_came_back) {
  RpcNode tested = node();
  pool(0, 250);
  EXPECT_EQ(tested.new_pending()->size(), 250U);
  EXPECT_EQ(tested.new_pending()->size(), 0U);  // The sequence is not trusted: a node may start again and count anew.
  pool(100, 250);
  EXPECT_EQ(tested.new_pending()->size(), 0U);
  pool(90, 250);
  const auto again = tested.new_pending();
  ASSERT_EQ(again->size(), 10U);
  EXPECT_EQ(again->front().raw, encode(payments[90]));
  EXPECT_FALSE(tested.is_listening());
  EXPECT_FALSE(tested.wait_for_news(60'000));  // At once.
}

TEST_F(PoolTest, is_given_in_portions) {
  RpcClient client(server.address(), {});
  PoolFeed feed(client, false, {.max_transactions = 100, .max_bytes = 1'000'000, .full_look_every = {}});
  pool(0, 250);
  EXPECT_EQ(feed.next()->size(), 100U);
  EXPECT_EQ(feed.next()->size(), 100U);
  EXPECT_EQ(feed.next()->size(), 50U);
  EXPECT_EQ(feed.next()->size(), 0U);
  PoolFeed tight(client, false, {.max_transactions = 1000, .max_bytes = 1, .full_look_every = {}});
  EXPECT_EQ(tight.next()->size(), 100U);  // A whole batch, as the bound is looked at in between.
}

TEST_F(PoolTest, what_goes_meanwhile_or_is_no_transaction_is_left_out) {
  RpcNode tested = node();
  pool(0, 3);
  server.refuse("getrawtransaction", -5, "No such mempool transaction", params_of(payments[0]));
  server.answer("getrawtransaction", R"("result":"00")", params_of(payments[1]));
  EXPECT_EQ(tested.new_pending()->size(), 1U);
  give(payments[0]);
  EXPECT_EQ(tested.new_pending()->size(), 1U);
  EXPECT_EQ(tested.new_pending()->size(), 0U);
}

TEST_F(PoolTest, a_fault_loses_nothing) {
  RpcNode tested = node();
  pool(0, 250);
  server.refuse("getrawtransaction", -28, "Rewinding blocks...", params_of(payments[150]));
  EXPECT_EQ(tested.new_pending()->size(), 150U);  // What came before the fault is given first,
  EXPECT_EQ(code_of(tested.new_pending()), "node_unavailable");
  give(payments[150]);
  EXPECT_EQ(tested.new_pending()->size(), 100U);  // and what comes after it once it is over.
  EXPECT_EQ(tested.new_pending()->size(), 0U);
}

TEST_F(PoolTest, batches_that_are_too_large_are_halved) {
  RpcLimits limits;
  limits.max_answer_bytes = 20'000;  // All ids, but not 100 transactions.
  RpcNode tested = node(limits);
  for (std::uint8_t i = 0; i < 100; ++i) {
    payments[i].outputs[0].script.resize(200);
    give(payments[i]);
  }
  pool(0, 100);
  EXPECT_EQ(tested.new_pending()->size(), 100U);
  payments[100].outputs[0].script.resize(15'000);  // This one can never be read.
  give(payments[100]);
  pool(0, 101);
  EXPECT_EQ(tested.new_pending()->size(), 0U);
  EXPECT_EQ(tested.new_pending()->size(), 0U);
}

}  // namespace
}  // namespace holdfast::chain::utxo
