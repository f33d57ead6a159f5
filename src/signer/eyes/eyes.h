// A signer's own eyes on a chain: what it asks of its own node and of nobody else.
//
//   DepositProver   whether customers were paid what the journal says, by re-deriving it from the node's own blocks
//   Watcher         whether keys or wallets are used for what this signer did not sign
//
// Both are ports, with one body for each family of chains (evm_prover.h, evm_watcher.h, coin_prover.h, coin_watcher.h). Each
// has a node's connection of its own and is driven by one thread, never by the one that signs: every call may wait for the
// node, for as long as the node's limits of time allow.
//
// What is believed: the signer's own node, about the chain. Nothing of what holdfastd says is used but as a question. A node
// that lies can make its own signer count a deposit that never was or freeze for nothing, and no other signer: give each
// signer a node of its own.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::signer {

// ---- Deposits ----------------------------------------------------------------------------------------------------

// What the journal says of a deposit (proto/custody.proto, Deposit). Anything may stand in it.
struct DepositClaim {
  std::string chain;      // CAIP-2: the prover's.
  Bytes address;          // EVM: 20 bytes. Coins: the scriptPubKey.
  Bytes asset_contract;   // Empty: the native coin.
  Amount amount;          // Base units.
  Hash32 txid;            // Coins: in the order of the bytes on the wire.
  std::uint32_t position = 0;  // As the follower of holdfastd counts: chain/evm/deposits.h; of coins the output's number.
  std::uint64_t height = 0;
  Bytes from{};           // Who paid; empty: not said, and not looked at. Of coins always empty.
};

// Two deposits with the same key are one: whoever keeps books has to refuse the second, because each of them alone is true.
// sha256 over all fields but the amount, the height and `from`, each with its length.
Hash32 deposit_key(const DepositClaim& claim);

enum class Proof : std::uint8_t {
  proven = 1,   // The node says the very same, of a block that is final by this signer's own depth.
  not_yet,      // It cannot be told now: ask again. Never counts.
  false_claim,  // The node says otherwise of a final block: whoever wrote it lies, or follows another chain.
};

// reason       of           meaning
// ""           proven
// not_final    not_yet      fewer blocks stand on it than this signer wants
// node_down    not_yet      the node does not answer, or not sense; the text has its words
// node_behind  not_yet      the node's newest block is too old, or below the claim's
// wrong_chain  not_yet      the node serves another chain
// node_lacks   not_yet      the node has forgotten what it takes to tell (pruned blocks or states)
// trace_missing  not_yet    only a trace of the block could tell, and the node cannot trace
// seen_otherwise not_yet    as much came by way of other contracts, but the node tells it in other parts: holdfastd's node
//                           traces and this one does not, or the other way round. For people
// factory_unknown not_yet   the policy names no factory: no address can be a customer's
// claim_malformed  false_claim  no address, contract or amount of this chain
// other_block      false_claim  the transaction is in another block than the one at this height of the best chain
// no_such_transaction false_claim  it is in none that the node knows
// transaction_failed  false_claim
// other_asset      false_claim  what is at this position moved another asset
// other_recipient  false_claim  it paid somebody else
// other_amount     false_claim  it paid another amount, or the balance bears out another one
// other_sender     false_claim
// nothing_there    false_claim  at this position nobody was paid
struct Verdict {
  Proof proof = Proof::not_yet;
  std::string_view reason;  // Stable; of the table.
  std::string text;         // For people.
};

// More at once is refused: ask in parts.
inline constexpr std::size_t kMaxClaims = 10'000;

class DepositProver {
 public:
  virtual ~DepositProver() = default;
  // One verdict for each claim, in their order; claims of one block cost about as much as one. Ask only for deposits that the
  // journal has credited: then holdfastd has itself called them final, and a block that is not there is no honest reorg any
  // more. `now`: by the signer's own clock.
  // Refuses `claims_too_many` and `chain_differs` (a claim of another chain): bugs of the caller. A node that fails is no
  // error but a verdict.
  virtual Result<std::vector<Verdict>> prove(std::span<const DepositClaim> claims, Instant now) = 0;
};

// ---- Watch -------------------------------------------------------------------------------------------------------

// Whether this signer has signed the digest, ever: Memory::was_signed. EVM: a transaction's signing hash, and the EIP-712
// hash of what owners sign. Coins: the txid. Asked on the watcher's thread, so it has to bear that; and it has to say yes
// from before the signature leaves the signer, or the signer freezes over its own work.
using WasSigned = std::function<bool(const Hash32&)>;

enum class SightingKind : std::uint8_t {
  own_key_misused = 1,  // A true signature of this signer's own key over what it never signed: freeze at once.
  unknown_spend,        // Others spent what this signer did not sign. With 2 of 3 that is daily work: compare with the books,
                        // and freeze when they do not explain it within a time of grace.
  wallet_changed,       // What guards the money is not what the policy says: freeze at once.
};
std::string_view name(SightingKind kind);

// what               kind             EVM
// account_sent       own_key_misused  a transaction of an own account; `digest`: its signing hash
// owner_sent         own_key_misused  a transaction from the owner key's address: owners sign, they never send
// owner_signed       own_key_misused  to a Safe, a module or a guard, with a signature of the own owner key; `digest`: EIP-712
// key_delegated      own_key_misused  there is code at the address of an own key (EIP-7702); `subject`: the address
// other_owner_sent   unknown_spend    a transaction from another owner's address; `subject`: the owner
// safe_spend         unknown_spend    a Safe executed, or a quorum of owners has signed what waits; `digest`: the safeTxHash
// evacuation         unknown_spend    the policy's module moved a Safe's money or waits to; `digest`: the order's EIP-712 hash,
//                                     zero when the module was called by way of another contract or without a signature
// foreign_module     wallet_changed   a module that is not the policy's moved, or tried to move, a Safe's money
// safe_changed       wallet_changed   an event that changes owners, threshold, modules, guards, handlers; `text`: which
// safe_state         wallet_changed   the Safe's storage differs from the policy: `text` says what
// factory_repointed  wallet_changed   deposits are flushed to what is no Safe of the policy; `subject`: where
// cold_changed       wallet_changed   the module evacuates to another place; `subject`: where
// guard_loosened     wallet_changed   the guard was thawed, its limits set, or one transaction let through; `text`: which
//                                     Coins
// coins_signed       own_key_misused  an input with a signature of the own key; `digest`: the txid
// coins_spent        unknown_spend    own coins are spent; `digest`: the txid
struct Sighting {
  SightingKind kind = SightingKind::unknown_spend;
  std::string_view what;         // Stable; of the table.
  std::string wallet;            // Whose money: a Safe's or account's address; of coins the wallet's name.
  Hash32 digest{};               // What was signed, when it is known.
  Hash32 txid{};                 // Zero when a state was looked at and no transaction.
  std::optional<std::uint64_t> height{};  // Of its block. None: it waits in the pool.
  Bytes subject{};               // An address or script that matters, raw.
  std::string text{};            // For people.
};

// How far the chain was looked at: what a caller keeps over restarts.
struct BlockMark {
  std::uint64_t height = 0;
  Hash32 hash;
  friend bool operator==(const BlockMark&, const BlockMark&) = default;
};

// One look. Its sightings have to be acted upon before the mark is kept.
struct Round {
  BlockMark seen;            // Everything up to this block was looked at.
  Instant seen_time;         // As the block says: the heartbeat is as fresh as this and `at`.
  Instant at;                // When, by the caller's clock.
  bool caught_up = false;    // `seen` is the node's newest block. If not: look again at once.
  std::uint32_t undone = 0;  // So many blocks were replaced by others since the last round.
  std::vector<Sighting> sightings;
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  // Looks at what waits and at the next blocks, a bounded number of them. What was told as waiting is told once more when it
  // is mined, and never again after that; after a restart, what lies around the mark may be told again.
  // Faults, after which nothing is lost, look again:
  //   node_down     with the node's own code and words
  //   node_behind   the newest block is older than the settings allow
  //   wrong_chain   it serves another chain, or another genesis block
  //   chain_moved   the best chain changed meanwhile
  virtual Result<Round> look(Instant now) = 0;
};

}  // namespace holdfast::signer
