// The policy in force, asked within the commit: limits that nothing gets past, and verdicts that a restart does not change.
#include "engine/desk.h"

#include "custody/test_exchange.h"
#include "engine/backtest.h"
#include "engine/engine.h"
#include "engine/writer.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <random>
#include <thread>

namespace holdfast::engine {
namespace {

using namespace custody;

constexpr std::int64_t kStartMs = 1'700'000'000'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::uint64_t kCustomers = 3;

// One unit of the asset is one dollar.
constexpr std::string_view kPolicy = R"(
[[windows]]
name = "destination_day"
keys = ["destination"]
length = "24h"
distinct = "customer"

[[detectors]]
name = "shared"
when = 'destination_day.distinct >= 2 && value > usd("300")'
reason = "three customers, one address"
severity = "critical"
scope = "destination"
steps = ["delay 1h", "review 1 risk"]
decay = "4h"

[[windows]]
name = "customer_day"
keys = ["customer"]
length = "24h"

[[windows]]
name = "platform_day"
keys = ["platform"]
length = "24h"

[[windows]]
name = "device_ever"
keys = ["customer", "device"]
length = "ever"

[lists]
bad = ["0xbad"]

[[rules]]
name = "forbidden"
when = "destination in bad"
then = "deny"
reason = "nobody pays them"
severity = "critical"

[[rules]]
name = "new_device"
when = 'device != "" && !device_ever.known && value > usd("200")'
then = "step up"
reason = "much from a device that was never seen"
severity = "medium"

[[limits]]
name = "customer_limit"
window = "customer_day"
sum = "500"
then = "review 1 risk"
reason = "a customer's day"
severity = "medium"

[[limits]]
name = "platform_limit"
window = "platform_day"
sum = "1000"
then = "delay 2h"
reason = "the platform's day"
severity = "high"
)";

class HandClock final : public Clock {
 public:
  Instant now() override { return at; }
  Instant at{kStartMs};
};

class Snapshots final : public SnapshotStore {
 public:
  Result<void> put(std::uint64_t, ByteView bytes) override {
    bytes_ = to_bytes(bytes);
    return {};
  }
  std::optional<Snapshot> newest() override {
    auto snapshot = decode_snapshot(bytes_);
    if (!snapshot) return std::nullopt;
    return std::move(*snapshot);
  }

 private:
  Bytes bytes_;
};

Address address(std::uint8_t fill) { return Address(Bytes(20, fill)); }
const Address kBad = address(0xbd);

std::string text_of(std::string_view, const Address& address) { return address == kBad ? "0xbad" : "0xgood"; }

// Money of three customers, and of a wallet that pays them.
std::vector<Command> founding() {
  Asset asset;
  asset.chain = {1};
  asset.symbol = "USD";
  asset.price_micro_usd = 1'000'000;
  asset.auto_approve_max = asset.withdrawal_max = Amount::of(1'000'000);
  Wallet deposits;
  deposits.chain = {1};
  deposits.kind = WalletKind::forwarders;
  deposits.name = "deposits";
  deposits.address = address(200);
  Wallet hot = deposits;
  hot.kind = WalletKind::safe;
  hot.name = "hot";
  hot.address = address(201);
  std::vector<Command> out{RegisterChain{{{}, "eip155:1", 0}}, RegisterAsset{asset}, RegisterWallet{deposits}, RegisterWallet{hot}};
  BlockFacts facts;
  facts.block.height = 1;
  for (std::uint64_t i = 1; i <= kCustomers; ++i) {
    const Address own = address(static_cast<std::uint8_t>(i));
    out.push_back(CreateCustomer{"customer-" + std::to_string(i)});
    out.push_back(AssignDepositAddress{{{i}, {1}, own, {}}});
    facts.deposits.push_back({own, {1}, Amount::of(1'000'000), {}, static_cast<std::uint32_t>(i)});
  }
  out.push_back(ConnectBlock{{1}, facts});
  out.push_back(FinalizeBlocks{{1}, 1});
  return out;
}

std::vector<Command> activation(std::uint64_t id, std::string_view text = kPolicy) {
  return {ProposePolicy{"policy", to_bytes(as_bytes(text)), "ann"}, ApprovePolicy{{id}, "ben"}, ActivatePolicy{{id}, "ann"}};
}

RequestWithdrawal request(std::uint64_t number, std::uint64_t customer, Int128 units, const Address& to = address(250)) {
  RequestWithdrawal out;
  for (unsigned i = 0; i < 8; ++i) out.request.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  out.request.bytes[0] = 1;
  out.fingerprint = out.request;
  out.customer = {customer};
  out.asset = {1};
  out.amount = Amount::of(units);
  out.destination = to;
  return out;
}

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
