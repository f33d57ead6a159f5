// Prices, and what lists say only after money has moved.
#include "custody/test_exchange.h"

#include <gtest/gtest.h>

namespace holdfast::custody {
namespace {

constexpr std::int64_t kMinute = 60'000;

std::uint64_t price(const Exchange& x) { return x.state.assets.at(kToken).price_micro_usd; }

TEST(prices, fall_no_faster_than_what_follows_them_however_often_they_are_told) {
  Exchange x;
  x.must(SetPrice{kToken, 1'000'000, "ann", true});
  for (int minute = 0; minute < 60; ++minute) {
    EXPECT_EQ(x.run(SetPrice{kToken, price(x) / 4, "feed"}), "price_jumps");
    while (x.run(SetPrice{kToken, price(x) * 99 / 100, "feed"}) == "PriceSet") x.now = x.now + 1;
    x.now = x.now + kMinute;
  }
  // Half at once, and then by some half of what is left in an hour; a fall of the market within a day is followed all the same.
  EXPECT_GT(price(x), 250'000u);
  EXPECT_LT(price(x), 350'000u);
}

TEST(prices, have_no_edge_at_which_they_jump) {
  Exchange x;
  x.must(SetPrice{kToken, 1'000'000, "ann", true});
  x.now = x.now + (60 * kMinute - 1);
  x.must(SetPrice{kToken, 2'000'000, "feed"});
  for (int second = 0; second < 10; ++second) {
    x.now = x.now + 1000;
    EXPECT_EQ(x.run(SetPrice{kToken, 2'100'000, "feed"}), "price_jumps");
  }
}

TEST(prices, of_a_few_millionths_move_too) {
  Exchange x;
  x.must(SetPrice{kToken, 8, "ann", true});
  for (std::uint64_t told = 9; told <= 40; ++told) {
    for (int second = 0; second < 1200; ++second) {
      x.now = x.now + 1000;
      if (x.run(SetPrice{kToken, told, "feed"}) == "PriceSet" && price(x) == told) break;
    }
    EXPECT_EQ(price(x), told);
    x.now = x.now + 10 * kMinute;
  }
}

TEST(prices, that_were_told_outlive_the_configurations) {
  Exchange x;
  Asset asset = x.state.assets.at(kToken);
  asset.price_micro_usd = 1000;
  x.must(RegisterAsset{asset});
  EXPECT_EQ(x.state.assets.at(kToken).priced_at, Instant{});  // A price, but nobody knows how old.
  x.must(SetPrice{kToken, 1500, "feed"});
  EXPECT_EQ(x.run(RegisterAsset{asset}), "");
  EXPECT_EQ(price(x), 1500u);
  EXPECT_EQ(x.state.assets.at(kToken).priced_at, x.now);
  asset.withdrawal_max = units(400);
  EXPECT_EQ(x.run(RegisterAsset{asset}), "AssetRegistered");
  EXPECT_EQ(price(x), 1500u);
  EXPECT_EQ(x.state.assets.at(kToken).priced_at, x.now);
}

TEST(lists, of_tomorrow_are_of_today) {
  Exchange x;
  x.must(LoadLabels{hash(1), 7, x.now + 86'400'000});
  EXPECT_EQ(x.state.label_lists.checked_at, x.now);
}

ReportLabels said(const Exchange& x, const char* labels, std::uint64_t to = 900) {
  ReportLabels out;
  out.found.chain = kChain;
  out.found.address = address(to);
  out.found.labels = labels;
  for (const Withdrawal& withdrawal : x.state.withdrawals) {
    if (!says_more(labels, withdrawal.labels)) continue;
    out.found.withdrawals.push_back(withdrawal.id);
    out.found.last_withdrawal = withdrawal.id;
  }
  out.text = "0x900";
  return out;
}

const LabelledAddress& labelled(const Exchange& x, std::uint64_t to = 900) { return x.state.labelled.at({kChain, address(to)}); }

TEST(news, open_a_case_and_close_with_a_word) {
  Exchange x;
  x.settled();
  EXPECT_EQ(x.run(said(x, "sanctioned,scam")), "CaseOpened AddressLabelled");
  const Case& one = x.state.cases.at({1});
  EXPECT_EQ(one.cause, "relabelled");
  EXPECT_EQ(one.subject, "0x900");
  EXPECT_TRUE(x.state.open_cases.at({1}).empty());
  EXPECT_EQ(x.run(said(x, "sanctioned,scam,stolen")), "AddressLabelled");  // More of the same, while nobody has looked.
  EXPECT_EQ(labelled(x).labels, "sanctioned,scam,stolen");
  EXPECT_EQ(x.run(CloseNews{{1}, "told the authority", "ann"}), "NewsClosed");
  EXPECT_EQ(one.closed_at, x.now);
  EXPECT_EQ(one.notes.back().text, "told the authority");
  EXPECT_EQ(x.run(said(x, "scam")), "");
  EXPECT_EQ(x.run(said(x, "frozen")), "CaseOpened AddressLabelled");
  EXPECT_EQ(labelled(x).labels, "frozen,sanctioned,scam,stolen");
  EXPECT_EQ(labelled(x).case_id, CaseId{2});
}

// A cent first, so that the million behind it is nothing new.
TEST(news, of_a_later_transfer_are_news_again) {
  Exchange x;
  x.settled();
  x.must(said(x, "stolen"));
  x.must(CloseNews{{1}, "a cent", "ann"});
  EXPECT_EQ(x.run(said(x, "stolen")), "");
  x.settled();
  EXPECT_EQ(x.run(said(x, "stolen")), "CaseOpened AddressLabelled");
}

TEST(news, give_back_what_waits_to_be_paid_there_and_nothing_else) {
  Exchange x;
  const WithdrawalId paid = x.state.spends.at(x.planned()).withdrawal;
  const WithdrawalId held = x.held();
  const WithdrawalId approved = x.approved();
  RequestWithdrawal other = x.request(10);
  other.destination = address(901);
  x.must(other);
  x.must(said(x, "stolen"));
  EXPECT_EQ(x.state.withdrawals.at(paid).state, WithdrawalState::signing);  // A signature may exist.
  for (const WithdrawalId id : {held, approved}) {
    EXPECT_EQ(x.state.withdrawals.at(id).state, WithdrawalState::returned);
    EXPECT_EQ(x.state.withdrawals.at(id).reason, Reason::destination_relabelled);
  }
  EXPECT_EQ(x.state.withdrawals.at({x.state.withdrawals.size()}).state, WithdrawalState::approved);
}

class Sees final : public WithdrawalJudge {
 public:
  Judgement judge(const State& state, const RequestWithdrawal& request, Instant) override {
    Judgement out = without_policy(state, request);
    out.labels = labels;
    return out;
  }
  std::string labels = "none";
};

TEST(news, are_none_of_what_was_asked_for_when_it_was_said) {
  Sees sees;
  Exchange x;
  x.judge = &sees;
  sees.labels = "exchange,scam";
  x.approved();
  ReportLabels report = said(x, "scam,stolen");
  EXPECT_EQ(report.found.withdrawals, std::vector{WithdrawalId{1}});
  EXPECT_EQ(x.run(report), "CaseOpened AddressLabelled WithdrawalReturned");
  EXPECT_FALSE(says_more("scam", "exchange,scam"));
  EXPECT_TRUE(says_more("scam,stolen", "exchange,scam"));
  EXPECT_FALSE(says_more("", ""));
}

// Whoever asks again when the new lists are in use, and is denied, hides nothing.
TEST(news, give_back_who_asked_before_whoever_asked_since) {
  Sees sees;
  Exchange x;
  x.judge = &sees;
  const WithdrawalId before = x.approved();
  sees.labels = "sanctioned";
  const WithdrawalId since = x.approved();
  EXPECT_EQ(x.run(said(x, "sanctioned")), "CaseOpened AddressLabelled WithdrawalReturned");
  EXPECT_EQ(x.state.withdrawals.at(before).state, WithdrawalState::returned);
  EXPECT_EQ(x.state.withdrawals.at(since).state, WithdrawalState::approved);
}

TEST(news, that_lists_have_taken_back_give_nothing_back) {
  Exchange x;
  x.settled();
  x.must(said(x, "scam"));
  Sees sees;
  x.judge = &sees;
  sees.labels = "stolen";
  const WithdrawalId since = x.approved();  // When they said the one, and no more the other.
  x.run(said(x, "stolen"));
  EXPECT_EQ(x.state.withdrawals.at(since).state, WithdrawalState::approved);
}

TEST(news, share_a_case_with_withdrawals_that_wait_for_people_there) {
  class Asks final : public WithdrawalJudge {
   public:
    Judgement judge(const State& state, const RequestWithdrawal& request, Instant) override {
      Judgement out = without_policy(state, request);
      out.demand.review["risk"] = 1;
      out.about = policy::GradeKey{policy::Scope::destination, "0x900", "shared"};
      return out;
    }
  } asks;
  Exchange x;
  x.judge = &asks;
  x.must(said(x, "scam"));
  const WithdrawalId waits = x.approved();
  EXPECT_EQ(x.state.cases.size(), 1u);
  EXPECT_EQ(x.run(CloseNews{{1}, "known", "ann"}), "NewsClosed");
  EXPECT_EQ(x.state.cases.at({1}).closed_at, Instant{});
  x.must(ApproveWithdrawal{waits, "ann", {"risk"}});
  EXPECT_EQ(x.state.cases.at({1}).closed_at, x.now);
}

TEST(cases, that_nobody_finishes_in_time_are_anybodys) {
  Exchange x;
  x.held();
  x.must(AssignCase{{1}, "ann", "ann"});
  x.now = x.state.cases.at({1}).due_at;
  EXPECT_EQ(x.run(MarkOverdue{}), "CaseOverdue");
  EXPECT_TRUE(x.state.cases.at({1}).overdue);
  EXPECT_EQ(x.state.cases.at({1}).assigned_to, "");
}

}  // namespace
}  // namespace holdfast::custody
