// CEL's own operators, for all kinds of values that it knows.
#pragma once

#include "policy/cel/run/compare.h"
#include "policy/cel/run/program.h"

namespace holdfast::policy::cel {

// Neither operand is an error; `b` is looked at by operators with two operands only. The error no_such_overload: CEL has no such
// operator for these kinds, a domain may have.
Value operate(Op op, Context& context, const Environment& environment, const Value& a, const Value& b);

// a.name and has(a.name); `key` is a text.
Value select(Context& context, const Value& from, const Value& key);
Value presence(Context& context, const Value& from, const Value& key);

// The name of the function that an operator is declared as.
std::string_view function_of(Op op);
std::optional<Op> operator_of_function(std::string_view name);

// What a lookup in a map costs, at most.
std::uint64_t lookup_cost(std::uint64_t entries, std::uint64_t key_bytes);

}  // namespace holdfast::policy::cel
