// The API on a real port, over a real engine and a journal on disk: what clients of every sort see.
#include "api/server/server.h"

#include "api/client/http_client.h"
#include "api/feed/feed.h"
#include "api/message/signature.h"
#include "custody/custody.h"
#include "engine/engine.h"
#include "engine/writer.h"
#include "journal/sqlite_storage.h"
#include "journal/test_folder.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

namespace holdfast::api {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
  }
};

// A client that speaks in raw bytes.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view text) { return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) >= 0; }
  void finish() { ::shutdown(socket_, SHUT_WR); }
  // All until the server closes.
  std::string read_all() {
    std::string out;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;)
      out.append(buffer, static_cast<std::size_t>(got));
    return out;
  }

 private:
  int socket_;
};

std::string code_in(const std::string& answer) {
  const auto at = answer.find(kProblemPrefix);
  if (at == std::string::npos) return answer.substr(0, answer.find("\r\n"));
  const auto begin = at + kProblemPrefix.size();
  return answer.substr(begin, answer.find('"', begin) - begin);
}

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    EXPECT_TRUE(journal::SqliteStorage::create(path_));
    open();
  }
  ~ServerTest() override { close(); }

  void open() {
    storage_ = std::move(*journal::SqliteStorage::open(path_));
    feed_storage_ = std::move(*journal::SqliteStorage::open_readonly(path_));
    engine_ = std::move(*engine::Engine::open(*storage_, key_, clock_));
    feed_ = std::make_unique<EventFeed>(*feed_storage_, engine_->head().size, 64);
    engine_->listen([this](const engine::Commit& commit) { feed_->publish(commit); });
    writer_ = std::make_unique<engine::Writer>(*engine_);
    const custody::Command commands[] = {
        custody::RegisterChain{{{}, "eip155:31337", 2}},
        custody::RegisterAsset{{{}, {1}, "ETH", 18, {}, Amount::max(), Amount::max(), Amount::zero(), 0}}};
    writer_->submit(commands);
    Options options = options_;
    options.keys = {{"exchange", signer_.public_key(), Role::exchange}};
    server_ =
        std::make_unique<Server>(options, Ports{*writer_, *engine_, *feed_, clock_, [this] { return engine_->head(); },
                                                derive, [] { return std::vector<std::string>{}; }});
    ASSERT_TRUE(server_->start());
  }
  void close() {
    server_.reset();
    writer_.reset();
    engine_.reset();
    feed_.reset();
    feed_storage_.reset();
    storage_.reset();
  }
  void reopen(const Options& options) {
    close();
    options_ = options;
    open();
  }

  static Result<custody::DepositAddress> derive(custody::CustomerId customer, custody::ChainId chain,
                                                std::uint64_t number) {
    custody::DepositAddress out{customer, chain, {}, {}};
    Bytes raw(20, static_cast<std::uint8_t>(customer.value));
    raw[19] = static_cast<std::uint8_t>(number);
    out.address = custody::Address(raw);
    return out;
  }

  RequestHead signed_head(const std::string& method, const std::string& target, const std::string& body = {},
                          std::vector<Header> headers = {}) {
    RequestHead head{method, target, std::move(headers), false};
    if (!body.empty()) head.headers.push_back({"content-type", "application/json"});
    if (!body.empty()) head.headers.push_back({"content-length", std::to_string(body.size())});
    signer_.sign(head, body, clock_.now().unix_ms / kMsPerSecond);
    std::erase_if(head.headers,
                  [](const Header& header) { return header.name == "content-length"; });  // The client adds it.
    return head;
  }
  HttpReply call(HttpClient& client, const std::string& method, const std::string& target, const std::string& body = {},
                 std::vector<Header> headers = {}) {
    const auto reply = client.request(signed_head(method, target, body, std::move(headers)), body);
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().text);
    return reply ? *reply : HttpReply{};
  }
  std::unique_ptr<HttpClient> client() {
    return std::move(*HttpClient::create("http://127.0.0.1:" + std::to_string(server_->port())));
  }
  void create_customers(std::size_t count) {
    const auto http = client();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string body = R"({"reference":"c)" + std::to_string(feed_->size()) + "-" + std::to_string(i) + "\"}";
      EXPECT_EQ(call(*http, "POST", "/v1/customers", body).status, 201);
    }
  }
  void expect_alive() {
    const auto http = client();
    EXPECT_EQ(call(*http, "GET", "/v1/status").status, 200);
  }

  SystemClock clock_;
  journal::TestFolder folder_;
  const std::string path_ = folder_.file("journal.db");
  const journal::LogKey key_ = journal::LogKey::from_seed(Secret::copy_of(Bytes(32, 1)), "holdfast.example/log");
  const RequestSigner signer_{"exchange", Secret::copy_of(Bytes(32, 2))};
  Options options_;
  std::unique_ptr<journal::SqliteStorage> storage_, feed_storage_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<EventFeed> feed_;
  std::unique_ptr<engine::Writer> writer_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, many_requests_go_over_one_connection) {
  const auto http = client();
  for (int i = 0; i < 20; ++i) {
    const std::string body = R"({"reference":"r)" + std::to_string(i % 10) + "\"}";
    EXPECT_EQ(call(*http, "POST", "/v1/customers", body).status, i < 10 ? 201 : 200);
    EXPECT_EQ(call(*http, "GET", "/v1/customers/1").status, 200);
    EXPECT_EQ(call(*http, "GET", "/v1/nothing").status, 404);
  }
}

TEST_F(ServerTest, what_was_answered_is_there_after_a_restart) {
  const auto http = client();
  const std::string body = R"({"reference":"ann"})";
  const HttpReply first = call(*http, "POST", "/v1/customers", body);
  close();
  open();
  const auto again = client();
  const HttpReply second = call(*again, "POST", "/v1/customers", body);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(first.body, second.body);
}

TEST_F(ServerTest, clients_at_once_create_a_customer_once) {
  std::atomic<int> created = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const auto http = client();
      for (int i = 0; i < 10; ++i) {
        created += call(*http, "POST", "/v1/customers", R"({"reference":"r)" + std::to_string(i) + "\"}").status == 201;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 10);
}

TEST_F(ServerTest, a_stream_begins_behind_its_cursor_and_has_no_gap) {
  create_customers(100);  // More than the feed keeps in memory.
  RequestHead head = signed_head("GET", "/v1/events/stream", {}, {{"last-event-id", "5"}});
  std::uint64_t next = 6;
  std::string text;
  std::thread later;
  const auto http = client();
  const auto reply = http->stream(head, [&](std::string_view piece) {
    text.append(piece);
    for (std::size_t end = 0; (end = text.find("\n\n")) != std::string::npos; text.erase(0, end + 2)) {
      const std::string event = text.substr(0, end);
      if (event == ":") continue;
      EXPECT_TRUE(event.starts_with("id: " + std::to_string(next++) + "\nevent: customer.created\ndata: {")) << event;
    }
    if (next == 102 && !later.joinable()) later = std::thread([&] { create_customers(3); });
    return next < 105;
  });
  if (later.joinable()) later.join();
  ASSERT_TRUE(reply);
  EXPECT_EQ(next, 105u);
}

TEST_F(ServerTest, streams_are_bounded_and_leave_room_for_requests) {
  Options options;
  options.streams_max = 1;
  reopen(options);
  const auto first = client();
  const auto second = client();
  std::string refused;
  const auto reply = first->stream(signed_head("GET", "/v1/events/stream?after=0"), [&](std::string_view) {
    refused = second->stream(signed_head("GET", "/v1/events/stream"), [](std::string_view) { return false; })->body;
    return false;
  });
  EXPECT_EQ(code_in(refused), "too_many_streams");
  expect_alive();
}

TEST_F(ServerTest, connections_are_bounded) {
  Options options;
  options.connections_max = 2;
  reopen(options);
  const auto a = client();
  const auto b = client();
  EXPECT_EQ(call(*a, "GET", "/v1/status").status, 200);
  EXPECT_EQ(call(*b, "GET", "/v1/status").status, 200);
  RawClient third(server_->port());
  EXPECT_EQ(code_in(third.read_all()), "too_many_connections");
  EXPECT_EQ(call(*a, "GET", "/v1/status").status, 200);
}

TEST_F(ServerTest, a_client_that_is_slow_costs_its_own_connection_only) {
  Options options;
  options.limits.request_timeout = std::chrono::milliseconds(200);
  options.limits.idle_timeout = std::chrono::milliseconds(200);
  reopen(options);
  RawClient nothing(server_->port());
  RawClient half_header(server_->port());
  RawClient half_body(server_->port());
  half_header.send("GET /v1/status HTTP/1.1\r\nHost:");
  std::string body = R"({"reference":"ann"})";
  const RequestHead head = signed_head("POST", "/v1/customers", body);
  std::string text = "POST /v1/customers HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  for (const Header& header : head.headers) text += header.name + ": " + header.value + "\r\n";
  half_body.send(text + "\r\n" + body.substr(0, 5));
  expect_alive();
  EXPECT_EQ(nothing.read_all(), "");
  EXPECT_EQ(code_in(half_header.read_all()), "request_timeout");
  EXPECT_EQ(code_in(half_body.read_all()), "request_timeout");
  expect_alive();
  EXPECT_EQ(feed_->size(), 2u);  // Nothing came of it.
}

TEST_F(ServerTest, bytes_that_are_no_request_get_a_problem) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"\r\n\r\n", "request_malformed"},
      {"GET\r\n\r\n", "request_malformed"},
      {"GET / HTTP/9\r\n\r\n", "request_malformed"},
      {"GET /v1/status HTTP/1.1\r\nno colon\r\n\r\n", "signature_missing"},
      {"GET http://else.where/v1/status HTTP/1.1\r\n\r\n", "request_malformed"},
      {"GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nConnection: close\r\n\r\n", "uri_too_long"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nConnection: close\r\n\r\n", "uri_too_long"},
      {"GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", "header_too_large"},
      {"POST /v1/customers HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n",
       "body_too_large"},
      {"POST /v1/customers HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n",
       "request_malformed"},
      {"POST /v1/customers HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{}",
       "signature_missing"},
      {"PUT /v1/customers HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "method_not_allowed"},
      {"GET /healthz HTTP/1.1\r\nRange: bytes=0-1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK"},
  };
  for (const auto& [text, code] : cases) {
    RawClient raw(server_->port());
    raw.send(text);
    raw.finish();
    ::testing::ScopedTrace trace(__FILE__, __LINE__, text.substr(0, 60));
    EXPECT_EQ(code_in(raw.read_all()), code);
  }
  expect_alive();
}

TEST_F(ServerTest, a_header_without_end_is_cut) {
  RawClient raw(server_->port());
  raw.send("GET /healthz HTTP/1.1\r\n");
  for (int i = 0; i < 3000; ++i) raw.send("X: aaaaaaaaaaaaaaaaaaaa\r\n");
  EXPECT_EQ(code_in(raw.read_all()), "header_too_large");
  expect_alive();
}

TEST_F(ServerTest, a_chunked_body_is_taken_and_its_size_bounded) {
  std::string body = R"({"reference":"chunky"})";
  RequestHead head{
      "POST", "/v1/customers", {{"content-type", "application/json"}, {"transfer-encoding", "chunked"}}, false};
  signer_.sign(head, body, clock_.now().unix_ms / kMsPerSecond);
  std::string text = "POST /v1/customers HTTP/1.1\r\nConnection: close\r\n";
  for (const Header& header : head.headers) text += header.name + ": " + header.value + "\r\n";
  RawClient raw(server_->port());
  raw.send(text + "\r\n5\r\n" + body.substr(0, 5) + "\r\n" + "11\r\n" + body.substr(5) + "\r\n0\r\n\r\n");
  EXPECT_EQ(code_in(raw.read_all()), "HTTP/1.1 201 Created");

  RequestHead large{
      "POST", "/v1/customers", {{"content-type", "application/json"}, {"transfer-encoding", "chunked"}}, false};
  signer_.sign(large, body, clock_.now().unix_ms / kMsPerSecond);
  text = "POST /v1/customers HTTP/1.1\r\n";
  for (const Header& header : large.headers) text += header.name + ": " + header.value + "\r\n";
  RawClient endless(server_->port());
  endless.send(text + "\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  for (int i = 0; i < 20; ++i) endless.send(chunk);
  EXPECT_EQ(code_in(endless.read_all()), "body_too_large");
  expect_alive();
}

TEST_F(ServerTest, a_percent_sign_in_a_field_breaks_the_signature_and_nothing_else) {
  const auto http = client();
  const HttpReply reply = call(*http, "POST", "/v1/withdrawals", "{}", {{"idempotency-key", "a%41"}});
  EXPECT_EQ(code_in(reply.body), "signature_wrong");
  expect_alive();
}

TEST_F(ServerTest, a_port_that_is_taken_is_said_so) {
  Options options;
  options.port = server_->port();
  Server second(options, Ports{*writer_, *engine_, *feed_, clock_, [this] { return engine_->head(); }, derive, {}});
  EXPECT_EQ(second.start().error().code, "api_not_listening");
}

TEST_F(ServerTest, keys_with_one_id_are_refused) {
  Options options;
  options.keys = {{"a", signer_.public_key(), Role::viewer}, {"a", signer_.public_key(), Role::operator_}};
  Server second(options, Ports{*writer_, *engine_, *feed_, clock_, [this] { return engine_->head(); }, derive, {}});
  EXPECT_EQ(second.start().error().code, "api_key_invalid");
}

}  // namespace
}  // namespace holdfast::api
