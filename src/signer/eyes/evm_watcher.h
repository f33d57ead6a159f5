// Watches an EVM chain with the signer's own node: its accounts, its owner key, the Safes of its policy and what guards them.
//
//   transaction   who sends it, whom it calls, which owners signed what it carries        pool and blocks
//   event         what Safes, modules, guards and the factory say they did                blocks
//   state         owners, threshold, modules, guards, code and handler of each Safe;      newest block, every
//                 where modules evacuate and the factory flushes to; code at own keys     ten seconds at most
//
// Events tell what happened in between, the state what happened before this began. In the pool a Safe transaction is found that
// stands in the calldata as it is; one that another contract puts together is seen when it is mined, by the Safe's event.
#pragma once

#include "chain/evm/node.h"
#include "signer/eyes/block_cursor.h"
#include "signer/eyes/eyes.h"
#include "signer/eyes/eyes_config.h"
#include "signer/eyes/key_use.h"
#include "signer/eyes/safe_state.h"
#include "signer/eyes/told.h"
#include "signer/policy.h"

#include <map>
#include <optional>
#include <vector>

namespace holdfast::signer {

class EvmWatcher final : public Watcher {
 public:
  static constexpr std::size_t kBlocksAtOnce = 32;
  static constexpr std::int64_t kStateEveryMs = 10 * kMsPerSecond;

  // `owner`: of the signer's own owner key. What is referred to has to outlive it. Without a mark it begins at the node's
  // newest block.
  EvmWatcher(chain::evm::Node& node, const ChainRule& rule, const NodeSettings& settings, const Address20& owner,
             WasSigned was_signed, std::optional<BlockMark> from);

  Result<Round> look(Instant now) override;

 private:
  using Header = chain::evm::Header;

  Result<void> look_at(const Header& head, Instant now);
  Result<void> read_pool(const Header& head);
  Result<void> read_blocks(const Header& head);
  Result<void> read_block(const Header& header, const Header& head);
  Result<void> read_state(const Header& head, Instant now);
  Result<void> read_safe(const SafeRule& safe, const Header& head);
  Result<void> read_direction(const Address20& contract, std::uint64_t slot, std::string_view what, const Header& head);
  Result<void> read_own_code(const Header& head);
  void compare_code(const SafeRule& safe, const SafeState& state);
  Result<std::optional<std::uint64_t>> nonce_at(const Header& block, const Header& head, const Address20& safe);
  Result<SafeNonces> nonces_for(const std::vector<chain::evm::Transaction>& transactions, const Header& block, const Header& head,
                                bool mined);
  void tell(Sighting sighting);
  void tell(std::vector<Sighting> sightings);
  void tell_change(std::string_view what, const Address20& wallet, std::string text, ByteView subject = {});

  chain::evm::Node& node_;
  const ChainRule& rule_;
  const NodeSettings& settings_;
  Address20 owner_;
  WasSigned was_signed_;
  KeyUse keys_;
  BlockCursor cursor_;
  Told told_;
  std::vector<Sighting> untold_;  // Found, and not given out yet.
  Effort effort_;                 // Of this look.
  Instant seen_time_;             // Of the cursor's newest block.
  std::uint32_t undone_ = 0;      // Since the last round.
  std::optional<Instant> state_read_at_;
  struct Code {
    Address20 singleton, fallback_handler;
  };
  std::map<Address20, Code> code_;  // Of each Safe, as it was first seen.
};

}  // namespace holdfast::signer
