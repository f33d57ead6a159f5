// What a running signer gives up once its keys are open, so that whoever gets to run code in it gains little:
//
//   seccomp    no program is started, no process made, none traced or read; nothing is bound, listened on or accepted; no namespaces,
//              mounts, kernel modules, BPF, performance events, io_uring or keyrings
//   Landlock   (kernel 5.13 and newer, where it is switched on) nothing is written, made, removed or renamed outside of the folders
//              given, and nothing executed; from kernel 6.7 on no TCP port is bound either, by a second lock
//
// What is left: threads, outgoing connections, reading what its user may read. It cannot be taken back.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace holdfast::signer {

struct Sandbox {
  int landlock = 0;  // The ABI in force; 0: the kernel has none.
};

// The ABI of the Landlock that this kernel offers; 0: none.
int landlock_offered();

// `writable`: folders, which have to be there. Call before other threads run: Landlock binds those that the caller makes later.
// Everything it forbids fails with EPERM, EACCES, or ENOSYS.
//   fault sandbox_not_entered (seccomp, which every kernel has that this runs on; or Landlock, where the kernel says it has it)
Result<Sandbox> enter_sandbox(const std::vector<std::string>& writable);

}  // namespace holdfast::signer
