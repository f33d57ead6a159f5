#include "api/message/problem.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace holdfast::api {
namespace {

TEST(Problem, has_the_members_of_rfc_9457) {
  const auto json = nlohmann::json::parse(to_json(problem(EdgeProblem::amount_too_precise), "/v1/withdrawals"));
  EXPECT_EQ(json["type"], "urn:holdfast:problem:amount_too_precise");
  EXPECT_EQ(json["title"], "Amount too precise");
  EXPECT_EQ(json["status"], 422);
  EXPECT_EQ(json["detail"], "The amount has more decimal places than the asset.");
  EXPECT_EQ(json["instance"], "/v1/withdrawals");
}

TEST(Problem, takes_a_text_that_is_not_utf8) {
  EXPECT_TRUE(nlohmann::json::accept(to_json(problem(EdgeProblem::field_invalid, "\xff\xfe"), "/\xc3")));
}

TEST(Problem, every_refusal_of_custody_has_a_status) {
  for (int code = 1; code <= static_cast<int>(custody::Refusal::amount_under_limit); ++code) {
    const Problem one = problem(static_cast<custody::Refusal>(code));
    EXPECT_GE(one.status, 400) << one.code;
    EXPECT_LT(one.status, 500) << one.code;
    EXPECT_NE(one.code, "unknown");
  }
}

TEST(Problem, no_code_means_two_things) {
  for (int code = 1; code <= static_cast<int>(custody::Refusal::amount_under_limit); ++code) {
    const auto refusal = custody::name(static_cast<custody::Refusal>(code));
    for (int edge = 1; edge <= static_cast<int>(EdgeProblem::internal); ++edge) {
      EXPECT_NE(refusal, name(static_cast<EdgeProblem>(edge)));
    }
  }
}

}  // namespace
}  // namespace holdfast::api
