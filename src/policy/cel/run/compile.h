// Turns an expression into a program. What needs no inputs is computed here.
#pragma once

#include "policy/cel/check/check.h"
#include "policy/cel/run/program.h"

namespace holdfast::policy::cel {

Program compile(const Checked& checked, const Environment& environment);

// Without types: functions are found by the kinds of values, and what has no meaning fails where it is needed.
Program compile_unchecked(const Resolved& resolved, const Environment& environment);

}  // namespace holdfast::policy::cel
