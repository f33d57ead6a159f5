// The documentation lists every refusal, and no other.
#include "signer/refusal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace holdfast::signer {
namespace {

// Table rows of the form "| `name` | ...".
std::set<std::string> documented() {
  std::set<std::string> out;
  std::ifstream file("docs/api/signer-refusals.md");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    out.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return out;
}

TEST(Refusal, the_documentation_lists_exactly_these) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kRefusalCount; ++i) names.emplace(name(static_cast<Refusal>(i)));
  EXPECT_EQ(names.size(), kRefusalCount);
  EXPECT_EQ(documented(), names);
}

TEST(Refusal, each_explains_itself_in_a_sentence) {
  for (std::size_t i = 0; i < kRefusalCount; ++i) {
    const auto text = explain(static_cast<Refusal>(i));
    EXPECT_TRUE(text.ends_with('.')) << text;
  }
}

}  // namespace
}  // namespace holdfast::signer
