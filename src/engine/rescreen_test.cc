// What lists say of people who were paid, or who paid, long ago: each address once, with what went there, and never twice.
#include "engine/rescreen.h"

#include "custody/test_exchange.h"

#include <gtest/gtest.h>

namespace holdfast::engine {
namespace {

using namespace custody;

// The books of one exchange, as a state to look at and to submit to.
class Books final : public Submitter, public chain::StateView {
 public:
  std::vector<Outcome> submit(std::span<const Command> commands) override {
    std::vector<Outcome> out;
    for (const Command& command : commands) {
      const std::size_t before = x.log.size();
      const std::string said = x.run(command);
      out.push_back({Refusal::none, 0, static_cast<std::uint32_t>(x.log.size() - before)});
      said_.push_back(said);
    }
    return out;
  }
  void read(const std::function<void(const State&)>& look) const override { look(x.state); }

  WithdrawalId ask(std::uint64_t to) {
    RequestWithdrawal wanted = x.request(10);
    wanted.destination = address(to);
    x.must(wanted);
    return {x.state.withdrawals.size()};
  }
  DepositId credit(std::uint64_t from) {
    DepositFact fact = x.deposit(7);
    fact.from = address(from);
    x.must(x.block({}, {fact}));
    while (x.state.deposits.at({x.state.deposits.size()}).state != DepositState::credited) {
      x.must(x.block());
      x.finalize();
    }
    return {x.state.deposits.size()};
  }
  std::size_t screen(const std::map<std::uint64_t, std::string>& wrongs) {
    const auto say = [&](std::string_view, const Address& at) {
      for (const auto& [n, words] : wrongs) {
        if (address(n) == at) return words;
      }
      return std::string();
    };
    return rescreen(*this, *this, {say, [](std::string_view caip2, const Address&) { return std::string(caip2) + " address"; }});
  }
  const LabelledAddress& labelled(std::uint64_t n) const { return x.state.labelled.at({kChain, address(n)}); }

  Exchange x;
  std::vector<std::string> said_;
};

TEST(rescreening, reports_each_address_once_with_all_that_went_there_and_came) {
  Books books;
  books.x.must(SetPrice{kToken, 1'000'000'000'000, "ann", true});  // A base unit is a dollar.
  const WithdrawalId first = books.ask(901);
  books.ask(902);
  const WithdrawalId second = books.ask(901);
  const DepositId paid = books.credit(901);
  EXPECT_EQ(books.screen({{901, "stolen"}, {903, "scam"}}), 1u);
  EXPECT_EQ(books.labelled(901).withdrawals, (std::vector{first, second}));
  EXPECT_EQ(books.labelled(901).paid, 20'000'000u);
  EXPECT_EQ(books.labelled(901).deposits, std::vector{paid});
  EXPECT_EQ(books.labelled(901).credited, 7'000'000u);
  EXPECT_EQ(books.x.state.cases.at({1}).subject, "eip155:31337 address");
  EXPECT_EQ(books.screen({{901, "stolen"}, {903, "scam"}}), 0u);  // As after a restart.
  EXPECT_EQ(books.screen({{901, "stolen"}, {902, "frozen"}}), 1u);
}

TEST(rescreening, dust_that_nobody_asked_for_counts_as_dust) {
  Books books;
  books.x.must(SetPrice{kToken, 1'000'000'000'000, "ann", true});
  const Amount before = books.x.available();
  books.credit(901);
  EXPECT_EQ(books.screen({{901, "sanctioned"}}), 1u);
  EXPECT_EQ(books.labelled(901).credited, 7'000'000u);  // Whatever its receiver holds beside.
  EXPECT_EQ(books.x.available(), before + units(7));
  EXPECT_FALSE(books.x.state.frozen(kChain, kToken, {}, kAnn));
}

TEST(rescreening, of_those_that_were_never_paid_is_nobodys_business) {
  Books books;
  books.x.must(CancelWithdrawal{books.ask(901)});
  EXPECT_EQ(books.screen({{901, "stolen"}}), 0u);
}

TEST(rescreening, of_a_crowd_names_the_first) {
  Books books;
  for (int i = 0; i < 25; ++i) books.ask(901);
  EXPECT_EQ(books.screen({{901, "stolen"}}), 1u);
  EXPECT_EQ(books.labelled(901).withdrawals.size(), kMaxNamed);
}

}  // namespace
}  // namespace holdfast::engine
