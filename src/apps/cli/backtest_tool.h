// Judges a journal's withdrawals again, without holdfastd.
#pragma once

#include "apps/cli/journal_tool.h"

#include <string>

namespace holdfast::cli {

// With the policy of the file: prints what would have been stopped or let through, how much money, how much work for people.
// Without a file: whether the policies of then lead to the very records that stand in the journal; refuses `backtest_differs`.
// Errors: those of the journal's file and of Policy::read().
Result<void> backtest_policy(const Settings& settings, const JournalPlace& place, const std::string& policy_file);

}  // namespace holdfast::cli
