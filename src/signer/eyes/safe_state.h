// What guards a Safe, read from its storage at one block and compared with the policy.
//
// The layout is that of Safe 1.5.0 (SafeStorage.sol and its managers): singleton 0, modules 1, owners 2, owner count 3,
// threshold 4, nonce 5; modules and owners are lists in mappings, each holder naming the next, from 1 back to 1; guard, module
// guard and fallback handler lie at hashes of their names. So does a delegatecall that changed them without an event show.
#pragma once

#include "chain/evm/node.h"
#include "signer/eyes/eyes.h"
#include "signer/policy.h"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::signer {

struct SafeState {
  std::uint64_t nonce = 0;
  std::uint64_t threshold = 0;
  std::vector<Address20> owners;
  std::vector<Address20> modules;
  Address20 guard;
  Address20 module_guard;
  Address20 singleton;
  Address20 fallback_handler;
};

// None: the node's body cannot read storage. Faults of the node; `node_answer_malformed` for what no Safe holds.
Result<std::optional<SafeState>> read_safe_state(chain::evm::Node& node, const Hash32& block, const Address20& safe);
Result<std::optional<std::uint64_t>> read_safe_nonce(chain::evm::Node& node, const Hash32& block, const Address20& safe);
// A whole storage slot as an address: where the factory flushes to (slot 0), where a module evacuates to (slot 1).
Result<std::optional<Address20>> read_address(chain::evm::Node& node, const Hash32& block, const Address20& contract,
                                              std::uint64_t slot);

// What differs, in words; empty when all is as the policy says.
std::string difference(const SafeRule& rule, const SafeState& state);

}  // namespace holdfast::signer
