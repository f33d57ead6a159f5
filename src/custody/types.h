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
using CoinId = Id<struct CoinTag>;
using PolicyId = Id<struct PolicyTag>;
using CaseId = Id<struct CaseTag>;
using CustomerKeyId = Id<struct CustomerKeyTag>;

using RequestId = FixedBytes<16>;  // Names one request of the outside for ever; all zero means "none".
using TxId = Hash32;

// How a chain keeps money: in accounts with a balance and a nonce (EVM), or in coins that are spent whole (UTXO).
enum class ChainFamily : std::uint8_t { accounts = 0, coins };

struct Chain {
  ChainId id;
  std::string caip2;                 // "eip155:1", "bip122:000000000019d6689c085ae165831e93"
  std::uint32_t finality_depth = 0;  // Blocks on top that make a block final; 0: the node's own "finalized" tag.
  ChainFamily family = ChainFamily::accounts;
  friend bool operator==(const Chain&, const Chain&) = default;
};

// A deposit of `from` or more waits until so many blocks stand on top of its own: confirmations by value.
struct DepositTier {
  Amount from;
  std::uint32_t depth = 0;
  friend bool operator==(const DepositTier&, const DepositTier&) = default;
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
  std::uint64_t price_micro_usd = 0;  // Of one whole coin. Orders rescues, and values withdrawals for the policy; never moves money.
  Amount withdrawal_min{};      // A withdrawal under this is refused: nobody can spend dust.
  std::vector<DepositTier> deposit_tiers{};  // Beyond the chain's finality, which every deposit waits for.
  Instant priced_at{};                // When somebody last told the price; 0: never, it is the configuration's.
  std::uint64_t base_micro_usd = 0;   // What a price may be twice or half of: the one that was, up to kPriceBaseMs before.
  Instant base_at{};
  bool native() const { return contract.empty(); }
  friend bool operator==(const Asset&, const Asset&) = default;
};

inline constexpr std::int64_t kPriceBaseMs = 60 * 60 * kMsPerSecond;
inline constexpr std::int64_t kPriceKeptMs = 60 * kMsPerSecond;  // The same price again is news after so long.

// How many blocks a deposit of so much waits for, beyond finality.
inline std::uint32_t deposit_depth(const Asset& asset, Amount amount) {
  std::uint32_t depth = 0;
  for (const DepositTier& tier : asset.deposit_tiers) {
    if (amount >= tier.from && tier.depth > depth) depth = tier.depth;
  }
  return depth;
}

enum class WalletKind : std::uint8_t {
  safe = 1,     // A Safe with an owner quorum, guard and evacuation module.
  single_key,   // One key held by one signer. What an exchange migrates from.
  gas,          // One key held by one signer; pays the network for the Safe's transactions, holds no customer money.
  cold,         // Watched only. Where evacuations go.
  forwarders,   // All deposit addresses of a chain together; nobody holds a key.
  multisig,     // Coins under scripts of an owner quorum, by a descriptor; deposit addresses are its own.
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
  std::uint64_t next_nonce = 0;  // safe: Safe nonce. single_key, gas: account nonce. None where money is coins.
  IncidentId compromised_by;     // Set: spends nothing but evacuations.
  std::string output_descriptor{}; // Of coins: what its scripts derive from. `address` is its first receiving script.
  std::uint32_t next_receive = 0;  // Of coins: the next index not handed out, of the receiving branch (0)
  std::uint32_t next_change = 0;   // and of the change branch (1).
  friend bool operator==(const Wallet&, const Wallet&) = default;
};

// The lists that say who owns an address, as they were last read.
struct LabelLists {
  Hash32 hash;         // Of all that they say; zero: there are none.
  std::uint64_t labels = 0;
  Instant checked_at;  // When somebody last looked for newer ones; 0: the catalogue does not say.
  Instant loaded_at;
  friend bool operator==(const LabelLists&, const LabelLists&) = default;
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

inline constexpr std::size_t kMaxAlarmCode = 64;
inline constexpr std::size_t kMaxSignerAlarms = 16;  // Open, of one signer: whoever holds its key could go on for ever.

// A key that speaks for a customer. What it signs, and how, is src/identity's.
enum class CustomerKeyKind : std::uint8_t { ed25519 = 1, webauthn };
struct CustomerKey {
  CustomerKeyId id;
  CustomerId customer;
  CustomerKeyKind kind = CustomerKeyKind::ed25519;
  Bytes key;            // ed25519: 32 bytes. webauthn: SubjectPublicKeyInfo in DER.
  std::string name;     // As the customer knows it: "my phone".
  Instant enrolled_at;
  Instant removed_at;   // 0 while in force.
  friend bool operator==(const CustomerKey&, const CustomerKey&) = default;
};
inline constexpr std::size_t kMaxCustomerKeys = 16;  // In force, of one customer.
inline constexpr std::size_t kMaxCustomerKeyBytes = 128;
inline constexpr std::size_t kMaxCustomerKeyName = 64;

// What a customer's own key said to a withdrawal: a proof over the canonical intent (identity/texts.h).
struct Authorisation {
  CustomerKeyId key;  // None: nobody signed.
  Instant expires;
  Bytes proof;        // identity/proof.h
  friend bool operator==(const Authorisation&, const Authorisation&) = default;
};
inline constexpr std::size_t kMaxProof = 4096;

// Where a deposit address came from: forwarders are CREATE2(factory, salt = customer and number).
// On a chain of coins they are a wallet's own receiving scripts.
struct DepositAddress {
  CustomerId customer;
  ChainId chain;
  Address address;
  Hash32 salt;
  WalletId wallet{};        // Of coins: whose descriptor it derives from,
  std::uint32_t index = 0;  // at which index of the receiving branch.
  std::uint32_t number = 0;  // Of coins: which one of the customer's on this chain, from 0. Given by custody.
  friend bool operator==(const DepositAddress&, const DepositAddress&) = default;
};

// Where an own script comes from: the wallet's descriptor, the branch (0 receiving, 1 change), the index.
struct Origin {
  WalletId wallet;
  std::uint32_t branch = 0;
  std::uint32_t index = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct OutPoint {
  TxId txid;
  std::uint32_t vout = 0;
  friend auto operator<=>(const OutPoint&, const OutPoint&) = default;
};
struct OutPointHash {
  std::size_t operator()(const OutPoint& at) const { return FixedBytesHash<32>{}(at.txid) ^ at.vout; }
};

inline constexpr std::size_t kHeavyTransaction = 100'000;              // Bytes.
inline constexpr std::size_t kMaxBatch = 400;                         // Withdrawals in one transaction.
inline constexpr std::uint32_t kMaxScriptIndex = 0x80000000;          // BIP 32: hardened from there on.

enum class CoinState : std::uint8_t {
  unspent = 1,
  spent,     // By a transaction in a block.
  orphaned,  // Of a transaction that is in no block: not any more, or not yet (CoinExpected). Keeps its id when it is mined.
};

// One output that pays an own script: of a mined transaction, or of our own.
struct Coin {
  CoinId id;
  WalletId wallet;
  OutPoint outpoint;
  Address script;
  std::uint32_t branch = 0;
  std::uint32_t index = 0;
  Amount amount;
  std::uint64_t height = 0;
  bool coinbase = false;
  CoinState state = CoinState::unspent;
  TxId spent_by;
  bool heavy = false;  // Out of a transaction so large that signers can look at one such coin at a time only.
  friend bool operator==(const Coin&, const Coin&) = default;
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
  Instant credited_at{};    // 0: not yet.
  std::uint64_t value = 0;  // Then, in micro dollars; 0: not known.
  Address from{};           // Who paid; none: not known, or not one.
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

// Where a customer asks from, as the exchange tells it. What it does not tell is empty.
struct Session {
  std::string device;   // The exchange's own names, at most kMaxSessionText bytes.
  std::string ip;       // In the form of inet_ntop(3).
  std::string api_key;
  Instant reset_at;     // When password, second factor or e-mail address were last changed; 0: never.
  friend bool operator==(const Session&, const Session&) = default;
};
inline constexpr std::size_t kMaxSessionText = 64;

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
  PolicyId policy;          // That was in force when it was asked for; none: only the asset's limits. verdict.h has what it said.
  std::uint64_t value = 0;  // Then, in micro dollars; 0: not known.
  Instant completed_at{};   // 0: not paid for good yet.
  WalletId payer;           // The wallet that would have paid then: the one that windows count it for.
  Session session{};
  std::string labels{};     // What lists said of the destination then: categories with commas; empty: nothing, or nobody was asked.
  CustomerKeyId authorised_key{};  // Of the customer, that signed for it; none where the customer has enrolled none.
  friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

enum class Purpose : std::uint8_t {
  withdrawal = 1,
  sweep,       // Deposit addresses to the hot wallet.
  evacuation,  // To the cold wallet, whatever is frozen.
  burn,        // Moves nothing: uses up a nonce, so that an earlier signature at it is dead for ever.
  consolidation,  // Of coins: many small ones into one of the same wallet.
  reserve,     // Of coins: an evacuation signed beforehand, at rising fees. Broadcast once its wallet is compromised.
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
  Amount max_fee;       // Wei per gas. Of coins: satoshi per 1,000 virtual bytes.
  Amount priority_fee;  // Wei per gas. Of coins: the whole fee in satoshi.
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

// One use of an own wallet's nonce, from plan to finality. What a nonce is to an account, the coins that it spends are to a
// wallet of coins: whatever else spends one of them can only be mined in its place.
struct Spend {
  SpendId id;
  Purpose purpose = Purpose::withdrawal;
  WalletId wallet;
  std::uint64_t nonce = 0;      // Of the wallet. For an evacuation of a Safe: the module's, equal to the id. Of coins: the first's id.
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
  // Of coins: every attempt spends the first ones, so no two attempts can both be mined. More may join, none leaves; what
  // joined after the first attempt was signed is not in all of them: that it is gone says nothing of the older ones.
  std::vector<CoinId> inputs{};
  std::vector<WithdrawalId> batch{};  // Of coins, purpose withdrawal: all that one transaction pays.
  Address change{};                 // Of coins: where what is left goes; none for evacuations.
  std::uint32_t change_index = 0;
  std::uint32_t in_all_attempts = 0;  // Of coins, so many of the inputs.
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
  signer_alarm,         // A signer refuses to go on with what this journal says.
};

struct Incident {
  IncidentId id;
  IncidentCause cause = IncidentCause::unmatched_spend;
  ChainId chain;
  std::vector<WalletId> wallets;
  TxId txid;             // The transaction that gave it away, if one did.
  Instant opened_at;
  Instant closed_at;     // 0 while open.
  std::string alarm{};   // signer_alarm: whose, and why: "signer-1: journal_forked".
  friend bool operator==(const Incident&, const Incident&) = default;
};

}  // namespace holdfast::custody
