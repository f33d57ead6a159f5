// The ports through which the engine meets a chain. Each has one body per chain family (evm/) and is driven by one thread;
// the three of a chain share nothing, so that a slow node call of one never delays another.
#pragma once

#include "base/result.h"
#include "custody/commands.h"
#include "custody/state.h"

#include <functional>
#include <set>
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

// In the chain's own units.
struct FeeQuote {
  Amount max_fee;       // Accounts: wei per gas. Coins: satoshi per 1,000 virtual bytes.
  Amount priority_fee;  // Accounts: wei per gas. Coins: satoshi that the transaction pays at least, whatever its size.
};

// What a signer has sent: one signature (accounts), or one for each input (coins).
struct SignerAnswer {
  custody::Address signed_by;
  FixedBytes<65> signature;
  std::vector<Bytes> input_signatures;
};

// What a chain that plans by itself has to know beside the state.
struct PlanInput {
  Instant now;
  FeeQuote quote;
  // Withdrawals' spends that will not be paid: to be made impossible for ever. And consolidations that nobody will sign.
  std::set<custody::SpendId> given_up;
};

// How many times, at rising fees, a reserve is signed beforehand.
inline constexpr std::size_t kReserveLevels = 4;

// Plans, builds, combines and broadcasts transactions. Everything but quote(), prepare() and broadcast() is a pure function of
// its arguments, the configuration and what prepare() has fetched; the state is only read.
class Builder {
 public:
  virtual ~Builder() = default;
  virtual Result<FeeQuote> quote() = 0;
  // A fee for replacing an attempt: at least 12.5 % over it (the network asks for 10 %), at least the quote.
  virtual FeeQuote bump(const FeeQuote& previous, const FeeQuote& quoted) const = 0;

  // The unsigned transaction in the chain's own form (EVM: 0x02 || rlp; UTXO: a PSBT). Without an authorisation yet, a Safe's spend
  // is built with empty signatures and zero gas wallet nonce and fees: that is what owners are asked to authorise.
  virtual Result<Bytes> build(const custody::State& state, const custody::Spend& spend, const FeeQuote& fees) const = 0;

  // What only the chain's family can plan: which coins pay for what. Nothing where money is in accounts.
  virtual std::vector<custody::Command> plan(const custody::State& state, const PlanInput& input) const {
    static_cast<void>(state), static_cast<void>(input);
    return {};
  }
  // Whether to replace the spend's newest attempt by another one would be as vain as the newest was: the node lets nothing take
  // the place of an older one. As far as prepare() has found.
  virtual bool is_bump_in_vain(const custody::State& state, const custody::Spend& spend) const {
    static_cast<void>(state), static_cast<void>(spend);
    return false;
  }
  // What the newest attempt of a spend pays, as FeeQuote::max_fee; of coins, together with what has to be mined before it.
  virtual Amount rate_of(const custody::State& state, const custody::Spend& spend) const {
    static_cast<void>(state);
    return spend.attempts.back().max_fee;
  }
  // Fetches from the node what build() will need for the open spends. May be called at any time; a fault is tried again.
  virtual Result<void> prepare(const StateView& view) {
    static_cast<void>(view);
    return {};
  }

  // Puts the answers together: AuthoriseSpend where a Safe's owners were asked, AddAttempt where the transaction itself was
  // signed. Every signature is checked here, wrong ones are dropped; `needed` good ones have to be left.
  virtual Result<custody::Command> complete(const custody::State& state, const custody::Spend& spend,
                                            ByteView unsigned_transaction, const std::vector<SignerAnswer>& answers,
                                            std::size_t needed, Instant now) const = 0;

  // Gives it to the node. Known already, or mined already, is success. A refusal by the node is a fault with its words:
  // `underpriced` when the node wants more for it, `inputs_missing` when a coin that it spends is not there.
  virtual Result<void> broadcast(ByteView raw) = 0;
};

}  // namespace holdfast::chain
