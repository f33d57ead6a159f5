// No two keys of one wallet on one host: whoever owns the host would own both.
//
// A signer that runs holds, for each wallet it guards, an abstract Unix socket (unix(7)) named after the wallet. The kernel gives the
// name to one process and takes it back when that ends, however it ends; it asks for no folder and no right, so it is seen across
// users and data folders. Nothing listens on it. It is a slip that this catches, not an intruder: it does not see into another
// network namespace (most containers) or another virtual machine on the same iron, and whoever may run programs on the host can
// take a name first and keep a signer from starting.
#pragma once

#include "base/result.h"
#include "signer/policy.h"

#include <string>
#include <vector>

namespace holdfast::signer {

// Names of all wallets of a policy: chain and address, or chain and descriptor. Sorted, each once.
std::vector<std::string> guarded_wallets(const Policy& policy);

class SameHostGuard {
 public:
  SameHostGuard(SameHostGuard&&) noexcept;
  SameHostGuard& operator=(SameHostGuard&&) = delete;
  ~SameHostGuard();
  // refusal wallet_guarded_here: another process of this host holds one of them, and `allow` is not set
  // fault   guard_not_held
  static Result<SameHostGuard> hold(const std::vector<std::string>& wallets, bool allow);

  // Those that another process holds: a quorum may lie on this host. Only when that is allowed.
  const std::vector<std::string>& shared() const { return shared_; }

 private:
  SameHostGuard() = default;
  std::vector<int> sockets_;
  std::vector<std::string> shared_;
};

}  // namespace holdfast::signer
