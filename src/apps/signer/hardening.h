// Keeps the process's memory, in which keys lie open, from leaving it.
#pragma once

namespace holdfast::signer::app {

// No core dumps, no debugger of the same user, and memory locked against swapping. False when that last was not allowed
// (it takes an unlimited RLIMIT_MEMLOCK); secrets are locked one by one in any case. Call before any secret is read.
bool harden_process();

}  // namespace holdfast::signer::app
