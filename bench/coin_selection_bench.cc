// A simulated year of an exchange's deposits and withdrawals in bitcoin: what our choice of coins costs in fees beside a single
// random draw alone, what batching saves on top, and what consolidation does. Seeded: the same figures each time. Prints JSON.
//
//   coin_selection_bench [days]
//
// What coins are left at the end differs: `fees_in_all` adds what spending them will cost at the mean feerate of the year.
#include "bench/measure.h"
#include "chain/utxo/select/coin_select.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <unordered_set>

namespace {

using namespace holdfast;
using namespace holdfast::chain::utxo;

constexpr std::int64_t kInputWeight = 272;   // P2WPKH
constexpr std::int64_t kOutputWeight = 124;  // P2WPKH
constexpr std::int64_t kFrameWeight = 42;
constexpr int kHoursPerDay = 24;
constexpr double kDepositsPerHour = 5;
constexpr double kWithdrawalsPerHour = 4;
constexpr double kDepositMedian = 800'000;     // sat; as much comes as goes
constexpr double kWithdrawalMedian = 1'000'000;
constexpr double kSpread = 1.6;                // Of the logarithm.
constexpr double kLargest = 2e9;
constexpr std::uint64_t kSeed = 20'260'101;

struct Hour {
  std::int64_t feerate = 0;            // sat/kvB
  std::int64_t long_term_feerate = 0;  // Mean of the past, the last two weeks counting most.
  std::vector<std::int64_t> deposits;
  std::vector<std::int64_t> withdrawals;
};

struct Year {
  std::vector<Hour> hours;
  std::int64_t mean_feerate = 0;
};

// Feerates wander, follow the day, and jump about once a month, as in years with and without a rush: 1 to 500 sat/vB.
Year make_year(int days) {
  std::mt19937_64 chance(kSeed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const auto amounts = [&](double mean_count, double median) {
    std::vector<std::int64_t> out(static_cast<std::size_t>(std::poisson_distribution<int>(mean_count)(chance)));
    for (auto& each : out) each = std::llround(std::min(kLargest, median * std::exp(kSpread * normal(chance))));
    return out;
  };
  Year out;
  double level = 0;
  double mean = 10'000;
  double sum = 0;
  for (int at = 0; at < days * kHoursPerDay; ++at) {
    level = 0.995 * level + 0.09 * normal(chance) + (uniform(chance) < 1.0 / (30 * kHoursPerDay) ? 1.5 : 0);
    const double day = 1 + 0.3 * std::sin(at * 2 * 3.14159265 / kHoursPerDay);
    const double feerate = std::clamp(10'000 * day * std::exp(level), 1'000.0, 500'000.0);
    mean += (feerate - mean) / (14 * kHoursPerDay);
    sum += feerate;
    out.hours.push_back({std::llround(feerate), std::llround(mean), amounts(kDepositsPerHour, kDepositMedian),
                         amounts(kWithdrawalsPerHour, kWithdrawalMedian)});
  }
  out.mean_feerate = std::llround(sum / static_cast<double>(out.hours.size()));
  return out;
}

struct Manner {
  const char* name;
  bool draw_alone;
  bool batched;      // All withdrawals of an hour in one transaction.
  bool consolidates;
};

struct Totals {
  std::int64_t fees = 0;
  std::int64_t waste = 0;
  std::int64_t transactions = 0;
  std::int64_t without_change = 0;
  std::int64_t inputs = 0;
  std::int64_t late = 0;  // Withdrawals that had to wait an hour for coins.
  std::int64_t left_cost = 0;
  std::size_t coins_left = 0;
  std::vector<double> selection_ms;
};

class Exchange {
 public:
  explicit Exchange(const Manner& manner) : manner_(manner) {
    for (int i = 0; i < 200; ++i) receive(50'000'000, 6);
  }

  void live(const Hour& hour) {
    for (Candidate& coin : coins_) coin.confirmations += 6;
    for (const std::int64_t value : hour.deposits) receive(value, 6);
    waiting_.insert(waiting_.end(), hour.withdrawals.begin(), hour.withdrawals.end());
    std::vector<std::int64_t> late;
    const std::size_t each = manner_.batched ? std::max<std::size_t>(1, waiting_.size()) : 1;
    for (std::size_t at = 0; at < waiting_.size(); at += each) {
      const std::span payments = std::span(waiting_).subspan(at, each);
      if (!pay(payments, hour)) late.insert(late.end(), payments.begin(), payments.end());
    }
    totals_.late += static_cast<std::int64_t>(late.size());
    waiting_ = std::move(late);
  }

  Totals end(std::int64_t feerate) {
    totals_.coins_left = coins_.size();
    for (const Candidate& coin : coins_) totals_.left_cost += std::min(coin.value, fee_at(feerate, coin.weight));
    return totals_;
  }

 private:
  void receive(std::int64_t value, std::uint32_t confirmations) {
    coins_.push_back({++last_index_, value, kInputWeight, confirmations, 0, false});
  }

  bool pay(std::span<const std::int64_t> payments, const Hour& hour) {
    CoinRequest request;
    for (const std::int64_t value : payments) request.target += value;
    request.base_weight = kFrameWeight + kOutputWeight * static_cast<std::int64_t>(payments.size());
    request.feerate = hour.feerate;
    request.long_term_feerate = hour.long_term_feerate;
    request.change_weight = kOutputWeight;
    request.change_spend_weight = kInputWeight;
    request.dust_limit = 294;
    request.seed = last_index_;
    if (manner_.consolidates && hour.feerate * 2 < hour.long_term_feerate) {
      request.consolidate_max_inputs = 50;
      request.consolidate_below_sat = 2'000'000;
    }
    const double start = bench::cpu_seconds();
    const auto chosen = manner_.draw_alone ? select_coins_by(CoinAlgorithm::single_random_draw, coins_, request)
                                           : select_coins(coins_, request);
    totals_.selection_ms.push_back((bench::cpu_seconds() - start) * 1e3);
    if (chosen) book(*chosen);
    return chosen.has_value();
  }

  void book(const Selection& chosen) {
    const std::unordered_set<std::uint64_t> spent(chosen.coins.begin(), chosen.coins.end());
    std::erase_if(coins_, [&](const Candidate& coin) { return spent.contains(coin.index); });
    if (chosen.change > 0) receive(chosen.change, 0);
    totals_.fees += chosen.fee;
    totals_.waste += chosen.waste;
    totals_.inputs += static_cast<std::int64_t>(chosen.coins.size());
    totals_.without_change += chosen.change == 0 ? 1 : 0;
    ++totals_.transactions;
  }

  Manner manner_;
  std::vector<Candidate> coins_;
  std::vector<std::int64_t> waiting_;
  std::uint64_t last_index_ = 0;
  Totals totals_;
};

double btc(std::int64_t sat) { return static_cast<double>(sat) / 1e8; }

double saved_percent(const Totals& by, const Totals& than) {
  const auto all = [](const Totals& totals) { return static_cast<double>(totals.fees + totals.left_cost); };
  return 100 * (1 - all(by) / all(than));
}

std::string json(const Totals& totals) {
  return fmt::format(
      R"({{"fees_btc": {:.4f}, "fees_in_all_btc": {:.4f}, "waste_btc": {:.4f}, "transactions": {}, "without_change": {}, )"
      R"("inputs": {}, "coins_left": {}, "late": {}, "selection_p50_ms": {:.3f}, "selection_p99_ms": {:.3f}}})",
      btc(totals.fees), btc(totals.fees + totals.left_cost), btc(totals.waste), totals.transactions, totals.without_change,
      totals.inputs, totals.coins_left, totals.late, bench::percentile(totals.selection_ms, 0.5),
      bench::percentile(totals.selection_ms, 0.99));
}

}  // namespace

int main(int argc, char** argv) {
  const int days = argc > 1 ? std::atoi(argv[1]) : 365;
  if (days < 1 || days > 3650) return EXIT_FAILURE;
  const Year year = make_year(days);
  constexpr std::array<Manner, 5> kManners{{{"draw_each", true, false, false},
                                            {"ours_each", false, false, false},
                                            {"draw_batched", true, true, false},
                                            {"ours_batched", false, true, false},
                                            {"ours_batched_consolidating", false, true, true}}};
  std::array<Totals, kManners.size()> all;
  fmt::print(R"({{"days": {}, "mean_feerate_sat_per_kvb": {})", days, year.mean_feerate);
  for (std::size_t i = 0; i < kManners.size(); ++i) {
    Exchange exchange(kManners[i]);
    for (const Hour& hour : year.hours) exchange.live(hour);
    all[i] = exchange.end(year.mean_feerate);
    fmt::print(R"(, "{}": {})", kManners[i].name, json(all[i]));
  }
  fmt::print(R"(, "saved_percent": {{"by_selection": {:.1f}, "by_selection_when_batched": {:.1f}, "by_batching": {:.1f}, )"
             R"("by_selection_and_batching": {:.1f}, "by_consolidation": {:.1f}}}}})" "\n",
             saved_percent(all[1], all[0]), saved_percent(all[3], all[2]), saved_percent(all[3], all[1]),
             saved_percent(all[3], all[0]), saved_percent(all[4], all[3]));
}
