// CEL's own functions and operators, as its specification lists them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace holdfast::policy::cel {

class Environment;

void declare_standard(Environment& environment);

// The parts of it.
void declare_operators(Environment& environment);    // The machine knows how to do them.
void declare_conversions(Environment& environment);  // int(), string(), type(), ...
void declare_text(Environment& environment);         // size(), contains(), matches(), ...
void declare_time(Environment& environment);         // getFullYear(), ...

}  // namespace holdfast::policy::cel
