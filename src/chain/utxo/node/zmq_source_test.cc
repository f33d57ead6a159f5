// What is made of a publisher's messages, whoever it is.
#include "chain/utxo/node/zmq_source.h"

#include "base/check.h"
#include "chain/utxo/codec/compact.h"
#include "chain/utxo/node/pool_feed.h"
#include "chain/utxo/node/testing/answering_server.h"

#include "base/hex.h"

#include <gtest/gtest.h>
#include <zmq.h>

#include <chrono>

namespace holdfast::chain::utxo {
namespace {

constexpr int kPatience = 10'000;  // Milliseconds, of which none are used when all is well.

class Publisher {
 public:
  Publisher() : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_XPUB)) {
    const int patience = kPatience;
    zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience, sizeof patience);
    const int all = 1;
    zmq_setsockopt(socket_, ZMQ_XPUB_VERBOSE, &all, sizeof all);
    HF_CHECK(zmq_bind(socket_, "tcp://127.0.0.1:*") == 0);
    std::size_t size = sizeof address_;
    HF_CHECK(zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, address_, &size) == 0);
  }
  ~Publisher() {
    const int linger = 0;
    zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  std::string address() const { return address_; }
  // The next topic that somebody subscribes to.
  std::string subscribed() {
    char message[100];
    const int size = zmq_recv(socket_, message, sizeof message, 0);
    return size > 0 ? std::string(message + 1, static_cast<std::size_t>(size) - 1) : std::string();
  }
  void send(const std::vector<Bytes>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      HF_CHECK(zmq_send(socket_, parts[i].data(), parts[i].size(), i + 1 < parts.size() ? ZMQ_SNDMORE : 0) >= 0);
    }
  }
  void send(std::string_view topic, const Bytes& body, std::uint32_t counter) {
    Bytes number;
    put_u32(number, counter);
    send({to_bytes(as_bytes(topic)), body, number});
  }

 private:
  void* context_;
  void* socket_;
  char address_[100] = {};
};

Txid id(std::uint8_t number) {
  Txid out;
  out.bytes[0] = number;
  return out;
}

// As a node writes it: reversed, then what happened, then the pool's sequence.
Bytes sequence_body(const Txid& txid, char label) {
  Bytes out(txid.bytes.rbegin(), txid.bytes.rend());
  out.push_back(static_cast<std::uint8_t>(label));
  if (label == 'A' || label == 'R') out.resize(out.size() + 8);
  return out;
}

// All that comes until `count` hints are there.
ZmqNews take(ZmqSource& source, std::size_t count) {
  ZmqNews all;
  while (all.arrived.size() + all.left.size() < count && source.wait(kPatience)) {
    const ZmqNews some = source.take();
    all.arrived.insert(all.arrived.end(), some.arrived.begin(), some.arrived.end());
    all.left.insert(all.left.end(), some.left.begin(), some.left.end());
    all.gap |= some.gap;
  }
  return all;
}

TEST(zmq_source, reads_a_sequence_and_its_gaps) {
  Publisher node;
  const auto source = ZmqSource::open("127.0.0.1", {{"pubrawtx", "tcp://127.0.0.1:1"}, {"pubsequence", node.address()}});
  ASSERT_TRUE(source);
  EXPECT_EQ(node.subscribed(), "sequence");
  node.send("sequence", sequence_body(id(1), 'A'), 7);  // Any number may be the first.
  node.send("sequence", sequence_body(id(2), 'C'), 8);
  node.send("sequence", sequence_body(id(3), 'R'), 9);
  ZmqNews news = take(*source, 2);
  EXPECT_EQ(news.arrived, std::vector{id(1)});
  EXPECT_EQ(news.left, std::vector{id(3)});
  EXPECT_FALSE(news.gap);
  node.send("sequence", sequence_body(id(4), 'A'), 11);
  EXPECT_TRUE(take(*source, 1).gap);
  node.send("sequence", sequence_body(id(5), 'A'), 0xffffffff);
  EXPECT_TRUE(take(*source, 1).gap);
  node.send("sequence", sequence_body(id(5), 'A'), 0);  // The counter wraps.
  EXPECT_FALSE(take(*source, 1).gap);
  node.send("sequence", sequence_body(id(5), 'A'), 0);  // It started again.
  EXPECT_TRUE(take(*source, 1).gap);
}

TEST(zmq_source, messages_of_any_other_form_say_nothing) {
  Publisher node;
  const auto source = ZmqSource::open("127.0.0.1", {{"pubsequence", node.address()}});
  ASSERT_TRUE(source);
  EXPECT_EQ(node.subscribed(), "sequence");
  const Bytes topic = to_bytes(as_bytes("sequence"));
  node.send({topic});
  node.send({topic, Bytes(41), Bytes(3)});
  node.send({topic, Bytes(41), Bytes(4), Bytes(1)});
  node.send("sequences", sequence_body(id(1), 'A'), 5);
  node.send("sequence", Bytes(31), 0);
  node.send("sequence", Bytes(32), 1);
  node.send("sequence", sequence_body(id(1), 'X'), 2);
  node.send("sequence", sequence_body(id(9), 'A'), 3);
  const ZmqNews news = take(*source, 1);
  EXPECT_EQ(news.arrived.back(), id(9));
  EXPECT_LE(news.arrived.size(), 2U);  // The one in four parts may be read for its first three.
  EXPECT_TRUE(news.left.empty());
}

TEST(zmq_source, reads_ids_out_of_raw_transactions) {
  Publisher node;
  const auto source = ZmqSource::open("127.0.0.1", {{"pubrawtx", node.address()}});
  ASSERT_TRUE(source);
  EXPECT_EQ(node.subscribed(), "rawtx");
  Transaction payment;
  payment.inputs.push_back({{id(1), 0}, {}, kSequenceFinal, {Bytes(64)}});
  payment.outputs.push_back({5, Bytes(22)});
  node.send("rawtx", Bytes(100, 0xff), 0);
  node.send("rawtx", encode(payment), 1);
  EXPECT_EQ(take(*source, 1).arrived, std::vector{txid_of(payment)});
}

TEST(zmq_source, only_ports_are_the_nodes_to_say) {
  EXPECT_EQ(zmq_address_at("10.0.0.1", "tcp://0.0.0.0:28332"), "tcp://10.0.0.1:28332");
  EXPECT_EQ(zmq_address_at("node", "tcp://*:1"), "tcp://node:1");
  EXPECT_EQ(zmq_address_at("node", "tcp://[::1]:28332"), "tcp://node:28332");
  for (const auto* bad : {"", "tcp://", "tcp://a", "tcp://a:", "tcp://a:0", "tcp://a:65536", "tcp://a:1x", "tcp://a:-1", "ipc:///a:1",
                          "http://a:1"}) {
    EXPECT_EQ(zmq_address_at("node", bad), "") << bad;
  }
  EXPECT_EQ(zmq_address_at("", "tcp://a:1"), "");
  EXPECT_FALSE(ZmqSource::open("127.0.0.1", {}));
  EXPECT_FALSE(ZmqSource::open("127.0.0.1", {{"pubhashblock", "tcp://127.0.0.1:1"}}));  // Nothing of the pool.
  EXPECT_FALSE(ZmqSource::open("127.0.0.1", {{"pubsequence", "ipc:///somewhere"}}));
}

// The feed believes no announcement: it asks.
TEST(zmq_source, announcements_are_asked_about) {
  Publisher node;
  AnsweringServer server;
  server.answer("getzmqnotifications", fmt::format(R"("result":[{{"type":"pubsequence","address":"{}"}}])", node.address()));
  server.answer("getrawmempool", R"("result":{"txids":[],"mempool_sequence":1})");
  server.refuse("getrawtransaction", -5, "No such mempool transaction");
  Transaction payment;
  payment.inputs.push_back({{id(1), 0}, {}, kSequenceFinal, {}});
  payment.outputs.push_back({5, Bytes(22)});
  const Txid txid = txid_of(payment);
  RpcClient client(server.address(), {});
  PoolFeed feed(client, true, {.max_transactions = 100, .max_bytes = 1'000'000, .full_look_every = std::chrono::hours(1)});
  EXPECT_TRUE(feed.next()->empty());
  EXPECT_TRUE(feed.is_listening());
  EXPECT_EQ(node.subscribed(), "sequence");
  EXPECT_EQ(server.asked("getrawmempool"), 1);

  node.send("sequence", sequence_body(txid, 'A'), 0);
  EXPECT_TRUE(feed.wait(kPatience));
  EXPECT_FALSE(feed.wait(0));  // It has been heard.
  EXPECT_TRUE(feed.next()->empty());
  EXPECT_EQ(server.asked("getrawtransaction"), 1);
  server.answer("getrawtransaction", fmt::format(R"("result":"{}")", to_hex(encode(payment))));
  node.send("sequence", sequence_body(txid, 'A'), 1);
  EXPECT_TRUE(feed.wait(kPatience));
  EXPECT_EQ(feed.next()->size(), 1U);
  node.send("sequence", sequence_body(txid, 'A'), 2);
  EXPECT_TRUE(feed.wait(kPatience));
  EXPECT_EQ(feed.next()->size(), 0U);  // Given already.
  node.send("sequence", sequence_body(txid, 'R'), 3);
  node.send("sequence", sequence_body(txid, 'A'), 4);
  std::size_t given = 0;
  while (given == 0 && feed.wait(kPatience)) given = feed.next()->size();
  EXPECT_EQ(given, 1U);  // It left and came back.
  EXPECT_EQ(server.asked("getrawmempool"), 1);
  node.send("sequence", sequence_body(id(7), 'R'), 9);  // A gap: look at everything.
  EXPECT_TRUE(feed.wait(kPatience));
  ASSERT_TRUE(feed.next());
  EXPECT_EQ(server.asked("getrawmempool"), 2);
}

}  // namespace
}  // namespace holdfast::chain::utxo
