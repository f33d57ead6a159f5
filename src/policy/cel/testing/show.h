// Values and types as text, for tests: "[1, 2u, 'a']".
#pragma once

#include "policy/cel/run/value.h"

#include <string>

namespace holdfast::policy::cel {

std::string show(const Value& value);

}  // namespace holdfast::policy::cel
