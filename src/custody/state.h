// All that custody knows: the fold of every event. Read by anybody on the engine's thread, changed by apply() only.
//
// Ids are given out from 1 upward without gaps, so an id is a place in a table.
#pragma once

#include "base/check.h"
#include "base/chunked.h"
#include "base/flat_map.h"
#include "custody/requests.h"
#include "custody/types.h"
#include "custody/verdict.h"
#include "ledger/books.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace holdfast::custody {

template <class Id, class Thing>
class Table {
 public:
  const Thing* find(Id id) const { return id.value == 0 || id.value > things_.size() ? nullptr : &things_[id.value - 1]; }
  const Thing& at(Id id) const { HF_CHECK(find(id) != nullptr); return things_[id.value - 1]; }
  Thing& at(Id id) { HF_CHECK(find(id) != nullptr); return things_[id.value - 1]; }
  Id next_id() const { return {things_.size() + 1}; }
  // Precondition: thing has the next id.
  void add(Id id, Thing thing) { HF_CHECK(id == next_id()); things_.push_back(std::move(thing)); }
  std::size_t size() const { return things_.size(); }
  auto begin() const { return things_.begin(); }
  auto end() const { return things_.end(); }
  friend bool operator==(const Table&, const Table&) = default;

 private:
  Chunked<Thing> things_;
};

// A block that is not final yet, with what must be undone should it go away.
struct RecentBlock {
  BlockRef ref;
  std::vector<DepositId> deposits;
  std::vector<SpendId> spends;
  struct Adjustment {
    WalletId wallet;
    AssetId asset;
    Amount amount;
    IncidentId incident;  // Set for a loss.
    friend bool operator==(const Adjustment&, const Adjustment&) = default;
  };
  std::vector<Adjustment> adjustments;
  struct Foreign {
    IncidentId incident;
    WalletId wallet;
    TxId txid;
    std::uint64_t nonce = 0;
    friend bool operator==(const Foreign&, const Foreign&) = default;
  };
  std::vector<Foreign> foreign;
  // Own transactions that did not do what they were for, and used up their nonce all the same.
  struct Wasted {
    SpendId spend;
    TxId txid;
    WalletId payer;
    std::uint64_t nonce = 0;
    Amount network_fee;
    friend bool operator==(const Wasted&, const Wasted&) = default;
  };
  std::vector<Wasted> wasted;
  // Deposit addresses that somebody else emptied into our wallet.
  struct Flush {
    TxId txid;
    std::vector<Movement> movements;
    friend bool operator==(const Flush&, const Flush&) = default;
  };
  std::vector<Flush> flushes;
  std::vector<CoinId> coins;        // That it brought,
  std::vector<CoinId> spent_coins;  // and that it took.
  Instant seen_at;                  // When it was connected here: its own time is what the node says.
  friend bool operator==(const RecentBlock&, const RecentBlock&) = default;
};

// Blocks are remembered for a while after they are final, so that even a reorganisation that should not happen can be undone.
inline constexpr std::uint64_t kRememberedFinalBlocks = 64;

struct ChainProgress {
  std::deque<RecentBlock> recent;  // Oldest first; the newest is the head. Never empty after the first block.
  std::uint64_t final_height = 0;
  friend bool operator==(const ChainProgress&, const ChainProgress&) = default;
};

// The newest unasked-for transaction at a nonce of an own wallet: what a rescue has to outbid.
struct ForeignSpend {
  TxId txid;
  Amount max_fee;
  Amount priority_fee;
  friend bool operator==(const ForeignSpend&, const ForeignSpend&) = default;
};

using ChainAddress = std::pair<ChainId, Address>;
struct ChainAddressHash {
  std::size_t operator()(const ChainAddress& key) const { return std::hash<Address>{}(key.second) ^ (key.first.value << 56); }
};
using WalletAsset = std::pair<WalletId, AssetId>;
using WalletNonce = std::pair<WalletId, std::uint64_t>;

struct State {
  Instant newest;  // Of the newest event. Time never goes back here, whatever the clock says.
  ledger::Books books;

  Table<ChainId, Chain> chains;
  Table<AssetId, Asset> assets;
  Table<SignerId, Signer> signers;
  Table<WalletId, Wallet> wallets;
  Table<CustomerId, Customer> customers;
  Table<DepositId, Deposit> deposits;
  Table<WithdrawalId, Withdrawal> withdrawals;
  Table<SpendId, Spend> spends;
  Table<FreezeId, Freeze> freezes;
  Table<IncidentId, Incident> incidents;
  Table<CoinId, Coin> coins;
  Table<PolicyId, PolicyVersion> policies;
  Table<CaseId, Case> cases;
  policy::Grades grades;  // Of subjects that a detector fired for.
  LabelLists label_lists;
  std::map<ChainAddress, LabelledAddress> labelled;
  std::map<WithdrawalId, Verdict> verdicts;  // Of those that were not simply allowed.

  Table<CustomerKeyId, CustomerKey> customer_keys;

  std::unordered_map<std::string, CustomerId> customer_by_reference;
  std::unordered_map<CustomerId, std::vector<CustomerKeyId>> keys_of_customer;  // All there ever were: who is in here is enrolled.
  FlatMap<ChainAddress, DepositAddress, ChainAddressHash> deposit_addresses;
  Requests requests;
  std::vector<ChainProgress> progress;  // By chain id - 1.

  // Where a transaction or an owners' intent belongs.
  std::unordered_map<TxId, SpendId, FixedBytesHash<32>> spend_by_txid;
  std::unordered_map<Hash32, SpendId, FixedBytesHash<32>> spend_by_intent;
  std::map<WalletNonce, std::set<SpendId>> spends_by_nonce;  // Open spends by the nonces they use, their gas wallet's too.
  std::map<WalletNonce, ForeignSpend> foreign_spends;
  std::set<TxId> foreign_txids;
  std::map<WalletId, std::uint64_t> mined_nonce;  // The account nonce after the newest block: the first not used yet.

  // Coins: by outpoint, those unspent, what they add up to, and the change scripts that were ever handed out.
  std::unordered_map<OutPoint, CoinId, OutPointHash> coin_by_outpoint;
  std::map<WalletId, std::set<CoinId>> unspent_coins;
  std::map<WalletId, Amount> coin_total;
  std::unordered_map<ChainAddress, Origin, ChainAddressHash> change_scripts;
  std::map<std::pair<CustomerId, ChainId>, std::vector<Address>> receiving_scripts;  // Of wallets of coins, by number.
  std::set<DepositId> waiting_deposits;  // seen: for finality, or for more blocks than that

  // Money that lies at deposit addresses, and how many of an address's deposits are not final yet.
  std::map<std::pair<Address, AssetId>, Amount> unswept;
  std::map<ChainAddress, std::uint32_t> unfinal_deposits;
  // Promised by planned spends, not gone yet.
  std::map<WalletAsset, Amount> committed;

  // Outstanding work, kept as indexes so that it is the same after a crash as before it.
  std::set<WithdrawalId> waiting_held;      // held: for a verdict
  std::set<WithdrawalId> waiting_approved;  // approved: for a spend
  std::set<std::pair<Instant, WithdrawalId>> waiting_delay;  // held, with all that was demanded but time: until when
  // By open case: held, and reviews are missing. None where only news of lists wait.
  std::map<CaseId, std::set<WithdrawalId>> open_cases;
  std::map<CaseId, std::set<ChainAddress>> news_of_case;     // labelled: to be looked at
  std::map<std::pair<policy::Scope, std::string>, CaseId> case_of_subject;  // Open ones.
  PolicyId policy_in_force;                 // None: only the assets' own limits.
  std::set<SpendId> open_spends;            // not settled, failed or superseded
  std::set<FreezeId> freezes_in_force;
  std::set<IncidentId> open_incidents;

  // Lookups. None of these changes anything.
  std::optional<AssetId> asset_by_contract(ChainId chain, const Address& contract) const;  // empty: the native coin
  const Wallet* wallet_by_address(ChainId chain, const Address& address) const;
  const DepositAddress* deposit_address(ChainId chain, const Address& address) const;
  bool of_coins(ChainId chain) const { return chains.at(chain).family == ChainFamily::coins; }
  // Where a script of an own wallet of coins comes from; none for others' scripts.
  std::optional<Origin> origin_of(ChainId chain, const Address& script) const;
  const Coin* coin_at(const OutPoint& outpoint) const;  // Also one that is spent; none when it was never ours.
  // Whether an open spend counts on the coin. Reserves do not: what they spend may go its ordinary way meanwhile.
  bool reserved(const Coin& coin) const;
  // The reserve that would save the coin, signed; none when there is none yet.
  const Spend* ready_reserve(const Coin& coin) const;
  // The spend, and of it the attempt, that has this transaction; none when it is not one of ours.
  const Spend* spend_of(const TxId& txid) const;
  const Attempt* attempt_of(const TxId& txid) const;
  bool frozen(ChainId chain, AssetId asset, WalletId wallet, CustomerId customer) const;  // none where it does not apply
  bool platform_frozen() const;
  Amount wallet_balance(WalletId wallet, AssetId asset) const;
  Amount wallet_free(WalletId wallet, AssetId asset) const;  // balance less what planned spends promised
  const Verdict* verdict(WithdrawalId withdrawal) const;  // None: it was allowed, and no rule fired.
  Amount available(CustomerId customer, AssetId asset) const;
  Amount held(CustomerId customer, AssetId asset) const;
  std::optional<BlockRef> head(ChainId chain) const;  // The newest block known; none before the first.

  friend bool operator==(const State&, const State&) = default;
};

// The nonces of its wallet that a spend uses up: one of an account's or a Safe's, none of sweeps and a Safe's evacuations;
// of a wallet of coins the ids of all that it spends.
std::vector<WalletNonce> own_nonces(const State& state, const Spend& spend);
// The withdrawals that a spend pays: one, or a batch.
std::vector<WithdrawalId> withdrawals_of(const Spend& spend);
// The gas wallet's nonce, once assigned.
std::optional<WalletNonce> gas_nonce(const Spend& spend);
bool ended(SpendState state);
// Whether a freeze stops this spend. What saves money (evacuation) or moves none (burn) goes on while all else is frozen.
bool frozen_for(const State& state, const Spend& spend);
// A signed transaction that can still be mined exists.
bool has_live_attempt(const Spend& spend);
// None when no attempt of the spend is that transaction.
const Attempt* attempt_with(const Spend& spend, const TxId& txid);

// Fills every index that follows from the tables (after those were restored from a snapshot).
void rebuild_indexes(State& state);

}  // namespace holdfast::custody
