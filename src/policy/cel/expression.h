// An expression from its text to a program that runs: read, resolved, checked, compiled.
//
// An Environment is made once and says what may be named; build() turns a text into a Program against it; a Machine, one for each
// thread, runs programs. bench/cel_bench.cc shows all three.
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
