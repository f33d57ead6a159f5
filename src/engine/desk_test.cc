// The policy in force, asked within the commit: limits that nothing gets past.
#include "engine/desk.h"

#include "custody/test_exchange.h"
#include "engine/backtest.h"
#include "engine/engine.h"
#include "engine/test_desk.h"
#include "engine/writer.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace holdfast::engine {
namespace {

using namespace custody;

class Desks : public ::testing::Test {
 protected:
  Desks() { open(); }
  void open(bool with_snapshots = false) {
    engine_.reset();
    auto opened = Engine::open(storage_, key_, clock_, with_snapshots ? &snapshots_ : nullptr, {text_of});
    ASSERT_TRUE(opened.has_value());
    engine_ = std::move(*opened);
  }
  void found(std::string_view policy = kPolicy) {
    engine_->submit(founding());
    for (const Outcome& outcome : engine_->submit(activation(1, policy))) ASSERT_EQ(outcome.refusal, Refusal::none);
  }
  // What was demanded of it.
  std::string ask(const RequestWithdrawal& wanted) {
    const Command command = wanted;
    EXPECT_EQ(engine_->submit({&command, 1}).front().refusal, Refusal::none);
    return demand(wanted);
  }
  std::string demand(const RequestWithdrawal& wanted) {
    std::string out = "allow";
    engine_->read([&](const State& state) {
      if (const Verdict* verdict = state.verdict(state.requests.at(wanted.request))) out = policy::write_demand(verdict->demand);
    });
    return out;
  }
  State state() {
    State out;
    engine_->read([&](const State& state) { out = state; });
    return out;
  }

  journal::MemoryStorage storage_;
  journal::LogKey key_ = journal::LogKey::from_seed(Secret(32), "holdfast.test/journal");
  HandClock clock_;
  Snapshots snapshots_;
  std::unique_ptr<Engine> engine_;
};

constexpr std::string_view kDetectors = R"(
[[windows]]
name = "destination_day"
keys = ["destination"]
length = "24h"
distinct = "customer"

[[windows]]
name = "deposited"
keys = ["customer"]
length = "ever"
of = "deposits"

[[rules]]
name = "more_than_was_brought"
when = 'value > deposited.sum'
then = "review 1 risk"
reason = "more than the customer ever brought"
severity = "high"

[[detectors]]
name = "shared"
when = "destination_day.distinct >= 2"
reason = "three customers, one address"
severity = "critical"
scope = "platform"
steps = ["delay 1h", "review 1 risk", "freeze"]
decay = "4h"
)";

constexpr std::string_view kAges = R"(
[[rules]]
name = "old_price"
when = 'price_age > duration("1h")'
then = "delay 1h"
reason = "nobody knows what it is worth"
severity = "medium"

[[rules]]
name = "old_lists"
when = 'labels_age > duration("24h")'
then = "review 1 risk"
reason = "who is wanted since yesterday?"
severity = "medium"

[[rules]]
name = "late_chain"
when = 'chain_lag > duration("5m")'
then = "step up"
reason = "the node lags"
severity = "medium"
)";

TEST_F(Desks, what_a_verdict_rests_on_has_an_age_and_an_unknown_one_holds) {
  found(kAges);
  EXPECT_EQ(ask(request(1, 1, 10)), "review 1 risk, step up, delay 1h");
  BlockFacts fresh;
  fresh.block.height = 2;
  fresh.block.time = clock_.at;
  const std::vector<Command> told = {SetPrice{{1}, 1'000'000, "feed"}, LoadLabels{Hash32{}, 7, clock_.at}, ConnectBlock{{1}, fresh}};
  for (const Outcome& outcome : engine_->submit(told)) EXPECT_EQ(outcome.events, 1u);
  EXPECT_EQ(ask(request(2, 1, 10)), "allow");
  clock_.at = clock_.at + 5 * 60'000;
  EXPECT_EQ(ask(request(3, 1, 10)), "allow");
  clock_.at = clock_.at + 1;
  EXPECT_EQ(ask(request(4, 1, 10)), "step up");
  clock_.at = clock_.at + kHourMs;
  EXPECT_EQ(ask(request(5, 1, 10)), "step up, delay 1h");
  const Command again = SetPrice{{1}, 1'000'000, "feed"};  // The same, but known anew.
  engine_->submit({&again, 1});
  EXPECT_EQ(ask(request(6, 1, 10)), "step up");
  clock_.at = clock_.at + 23 * kHourMs;
  EXPECT_EQ(ask(request(7, 1, 10)), "review 1 risk, step up, delay 1h");
}

TEST_F(Desks, DetectorsClimbDecayAndFreeze) {
  found(kDetectors);
  EXPECT_EQ(ask(request(1, 1, 1)), "allow");
  EXPECT_EQ(ask(request(2, 2, 1)), "allow");
  EXPECT_EQ(ask(request(3, 3, 1)), "delay 1h");
  EXPECT_EQ(ask(request(4, 3, 1, address(251))), "delay 1h");  // The whole platform is slowed down.
  EXPECT_EQ(state().verdict({4})->fired[0].reason, "stands on step 1 since it fired for the same platform");
  clock_.at = clock_.at + 4 * kHourMs;
  EXPECT_EQ(ask(request(5, 3, 1, address(251))), "allow");
  EXPECT_EQ(ask(request(6, 3, 1)), "delay 1h");
  EXPECT_EQ(ask(request(7, 3, 1)), "review 1 risk, delay 1h");
  EXPECT_FALSE(state().platform_frozen());
  EXPECT_EQ(ask(request(8, 3, 1)), "review 2 risk, delay 1h");
  const State frozen = state();
  ASSERT_TRUE(frozen.platform_frozen());
  EXPECT_EQ(frozen.freezes.at({1}).placed_by, "detector shared");
  const Command another = request(9, 1, 1, address(251));
  EXPECT_EQ(engine_->submit({&another, 1}).front().refusal, Refusal::frozen);
}

TEST_F(Desks, PeopleLiftWhatADetectorFroze) {
  found(kDetectors);
  for (std::uint64_t i = 1; i <= 5; ++i) ask(request(i, std::min<std::uint64_t>(i, kCustomers), 1));
  ASSERT_TRUE(state().platform_frozen());
  clock_.at = clock_.at + 1000 * kHourMs;  // It does not thaw by itself,
  open();                                   // nor by a restart.
  ASSERT_TRUE(state().platform_frozen());
  const Command lift = LiftFreeze{{1}, "ann"};
  engine_->submit({&lift, 1});
  EXPECT_EQ(ask(request(9, 1, 1, address(251))), "allow");
  EXPECT_TRUE(state().grades.entries().empty());
}

TEST_F(Desks, DepositsAreInTheWindowsToo) {
  found(kDetectors);
  EXPECT_EQ(ask(request(1, 1, 999'999)), "allow");
  open();
  EXPECT_EQ(ask(request(2, 2, 1'000'000)), "allow");
}

TEST_F(Desks, ABatchSeesItsOwnWindows) {
  found();
  const std::vector<Command> both{request(1, 1, 300), request(2, 1, 300)};
  engine_->submit(both);
  EXPECT_EQ(demand(request(1, 1, 300)), "allow");
  EXPECT_EQ(demand(request(2, 1, 300)), "review 1 risk");
}

TEST_F(Desks, WhyAndWhyNotStandInTheVerdict) {
  found();
  ask(request(1, 1, 300));
  ask(request(2, 1, 300));
  const State now = state();
  const Verdict& verdict = *now.verdict({2});
  ASSERT_EQ(verdict.fired.size(), 1u);
  EXPECT_EQ(verdict.fired[0].rule, "customer_limit");
  EXPECT_EQ(verdict.fired[0].reason, "a customer's day");
  const std::vector<Saw> saw{{"value", "300 USD"}, {"customer_day.sum", "300 USD"}};
  EXPECT_EQ(verdict.fired[0].saw, saw);
  EXPECT_EQ(verdict.passes_up_to, 200'000'000u);
  const Instant out_of_the_day = now.withdrawals.at({1}).requested_at + kMsPerDay;  // The first minute from then on.
  EXPECT_EQ(verdict.passes_from.unix_ms, (out_of_the_day.unix_ms + 59'999) / 60'000 * 60'000);
  EXPECT_EQ(verdict.passes_known_for_ms, 0u);
  EXPECT_EQ(now.withdrawals.at({2}).value, 300'000'000u);
}

constexpr std::string_view kOwnUnits = R"(
[[windows]]
name = "paid"
keys = ["destination"]
length = "ever"
of = "paid"

[[rules]]
name = "much_to_new"
when = 'sent("USD") > amount("250", "USD") && paid.age < duration("24h")'
then = "review 1 risk"
reason = "much, to an address that was not paid before"
severity = "high"
)";

TEST_F(Desks, AmountsAreToldInTheirOwnAsset) {
  found(kOwnUnits);
  EXPECT_EQ(ask(request(1, 1, 250)), "allow");
  EXPECT_EQ(ask(request(2, 1, 300)), "review 1 risk");
  const State now = state();
  const Verdict& verdict = *now.verdict({2});
  const std::vector<Saw> saw{{"sent(\"USD\")", "300 USD"}, {"paid.age", "0s"}};
  EXPECT_EQ(verdict.fired.at(0).saw, saw);
  EXPECT_EQ(verdict.passes_up_to, 250'000'000u);
  EXPECT_EQ(verdict.passes_known_for_ms, 86'400'000u);
  EXPECT_EQ(verdict.passes_from, Instant{});  // Waiting makes nobody known.
}

TEST_F(Desks, AnAssetThatIsNotThereCannotBeTold) {
  std::string misspelled(kOwnUnits);
  for (std::size_t at = 0; (at = misspelled.find("\"USD\"")) != std::string::npos;) misspelled.replace(at, 5, "\"UDS\"");
  found(misspelled);
  EXPECT_EQ(ask(request(1, 1, 1)), "review 1 risk");
  EXPECT_TRUE(state().verdict({1})->fired.at(0).untold);
}

TEST_F(Desks, ThreadsTogetherDoNotGetPastALimit) {
  found();
  Writer writer(*engine_);
  std::vector<std::thread> threads;
  for (std::uint64_t n = 0; n < 8; ++n) {
    threads.emplace_back([&, n] {
      for (std::uint64_t i = 0; i < 10; ++i) {
        const Command command = request(100 * n + i, 1 + n % kCustomers, 30);
        writer.submit({&command, 1});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Int128 paid = 0;
  Int128 let_through = 0;  // By this limit. What a customer's own limit stopped counts all the same, and who is first is chance.
  const State now = state();
  for (const Withdrawal& withdrawal : now.withdrawals) {
    const Verdict* verdict = now.verdict(withdrawal.id);
    const bool is_stopped = verdict && std::ranges::find(verdict->fired, "platform_limit", &FiredRule::rule) != verdict->fired.end();
    if (!is_stopped) let_through += withdrawal.amount.units();
    if (withdrawal.state == WithdrawalState::approved) paid += withdrawal.amount.units();
  }
  EXPECT_EQ(now.withdrawals.size(), 80u);
  EXPECT_EQ(let_through, 990);  // All that the limit has room for,
  EXPECT_LE(paid, 990);         // and nothing over it.
}

TEST_F(Desks, WhatIsDeniedDoesNotCount) {
  found();
  EXPECT_EQ(ask(request(1, 1, 500, kBad)), "deny");
  EXPECT_EQ(state().withdrawals.at({1}).reason, Reason::denied_by_policy);
  EXPECT_EQ(state().available({1}, {1}), Amount::of(1'000'000));
  EXPECT_EQ(ask(request(2, 1, 500)), "allow");
}

TEST_F(Desks, WindowsSlide) {
  found();
  EXPECT_EQ(ask(request(1, 1, 500)), "allow");
  clock_.at = clock_.at + (24 * kHourMs - 1);
  EXPECT_EQ(ask(request(2, 1, 1)), "review 1 risk");
  clock_.at = clock_.at + 1;
  EXPECT_EQ(ask(request(3, 1, 499)), "allow");
}

TEST_F(Desks, AClockThatGoesBackOpensNothing) {
  found();
  EXPECT_EQ(ask(request(1, 1, 500)), "allow");
  clock_.at = clock_.at + -100 * kHourMs;
  EXPECT_EQ(ask(request(2, 1, 1)), "review 1 risk");
  EXPECT_EQ(state().withdrawals.at({2}).requested_at, Instant{kStartMs});
}

TEST_F(Desks, DevicesAreKnownAfterTheirFirstWithdrawal) {
  found();
  RequestWithdrawal wanted = request(1, 1, 201);
  wanted.session.device = "phone";
  EXPECT_EQ(ask(wanted), "step up");
  wanted.request.bytes[1] = 1;
  EXPECT_EQ(ask(wanted), "allow");
  RequestWithdrawal others = request(3, 2, 201);
  others.session.device = "phone";  // Of another customer.
  EXPECT_EQ(ask(others), "step up");
}

TEST_F(Desks, WithoutAPriceNothingGoesUnseen) {
  found();
  Asset asset = state().assets.at({1});
  asset.price_micro_usd = 0;
  const Command reprice = RegisterAsset{asset};
  engine_->submit({&reprice, 1});
  EXPECT_EQ(ask(request(1, 1, 1)), "review 1 risk, delay 2h");
  EXPECT_TRUE(state().verdict({1})->fired[0].untold);
}

constexpr std::string_view kScreening = R"(
[[rules]]
name = "sanctioned"
when = '"sanctioned" in labels'
then = "deny"
reason = "on a list"
severity = "critical"
)";

TEST_F(Desks, ListsAreAskedAndWhatTheySaidIsKept) {
  std::string said;
  Events log;
  engine_ = std::move(*Engine::open(storage_, key_, clock_, nullptr, {text_of, [&](std::string_view, const Address&) { return said; }}));
  engine_->listen([&](const Commit& commit) { log.insert(log.end(), commit.events.begin(), commit.events.end()); });
  found(kScreening);
  EXPECT_EQ(ask(request(1, 1, 1)), "deny");  // Nobody can tell.
  EXPECT_TRUE(state().verdict({1})->fired[0].untold);
  said = "none";
  EXPECT_EQ(ask(request(2, 1, 1)), "allow");
  said = "mixer,sanctioned";
  EXPECT_EQ(ask(request(3, 1, 1)), "deny");
  EXPECT_EQ(state().verdict({3})->fired[0].saw[0].value, "['mixer', 'sanctioned']");
  said = "mixer";
  EXPECT_EQ(ask(request(4, 1, 1)), "allow");
  said = "none";  // Lists change; what was said then is in the journal.
  Backtest backtest(nullptr);
  for (const Event& event : log) backtest.see(event);
  EXPECT_EQ(backtest.report().withdrawals, 4u);
  EXPECT_EQ(backtest.report().different, 0u);
}

TEST_F(Desks, ANewPolicyBeginsWarm) {
  engine_->submit(founding());
  EXPECT_EQ(ask(request(1, 1, 400)), "allow");
  engine_->submit(activation(1));
  EXPECT_EQ(ask(request(2, 1, 101)), "review 1 risk");
}

TEST_F(Desks, WhatIsCancelledWasAskedForAllTheSame) {
  found();
  ask(request(1, 1, 500));
  const Command cancel = CancelWithdrawal{{1}};
  engine_->submit({&cancel, 1});
  EXPECT_EQ(ask(request(2, 1, 1)), "review 1 risk");
}

constexpr std::string_view kKnown = R"(
[[windows]]
name = "paid_ever"
keys = ["destination"]
length = "ever"
of = "paid"

[[windows]]
name = "asked_ever"
keys = ["destination"]
length = "ever"

[[rules]]
name = "never_paid"
when = '!paid_ever.known'
then = "step up"
reason = "nothing was ever paid there"
severity = "low"

[[rules]]
name = "little_paid"
when = 'paid_ever.sum < usd("250")'
then = "delay 1h"
reason = "little was ever paid there"
severity = "low"

[[rules]]
name = "asked"
when = 'asked_ever.known'
then = "review 1 risk"
reason = "somebody has asked before"
severity = "low"
)";

// What a desk that was there all along says, and one that is made now; they have to agree.
std::string said(Exchange& x, Desk& desk, const policy::Policy& policy) {
  const RequestWithdrawal wanted = x.request(10);
  Desk made_now({text_of});
  made_now.start(x.state, policy);
  const std::string now = policy::write_demand(made_now.judge(x.state, wanted, x.now).demand);
  const std::string before = policy::write_demand(desk.judge(x.state, wanted, x.now).demand);
  return now == before ? now : now + ", not " + before;
}

TEST(desk, an_address_is_known_by_what_was_paid_there_not_by_asking) {
  const policy::Policy policy = std::move(*policy::Policy::read(kKnown, "known"));
  Exchange x;
  x.must(SetPrice{kToken, 1'000'000'000'000, "ann", true});  // A base unit is a dollar.
  Desk desk({text_of});
  desk.start(x.state, policy);
  std::size_t seen = x.log.size();
  const auto follow = [&] {
    for (; seen < x.log.size(); ++seen) desk.follow(x.state, x.log[seen]);
  };
  EXPECT_EQ(said(x, desk, policy), "step up, delay 1h");
  x.must(CancelWithdrawal{x.approved()});
  follow();
  x.now = x.now + kHourMs;
  EXPECT_EQ(said(x, desk, policy), "review 1 risk, step up, delay 1h");
  for (int paid = 1; paid <= 3; ++paid) {  // 100 each.
    x.settled();
    follow();
    EXPECT_EQ(said(x, desk, policy), paid < 3 ? "review 1 risk, delay 1h" : "review 1 risk");
  }
}

}  // namespace
}  // namespace holdfast::engine
