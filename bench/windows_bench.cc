// How many withdrawals a second pass the windows (looked at, then added), and what memory they take.
//   windows_bench HISTORY [8]    so many withdrawals stand in the windows before the clock is started; prints JSON
//
// The workload is that of the peers: 100,000 accounts, 200,000 destinations, 20 assets, 8 hot wallets, each drawn evenly, the
// history over seven days; ten windows: account count 1 min, count and sum 1 h, 24 h, 7 d; destination 24 h; asset 1 h; wallet 1 h, 24 h.
// With 8 there are four kinds of keys more, each in a window of 24 h: 150,000 devices, 120,000 addresses, 60,000 networks, 5,000 API keys.
#include "bench/measure.h"
#include "risk/windows.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <random>

namespace holdfast::risk {
namespace {

constexpr std::int64_t kHour = 60 * 60 * kMsPerSecond;
constexpr std::size_t kTimed = 2'000'000;
constexpr std::size_t kSlice = 1'000;

struct Kind {
  KeyKind kind;
  std::uint64_t below;
};
constexpr Kind kKinds[] = {{KeyKind::customer, 100'000}, {KeyKind::destination, 200'000}, {KeyKind::asset, 20},
                           {KeyKind::wallet, 8},         {KeyKind::device, 150'000},      {KeyKind::ip, 120'000},
                           {KeyKind::network, 60'000},   {KeyKind::api_key, 5'000}};

std::vector<GroupSpec> specs(std::size_t kinds) {
  const auto plain = [](std::int64_t length) { return WindowSpec{length, false, false, {}}; };
  std::vector<GroupSpec> out{{{KeyKind::customer}, {plain(60 * kMsPerSecond), plain(kHour), plain(24 * kHour), plain(7 * 24 * kHour)}},
          {{KeyKind::destination}, {plain(24 * kHour)}},
          {{KeyKind::asset}, {plain(kHour)}},
          {{KeyKind::wallet}, {plain(kHour), plain(24 * kHour)}}};
  for (std::size_t i = out.size(); i < kinds; ++i) out.push_back({{kKinds[i].kind}, {plain(24 * kHour)}});
  return out;
}

class Traffic {
 public:
  Traffic(std::int64_t step_us, std::size_t kinds) : step_us_(step_us), kinds_(kinds) {}

  const Fact& next() {
    now_us_ += step_us_;
    fact_.at = {now_us_ / 1'000};
    fact_.value = static_cast<std::int64_t>(random_() % 1'000'000'000);
    for (std::size_t i = 0; i < kinds_; ++i) fact_.keys[static_cast<std::size_t>(kKinds[i].kind)] = 1 + random_() % kKinds[i].below;
    return fact_;
  }

 private:
  Fact fact_;
  std::mt19937_64 random_{1};
  std::int64_t now_us_ = 1'700'000'000'000'000;
  std::int64_t step_us_;
  std::size_t kinds_;
};

int run(std::size_t history, std::size_t kinds) {
  const double empty = bench::resident_megabytes();
  Windows windows = std::move(*Windows::make(specs(kinds)));
  Traffic traffic(7 * 24 * kHour * 1'000 / static_cast<std::int64_t>(history), kinds);
  const double filling = bench::cpu_seconds();
  Look look;
  for (std::size_t i = 0; i < history; ++i) {
    const Fact& fact = traffic.next();
    windows.look(fact, look);  // As each was when it came: what is old in its key's windows leaves them at a look.
    windows.add(fact);
  }
  const double filled = bench::cpu_seconds() - filling;
  std::vector<double> slices;
  Int128 seen = 0;
  for (std::size_t done = 0; done < kTimed; done += kSlice) {
    const double begun = bench::cpu_seconds();
    for (std::size_t i = 0; i < kSlice; ++i) {
      const Fact& fact = traffic.next();
      windows.look(fact, look);
      seen += look.windows.back().sum;
      windows.add(fact);
    }
    slices.push_back((bench::cpu_seconds() - begun) / kSlice);
  }
  fmt::print("{{\"history\": {}, \"kinds_of_keys\": {}, \"decisions_per_s\": {:.0f}, \"p99_slice_per_s\": {:.0f}, "
             "\"fill_per_s\": {:.0f}, \"facts\": {}, \"keys\": {}, \"bytes_per_fact\": {:.1f}, \"megabytes\": {:.1f}, "
             "\"resident_megabytes\": {:.1f}, \"seen\": {}}}\n",
             history, kinds, 1 / bench::percentile(slices, 0.5), 1 / bench::percentile(slices, 0.99), static_cast<double>(history) / filled,
             windows.facts(), windows.keys(), static_cast<double>(windows.bytes()) / static_cast<double>(windows.facts()),
             static_cast<double>(windows.bytes()) / 1e6, bench::resident_megabytes() - empty,
             static_cast<std::int64_t>(seen % 1'000'000'007));
  return 0;
}

}  // namespace
}  // namespace holdfast::risk

int main(int argc, char** argv) {
  const std::size_t history = argc >= 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (history == 0) {
    std::fputs("usage: windows_bench HISTORY [8]\n", stderr);
    return 2;
  }
  return holdfast::risk::run(history, argc == 3 ? 8 : 4);
}
