// How many withdrawals a second are accepted: from the request's bytes to verdict and hold durable, in process. Then how
// fast the journal that this left is replayed, how long a start takes with and without a snapshot, and how fast it is judged again.
// Prints JSON.
//
//   withdrawals_bench [withdrawals] [batch] [policy]
//
// With "policy" a policy is in force: ten windows and twelve rules in the policy language, as of the peers (policy_bench.cc); every
// withdrawal is judged by it within the commit.
#include "bench/exchange.h"
#include "bench/requests.h"
#include "engine/backtest.h"
#include "engine/record.h"
#include "engine/writer.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

namespace {

using namespace holdfast;
using bench::put_in_force, bench::read_request, bench::request_body;

constexpr int kThreads = 3;  // Two read requests while one commit is on its way.

struct Run {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double reading_us = 0;  // Of processor time, each withdrawal: its request read,
  double engine_us = 0;   // and decided, written and applied.
};

Run accept(engine::Engine& engine, std::uint64_t withdrawals, std::size_t batch) {
  std::vector<std::string> bodies;
  for (std::uint64_t n = 0; n < withdrawals; ++n) bodies.push_back(request_body(n));
  std::unique_ptr<api::Directory> directory;
  engine.read([&](const custody::State& state) { directory = std::make_unique<api::Directory>(state); });

  engine::Writer writer(engine);
  std::atomic<std::uint64_t> next = 0;
  std::vector<std::vector<double>> latencies(kThreads);
  std::vector<double> reading(kThreads);
  const double all_cpu = bench::process_cpu_seconds();
  const double start = bench::seconds();
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        std::vector<custody::Command> commands;
        for (;;) {
          const std::uint64_t first = next.fetch_add(batch);
          if (first >= withdrawals) break;
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
        reading[t] = bench::cpu_seconds();
      });
    }
  }
  const double took = bench::seconds() - start;
  const double read_cpu = std::accumulate(reading.begin(), reading.end(), 0.0);
  const double engine_cpu = bench::process_cpu_seconds() - all_cpu - read_cpu;
  const auto each = [&](double cpu) { return cpu * 1e6 / static_cast<double>(withdrawals); };
  std::vector<double> all;
  for (const auto& part : latencies) all.insert(all.end(), part.begin(), part.end());
  return {static_cast<double>(withdrawals) / took, bench::percentile(all, 0.5), bench::percentile(all, 0.99),
          each(read_cpu), each(engine_cpu)};
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

// Every withdrawal of the journal judged once more, and each record compared. Withdrawals a second.
double judged_again(bench::Exchange& exchange) {
  engine::Backtest backtest(nullptr, {{}, bench::no_labels});
  const double begin = bench::seconds();
  const std::vector<journal::VerifierKey> trusted{exchange.key().verifier()};
  const auto replayed = journal::replay(exchange.storage(), trusted, [&](std::uint64_t, ByteView record) -> Result<void> {
    const auto event = engine::decode(record);
    if (!event) return std::unexpected(event.error());
    backtest.see(*event);
    return {};
  });
  if (!replayed || backtest.report().different != 0) std::abort();
  return static_cast<double>(backtest.report().withdrawals) / (bench::seconds() - begin);
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
    engine->submit(bench::founding(bench::kCustomers));
    if (argc > 3) put_in_force(*engine);
    run = accept(*engine, withdrawals, batch);
    records = engine->head().size;
    engine->read([&](const custody::State& state) {
      if (!state.verdicts.empty()) std::abort();
    });
    const double begin = bench::seconds();
    if (!engine->write_snapshot()) return 1;
    snapshot_seconds = bench::seconds() - begin;
  }
  const Start cold = start(exchange, false);
  const Start warm = start(exchange, true);
  const double again = argc > 3 ? judged_again(exchange) : 0;
  const double raw_after = bench::raw_syncs_per_second(scratch);
  fmt::print(R"({{"withdrawals": {}, "batch": {}, "accepted_per_s": {:.0f}, "batch_p50_ms": {:.2f}, "batch_p99_ms": {:.2f}, )"
             R"("reading_cpu_us": {:.2f}, "engine_cpu_us": {:.2f}, )"
             R"("records": {}, "replayed_per_s": {:.0f}, "start_by_replay_s": {:.2f}, "start_by_snapshot_s": {:.2f}, )"
             R"("snapshot_written_in_s": {:.2f}, "backtest_per_s": {:.0f}, "raw_fdatasync_per_s": [{:.0f}, {:.0f}]}})" "\n",
             withdrawals, batch, run.per_second, run.p50_ms, run.p99_ms, run.reading_us, run.engine_us, records,
             static_cast<double>(cold.replayed) / cold.seconds, cold.seconds, warm.seconds, snapshot_seconds, again, raw_before,
             raw_after);
}
