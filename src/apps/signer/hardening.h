// Keeps the process's memory, in which keys lie open, from leaving it.
#pragma once

namespace holdfast::signer::app {

// No core dumps, no debugger of the same user, and memory locked against swapping where that is allowed (it is not without
// CAP_IPC_LOCK or a memlock limit; secrets are locked one by one in any case). Call before any secret is read.
void harden_process();

}  // namespace holdfast::signer::app
