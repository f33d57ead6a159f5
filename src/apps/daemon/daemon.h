// holdfastd put together: journal, engine, chains, signers, API, and the threads that drive them.
#pragma once

#include "apps/daemon/config.h"
#include "base/result.h"

namespace holdfast::daemon {

// Makes the journal, its key and the folder they lie in. Never done implicitly: a daemon that started with an empty journal
// because the old one had gone missing would pay everybody again.
//   refusal journal_exists, log_key_exists    faults of writing
Result<void> init(const Config& config);

// Runs until SIGINT or SIGTERM. Errors are those of starting.
//   refusal journal_missing, log_key_missing (init was not done, or a file is lost)    and those of its parts
Result<void> run(const Config& config);

}  // namespace holdfast::daemon
