// How many withdrawals a second are accepted over loopback HTTP, each request signed per RFC 9421 and verified. One per
// request, and in batches of 100. Client and server share the machine's cores. Prints JSON.
//
//   http_bench [requests] [clients]
#include "api/message/signature.h"
#include "api/server/server.h"
#include "bench/exchange.h"
#include "engine/writer.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

namespace {

using namespace holdfast;

constexpr std::uint64_t kCustomers = 10'000;

std::string item(std::uint64_t n, bool with_key) {
  const std::string key = with_key ? fmt::format(R"(,"idempotency_key":"batch-{}")", n) : std::string();
  return fmt::format(R"({{"customer":{},"asset":"ETH","amount":"0.{:06}","destination":"0x{:040x}"{}}})",
                     n * 7919 % kCustomers + 1, n % 999'999 + 1, n % 5'000 + 1'000'000, key);
}

// A whole request as it goes over the wire, signed beforehand: what is measured is the server's work.
std::string wire(const api::RequestSigner& signer, std::uint64_t n, std::size_t batch, std::int64_t now_s) {
  api::RequestHead head;
  head.method = "POST";
  std::string body;
  if (batch == 1) {
    head.target = "/v1/withdrawals";
    head.headers.push_back({"idempotency-key", fmt::format("single-{}", n)});
    body = item(n, false);
  } else {
    head.target = "/v1/withdrawals/batch";
    for (std::size_t i = 0; i < batch; ++i) body += (i == 0 ? "" : ",") + item(n * batch + i, true);
    body = R"({"withdrawals":[)" + body + "]}";
  }
  head.headers.push_back({"content-type", "application/json"});
  head.headers.push_back({"host", "127.0.0.1"});
  signer.sign(head, body, now_s);
  std::string out = fmt::format("{} {} HTTP/1.1\r\n", head.method, head.target);
  for (const api::Header& header : head.headers) out += fmt::format("{}: {}\r\n", header.name, header.value);
  return out + fmt::format("content-length: {}\r\n\r\n{}", body.size(), body);
}

int dial(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) std::abort();
  return fd;
}

// Reads one answer; the status.
int read_answer(int fd, std::string& buffer) {
  for (;;) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::string head = buffer.substr(0, end);
      std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const std::size_t at = head.find("content-length:");
      const std::size_t length = at == std::string::npos ? 0 : std::strtoull(head.c_str() + at + 15, nullptr, 10);
      if (buffer.size() >= end + 4 + length) {
        const int status = std::atoi(buffer.c_str() + 9);
        buffer.erase(0, end + 4 + length);
        return status;
      }
    }
    char chunk[65536];
    const ssize_t got = recv(fd, chunk, sizeof chunk, 0);
    if (got <= 0) std::abort();
    buffer.append(chunk, static_cast<std::size_t>(got));
  }
}

struct Run {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

Run load(std::uint16_t port, const std::vector<std::string>& requests, int clients) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(clients));
  const double start = bench::seconds();
  {
    std::vector<std::jthread> threads;
    for (std::vector<double>& mine : latencies) {
      threads.emplace_back([&] {
        const int fd = dial(port);
        std::string buffer;
        for (std::size_t n = next++; n < requests.size(); n = next++) {
          const double begin = bench::seconds();
          const std::string& request = requests[n];
          if (send(fd, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) std::abort();
          const int status = read_answer(fd, buffer);
          if (status / 100 != 2) {
            fmt::print(stderr, "answered {}\n", status);
            std::abort();
          }
          mine.push_back((bench::seconds() - begin) * 1e3);
        }
        close(fd);
      });
    }
  }
  const double took = bench::seconds() - start;
  std::vector<double> all;
  for (const auto& part : latencies) all.insert(all.end(), part.begin(), part.end());
  return {static_cast<double>(requests.size()) / took, bench::percentile(all, 0.5), bench::percentile(all, 0.99)};
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t requests = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50'000;
  const int clients = argc > 2 ? std::atoi(argv[2]) : 16;
  constexpr std::size_t kBatch = 100;
  const bench::Scratch scratch;
  const double raw = bench::raw_syncs_per_second(scratch);
  bench::Exchange exchange(scratch);
  const auto engine = exchange.open(false);
  const auto storage = bench::expect(journal::SqliteStorage::open_readonly(exchange.path()), "journal");
  api::EventFeed feed(*storage, engine->head().size);
  engine->listen([&](const engine::Commit& commit) { feed.publish(commit); });
  engine->submit(bench::founding(kCustomers));
  engine::Writer writer(*engine);

  const api::RequestSigner signer("exchange", Secret(32));
  api::Options options;
  options.keys.push_back({"exchange", signer.public_key(), api::Role::exchange});
  api::Server server(std::move(options), {writer, *engine, feed, exchange.clock(), [&] { return engine->head(); }, {}, [] {
    return std::vector<std::string>();
  }});
  if (!server.start()) return 1;
  const auto make = [&](std::size_t count, std::size_t batch) {
    std::vector<std::string> out;
    const std::int64_t now_s = exchange.clock().now().unix_ms / kMsPerSecond;
    for (std::size_t n = 0; n < count; ++n) out.push_back(wire(signer, n, batch, now_s));
    return out;
  };
  const Run single = load(server.port(), make(requests, 1), clients);
  const Run batches = load(server.port(), make(requests / 20, kBatch), clients);
  feed.close();
  server.stop();
  fmt::print(R"({{"clients": {}, "single": {{"withdrawals_per_s": {:.0f}, "p50_ms": {:.2f}, "p99_ms": {:.2f}}}, )"
             R"("batch_of_100": {{"withdrawals_per_s": {:.0f}, "p50_ms": {:.2f}, "p99_ms": {:.2f}}}, )"
             R"("raw_fdatasync_per_s": {:.0f}}})" "\n",
             clients, single.per_second, single.p50_ms, single.p99_ms, batches.per_second * kBatch, batches.p50_ms,
             batches.p99_ms, raw);
}
