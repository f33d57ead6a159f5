// What `holdfast policy` prints, and what it refuses.
#include "apps/cli/policy_tool.h"

#include "journal/test_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

namespace holdfast::cli {
namespace {

std::string file_text(const std::string& name) {
  std::ifstream file(name);
  return {std::istreambuf_iterator<char>(file), {}};
}

class PolicyToolTest : public ::testing::Test {
 protected:
  std::string write(std::string_view text) {
    const std::string name = folder_.file("policy.toml");
    std::ofstream(name) << text;
    return name;
  }
  std::string problem(const std::string& name) {
    ::testing::internal::CaptureStdout();
    const auto done = lint_policy({}, name);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
    return done ? "accepted" : std::string(done.error().code);
  }
  journal::TestFolder folder_;
};

TEST_F(PolicyToolTest, shows_rules_and_what_they_cost) {
  Settings settings;
  settings.json = true;
  ::testing::internal::CaptureStdout();
  const auto done = lint_policy(settings, "policies/default.toml");
  const Json told = Json::parse(::testing::internal::GetCapturedStdout());
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(told["rules"][0]["name"], "sanctioned");
  EXPECT_EQ(told["rules"][0]["then"], "deny");
  EXPECT_EQ(told["rules"][0]["severity"], "critical");
  EXPECT_GT(told["rules"][0]["cost_at_most"], 0);
  EXPECT_EQ(told["policy"].get<std::string>().size(), 64U);
}

TEST_F(PolicyToolTest, says_what_is_wrong) {
  EXPECT_EQ(problem(folder_.file("nothing.toml")), "file_unreadable");
  EXPECT_EQ(problem(write("")), "policy_wrong");
  EXPECT_EQ(problem(write("[[rules]]\n")), "policy_wrong");
  EXPECT_EQ(problem(write(std::string((1 << 20) + 5, '#'))), "file_too_large");
  std::string text = file_text("policies/default.toml");
  const std::string expected = "expect = \"deny\"";
  EXPECT_EQ(problem(write(text.replace(text.find(expected), expected.size(), "expect = \"allow\""))), "policy_test_failed");
}

}  // namespace
}  // namespace holdfast::cli
