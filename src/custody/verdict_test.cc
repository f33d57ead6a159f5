// What a verdict demands has to be there before anything is paid, in whatever order it comes; and the life of a policy.
#include "custody/test_exchange.h"
#include "custody/value.h"

#include <gtest/gtest.h>

namespace holdfast::custody {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr WithdrawalId kFirst{1};

class Says final : public WithdrawalJudge {
 public:
  explicit Says(std::string_view demand) : demand_(*policy::read_demand(demand)) {}
  Judgement judge(const State& state, const RequestWithdrawal& request, Instant) override {
    Judgement out = without_policy(state, request);
    out.demand = policy::both(out.demand, demand_);
    if (!demand_.allows()) out.fired.push_back({"a_rule", "because", 2, false, {{"value", "7 USD"}}});
    return out;
  }

 private:
  policy::Demand demand_;
};

// An exchange where a withdrawal of 100 tokens, which needs nobody by the asset's limit, was just judged.
struct Judged {
  explicit Judged(std::string_view demand) : judge(demand) {
    x.judge = &judge;
    said = x.run(x.request(100));
  }
  WithdrawalState state() const { return x.state.withdrawals.at(kFirst).state; }
  std::string approve(const std::string& by, std::vector<std::string> roles = {"risk"}) {
    return x.run(ApproveWithdrawal{kFirst, by, std::move(roles)});
  }
  void pass(std::int64_t ms) { x.now = x.now + ms; }

  Exchange x;
  Says judge;
  std::string said;
};

TEST(verdict, allowed_is_not_kept) {
  Judged j("allow");
  EXPECT_EQ(j.said, "WithdrawalRequested WithdrawalHeld WithdrawalApproved");
  EXPECT_EQ(j.x.state.verdict(kFirst), nullptr);
}

TEST(verdict, denied_gives_the_money_back_in_the_same_commit) {
  Judged j("deny");
  EXPECT_EQ(j.said, "WithdrawalRequested WithdrawalJudged WithdrawalHeld WithdrawalRejected");
  EXPECT_EQ(j.state(), WithdrawalState::rejected);
  EXPECT_EQ(j.x.state.withdrawals.at(kFirst).reason, Reason::denied_by_policy);
  EXPECT_EQ(j.x.available(), units(1000));
  EXPECT_EQ(j.approve("ann"), "state_wrong");
  EXPECT_EQ(j.x.run(ConfirmWithdrawal{kFirst}), "");
}

TEST(verdict, two_people_of_the_role) {
  Judged j("review 2 risk");
  EXPECT_EQ(j.approve("nobody", {}), "review_not_wanted");
  EXPECT_EQ(j.approve("clerk", {"compliance"}), "review_not_wanted");
  EXPECT_EQ(j.approve("ann"), "WithdrawalReviewed");
  EXPECT_EQ(j.approve("ann"), "reviewed_already");
  EXPECT_EQ(j.state(), WithdrawalState::held);
  EXPECT_EQ(j.approve("ben"), "WithdrawalReviewed WithdrawalApproved");
  EXPECT_EQ(j.state(), WithdrawalState::approved);
}

TEST(verdict, one_person_is_never_two_roles) {
  Judged j("review 1 compliance, review 1 risk");
  EXPECT_EQ(j.approve("ann", {"risk", "compliance"}), "WithdrawalReviewed");
  EXPECT_EQ(j.approve("ann", {"risk", "compliance"}), "reviewed_already");
  EXPECT_EQ(j.approve("ben", {"compliance"}), "review_not_wanted");  // Ann has done that part.
  EXPECT_EQ(j.approve("ben", {"risk"}), "WithdrawalReviewed WithdrawalApproved");
}

TEST(verdict, nobody_of_few_is_spent_on_what_everybody_may_do) {
  Judged j("review 1 operator, review 2 risk");
  EXPECT_EQ(j.approve("ann"), "WithdrawalReviewed");  // As risk, though an operator is missing too.
  EXPECT_EQ(j.approve("ben"), "WithdrawalReviewed");
  EXPECT_EQ(j.approve("cat", {}), "WithdrawalReviewed WithdrawalApproved");
}

TEST(verdict, everybody_is_an_operator) {
  Judged j("review 1 operator");
  EXPECT_EQ(j.approve("ann", {}), "WithdrawalReviewed WithdrawalApproved");
}

TEST(verdict, the_assets_own_limit_holds_beside_the_policy) {
  Says judge("review 1 risk");
  Exchange x;
  x.judge = &judge;
  x.must(x.request(101));
  EXPECT_EQ(policy::write_demand(x.state.verdict(kFirst)->demand), "review 1 operator, review 1 risk");
}

TEST(verdict, a_delay_is_waited_for) {
  Judged j("delay 2h");
  EXPECT_EQ(j.said, "WithdrawalRequested WithdrawalJudged WithdrawalHeld");
  EXPECT_EQ(j.approve("ann"), "review_not_wanted");
  j.pass(2 * kHour - 1);
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "");
  j.pass(1);
  EXPECT_EQ(j.x.run(ReleaseDelayed{0}), "");
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "WithdrawalApproved");
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "");
}

TEST(verdict, a_delay_that_is_over_does_not_replace_a_review) {
  Judged j("review 1 risk, delay 2h");
  j.pass(3 * kHour);
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "");
  EXPECT_EQ(j.approve("ann"), "WithdrawalReviewed WithdrawalApproved");
}

TEST(verdict, a_review_does_not_shorten_a_delay) {
  Judged j("review 1 risk, delay 2h");
  EXPECT_EQ(j.approve("ann"), "WithdrawalReviewed");
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "");
  j.pass(2 * kHour);
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "WithdrawalApproved");
}

TEST(verdict, the_customer_confirms) {
  Judged j("step up");
  EXPECT_EQ(j.approve("ann"), "review_not_wanted");
  EXPECT_EQ(j.x.run(ConfirmWithdrawal{kFirst}), "WithdrawalConfirmed WithdrawalApproved");
  EXPECT_EQ(j.x.run(ConfirmWithdrawal{kFirst}), "");
  EXPECT_EQ(j.x.run(ConfirmWithdrawal{{9}}), "withdrawal_unknown");
}

TEST(verdict, all_of_it_in_any_order) {
  Judged j("review 1 risk, step up, delay 1h");
  EXPECT_EQ(j.x.run(ConfirmWithdrawal{kFirst}), "WithdrawalConfirmed");
  j.pass(kHour);
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "");
  EXPECT_EQ(j.approve("ann"), "WithdrawalReviewed WithdrawalApproved");
}

TEST(verdict, what_was_rejected_or_cancelled_is_not_released) {
  Judged j("delay 1h");
  j.x.must(RejectWithdrawal{kFirst, "ann"});
  EXPECT_EQ(j.x.state.withdrawals.at(kFirst).reason, Reason::rejected_by_operator);
  j.x.must(j.x.request(100));
  j.x.must(CancelWithdrawal{{2}});
  j.pass(2 * kHour);
  EXPECT_EQ(j.x.run(ReleaseDelayed{}), "");
}

TEST(verdict, what_an_older_version_held_is_approved_by_one_person) {
  Exchange x;
  const RequestWithdrawal old = x.request(200);
  const WithdrawalRequested requested{kFirst,   old.request,     old.fingerprint, kAnn, kToken, old.amount,
                                      units(2), old.destination, {},              0,    {},     {},         {}};
  apply(x.state, {x.now, requested});
  apply(x.state, {x.now, WithdrawalHeld{kFirst}});
  EXPECT_EQ(x.run(ConfirmWithdrawal{kFirst}), "");
  EXPECT_EQ(x.run(ApproveWithdrawal{kFirst, "ann"}), "WithdrawalApproved");
}

TEST(verdict, what_an_older_version_took_has_a_value) {
  Exchange x;
  Asset priced = x.state.assets.at(kToken);
  priced.price_micro_usd = 2'000'000;
  x.must(RegisterAsset{priced});
  const RequestWithdrawal old = x.request(200);
  WithdrawalRequested asked{kFirst, old.request, old.fingerprint, kAnn, kToken, old.amount, units(2), old.destination, {}, 0, {}, {}, {}};
  apply(x.state, {x.now, std::move(asked)});
  EXPECT_EQ(x.state.withdrawals.at(kFirst).value, 400u);  // 0.0002 coins, 2 dollars each.
}

TEST(verdict, the_same_request_is_not_judged_again) {
  Judged j("delay 1h");
  Says denies("deny");
  RequestWithdrawal again = j.x.request(100);
  j.x.must(again);
  j.x.judge = &denies;
  again.session.device = "another phone";
  EXPECT_EQ(j.x.run(again), "");
  EXPECT_EQ(policy::write_demand(j.x.state.verdict({2})->demand), "delay 1h");
}

// As a policy with a detector over destinations would.
class Storm final : public WithdrawalJudge {
 public:
  Judgement judge(const State& state, const RequestWithdrawal& request, Instant now) override {
    Judgement out = without_policy(state, request);
    out.demand = *policy::read_demand("review 1 risk");
    out.fired.push_back({"large", "because", 1, false, {}});
    if (request.destination != address(901)) return out;
    out.fired.push_back({"shared", "many to one", 3, false, {}});
    out.raised.push_back({{policy::Scope::destination, "0x901", "shared"}, {1, now, kHour, false}});
    out.about = out.raised.back().key;
    return out;
  }
};

struct Stormy {
  Stormy() { x.judge = &storm; }
  std::string ask(CustomerId customer, std::uint64_t to) {
    RequestWithdrawal wanted = x.request(10);
    wanted.customer = customer;
    wanted.destination = address(to);
    return x.run(wanted);
  }
  const Case& only() const { return x.state.cases.at({1}); }

  Exchange x;
  Storm storm;
};

TEST(cases, a_storm_over_one_address_is_one_case) {
  Stormy s;
  EXPECT_EQ(s.ask(kAnn, 901), "WithdrawalRequested CaseOpened WithdrawalJudged GradeRaised WithdrawalHeld");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(s.ask(kAnn, 901), "WithdrawalRequested WithdrawalJudged GradeRaised WithdrawalHeld");
  EXPECT_EQ(s.x.state.cases.size(), 1u);
  EXPECT_EQ(s.x.state.open_cases.at({1}).size(), 6u);
  EXPECT_EQ(s.only().cause, "shared");
  EXPECT_EQ(s.only().subject, "0x901");
  EXPECT_EQ(s.only().severity, 3u);
  EXPECT_EQ(s.only().due_at - s.only().opened_at, 15 * 60'000);
  EXPECT_EQ(s.ask(kAnn, 902), "WithdrawalRequested CaseOpened WithdrawalJudged WithdrawalHeld");  // Rules alone: the customer's.
  EXPECT_EQ(s.x.state.cases.at({2}).subject, "1");
}

TEST(cases, are_decided_as_a_whole_and_close_with_their_last) {
  Stormy s;
  for (int i = 0; i < 3; ++i) s.ask(kAnn, 901);
  s.x.must(CancelWithdrawal{{1}});
  EXPECT_EQ(s.x.state.open_cases.at({1}).size(), 2u);
  EXPECT_EQ(s.x.run(DecideCase{{1}, {9}, true, "ann", {}}), "review_not_wanted");
  s.x.now = s.x.now + 7;
  EXPECT_EQ(s.x.run(DecideCase{{1}, {9}, true, "ann", {"risk"}}), "WithdrawalReviewed WithdrawalApproved WithdrawalReviewed WithdrawalApproved");
  EXPECT_EQ(s.only().closed_at, s.x.now);
  EXPECT_EQ(s.x.run(DecideCase{{1}, {9}, true, "ann", {"risk"}}), "case_closed");
  EXPECT_EQ(s.x.run(AssignCase{{1}, "ben", "ann"}), "case_closed");
  s.ask(kAnn, 901);
  EXPECT_EQ(s.x.state.cases.size(), 2u);  // Another storm, another case.
  EXPECT_EQ(s.x.run(DecideCase{{2}, {9}, false, "ann"}), "WithdrawalRejected");
}

TEST(cases, what_joined_after_somebody_looked_is_not_decided_with_the_rest) {
  Stormy s;
  s.ask(kAnn, 901);
  s.ask(kAnn, 901);
  s.ask(kAnn, 901);  // While an operator reads the first two.
  EXPECT_EQ(s.x.run(DecideCase{{1}, {2}, true, "ann", {"risk"}}), "WithdrawalReviewed WithdrawalApproved WithdrawalReviewed WithdrawalApproved");
  EXPECT_EQ(s.x.state.open_cases.at({1}), std::set{WithdrawalId{3}});
}

TEST(cases, are_as_urgent_as_the_most_urgent_of_it) {
  Says mild("review 1 risk");
  Stormy s;
  s.x.judge = &mild;
  s.ask(kAnn, 902);
  EXPECT_EQ(s.only().severity, 2u);
  s.x.now = s.x.now + 1;
  class Critical final : public WithdrawalJudge {
   public:
    Judgement judge(const State& state, const RequestWithdrawal& request, Instant) override {
      Judgement out = without_policy(state, request);
      out.demand = *policy::read_demand("review 1 risk");
      out.fired.push_back({"worse", "because", 3, false, {}});
      return out;
    }
  } critical;
  s.x.judge = &critical;
  s.ask(kAnn, 902);
  EXPECT_EQ(s.x.state.cases.size(), 1u);
  EXPECT_EQ(s.only().severity, 3u);
  EXPECT_EQ(s.only().due_at - s.x.now, kCaseDueMs[3]);
}

TEST(cases, close_when_no_review_is_missing_whatever_else_is) {
  Judged j("review 1 risk, step up, delay 1h");
  EXPECT_EQ(j.x.state.open_cases.size(), 1u);
  EXPECT_EQ(j.approve("ann"), "WithdrawalReviewed");
  EXPECT_EQ(j.state(), WithdrawalState::held);
  EXPECT_TRUE(j.x.state.open_cases.empty());
  EXPECT_EQ(j.x.state.cases.at({1}).closed_at, j.x.now);
}

TEST(cases, are_assigned_and_noted) {
  Stormy s;
  s.ask(kAnn, 901);
  EXPECT_EQ(s.x.run(AssignCase{{1}, "ben", "ann"}), "CaseAssigned");
  EXPECT_EQ(s.x.run(AssignCase{{1}, "ben", "ann"}), "");
  EXPECT_EQ(s.only().assigned_to, "ben");
  for (std::size_t i = 0; i < kMaxNotes; ++i) s.x.must(NoteCase{{1}, "asked the customer", "ben"});
  EXPECT_EQ(s.x.run(NoteCase{{1}, "one more", "ben"}), "case_full");
  EXPECT_EQ(s.x.run(NoteCase{{9}, "of nothing", "ben"}), "case_unknown");
}

constexpr std::string_view kPolicy = R"(
[[rules]]
name = "large"
when = 'value > usd("10")'
then = "review 1 risk"
reason = "large"
severity = "high"
)";

ProposePolicy proposal(std::string_view text = kPolicy, const std::string& by = "ann") {
  return {"first", to_bytes(as_bytes(text)), by};
}

TEST(policy_life, takes_two_people) {
  Exchange x;
  EXPECT_EQ(x.run(proposal("nonsense")), "policy_wrong");
  EXPECT_EQ(x.run(proposal(std::string(kMaxPolicyText + 1, '#'))), "policy_wrong");
  EXPECT_EQ(x.run(proposal()), "PolicyProposed");
  EXPECT_EQ(x.run(ActivatePolicy{{1}, "ann"}), "state_wrong");
  EXPECT_EQ(x.run(ApprovePolicy{{1}, "ann"}), "proposer_approves");
  EXPECT_EQ(x.run(ApprovePolicy{{1}, "ben"}), "PolicyApproved");
  EXPECT_EQ(x.run(ApprovePolicy{{1}, "ben"}), "");
  EXPECT_FALSE(x.state.policy_in_force);
  EXPECT_EQ(x.run(ActivatePolicy{{1}, "ann"}), "PolicyActivated");
  EXPECT_EQ(x.run(ActivatePolicy{{1}, "ann"}), "");
  EXPECT_EQ(x.state.policy_in_force, PolicyId{1});
  EXPECT_EQ(x.run(DropPolicy{{1}, "ann"}), "state_wrong");
  for (const Command& command : {Command(ApprovePolicy{{7}, "ben"}), Command(ActivatePolicy{{7}, "ben"}), Command(DropPolicy{{7}, "ben"})}) {
    EXPECT_EQ(x.run(command), "policy_unknown");
  }
}

void put_in_force(Exchange& x, std::string_view text = kPolicy) {
  x.must(proposal(text));
  const PolicyId id{x.state.policies.size()};
  x.must(ApprovePolicy{id, "ben"});
  x.must(ActivatePolicy{id, "ann"});
}

constexpr std::string_view kLooser = R"(
[[rules]]
name = "large"
when = 'value > usd("20")'
then = "review 1 risk"
reason = "large"
severity = "high"
)";

TEST(policy_life, what_loosens_waits_from_its_approval_on) {
  Exchange x;
  put_in_force(x);
  x.must(proposal(kLooser));
  EXPECT_TRUE(x.state.policies.at({2}).loosens);
  x.now = x.now + kPolicyTimeLockMs;  // Before it is approved no time counts.
  x.must(ApprovePolicy{{2}, "ben"});
  x.now = x.now + (kPolicyTimeLockMs - 1);
  EXPECT_EQ(x.run(ActivatePolicy{{2}, "ann"}), "policy_locked");
  x.now = x.now + 1;
  EXPECT_EQ(x.run(ActivatePolicy{{2}, "ann"}), "PolicyActivated");
  EXPECT_EQ(x.state.policies.at({1}).state, PolicyState::superseded);
}

constexpr std::string_view kStricter = R"(
[[rules]]
name = "large"
when = 'value > usd("5")'
then = "review 2 risk"
reason = "large"
severity = "high"
)";

TEST(policy_life, what_tightens_is_in_force_at_once) {
  Exchange x;
  put_in_force(x);
  put_in_force(x, kStricter);
  EXPECT_EQ(x.state.policy_in_force, PolicyId{2});
  EXPECT_FALSE(x.state.policies.at({2}).loosens);
}

TEST(policy_life, the_same_text_again_waits_for_nothing) {
  Exchange x;
  put_in_force(x);
  put_in_force(x);
  EXPECT_EQ(x.state.policy_in_force, PolicyId{2});
}

TEST(policy_life, a_version_is_in_force_once_and_only_over_its_base) {
  Exchange x;
  x.must(proposal());
  x.must(proposal(kLooser));
  x.must(ApprovePolicy{{1}, "ben"});
  x.must(ApprovePolicy{{2}, "ben"});
  x.must(ActivatePolicy{{2}, "ann"});
  EXPECT_EQ(x.run(ActivatePolicy{{1}, "ann"}), "policy_outdated");
  put_in_force(x, kLooser);
  EXPECT_EQ(x.run(ActivatePolicy{{2}, "ann"}), "state_wrong");  // A way back is a new proposal.
}

TEST(policy_life, eight_of_a_person_wait_and_twenty_come_in_a_day) {
  Exchange x;
  for (int i = 0; i < 8; ++i) x.must(proposal());
  EXPECT_EQ(x.run(proposal()), "too_many_proposals");
  EXPECT_EQ(x.run(proposal(kPolicy, "ben")), "PolicyProposed");  // Nobody is in another's way.
  for (std::uint64_t id = 1; id <= 8; ++id) x.must(DropPolicy{{id}, "ann"});
  EXPECT_TRUE(x.state.policies.at({1}).text.empty());
  for (int i = 0; i < 12; ++i) {
    x.must(proposal());
    x.must(DropPolicy{{x.state.policies.size()}, "ann"});
  }
  EXPECT_EQ(x.run(proposal()), "too_many_proposals");
  x.now = x.now + kMsPerDay;
  EXPECT_EQ(x.run(proposal()), "PolicyProposed");
}

TEST(policy_life, dropped_is_gone) {
  Exchange x;
  x.must(proposal());
  EXPECT_EQ(x.run(DropPolicy{{1}, "cat"}), "PolicyDropped");
  EXPECT_EQ(x.run(DropPolicy{{1}, "cat"}), "");
  EXPECT_EQ(x.run(ApprovePolicy{{1}, "ben"}), "state_wrong");
}

TEST(policy_life, one_that_nobody_can_ask_lets_nothing_through) {
  Exchange x;
  put_in_force(x);
  x.must(x.request(1));
  EXPECT_EQ(policy::write_demand(x.state.verdict(kFirst)->demand), "review 2 operator");
  EXPECT_EQ(x.state.withdrawals.at(kFirst).policy, PolicyId{1});
}

Asset priced(std::uint64_t price, std::uint8_t decimals) {
  Asset asset;
  asset.price_micro_usd = price;
  asset.decimals = decimals;
  return asset;
}

TEST(value, is_rounded_up_and_never_overflows) {
  constexpr std::uint64_t kMost = INT64_MAX;
  EXPECT_EQ(value_of(priced(1'000'000, 6), units(1'500'000)), 1'500'000u);
  EXPECT_EQ(value_of(priced(2'000'000'000, 18), Amount::of(Int128{1'500'000'000'000'000'000})), 3'000'000'000u);
  EXPECT_EQ(value_of(priced(1, 18), units(1)), 1u);  // A trillionth of a micro dollar is not nothing.
  EXPECT_EQ(value_of(priced(1, 0), units(7)), 7u);
  EXPECT_EQ(value_of(priced(1, 18), units(0)), 0u);
  EXPECT_EQ(value_of(priced(0, 6), units(5)), 0u);
  EXPECT_EQ(value_of(priced(UINT64_MAX, 0), Amount::max()), kMost);
  EXPECT_EQ(value_of(priced(UINT64_MAX, 0), units(1)), kMost);
  EXPECT_EQ(value_of(priced(0, 0), Amount::max()), 0u);
  EXPECT_EQ(value_of(priced(1'000'000, 255), Amount::max()), 1u);
  EXPECT_EQ(value_of(priced(1'000'000, 30), Amount::max()), 170'141'183'460'470u);  // Exact: 170141183.460469231731…
}

}  // namespace
}  // namespace holdfast::custody
