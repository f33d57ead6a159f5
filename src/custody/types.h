// The things custody speaks of. All are plain values; State (state.h) holds them, events (events.h) change them.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/id.h"
#include "base/instant.h"
#include "custody/address.h"
#include "custody/refusal.h"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::custody {

using ChainId = Id<struct ChainTag>;
using AssetId = Id<struct AssetTag>;
using WalletId = Id<struct WalletTag>;
using SignerId = Id<struct SignerTag>;
using CustomerId = Id<struct CustomerTag>;
using DepositId = Id<struct DepositTag>;
using WithdrawalId = Id<struct WithdrawalTag>;
using SpendId = Id<struct SpendTag>;
using FreezeId = Id<struct FreezeTag>;
using IncidentId = Id<struct IncidentTag>;

using RequestId = FixedBytes<16>;  // Names one request of the outside for ever; all zero means "none".
using TxId = Hash32;

struct Chain {
  ChainId id;
  std::string caip2;                 // "eip155:1"
  std::uint32_t finality_depth = 0;  // Blocks on top that make a block final; 0: the node's own "finalized" tag.
  friend bool operator==(const Chain&, const Chain&) = default;
};

struct Asset {
  AssetId id;
  ChainId chain;
  std::string symbol;
  std::uint8_t decimals = 0;
  Address contract;             // None for the chain's native coin.
  Amount auto_approve_max;      // A withdrawal up to this needs no person.
  Amount withdrawal_max;        // A withdrawal over this is refused.
  Amount withdrawal_fee;        // Charged to the customer on top of the amount.
  std::uint64_t price_micro_usd = 0;  // Of one whole coin. Orders rescues; never moves money.
  bool native() const { return contract.empty(); }
  friend bool operator==(const Asset&, const Asset&) = default;
};

enum class WalletKind : std::uint8_t {
  safe = 1,     // A Safe with an owner quorum, guard and evacuation module.
  single_key,   // One key held by one signer. What an exchange migrates from.
  gas,          // One key held by one signer; pays the network for the Safe's transactions, holds no customer money.
  cold,         // Watched only. Where evacuations go.
  forwarders,   // All deposit addresses of a chain together; nobody holds a key.
};

struct Wallet {
  WalletId id;
  ChainId chain;
  WalletKind kind = WalletKind::safe;
  std::string name;
  Address address;       // forwarders: the factory
  WalletId cold;         // Where its money is evacuated to. None for cold itself.
  SignerId signer;       // single_key and gas: who holds the key.
  Address module;        // safe: the evacuation module
  Address guard;         // safe: the limit guard
  std::uint64_t next_nonce = 0;  // safe: Safe nonce. single_key, gas: account nonce.
  IncidentId compromised_by;     // Set: spends nothing but evacuations.
  friend bool operator==(const Wallet&, const Wallet&) = default;
};

struct Signer {
  SignerId id;
  std::string name;
  Address owner;  // Its owner key's address in the Safes.
  friend bool operator==(const Signer&, const Signer&) = default;
};

struct Customer {
  CustomerId id;
  std::string reference;  // The exchange's own name for the customer.
  friend bool operator==(const Customer&, const Customer&) = default;
};

// Where a deposit address came from: forwarders are CREATE2(factory, salt = customer and number).
struct DepositAddress {
  CustomerId customer;
  ChainId chain;
  Address address;
  Hash32 salt;
  friend bool operator==(const DepositAddress&, const DepositAddress&) = default;
};

struct BlockRef {
  std::uint64_t height = 0;
  Hash32 hash;
  Hash32 parent;
  Instant time;
  friend bool operator==(const BlockRef&, const BlockRef&) = default;
};

enum class DepositState : std::uint8_t {
  seen = 1,   // In a block; not the customer's yet.
  credited,   // Final and booked.
  orphaned,   // Its block was reorganised away before finality; nothing was ever credited.
  reversed,   // Its block was reorganised away after it was credited; taken back.
};

struct Deposit {
  DepositId id;
  CustomerId customer;
  AssetId asset;
  Amount amount;        // What really arrived, by the balance; never only what a log claims.
  Address address;
  TxId txid;
  std::uint32_t position = 0;  // Log index, or the place of a native transfer in its block.
  std::uint64_t height = 0;
  DepositState state = DepositState::seen;
  friend bool operator==(const Deposit&, const Deposit&) = default;
};

enum class WithdrawalState : std::uint8_t {
  requested = 1,  // Accepted and recorded; nothing reserved yet. Left within the same commit.
  held,           // The money is reserved; waits for a verdict.
  approved,       // May be signed until its approval expires.
  rejected,       // The verdict was no; the hold is released. An end.
  signing,        // A spend is planned; a signature may exist. Can no longer be cancelled.
  broadcast,      // Signed bytes are durable and on their way.
  confirming,     // Mined, not final.
  completed,      // Final. An end.
  returned,       // Cancelled, expired or failed for good on chain; the hold is released. An end.
};

struct Withdrawal {
  WithdrawalId id;
  RequestId request;
  FixedBytes<16> fingerprint;  // Of what was asked for under `request`.
  CustomerId customer;
  AssetId asset;
  Amount amount;
  Amount fee;
  Address destination;
  WithdrawalState state = WithdrawalState::requested;
  Reason reason = Reason::none;  // Why it ended unpaid.
  Instant requested_at;
  Instant approval_expires_at;
  SpendId spend;
  friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

enum class Purpose : std::uint8_t {
  withdrawal = 1,
  sweep,       // Deposit addresses to the hot wallet.
  evacuation,  // To the cold wallet, whatever is frozen.
  burn,        // Moves nothing: uses up a nonce, so that an earlier signature at it is dead for ever.
};

enum class SpendState : std::uint8_t {
  planned = 1,  // Has its nonce; signatures are being collected.
  authorised,   // Of a Safe: the owners' signatures are durable.
  assigned,     // Of a Safe, and sweeps: the gas wallet and its nonce are set.
  signed_,      // A raw transaction is durable; it is broadcast until mined.
  mined,        // In a block, not final.
  settled,      // Final, and did what it was meant to. An end.
  failed,       // Final, and failed on chain; its nonce is used up. An end.
  superseded,   // Another final transaction used its nonce; it can never be mined. An end.
};

// One signed transaction of a spend. All attempts of a spend share a nonce: at most one can be mined.
struct Attempt {
  TxId txid;
  Bytes raw;
  Amount max_fee;       // Wei per gas.
  Amount priority_fee;  // Wei per gas.
  Instant signed_at;
  friend bool operator==(const Attempt&, const Attempt&) = default;
};

struct AssetAmount {
  AssetId asset;
  Amount amount;
  friend bool operator==(const AssetAmount&, const AssetAmount&) = default;
};

// Money that a mined transaction moved out of an own wallet, and where to: an own wallet, or outside (none).
struct Movement {
  WalletId from;
  WalletId to;
  AssetId asset;
  Amount amount;
  Address source;  // Which deposit address, when `from` is the forwarders of a chain.
  friend bool operator==(const Movement&, const Movement&) = default;
};

// One use of an own wallet's nonce, from plan to finality.
struct Spend {
  SpendId id;
  Purpose purpose = Purpose::withdrawal;
  WalletId wallet;
  std::uint64_t nonce = 0;      // Of the wallet. For an evacuation of a Safe: the module's, equal to the id.
  WithdrawalId withdrawal;      // purpose withdrawal
  IncidentId incident;          // purpose evacuation
  SpendId burns;                // purpose burn: whose nonce
  Address destination;
  AssetAmount money;            // withdrawal; evacuation of a single_key wallet: one asset at a time
  std::vector<AssetId> assets;  // sweep, evacuation of a Safe
  std::vector<Hash32> salts;    // sweep
  Instant expires_at;           // evacuation of a Safe: the authorisation's deadline
  Hash32 intent;                // safe: the EIP-712 hash that the owners sign; known from `authorised` on
  Bytes authorisation;          // safe: the owners' signatures, as the contract wants them
  WalletId gas_wallet;
  std::uint64_t gas_nonce = 0;
  SpendState state = SpendState::planned;
  std::vector<Attempt> attempts;    // All there ever were: any of them may still turn up in a block.
  std::uint32_t live_from = 0;      // Attempts before this one used a gas nonce that is gone.
  std::uint8_t reverts = 0;         // How often the outer transaction failed without using the Safe's nonce.
  bool settled_once = false;        // Was final, and its block went away all the same.
  bool success = false;         // From `mined` on.
  bool executed = false;        // From `mined` on: the wallet's own nonce is used up.
  std::uint64_t height = 0;     // From `mined` on.
  TxId mined_txid;              // From `mined` on.
  std::vector<Movement> movements;  // From `mined` on: what the chain says it moved.
  WalletId payer;               // From `mined` on: who paid the network; none when an outsider relayed it.
  Amount network_fee;           // From `mined` on.
  Instant planned_at;
  friend bool operator==(const Spend&, const Spend&) = default;
};

enum class Scope : std::uint8_t { platform = 1, chain, asset, wallet, customer };

struct Freeze {
  FreezeId id;
  Scope scope = Scope::platform;
  std::uint64_t subject = 0;  // The chain's, asset's, wallet's or customer's id; 0 for the platform.
  IncidentId incident;        // None when a person placed it.
  std::string placed_by;
  Instant placed_at;
  Instant lifted_at;          // 0 while in force.
  std::vector<SignerId> acknowledged;
  friend bool operator==(const Freeze&, const Freeze&) = default;
};

enum class IncidentCause : std::uint8_t {
  unmatched_spend = 1,  // An own wallet's key was used for what nobody asked for.
  leaked_owner,         // A true owner signature over a Safe transaction that nobody asked for.
  books_differ,         // The chain holds less than the books say.
  deep_reorg,           // A block that was final is gone.
  operator_report,
};

struct Incident {
  IncidentId id;
  IncidentCause cause = IncidentCause::unmatched_spend;
  ChainId chain;
  std::vector<WalletId> wallets;
  TxId txid;             // The transaction that gave it away, if one did.
  Instant opened_at;
  Instant closed_at;     // 0 while open.
  friend bool operator==(const Incident&, const Incident&) = default;
};

}  // namespace holdfast::custody
