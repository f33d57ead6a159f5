// Looks at policy files, without holdfastd.
#pragma once

#include "apps/cli/session.h"

#include <string>

namespace holdfast::cli {

// Reads the file, checks it as a whole, runs its own tests, and prints its rules and detectors with what each may cost.
// Errors: those of config::read_file() and Policy::read().
Result<void> lint_policy(const Settings& settings, const std::string& file);

// Runs the file's own tests, all of them, and prints of each whether it passed, and what came where it did not. Errors: as above;
// `policy_test_failed`, with how many.
Result<void> test_policy(const Settings& settings, const std::string& file);

// Prints what is different, and whether the new policy can be milder to any withdrawal, and why. Errors: as of lint_policy();
// the fault `policy_loosens` when it can, or when it is not proven that it cannot.
Result<void> diff_policies(const Settings& settings, const std::string& from, const std::string& to);

}  // namespace holdfast::cli
