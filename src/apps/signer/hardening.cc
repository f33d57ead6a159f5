#include "apps/signer/hardening.h"

#include "base/check.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace holdfast::signer::app {

bool harden_process() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    die("core dumps could not be switched off");
  }
  // With a limit in force, locking all that is yet to come would make later allocations fail.
  rlimit lockable{};
  const bool unlimited = ::getrlimit(RLIMIT_MEMLOCK, &lockable) == 0 && lockable.rlim_cur == RLIM_INFINITY;
  return unlimited && ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

}  // namespace holdfast::signer::app
