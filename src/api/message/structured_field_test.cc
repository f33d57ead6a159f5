#include "api/message/structured_field.h"

#include <gtest/gtest.h>

namespace holdfast::api {
namespace {

TEST(StructuredField, reads_the_example_of_rfc_9421) {
  const auto dictionary = parse_dictionary(
      R"(sig1=("@method" "content-digest");created=1618884473;keyid="test-key", proxy=:AAEC:;a;b=tok/en;c=?0)");
  ASSERT_TRUE(dictionary);
  ASSERT_EQ(dictionary->size(), 2u);
  const auto& list = std::get<InnerList>(find(*dictionary, "sig1")->value);
  EXPECT_EQ(list.items.size(), 2u);
  EXPECT_EQ(to_field_text(list), R"(("@method" "content-digest");created=1618884473;keyid="test-key")");
  const auto& item = std::get<Item>(find(*dictionary, "proxy")->value);
  EXPECT_EQ(std::get<Bytes>(item.value), (Bytes{0, 1, 2}));
  EXPECT_EQ(to_field_text(item), ":AAEC:;a;b=tok/en;c=?0");
}

TEST(StructuredField, blanks_that_the_grammar_allows_do_not_change_the_meaning) {
  EXPECT_EQ(parse_dictionary("  a=( \"x\"   \"y\" ); k=1 ,\t b=-7"), parse_dictionary("a=(\"x\" \"y\");k=1, b=-7"));
}

TEST(StructuredField, an_empty_dictionary_is_one) { EXPECT_EQ(parse_dictionary("")->size(), 0u); }

class Malformed : public ::testing::TestWithParam<std::string> {};

TEST_P(Malformed, is_refused) { EXPECT_FALSE(parse_dictionary(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(StructuredField, Malformed,
                         ::testing::Values("A=1", "=1", "a=", "a=1,", "a=1,,b=2", "a=1 b=2", "a=1, a=2", "a=(\"x\"",
                                           "a=(\"x\"\"y\")", "a=\"x", "a=\"\\x\"", "a=\"\x01\"", "a=:AB",
                                           "a=:A:", "a=:AA-_:", "a=?2", "a=1.5", "a=1234567890123456", "a=-", "a=1;K=2",
                                           "a=1;k=2;k=3", "a=1;", "a=@x", std::string("a=\"\0\"", 6),
                                           "a=" + std::string(kMaxFieldBytes, '1')));

TEST(StructuredField, is_bounded) {
  std::string members;
  for (std::size_t i = 0; i <= kMaxFieldMembers; ++i) members += (i ? ", k" : "k") + std::to_string(i);
  EXPECT_FALSE(parse_dictionary(members));
  std::string items = "a=(";
  for (std::size_t i = 0; i <= kMaxListItems; ++i) items += " 1";
  EXPECT_FALSE(parse_dictionary(items + ")"));
}

}  // namespace
}  // namespace holdfast::api
