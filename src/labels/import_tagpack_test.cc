#include "labels/import_tagpack.h"

#include <gtest/gtest.h>

namespace holdfast::labels {
namespace {

constexpr std::string_view kHead = "title: t\nconfidence: forensic\nlastmod: 2021-12-23\ncurrency: ETH\nsource: s\nlabel: l\n";
constexpr std::string_view kTag = "tags:\n- address: '0x01e2919679362dFBC9ee1644Ba9C6da6D6245BB1'\n";

Result<Imported> read(const std::string& text) { return import_tagpack(text, {"origin", "MIT", 1}); }
std::string pack(std::string_view more) { return std::string(kHead) + std::string(kTag) + std::string(more); }
std::string_view whole_code(const std::string& text) {
  const auto read_pack = read(text);
  return read_pack ? "accepted" : read_pack.error().code;
}

TEST(import_tagpack, a_tag_inherits_and_overrides) {
  const auto list = read(pack("  actor: a\n  category: exchange\n  concepts: [x, {y: z}]\n"
                              "- address: 33HHUHRZ6W3Q5fjBEg6qMKup3tpaAvQgAr\n  currency: BTC\n  abuse: service_hack\n"
                              "  category: exchange\n  source: other\n  confidence: web_crawl\n  lastmod: 2024-02-29 01:02:03\n"));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->labels.size(), 2U);
  const Label& first = list->labels[0];
  EXPECT_EQ(first.chain, "eip155:1");
  EXPECT_EQ(first.category, Category::exchange);
  EXPECT_EQ(first.actor, "a");
  EXPECT_EQ(first.source, "s");
  EXPECT_EQ(first.licence, "MIT");
  EXPECT_EQ(first.confidence, 50);
  EXPECT_EQ(first.day, 18'984);
  const Label& second = list->labels[1];
  EXPECT_EQ(second.chain, "bip122:000000000019d6689c085ae165831e93");
  EXPECT_EQ(second.category, Category::stolen);
  EXPECT_EQ(second.actor, "l");
  EXPECT_EQ(second.source, "other");
  EXPECT_EQ(second.confidence, 20);
  EXPECT_EQ(second.day, 19'782);
}

TEST(import_tagpack, wrongdoing_holds_on_every_evm_chain) {
  const auto list = read(pack("  abuse: scam\n"));
  ASSERT_TRUE(list && list->labels.size() == 1);
  EXPECT_TRUE(list->labels[0].holds_across_evm());
}

TEST(import_tagpack, a_pack_that_does_not_say_how_sure_it_is_counts_least) {
  const auto list = read("currency: ETH\n" + std::string(kTag));
  ASSERT_TRUE(list && list->labels.size() == 1);
  for (const auto& word : confidence_words()) EXPECT_GE(word.confidence, list->labels[0].confidence) << word.word;
}

TEST(import_tagpack, counts_what_no_chain_of_ours_serves) {
  const auto list = read(pack("  currency: SOL\n"));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->not_ours, 1U);
  EXPECT_TRUE(list->labels.empty() && list->refused.empty());
}

TEST(import_tagpack, refuses_a_tag_by_line_and_code) {
  const auto code = [](std::string_view more) -> std::string_view {
    const auto list = read(pack(more));
    if (!list || list->refused.size() != 1) return "not one refusal";
    EXPECT_EQ(list->refused[0].line, 8U) << more;
    return list->refused[0].code;
  };
  EXPECT_EQ(code("  confidence: sure\n"), "confidence_unknown");
  EXPECT_EQ(code("  category: nonsense\n"), "category_unknown");
  EXPECT_EQ(code("  abuse: nonsense\n"), "category_unknown");
  for (const std::string_view date : {"2021-02-29", "2021-13-01", "1969-01-01", "2021-1-1", "2021-12-231", "soon", "+021-01-01"}) {
    EXPECT_EQ(code("  lastmod: " + std::string(date) + "\n"), "date_malformed") << date;
  }
  EXPECT_EQ(code("  label: " + std::string(kPackFieldMax + 1, 'x') + "\n"), "field_too_long");
  EXPECT_EQ(code("  label: \"a\\u001b[2J\"\n"), "field_unprintable");
  EXPECT_EQ(code("  currency: BTC\n"), "address_malformed");
  const auto none = read(std::string(kHead) + "tags:\n- label: x\n");
  ASSERT_TRUE(none && none->refused.size() == 1);
  EXPECT_EQ(none->refused[0].code, "address_missing");
  const auto nowhere = read("confidence: forensic\n" + std::string(kTag));
  ASSERT_TRUE(nowhere && nowhere->refused.size() == 1);
  EXPECT_EQ(nowhere->refused[0].code, "currency_missing");
}

TEST(import_tagpack, refuses_a_whole_by_code) {
  EXPECT_EQ(whole_code(""), "pack_shape");
  EXPECT_EQ(whole_code("title: t\n"), "pack_shape");
  EXPECT_EQ(whole_code("- a\n"), "pack_shape");
  EXPECT_EQ(whole_code("tags: {a: b}\n"), "pack_shape");
  EXPECT_EQ(whole_code("tags: [a]\n"), "pack_shape");
  EXPECT_EQ(whole_code("tags: [[a]]\n"), "pack_shape");
  EXPECT_EQ(whole_code("tags: {a: {b: c}}\n"), "pack_shape");
  EXPECT_EQ(whole_code("? [a]\n: b\n"), "pack_shape");
  EXPECT_EQ(whole_code("a: [b\n"), "yaml_malformed");
  EXPECT_EQ(whole_code("a: &x b\ntags: []\n"), "yaml_alias");
  EXPECT_EQ(whole_code("a: &x [b]\nc: *x\n"), "yaml_alias");
  EXPECT_EQ(whole_code("a: " + std::string(9, '[') + std::string(9, ']')), "yaml_too_deep");
  std::string deep = "a:\n";
  for (int n = 0; n < 100'000; ++n) deep += "- ";
  EXPECT_EQ(whole_code(deep), "yaml_too_deep");
  EXPECT_EQ(whole_code(std::string(kPackOpenMax + 1, '{')), "yaml_too_deep");
  EXPECT_EQ(whole_code(std::string(kPackSizeMax + 1, ' ')), "list_too_large");
  std::string many = "tags:\n";
  for (std::size_t n = 0; n <= kPackTagsMax; ++n) many += "- {a: b}\n";
  EXPECT_EQ(whole_code(many), "list_too_long");
}

TEST(import_tagpack, confidence_words_are_of_a_hundred) {
  for (const auto& word : confidence_words()) EXPECT_TRUE(word.confidence > 0 && word.confidence <= 100) << word.word;
}

}  // namespace
}  // namespace holdfast::labels
