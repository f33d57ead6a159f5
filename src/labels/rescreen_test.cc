#include "labels/rescreen.h"

#include <gtest/gtest.h>

namespace holdfast::labels {
namespace {

custody::Address address(std::uint8_t n) { return custody::Address(Bytes(20, n)); }
Label label(std::string_view chain, std::uint8_t n, Category category, std::string source = "a") {
  return {std::string(chain), address(n), category, "actor", std::move(source), "MIT", 100, 50};
}

TEST(rescreen, finds_those_newly_labelled) {
  const auto before = LabelSet::build({label("eip155:1", 1, Category::exchange), label("eip155:1", 2, Category::scam), label("eip155:1", 3, Category::mixer)});
  const auto now = LabelSet::build({label("eip155:1", 1, Category::exchange), label(kEveryEvmChain, 1, Category::stolen),
                                    label(kEveryEvmChain, 1, Category::sanctioned), label("eip155:1", 2, Category::scam),
                                    label("eip155:1", 2, Category::scam, "b"), label("eip155:10", 4, Category::mixer)});
  const std::vector<Counterparty> paid = {{"eip155:1", address(2), 10}, {"eip155:1", address(1), 11}, {"eip155:1", address(3), 12},
                                          {"eip155:1", address(4), 13}, {"eip155:10", address(4), 14}, {"eip155:56", address(1), 15}};
  const auto found = rescreen(before, now, paid);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(paid[found[0].at].reference, 11U);
  EXPECT_EQ(found[0].categories, (std::vector<std::string>{"sanctioned", "stolen"}));
  EXPECT_EQ(paid[found[1].at].reference, 14U);
  EXPECT_EQ(found[1].categories, std::vector<std::string>{"mixer"});
  EXPECT_EQ(paid[found[2].at].reference, 15U);
  EXPECT_EQ(found[2].categories, (std::vector<std::string>{"sanctioned", "stolen"}));
}

TEST(rescreen, finds_nothing_in_equal_sets) {
  const auto set = LabelSet::build({label("eip155:1", 1, Category::stolen)});
  const std::vector<Counterparty> paid = {{"eip155:1", address(1), 1}};
  EXPECT_TRUE(rescreen(set, set, paid).empty());
  EXPECT_EQ(rescreen(LabelSet::build({}), set, paid).size(), 1U);
  EXPECT_TRUE(rescreen(set, LabelSet::build({}), paid).empty());
}

TEST(rescreen, dust_taints_no_more_than_itself) {
  EXPECT_EQ(taint_of_deposit(Amount::of(1), Amount::of(1'000'000'000)), Amount::of(1));
  EXPECT_EQ(taint_of_deposit(Amount::of(500), Amount::of(500)), Amount::of(500));
  EXPECT_EQ(taint_of_deposit(Amount::of(500), Amount::of(20)), Amount::of(20));  // Some of it is spent.
  EXPECT_EQ(taint_of_deposit(Amount::of(0), Amount::of(20)), Amount::of(0));
}

}  // namespace
}  // namespace holdfast::labels
