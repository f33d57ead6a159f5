// For tests: a real anvil in a process of its own, with blocks made only when asked for.
#pragma once

#include "chain/evm/json_rpc.h"
#include "chain/evm/node.h"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::evm {

inline constexpr std::uint64_t kAnvilChainId = 31337;

// Runs a program and waits for it; ends the process when it fails: a test cannot go on without it.
void run_program(const std::vector<std::string>& command);

class Anvil {
 public:
  // Starts on a free port. `slots_in_an_epoch`: the finalized tag lies two of these behind the head.
  explicit Anvil(unsigned slots_in_an_epoch = 32);
  ~Anvil();
  Anvil(const Anvil&) = delete;
  Anvil& operator=(const Anvil&) = delete;

  const std::string& url() const { return url_; }

  // The answer as JSON text; ends the process when the node refuses.
  std::string call(std::string_view method, std::string params);
  void mine(unsigned count = 1);
  // The newest `depth` blocks are replaced by as many empty ones.
  void reorg(unsigned depth);
  // From one of the accounts that anvil holds the keys of (0 to 9), into the pool.
  Hash32 send(unsigned account, const Address20& to, Amount value, ByteView data = {});
  // The address at which a contract was deployed, in a block of its own: from creation code, or by its name in
  // contracts/out with ABI-coded arguments.
  Address20 deploy_code(unsigned account, ByteView code);
  Address20 deploy(unsigned account, std::string_view contract, ByteView arguments = {});
  Address20 account(unsigned index);

 private:
  std::string url_;
  pid_t pid_ = -1;
  std::unique_ptr<JsonRpc> rpc_;
};

}  // namespace holdfast::chain::evm
