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

// What examine() would say of a machine that is wrong: here it is its inputs that are.
TEST(expressions, are_really_examined) {
  SampleWorld wrong;
  EXPECT_EQ(examine(wrong, "i + 1 == 43 && xs.exists(x, x == 4)").problem, "");
  wrong.variables["i"] = Plain{std::int64_t{41}};
  EXPECT_NE(examine(wrong, "xs.map(x, x + i)").problem, "");
  wrong.inputs[1] = Value::string("42");
  EXPECT_EQ(examine(wrong, "i + 1").problem, "accepted, and yet: error(no such overload)");
  const std::string longer(10'000, 'a');
  wrong.inputs[5] = Value::string(longer);
  EXPECT_TRUE(examine(wrong, "s.contains('b')").problem.starts_with("spent ")) << "longer than was declared";
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
