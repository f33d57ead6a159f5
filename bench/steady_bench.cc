// How long a withdrawal waits for its durable verdict while they arrive at a steady rate, whatever becomes of those before: from the
// moment it was due, which was fixed beforehand, to the answer. In process, one at a time, judged by a policy. Prints JSON.
//
//   steady_bench [rate] [seconds] [history]    so many withdrawals were accepted before
#include "bench/exchange.h"
#include "bench/requests.h"
#include "engine/writer.h"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <atomic>
#include <thread>

namespace {

using namespace holdfast;
using bench::read_request, bench::request_body;

constexpr int kThreads = 48;  // More than are ever on their way at once: nobody waits for a free one.

void accept_before(engine::Writer& writer, const api::Directory& directory, std::uint64_t history) {
  constexpr std::uint64_t kBatch = 4'096;
  std::vector<custody::Command> commands;
  for (std::uint64_t n = 0; n < history; ++n) {
    commands.push_back(read_request(request_body(n), directory, n));
    if (commands.size() < kBatch && n + 1 < history) continue;
    writer.submit(commands);
    commands.clear();
  }
}

void wait_until(double due) {
  const double left = due - bench::seconds();
  if (left > 0) std::this_thread::sleep_for(std::chrono::duration<double>(left));
}

// Milliseconds, of each.
std::vector<double> arrive(engine::Writer& writer, const api::Directory& directory, std::uint64_t first, std::uint64_t count, double rate) {
  std::vector<std::string> bodies;
  for (std::uint64_t n = 0; n < count; ++n) bodies.push_back(request_body(first + n));
  std::vector<double> out(count);
  std::atomic<std::uint64_t> next = 0;
  const double begin = bench::seconds() + 0.1;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      prctl(PR_SET_TIMERSLACK, 1);
      for (std::uint64_t n = next++; n < count; n = next++) {
        const double due = begin + static_cast<double>(n) / rate;
        wait_until(due);
        const custody::Command command = read_request(bodies[n], directory, first + n);
        if (writer.submit({&command, 1}).front().refusal != custody::Refusal::none) std::abort();
        out[n] = (bench::seconds() - due) * 1e3;
      }
    });
  }
  threads.clear();
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const double rate = argc > 1 ? std::strtod(argv[1], nullptr) : 10'000;
  const double seconds = argc > 2 ? std::strtod(argv[2], nullptr) : 10;
  const std::uint64_t history = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if (!(rate > 0) || !(seconds > 0)) return 2;
  const bench::Scratch scratch;
  const double raw_before = bench::raw_syncs_per_second(scratch);
  bench::Exchange exchange(scratch);
  const auto engine = exchange.open(false);
  engine->submit(bench::founding(bench::kCustomers));
  bench::put_in_force(*engine);
  std::unique_ptr<api::Directory> directory;
  engine->read([&](const custody::State& state) { directory = std::make_unique<api::Directory>(state); });
  std::vector<double> waits;
  {
    engine::Writer writer(*engine);
    accept_before(writer, *directory, history);
    waits = arrive(writer, *directory, history, static_cast<std::uint64_t>(rate * seconds), rate);
  }
  fmt::print(R"({{"rate_per_s": {:.0f}, "seconds": {:.0f}, "history": {}, "p50_ms": {:.3f}, "p99_ms": {:.3f}, "p999_ms": {:.3f}, )"
             R"("worst_ms": {:.3f}, "raw_fdatasync_per_s": [{:.0f}, {:.0f}]}})" "\n",
             rate, seconds, history, bench::percentile(waits, 0.5), bench::percentile(waits, 0.99), bench::percentile(waits, 0.999),
             bench::percentile(waits, 1), raw_before, bench::raw_syncs_per_second(scratch));
}
