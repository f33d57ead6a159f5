// Verdicts that a restart does not change, and a journal that is judged again.
#include "engine/backtest.h"

#include "engine/engine.h"
#include "engine/test_desk.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>

namespace holdfast::engine {
namespace {

using namespace custody;

// A day's life of an exchange, from a seed: the same requests in the same batches, with restarts or without.
class Day {
 public:
  explicit Day(std::uint64_t seed) : random_(seed) {}
  std::vector<Command> batch() {
    std::vector<Command> out;
    for (auto left = 1 + below(4); left > 0; --left) out.push_back(command());
    return out;
  }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  Command command() {
    const WithdrawalId some{1 + below(number_ + 1)};
    switch (below(20)) {
      case 0: return CancelWithdrawal{some};
      case 1: return ApproveWithdrawal{some, "ann", {"risk"}};
      case 2: return RejectWithdrawal{some, "ben"};
      case 3: return ReleaseDelayed{};
      case 4: return ConfirmWithdrawal{some};
      case 5: return DecideCase{{1 + below(9)}, some, below(2) == 0, "cat", {"risk"}};
      case 6: return MarkOverdue{};
      case 7: return AssignCase{{1 + below(9)}, "cat", "cat"};
      case 8: return CloseNews{{1 + below(9)}, "their own", "cat"};
      case 9: return news();
      default: break;
    }
    RequestWithdrawal out = request(++number_, 1 + below(kCustomers), static_cast<Int128>(1 + below(400)),
                                    below(9) == 0 ? kBad : address(static_cast<std::uint8_t>(100 + below(5))));
    if (below(2) == 0) out.session = {"device-" + std::to_string(below(4)), "10.0.0." + std::to_string(below(9)), "", {}};
    return out;
  }

  // Lists say something of one that may have been paid, and what they say is not always the same.
  Command news() {
    ReportLabels out;
    out.found.chain = {1};
    out.found.address = address(static_cast<std::uint8_t>(100 + below(5)));
    out.found.labels = below(2) == 0 ? "stolen" : "sanctioned,stolen";
    out.text = "0xgood";
    return out;
  }

  std::mt19937_64 random_;
  std::uint64_t number_ = 0;
};

enum class Restarts { none, from_start, from_snapshot };

journal::Head live(std::uint64_t seed, Restarts restarts, Events* log = nullptr) {
  journal::MemoryStorage storage;
  const auto key = journal::LogKey::from_seed(Secret(32), "holdfast.test/journal");
  HandClock clock;
  Snapshots snapshots;
  Snapshots* const store = restarts == Restarts::from_snapshot ? &snapshots : nullptr;
  const auto open = [&] { return std::move(*Engine::open(storage, key, clock, store, {text_of})); };
  auto engine = open();
  if (log) engine->listen([log](const Commit& commit) { log->insert(log->end(), commit.events.begin(), commit.events.end()); });
  engine->submit(founding());
  engine->submit(activation(1));
  Day day(seed);
  for (int i = 0; i < 120; ++i) {
    const auto jump = static_cast<std::int64_t>(day.below(2 * kHourMs));
    clock.at = clock.at + (day.below(10) == 0 ? -jump : jump);
    engine->submit(day.batch());
    const bool restart = day.below(3) == 0;
    const bool snapshot = day.below(2) == 0;
    if (!restart || restarts == Restarts::none) continue;
    if (snapshot && restarts == Restarts::from_snapshot) {
      EXPECT_TRUE(engine->write_snapshot().has_value());
    }
    engine.reset();
    engine = open();
  }
  engine->read([](const State& state) {
    check(state);
    EXPECT_GT(state.verdicts.size(), 20u);
  });
  return engine->head();
}

// Every record is equal where the roots are.
TEST(desk, says_the_same_after_any_restart) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const journal::Head whole = live(seed, Restarts::none);
    for (const Restarts restarts : {Restarts::from_start, Restarts::from_snapshot}) {
      const journal::Head restarted = live(seed, restarts);
      EXPECT_EQ(whole.size, restarted.size) << seed;
      EXPECT_EQ(whole.root, restarted.root) << seed;
    }
  }
}

BacktestReport tested(const Events& log, const policy::Policy* policy) {
  Backtest backtest(policy, {text_of});
  for (const Event& event : log) backtest.see(event);
  return backtest.report();
}

TEST(backtest, of_the_live_policy_leads_to_the_same_records) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Events log;
    live(seed, Restarts::none, &log);
    const BacktestReport report = tested(log, nullptr);
    EXPECT_GT(report.withdrawals, 100u);
    EXPECT_EQ(report.different, 0u) << seed;
    const policy::Policy same = std::move(*policy::Policy::read(kPolicy, "same"));
    EXPECT_EQ(tested(log, &same).different, 0u) << seed;
  }
}

TEST(backtest, finds_a_record_that_was_changed) {
  Events log;
  live(1, Restarts::none, &log);
  const auto judged = std::ranges::find_if(log, [](const Event& event) { return std::holds_alternative<WithdrawalJudged>(event.body); });
  ASSERT_NE(judged, log.end());
  ++std::get<WithdrawalJudged>(judged->body).passes_up_to;
  EXPECT_EQ(tested(log, nullptr).different, 1u);
  --std::get<WithdrawalJudged>(judged->body).passes_up_to;
  ++std::get<WithdrawalJudged>(judged->body).passes_known_for_ms;
  EXPECT_EQ(tested(log, nullptr).different, 1u);
}

constexpr std::string_view kEverybodyWaits = R"(
[[rules]]
name = "everybody"
when = 'value >= usd("0")'
then = "delay 1h"
reason = "a quiet day"
severity = "low"
)";

constexpr std::string_view kEverybodyIsLookedAt = R"(
[[rules]]
name = "everybody"
when = 'value >= usd("0")'
then = "review 1 risk"
reason = "people look at everything"
severity = "low"
)";

TEST(backtest, opens_the_cases_of_the_policy_that_is_tested) {
  Events log;
  live(3, Restarts::none, &log);
  const policy::Policy all = std::move(*policy::Policy::read(kEverybodyIsLookedAt, "all"));
  const BacktestReport report = tested(log, &all);
  EXPECT_EQ(report.would_be.reviewed, report.withdrawals);
  EXPECT_EQ(report.would_be.reviews, report.withdrawals);
}

TEST(backtest, tells_who_would_have_been_stopped_and_who_freed) {
  Events log;
  live(2, Restarts::none, &log);
  const policy::Policy waits = std::move(*policy::Policy::read(kEverybodyWaits, "waits"));
  const BacktestReport report = tested(log, &waits);
  EXPECT_EQ(report.would_be.delayed, report.withdrawals);
  EXPECT_EQ(report.would_be.reviews, 0u);
  EXPECT_GT(report.was.reviews, 0u);
  EXPECT_GT(report.was.denied, 0u);
  EXPECT_GT(report.stricter, 0u);  // Those that were allowed,
  EXPECT_GT(report.milder, 0u);    // and those that were denied.
  EXPECT_EQ(report.fired.at("everybody"), report.withdrawals);
  EXPECT_EQ(report.changes.size(), report.different);
}

// Wherever the counting begins anew and however often changes are taken: together it is what the whole journal gives at once.
TEST(backtest, followed_gives_the_same_as_at_once) {
  Events log;
  live(2, Restarts::none, &log);
  const policy::Policy waits = std::move(*policy::Policy::read(kEverybodyWaits, "waits"));
  const BacktestReport whole = tested(log, &waits);
  Backtest backtest(&waits, {text_of});
  std::uint64_t withdrawals = 0, stricter = 0, milder = 0;
  std::vector<BacktestChange> changes;
  const auto take = [&] {
    std::ranges::move(backtest.take_changes(), std::back_inserter(changes));
    EXPECT_TRUE(backtest.report().changes.empty());
  };
  for (std::size_t i = 0; i < log.size(); ++i) {
    backtest.see(log[i]);
    if (i % 7 == 0) take();
    if (i != log.size() / 2) continue;
    take();
    withdrawals = backtest.report().withdrawals, stricter = backtest.report().stricter, milder = backtest.report().milder;
    backtest.count_anew();
  }
  take();
  EXPECT_GT(withdrawals, 0U);
  EXPECT_LT(withdrawals, whole.withdrawals);
  EXPECT_EQ(withdrawals + backtest.report().withdrawals, whole.withdrawals);
  EXPECT_EQ(stricter + backtest.report().stricter, whole.stricter);
  EXPECT_EQ(milder + backtest.report().milder, whole.milder);
  ASSERT_EQ(changes.size(), whole.changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].withdrawal, whole.changes[i].withdrawal);
    EXPECT_EQ(changes[i].would_be, whole.changes[i].would_be);
  }
}

}  // namespace
}  // namespace holdfast::engine
