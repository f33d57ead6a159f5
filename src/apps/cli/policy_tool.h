// Looks at policy files, without holdfastd.
#pragma once

#include "apps/cli/session.h"

#include <string>

namespace holdfast::cli {

// Reads the file, checks it as a whole, runs its own tests, and prints its rules with what each may cost.
// Errors: file_unreadable, policy_wrong (with line and column), policy_test_failed.
Result<void> lint_policy(const Settings& settings, const std::string& file);

}  // namespace holdfast::cli
