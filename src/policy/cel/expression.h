// An expression from its text to a program that runs: read, resolved, checked, compiled.
//
//   Environment environment;                                           // once: what may be named
//   environment.declare_variable("amount", types::kInt);
//   const auto program = build("amount > 1000", environment, {.expected = types::kBool});
//   Machine machine;                                                   // one for each thread
//   const Value verdict = machine.evaluate(*program, inputs);
#pragma once

#include "policy/cel/check/check.h"
#include "policy/cel/run/machine.h"
#include "policy/cel/run/program.h"
#include "policy/cel/syntax/parser.h"

namespace holdfast::policy::cel {

// Refusals: those of parse() and check(). explain() shows them to people.
Parsed<Program> build(std::string_view source, const Environment& environment, const CheckRules& rules = {},
                      const ParseLimits& limits = {});

}  // namespace holdfast::policy::cel
