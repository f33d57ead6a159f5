// Fuzzes checker and machine: what the checker accepts evaluates without an error of types, within its bound of cost, and as a second
// evaluator has it. Input: an expression; or, when the first byte is 0, choices that an expression is made from.
#include "base/bytes.h"
#include "base/check.h"
#include "policy/cel/testing/sample_world.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::policy::cel;
  static const SampleWorld kWorld;
  const ByteView input(data, size);
  const bool is_choices = size > 0 && data[0] == 0;
  const std::string source = is_choices ? write_expression(input.subspan(1)) : std::string(as_text(input));
  const std::string problem = examine(kWorld, source).problem;
  if (!problem.empty()) std::fprintf(stderr, "%s\n%s\n", source.c_str(), problem.c_str());
  HF_CHECK(problem.empty());
  return 0;
}
