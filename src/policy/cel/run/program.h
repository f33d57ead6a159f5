// A compiled expression: instructions over three banks of values.
//
//   operand = bank << 30 | index        banks: temporaries of the evaluation, inputs (by the slot of the variable), constants
//
// Every instruction looks at the kinds of its operands itself. That an expression was checked makes it faster to find the right
// function; it is never what memory safety rests on.
#pragma once

#include "policy/cel/check/environment.h"
#include "policy/cel/functions/pattern.h"
#include "policy/cel/run/arena.h"
#include "policy/cel/run/value.h"

#include <string>
#include <vector>

namespace holdfast::policy::cel {

enum class Op : std::uint8_t {
  // to = op a, or to = a op b. These also name CEL's operators, see operate.h.
  negate, invert, add, subtract, multiply, divide, modulo, equal, not_equal, less, less_equal, greater, greater_equal, in, index,
  type_of,
  select,      // to = a[b], b a text; only of maps
  presence,    // to = whether a has the key b
  move,        // to = a
  fail,        // to = the error of code a
  jump,        // go to b
  branch,      // a true: skip one; false: go to b; else to = error, go on with the next
  first_of_all, next_of_all,  // of &&: a false: to = false, go to b; else to gathers
  first_of_any, next_of_any,  // of ||: the same with true
  make_list,   // to = [a, a + 1, ...], b elements
  make_map,    // to = {a: a + 1, ...}, b values, keys included
  call,        // to = function of call site b, `count` arguments from a on
  call_two,    // to = function of call site `count`, of a and b
  match,       // to = whether pattern b is in the text a
  loop_begin,  // to is the first of four: result, variable, range, place; a the range; `count` the macro; go to b when a is no range
  loop_next,   // variable = next of range, a units are charged; none: go to b
  count_true,  // a true: to += 1; false: nothing; else to = error, go to b
  keep_true,   // a true: append the variable to `to`; false: nothing; else to = error, go to b
  append,      // append a to `to`; an error: to = error, go to b
  is_one,      // to = to == 1
  finish,      // the result is a
};

struct Instruction {
  Op op = Op::finish;
  std::uint16_t count = 0;
  std::uint32_t to = 0;  // A temporary.
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

using Operand = std::uint32_t;
enum class Bank : std::uint8_t { temporary, input, constant };
inline constexpr std::uint32_t kBankShift = 30;
inline constexpr std::uint32_t kIndexMask = (1U << kBankShift) - 1;

constexpr Operand operand_in(Bank bank, std::uint32_t index) { return static_cast<std::uint32_t>(bank) << kBankShift | index; }
constexpr Bank bank_of(Operand operand) { return static_cast<Bank>(operand >> kBankShift); }

inline constexpr std::uint32_t kLoopTemporaries = 4;

struct CallSite {
  FunctionId function = 0;
  bool is_member = false;
  const DeclaredOverload* overload = nullptr;  // Null: found by the kinds of the arguments.
};

// A part that needs no inputs and still fails: 1 / 0, duration("1x"). No error where the rest can do without it.
struct Warning {
  std::uint32_t at = 0;
  ErrorCode code = ErrorCode::none;
};

// The environment it was compiled against has to outlive it, unchanged.
struct Program {
  explicit Program(const Environment& by) : environment(&by) {}

  const Environment* environment;
  std::string source;
  std::vector<Instruction> code;
  std::vector<std::uint32_t> places;  // By instruction: byte offset in the source.
  std::vector<Value> constants;
  std::vector<CallSite> calls;
  std::vector<Pattern> patterns;
  std::vector<Warning> warnings;
  std::uint32_t temporaries = 0;
  std::uint64_t cost_bound = 0;  // No evaluation spends more, as long as inputs keep to their bounds. kUnbounded: nothing is known.
  Arena memory{kConstantsLimit};  // What constants borrow.

  static constexpr std::size_t kConstantsLimit = 1 << 20;
  static constexpr std::size_t kMaxWarnings = 20;

  // Where in the source an error arose.
  std::uint32_t place_of(const Value& error) const {
    return error.origin() == Value::kNowhere || error.origin() > places.size() ? 0 : places[error.origin() - 1];
  }
};

}  // namespace holdfast::policy::cel
