// The ports through which the engine meets a chain. Each has one body per chain family (evm/) and is driven by one thread;
// the three of a chain share nothing, so that a slow node call of one never delays another.
#pragma once

#include "base/result.h"
#include "custody/commands.h"
#include "custody/state.h"

#include <functional>
#include <vector>

namespace holdfast::chain {

// A look at the durable state. The function runs at once, on the caller's thread, and must be short: no I/O inside, and no
// second look from within the first.
class StateView {
 public:
  virtual ~StateView() = default;
  virtual void read(const std::function<void(const custody::State&)>& look) const = 0;
};

// Follows the best chain.
class Follower {
 public:
  virtual ~Follower() = default;
  // What has happened since the state's newest block, as commands in the order in which to submit them: DisconnectBlock
  // down to the common ancestor, ConnectBlock upward (at most `limit`), FinalizeBlocks. Empty when nothing is new.
  // A fault leaves nothing half done: call again. The node's word is believed here, and nothing checks it against
  // another node: who runs holdfastd must trust the node it follows.
  virtual Result<std::vector<custody::Command>> follow(std::size_t limit) = 0;
};

// Watches what is not mined yet.
class PoolWatch {
 public:
  virtual ~PoolWatch() = default;
  // A ReportForeignSpend for each new pool transaction that uses an own key without a durable attempt of ours behind it.
  virtual Result<std::vector<custody::Command>> watch() = 0;
};

struct FeeQuote {
  Amount max_fee;       // Wei per gas.
  Amount priority_fee;  // Wei per gas.
};

// One owner's signature: r, s (low), v (27 or 28).
struct OwnerSignature {
  custody::Address owner;
  FixedBytes<65> signature;
};

struct Authorisation {
  Hash32 intent;  // What was signed.
  Bytes bytes;    // As the contract wants it.
};

// Builds, combines and broadcasts transactions. Everything but quote() and broadcast() is a pure function of its arguments
// and the configuration; the state is only read.
class Builder {
 public:
  virtual ~Builder() = default;
  virtual Result<FeeQuote> quote() = 0;
  // A fee for replacing an attempt: at least 12.5 % over it (the network asks for 10 %), at least the quote.
  virtual FeeQuote bump(const FeeQuote& previous, const FeeQuote& quoted) const = 0;

  // The unsigned transaction in the chain's own form (EVM: 0x02 || rlp). Without an authorisation yet, a Safe's spend
  // is built with empty signatures and zero gas wallet nonce and fees: that is what owners are asked to authorise.
  virtual Result<Bytes> build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const = 0;

  // Puts owners' signatures together. They are recovered and checked here; a wrong one is dropped. Needs `quorum` good ones.
  virtual Result<Authorisation> combine_owners(const custody::State& state, const custody::Spend& spend,
                                               const std::vector<OwnerSignature>& signatures, std::size_t quorum) const = 0;
  // Unsigned transaction and sender's signature -> raw transaction and its id. Checks that it recovers to `sender`.
  virtual Result<custody::Attempt> combine(ByteView unsigned_transaction, const FixedBytes<65>& signature,
                                           const custody::Address& sender, Instant signed_at) const = 0;

  // Gives it to the node. Known already, or mined already, is success. A refusal by the node is a fault with its words.
  virtual Result<void> broadcast(ByteView raw) = 0;
};

}  // namespace holdfast::chain
