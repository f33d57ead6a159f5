// Judges a journal's withdrawals again, without holdfastd.
#pragma once

#include "apps/cli/journal_tool.h"

#include <cstdint>
#include <functional>
#include <string>

namespace holdfast::cli {

// With the policy of the file: prints what would have been stopped or let through, how much money, how much work for people.
// Without a file: whether the policies of then lead to the very records that stand in the journal; refuses `backtest_differs`.
// Errors: those of the journal's file and of Policy::read().
Result<void> backtest_policy(const Settings& settings, const JournalPlace& place, const std::string& policy_file);

// Judges all of the journal with the policy of the file, and then what comes, as it comes: prints each withdrawal of which the live
// verdict is another, and at the end the sums over these. Only reads, and between two looks holds nothing open.
// `wait` comes back when it is time to look again, with false when it is over. Errors as of backtest_policy().
Result<void> shadow_policy(const Settings& settings, const JournalPlace& place, const std::string& policy_file,
                           const std::function<bool()>& wait);

// Waits a second at a time, until so many have gone by since the first (0: for ever) or the process is asked to end, which from the first
// on does no more than make it false.
std::function<bool()> each_second(std::int64_t seconds);

}  // namespace holdfast::cli
