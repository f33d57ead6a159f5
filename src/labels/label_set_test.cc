#include "labels/label_set.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::labels {
namespace {

custody::Address address(std::uint8_t n) { return custody::Address(Bytes(20, n)); }

Label label(std::string_view chain, std::uint8_t n, Category category, std::string source, std::uint8_t confidence = 50) {
  return {std::string(chain), address(n), category, "actor", std::move(source), "MIT", 100, confidence};
}

TEST(label_set, finds_on_its_chain_only_and_on_every_evm_chain) {
  const auto set = LabelSet::build({label("eip155:1", 1, Category::exchange, "a"), label(kEveryEvmChain, 1, Category::stolen, "a"),
                                    label("bip122:00", 1, Category::mixer, "a")});
  EXPECT_EQ(set.addresses(), 3U);
  const auto both = set.find("eip155:1", address(1));
  ASSERT_EQ(both.on_chain.size(), 1U);
  EXPECT_EQ(both.on_chain[0].category, Category::exchange);
  ASSERT_EQ(both.on_every_evm_chain.size(), 1U);
  const auto elsewhere = set.find("eip155:10", address(1));
  EXPECT_TRUE(elsewhere.on_chain.empty());
  ASSERT_EQ(elsewhere.on_every_evm_chain.size(), 1U);
  EXPECT_EQ(elsewhere.on_every_evm_chain[0].category, Category::stolen);
  const auto coins = set.find("bip122:00", address(1));
  ASSERT_EQ(coins.on_chain.size(), 1U);
  EXPECT_TRUE(coins.on_every_evm_chain.empty());
  EXPECT_TRUE(set.find("eip155:1", address(2)).empty());
  EXPECT_TRUE(set.find("bip122:01", address(1)).empty());
}

TEST(label_set, keeps_all_sources_and_the_surest_of_equals) {
  const auto set = LabelSet::build({label("c", 1, Category::mixer, "a", 20), label("c", 1, Category::mixer, "a", 80),
                                    label("c", 1, Category::mixer, "b", 10), label("c", 1, Category::scam, "a", 5)});
  const auto found = set.find("c", address(1)).on_chain;
  ASSERT_EQ(found.size(), 3U);
  EXPECT_TRUE(std::ranges::any_of(found, [](const SetLabel& one) { return one.confidence == 80; }));
  EXPECT_TRUE(std::ranges::none_of(found, [](const SetLabel& one) { return one.confidence == 20; }));
}

TEST(label_set, hash_does_not_know_the_order_but_every_field) {
  std::vector<Label> labels;
  for (std::uint8_t n = 0; n < 50; ++n) labels.push_back(label("c", n, Category::scam, "a"));
  const auto hash = LabelSet::build(labels).content_hash();
  std::ranges::reverse(labels);
  labels.push_back(labels[7]);
  EXPECT_EQ(LabelSet::build(labels).content_hash(), hash);
  const auto changed = [&](auto change) {
    auto other = labels;
    other.pop_back();
    change(other[7]);
    return LabelSet::build(other).content_hash() != hash;
  };
  EXPECT_TRUE(changed([](Label& l) { l.chain = "d"; }));
  EXPECT_TRUE(changed([](Label& l) { l.address = address(99); }));
  EXPECT_TRUE(changed([](Label& l) { l.category = Category::mixer; }));
  EXPECT_TRUE(changed([](Label& l) { l.actor = "b"; }));
  EXPECT_TRUE(changed([](Label& l) { l.source = "b"; }));
  EXPECT_TRUE(changed([](Label& l) { l.licence = "b"; }));
  EXPECT_TRUE(changed([](Label& l) { l.day = std::nullopt; }));
  EXPECT_TRUE(changed([](Label& l) { l.confidence = 1; }));
}

TEST(label_set, knows_its_age_and_an_empty_one_has_none) {
  auto old = label("c", 1, Category::scam, "a");
  old.day = 7;
  auto undated = label("c", 2, Category::scam, "a");
  undated.day = std::nullopt;
  const auto set = LabelSet::build({old, undated, label("c", 3, Category::scam, "a")});
  EXPECT_EQ(set.oldest_day(), 7);
  EXPECT_EQ(set.newest_day(), 100);
  EXPECT_GT(set.memory_bytes(), 3 * sizeof(SetLabel));
  const auto none = LabelSet::build({});
  EXPECT_FALSE(none.newest_day());
  EXPECT_TRUE(none.find("c", address(1)).empty());
}

TEST(label_set, names_each_category_once_and_sorted) {
  const auto set = LabelSet::build({label("eip155:1", 1, Category::scam, "a"), label("eip155:1", 1, Category::scam, "b"),
                                    label("eip155:1", 1, Category::exchange, "a"), label(kEveryEvmChain, 1, Category::sanctioned, "a"),
                                    label(kEveryEvmChain, 1, Category::scam, "c"), label("bip122:00", 2, Category::mixer, "a")});
  using Names = std::vector<std::string>;
  EXPECT_EQ(categories(set, "eip155:1", address(1)), (Names{"exchange", "sanctioned", "scam"}));
  EXPECT_EQ(categories(set, "eip155:10", address(1)), (Names{"sanctioned", "scam"}));
  EXPECT_EQ(categories(set, "bip122:00", address(2)), Names{"mixer"});
  EXPECT_EQ(categories(set, "eip155:1", address(2)).capacity(), 0U);
  EXPECT_EQ(categories(set, "bip122:00", address(1)), Names{});
}

TEST(label_set, names_all_categories_there_are) {
  std::vector<Label> all;
  for (unsigned i = 0; i < kCategoryCount; ++i) all.push_back(label("c", 1, static_cast<Category>(i), "a"));
  const auto names = categories(LabelSet::build(all), "c", address(1));
  EXPECT_EQ(names.size(), all.size());
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

TEST(label_set, finds_each_of_many) {
  std::vector<Label> labels;
  for (std::uint32_t n = 0; n < 20'000; ++n) {
    Bytes raw(20, 0);
    for (std::size_t i = 0; i < 4; ++i) raw[16 + i] = static_cast<std::uint8_t>(n >> (8 * i));
    labels.push_back({"c", custody::Address(raw), Category::scam, std::to_string(n), "a", "MIT", 1, 1});
  }
  const auto set = LabelSet::build(labels);
  for (const Label& one : labels) {
    const auto found = set.find("c", one.address).on_chain;
    ASSERT_EQ(found.size(), 1U);
    ASSERT_EQ(found[0].actor, one.actor);
  }
}

}  // namespace
}  // namespace holdfast::labels
