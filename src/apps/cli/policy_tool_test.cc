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
  // What it prints as JSON, and the code that it ends with.
  template <class Run>
  std::pair<Json, std::string> told(const Run& run) {
    Settings settings;
    settings.json = true;
    ::testing::internal::CaptureStdout();
    const auto done = run(settings);
    const std::string text = ::testing::internal::GetCapturedStdout();
    return {text.empty() ? Json() : Json::parse(text), done ? "" : std::string(done.error().code)};
  }
  journal::TestFolder folder_;
};

std::string changed(std::string_view from, std::string_view to) {
  std::string text = file_text("policies/default.toml");
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

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

TEST_F(PolicyToolTest, runs_every_test_though_some_fail) {
  const auto run = [&](const std::string& name) {
    return told([&](const Settings& settings) { return test_policy(settings, name); });
  };
  const auto [good, no_problem] = run("policies/default.toml");
  EXPECT_EQ(no_problem, "");
  EXPECT_EQ(good["failed"], 0);
  EXPECT_EQ(good["passed"], good["tests"].size());
  const auto [bad, problem] = run(write(changed("then = \"delay 12h\"", "then = \"delay 11h\"")));
  EXPECT_EQ(problem, "policy_test_failed");
  EXPECT_GT(bad["failed"], 1);
  EXPECT_EQ(bad["failed"].get<int>() + bad["passed"].get<int>(), good["passed"].get<int>());
  for (const Json& test : bad["tests"]) EXPECT_EQ(test["passed"].get<bool>(), test["came"].get<std::string>().find("delay 11h") == std::string::npos);
  EXPECT_EQ(run(write("[[rules]]\n")).second, "policy_wrong");
}

TEST_F(PolicyToolTest, shows_each_test_on_a_line) {
  ::testing::internal::CaptureStdout();
  const auto done = test_policy({}, write(changed("then = \"delay 12h\"", "then = \"delay 11h\"")));
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_FALSE(done);
  EXPECT_NE(text.find("pass  an ordinary withdrawal\n"), std::string::npos);
  EXPECT_NE(text.find("FAIL  10,000 to somebody new, and a cent\n"
                      "      expected delay 12h by [large_to_unknown]\n"
                      "      came     delay 11h by [large_to_unknown]\n"),
            std::string::npos);
}

TEST_F(PolicyToolTest, tells_two_policies_apart) {
  const auto diff = [&](const std::string& from, const std::string& to) {
    return told([&](const Settings& settings) { return diff_policies(settings, from, to); });
  };
  const std::string base = "policies/default.toml";
  const auto [same, no_problem] = diff(base, base);
  EXPECT_EQ(no_problem, "");
  EXPECT_EQ(same["verdict"], "equal");
  EXPECT_EQ(same["differences"].size(), 0U);
  const std::string more = write(changed("partners = [\"partner.example\"]", "partners = [\"partner.example\", \"another.example\"]"));
  const auto [loose, problem] = diff(base, more);
  EXPECT_EQ(problem, "policy_loosens");
  EXPECT_EQ(loose["verdict"], "loosens");
  EXPECT_EQ(loose["differences"][0]["what"], "list");
  EXPECT_EQ(loose["differences"][0]["change"], "1 added, 0 removed");
  EXPECT_GT(loose["reasons"].size(), 1U);
  const auto [tight, none] = diff(more, base);
  EXPECT_EQ(none, "");
  EXPECT_EQ(tight["verdict"], "tightens");
  EXPECT_EQ(tight["differences"][0]["effect"], "tightens");
  EXPECT_EQ(tight["reasons"].size(), 0U);
  EXPECT_EQ(diff(folder_.file("nothing.toml"), base).second, "file_unreadable");
  EXPECT_EQ(diff(base, folder_.file("nothing.toml")).second, "file_unreadable");
}

}  // namespace
}  // namespace holdfast::cli
