// How many withdrawals a second are accepted: from the request's bytes to verdict and hold durable, in process. Then how
// fast the journal that this left is replayed, and how long a start takes with and without a snapshot. Prints JSON.
//
//   withdrawals_bench [withdrawals] [batch] [policy]
//
// With "policy" a policy is in force: ten windows and twelve rules in the policy language, as of the peers (policy_bench.cc); every
// withdrawal is judged by it within the commit.
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

std::string window(std::string_view name, std::string_view key, std::string_view length) {
  return fmt::format("[[windows]]\nname = \"{}\"\nkeys = [\"{}\"]\nlength = \"{}\"\n", name, key, length);
}
std::string rule(std::string_view name, std::string_view when, std::string_view then) {
  return fmt::format("[[rules]]\nname = \"{}\"\nwhen = '{}'\nthen = \"{}\"\nreason = \"bench\"\nseverity = \"low\"\n", name, when, then);
}

// None of its rules fires on this workload: what is timed is the whole way of a withdrawal that is allowed.
std::string policy_text() {
  return window("c1m", "customer", "1m") + window("c1h", "customer", "1h") + window("c24h", "customer", "24h") +
         window("c7d", "customer", "168h") + window("d24h", "destination", "24h") + window("a1h", "asset", "1h") +
         window("p1h", "platform", "1h") + window("p24h", "platform", "24h") + "[lists]\nbad = [\"0xbad\"]\n" +
         rule("listed", "destination in bad || \"sanctioned\" in labels", "deny") + rule("burst", "c1m.count >= 100000", "delay 1h") +
         rule("many", "c1h.count >= 200000", "review 1 risk") + rule("hour", "c1h.sum + value > usd(\"500000000\")", "review 1 risk") +
         rule("day", "c24h.sum + value > usd(\"1000000000\")", "review 1 risk") +
         rule("week", "c7d.sum + value > usd(\"4000000000\")", "review 2 risk") +
         rule("shared", "d24h.count >= 100000 && d24h.sum > usd(\"20000\")", "review 1 risk") +
         rule("asset_hour", "a1h.sum + value > usd(\"900000000000\")", "review 2 risk") +
         rule("platform_hour", "p1h.sum + value > usd(\"900000000000\")", "review 2 risk") +
         rule("platform_day", "p24h.sum + value > usd(\"900000000000\")", "review 2 risk") +
         rule("large", "value > usd(\"5000\")", "delay 2h") +
         rule("large_at_night", "value > usd(\"4000\") && time.getHours() < 3 && d24h.count == 0", "step up");
}

void put_in_force(engine::Engine& engine) {
  const std::vector<custody::Command> commands{custody::ProposePolicy{"bench", to_bytes(as_bytes(policy_text())), "ann"},
                                               custody::ApprovePolicy{{1}, "ben"}, custody::ActivatePolicy{{1}, "ann"}};
  for (const engine::Outcome& outcome : engine.submit(commands)) {
    if (outcome.refusal != custody::Refusal::none) std::abort();
  }
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
  const double raw_after = bench::raw_syncs_per_second(scratch);
  fmt::print(R"({{"withdrawals": {}, "batch": {}, "accepted_per_s": {:.0f}, "batch_p50_ms": {:.2f}, "batch_p99_ms": {:.2f}, )"
             R"("records": {}, "replayed_per_s": {:.0f}, "start_by_replay_s": {:.2f}, "start_by_snapshot_s": {:.2f}, )"
             R"("snapshot_written_in_s": {:.2f}, "raw_fdatasync_per_s": [{:.0f}, {:.0f}]}})" "\n",
             withdrawals, batch, run.per_second, run.p50_ms, run.p99_ms, records,
             static_cast<double>(cold.replayed) / cold.seconds, cold.seconds, warm.seconds, snapshot_seconds, raw_before,
             raw_after);
}
