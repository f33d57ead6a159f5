// How many withdrawals a second are accepted: from the request's bytes to verdict and hold durable, in process. Then how
// fast the journal that this left is replayed, and how long a start takes with and without a snapshot. Prints JSON.
//
//   withdrawals_bench [withdrawals] [batch]
#include "api/rest/handlers.h"
#include "api/rest/input.h"
#include "bench/exchange.h"
#include "engine/writer.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

namespace {

using namespace holdfast;

constexpr std::uint64_t kCustomers = 10'000;
constexpr int kThreads = 3;  // Two read requests while one commit is on its way.

// As a back end sends it; the destination in lower case needs no checksum.
std::string request_body(std::uint64_t n) {
  return fmt::format(R"({{"customer":{},"asset":"ETH","amount":"0.{:06}","destination":"0x{:040x}"}})",
                     n * 7919 % kCustomers + 1, n % 999'999 + 1, n % 5'000 + 1'000'000);
}

custody::Command read_request(const std::string& body, const api::Directory& directory, std::uint64_t n) {
  const auto fields = api::read_object(body, api::kWithdrawalFields);
  if (!fields) std::abort();
  const auto command = api::read_withdrawal(*fields, directory, "exchange", fmt::format("request-{}", n));
  if (!command) std::abort();
  return *command;
}

struct Run {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

Run accept(engine::Engine& engine, std::uint64_t withdrawals, std::size_t batch) {
  std::vector<std::string> bodies;
  for (std::uint64_t n = 0; n < withdrawals; ++n) bodies.push_back(request_body(n));
  std::unique_ptr<api::Directory> directory;
  engine.read([&](const custody::State& state) { directory = std::make_unique<api::Directory>(state); });

  engine::Writer writer(engine);
  std::atomic<std::uint64_t> next = 0;
  std::vector<std::vector<double>> latencies(kThreads);
  const double start = bench::seconds();
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        std::vector<custody::Command> commands;
        for (;;) {
          const std::uint64_t first = next.fetch_add(batch);
          if (first >= withdrawals) return;
          const double begin = bench::seconds();
          commands.clear();
          for (std::uint64_t n = first; n < std::min(withdrawals, first + batch); ++n) {
            commands.push_back(read_request(bodies[n], *directory, n));
          }
          for (const engine::Outcome& outcome : writer.submit(commands)) {
            if (outcome.refusal != custody::Refusal::none) std::abort();
          }
          latencies[t].push_back((bench::seconds() - begin) * 1e3);
        }
      });
    }
  }
  const double took = bench::seconds() - start;
  std::vector<double> all;
  for (const auto& part : latencies) all.insert(all.end(), part.begin(), part.end());
  return {static_cast<double>(withdrawals) / took, bench::percentile(all, 0.5), bench::percentile(all, 0.99)};
}

struct Start {
  double seconds = 0;
  std::uint64_t replayed = 0;
};

Start start(bench::Exchange& exchange, bool with_snapshot) {
  const double begin = bench::seconds();
  const auto engine = exchange.open(with_snapshot);
  return {bench::seconds() - begin, engine->replayed()};
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t withdrawals = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t batch = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1024;
  const bench::Scratch scratch;
  const double raw_before = bench::raw_syncs_per_second(scratch);
  bench::Exchange exchange(scratch);
  Run run;
  std::uint64_t records = 0;
  double snapshot_seconds = 0;
  {
    const auto engine = exchange.open(true);
    engine->submit(bench::founding(kCustomers));
    run = accept(*engine, withdrawals, batch);
    records = engine->head().size;
    const double begin = bench::seconds();
    if (!engine->write_snapshot()) return 1;
    snapshot_seconds = bench::seconds() - begin;
  }
  const Start cold = start(exchange, false);
  const Start warm = start(exchange, true);
  const double raw_after = bench::raw_syncs_per_second(scratch);
  fmt::print(R"({{"withdrawals": {}, "batch": {}, "accepted_per_s": {:.0f}, "batch_p50_ms": {:.2f}, "batch_p99_ms": {:.2f}, )"
             R"("records": {}, "replayed_per_s": {:.0f}, "start_by_replay_s": {:.2f}, "start_by_snapshot_s": {:.2f}, )"
             R"("snapshot_written_in_s": {:.2f}, "raw_fdatasync_per_s": [{:.0f}, {:.0f}]}})" "\n",
             withdrawals, batch, run.per_second, run.p50_ms, run.p99_ms, records,
             static_cast<double>(cold.replayed) / cold.seconds, cold.seconds, warm.seconds, snapshot_seconds, raw_before,
             raw_after);
}
