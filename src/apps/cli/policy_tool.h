// Looks at policy files, without holdfastd.
#pragma once

#include "apps/cli/session.h"

#include <string>

namespace holdfast::cli {

// Reads the file, checks it as a whole, runs its own tests, and prints its rules and detectors with what each may cost.
// Errors: those of config::read_file() and Policy::read().
Result<void> lint_policy(const Settings& settings, const std::string& file);

}  // namespace holdfast::cli
