#include "policy/cel/testing/sample_world.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

namespace holdfast::policy::cel {
namespace {

const SampleWorld& world() {
  static const SampleWorld kWorld;
  return kWorld;
}

std::vector<std::uint8_t> choices() {
  return *rc::gen::resize(400, rc::gen::container<std::vector<std::uint8_t>>(rc::gen::resize(100, rc::gen::arbitrary<std::uint8_t>())));
}

RC_GTEST_PROP(expressions, mean_the_same_to_both_evaluators, ()) {
  const std::string source = write_expression(choices());
  const std::string problem = examine(world(), source).problem;
  RC_LOG() << source << '\n' << problem;
  RC_ASSERT(problem.empty());
}

// Many more, without shrinking. That nearly all are compared to the end shows that the property above has something to say.
TEST(expressions, of_a_fixed_seed) {
  constexpr std::size_t kTimes = 5'000;
  std::mt19937_64 random(20'230'912);
  std::size_t accepted = 0;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < kTimes; ++i) {
    std::vector<std::uint8_t> choices(random() % 400);
    for (std::uint8_t& each : choices) each = static_cast<std::uint8_t>(random());
    const std::string source = write_expression(choices);
    const Examined examined = examine(world(), source);
    ASSERT_EQ(examined.problem, "") << source;
    accepted += examined.was_accepted ? 1U : 0U;
    compared += examined.was_compared ? 1U : 0U;
  }
  EXPECT_EQ(accepted, kTimes);
  EXPECT_GT(compared, kTimes * 9 / 10);
}

}  // namespace
}  // namespace holdfast::policy::cel
