// How many withdrawals a second a policy judges: windows looked at, twelve rules of the policy language evaluated, the verdict with its
// why, the withdrawal added to the windows; then the rules alone, with all that they ask about given. Without journal and books.
//   policy_bench HISTORY [FILE]    so many withdrawals stand in the windows before the clock is started; prints JSON
//
// FILE is a policy to judge by instead. Amounts are then of a few dollars, so that limits over all withdrawals allow them.
//
// The workload is that of the peers (windows_bench.cc): 100,000 accounts, 200,000 destinations, 20 assets, 8 wallets, drawn evenly.
#include "bench/measure.h"
#include "bench/policy_text.h"
#include "policy/judge.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>

namespace holdfast::policy {
namespace {

constexpr std::int64_t kWeekUs = 7 * kMsPerDay * 1'000;
constexpr std::size_t kTimed = 1'000'000;
constexpr std::size_t kSlice = 1'000;
constexpr std::size_t kSheets = 1'024;

using bench::rule, bench::window;

std::string policy_text() {
  return window("c1m", "customer", "1m") + window("c1h", "customer", "1h") + window("c24h", "customer", "24h") +
         window("c7d", "customer", "168h") + window("d24h", "destination", "24h") + window("a1h", "asset", "1h") +
         window("w1h", "wallet", "1h") + window("w24h", "wallet", "24h") + "[lists]\nbad = [\"0xbad\"]\n" +
         rule("listed", "destination in bad || \"sanctioned\" in labels", "deny") +
         rule("burst", "c1m.count >= 5", "delay 1h") + rule("many", "c1h.count >= 20", "review 1 risk") +
         rule("hour", "c1h.sum + value > usd(\"50000\")", "review 1 risk") +
         rule("day", "c24h.sum + value > usd(\"100000\")", "review 1 risk") +
         rule("week", "c7d.sum + value > usd(\"400000\")", "review 2 risk") +
         rule("shared", "d24h.count >= 10 && d24h.sum > usd(\"20000\")", "review 1 risk") +
         rule("asset_hour", "a1h.sum + value > usd(\"90000000\")", "review 2 risk") +
         rule("wallet_hour", "w1h.sum + value > usd(\"90000000\")", "review 2 risk") +
         rule("wallet_day", "w24h.sum + value > usd(\"900000000\")", "review 2 risk") +
         rule("share", "value * 4 > wallet_balance", "delay 2h") +
         rule("large_at_night", "value > usd(\"950\") && time.getHours() < 3 && d24h.count == 0", "step up");
}

class Traffic {
 public:
  Traffic(std::int64_t step_us, std::uint64_t most_micro) : step_us_(step_us), most_micro_(most_micro) {
    for (const risk::KeyKind only : {risk::KeyKind::chain, risk::KeyKind::platform}) fact_.keys[static_cast<std::size_t>(only)] = 1;
  }

  const risk::Fact& next() {
    using risk::KeyKind;
    now_us_ += step_us_;
    fact_.at = {now_us_ / 1'000};
    fact_.value = static_cast<std::int64_t>(random_() % most_micro_);
    for (const auto& [kind, below] : {std::pair(KeyKind::customer, 100'000U), {KeyKind::destination, 200'000U}, {KeyKind::asset, 20U},
                                      {KeyKind::wallet, 8U}}) {
      fact_.keys[static_cast<std::size_t>(kind)] = 1 + random_() % below;
    }
    return fact_;
  }

 private:
  risk::Fact fact_;
  std::mt19937_64 random_{1};
  std::int64_t now_us_ = 1'700'000'000'000'000;
  std::int64_t step_us_;
  std::uint64_t most_micro_;
};

void fill_names(Inputs& inputs) {
  inputs.usd(kWalletBalance, *read_usd("5000000"));
  inputs.text(kAsset, "ETH");
  inputs.text(kChain, "eip155:1");
  inputs.text(kCustomer, "customer");
  inputs.labels({});
  inputs.text(kDestination, "0x52908400098527886e0f7030069857d2e4169ee7");
}

// The rules alone: what is known of so many withdrawals is given beforehand, and each is judged again and again. Verdicts a second.
double rules_alone(const Policy& policy, risk::Windows& windows, Traffic& traffic) {
  std::vector<std::unique_ptr<Inputs>> sheets;
  risk::Look look;
  for (std::size_t i = 0; i < kSheets; ++i) {
    const risk::Fact& fact = traffic.next();
    windows.look(fact, look);
    Inputs& inputs = *sheets.emplace_back(std::make_unique<Inputs>(policy));
    fill_names(inputs);
    inputs.usd(kValue, {fact.value});
    inputs.time(fact.at);
    inputs.look(look, fact);
  }
  Judge judge(policy);
  std::vector<double> slices;
  std::size_t allowed = 0;
  for (std::size_t done = 0; done < kTimed; done += kSheets) {
    const double begun = bench::cpu_seconds();
    for (const auto& inputs : sheets) allowed += judge.judge(*inputs).demand.allows() ? 1U : 0U;
    slices.push_back((bench::cpu_seconds() - begun) / kSheets);
  }
  return allowed == 0 ? 0 : 1 / bench::percentile(slices, 0.5);
}

int run(std::size_t history, const std::string& text, std::uint64_t most_micro) {
  const auto policy = Policy::read(text, "bench");
  if (!policy) return std::fprintf(stderr, "%s\n", policy.error().text.c_str()), 1;
  risk::Windows windows = std::move(*risk::Windows::make(policy->groups()));
  Traffic traffic(kWeekUs / static_cast<std::int64_t>(history), most_micro);
  risk::Look look;
  for (std::size_t i = 0; i < history; ++i) {
    const risk::Fact& fact = traffic.next();
    windows.look(fact, look);  // As each was when it came: what is old in its key's windows leaves them at a look.
    windows.add(fact);
  }

  Judge judge(*policy);
  Inputs inputs(*policy);
  fill_names(inputs);
  std::vector<double> slices;
  std::size_t allowed = 0;
  for (std::size_t done = 0; done < kTimed; done += kSlice) {
    const double begun = bench::cpu_seconds();
    for (std::size_t i = 0; i < kSlice; ++i) {
      const risk::Fact& fact = traffic.next();
      windows.look(fact, look);
      inputs.usd(kValue, {fact.value});
      inputs.time(fact.at);
      inputs.look(look, fact);
      allowed += judge.judge(inputs).demand.allows() ? 1U : 0U;
      windows.add(fact);
    }
    slices.push_back((bench::cpu_seconds() - begun) / kSlice);
  }
  fmt::print("{{\"history\": {}, \"rules\": {}, \"detectors\": {}, \"verdicts_per_s\": {:.0f}, \"p99_slice_per_s\": {:.0f}, "
             "\"rules_alone_per_s\": {:.0f}, \"allowed\": {:.4f}}}\n",
             history, policy->rules().size(), policy->detectors().size(), 1 / bench::percentile(slices, 0.5),
             1 / bench::percentile(slices, 0.99), rules_alone(*policy, windows, traffic), static_cast<double>(allowed) / kTimed);
  return 0;
}

}  // namespace
}  // namespace holdfast::policy

int main(int argc, char** argv) {
  using namespace holdfast::policy;
  const std::size_t history = argc >= 2 && argc <= 3 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (history == 0) {
    std::fputs("usage: policy_bench HISTORY [FILE]\n", stderr);
    return 2;
  }
  if (argc == 2) return run(history, policy_text(), 1'000'000'000);
  std::ifstream file(argv[2]);
  return run(history, {std::istreambuf_iterator<char>(file), {}}, 10'000'000);
}
