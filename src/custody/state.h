// All that custody knows: the fold of every event. Read by anybody on the engine's thread, changed by apply() only.
//
// Ids are given out from 1 upward without gaps, so things live in vectors and an id is a place.
#pragma once

#include "base/check.h"
#include "custody/types.h"
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
  std::vector<Thing> things_;
};

struct RequestRecord {
  FixedBytes<16> fingerprint;
  WithdrawalId withdrawal;
  friend bool operator==(const RequestRecord&, const RequestRecord&) = default;
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
  friend bool operator==(const RecentBlock&, const RecentBlock&) = default;
};

struct ChainProgress {
  std::deque<RecentBlock> recent;  // Oldest first; the newest is the head.
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

using WalletAsset = std::pair<WalletId, AssetId>;
using WalletNonce = std::pair<WalletId, std::uint64_t>;

struct State {
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

  std::unordered_map<std::string, CustomerId> customer_by_reference;
  std::map<std::pair<ChainId, Address>, DepositAddress> deposit_addresses;
  std::unordered_map<RequestId, RequestRecord, FixedBytesHash<16>> requests;
  std::vector<ChainProgress> progress;  // By chain id - 1.

  // Where a transaction or an owners' intent belongs.
  std::unordered_map<TxId, SpendId, FixedBytesHash<32>> spend_by_txid;
  std::unordered_map<Hash32, SpendId, FixedBytesHash<32>> spend_by_intent;
  std::map<WalletNonce, std::vector<SpendId>> spends_by_nonce;  // Of safe, single_key and gas wallets; open ones.
  std::map<WalletNonce, ForeignSpend> foreign_spends;
  std::set<TxId> foreign_txids;
  std::map<WalletId, std::uint64_t> mined_nonce;  // The account nonce after the newest block: the first not used yet.

  // Credited money that still lies at deposit addresses.
  std::map<std::pair<Address, AssetId>, Amount> unswept;
  // Promised by planned spends, not gone yet.
  std::map<WalletAsset, Amount> committed;

  // Outstanding work, kept as indexes so that it is the same after a crash as before it.
  std::set<WithdrawalId> waiting_held;      // held: for a verdict
  std::set<WithdrawalId> waiting_approved;  // approved: for a spend
  std::set<SpendId> open_spends;            // not settled, failed or superseded
  std::set<FreezeId> freezes_in_force;
  std::set<IncidentId> open_incidents;

  // Lookups. None of these changes anything.
  std::optional<AssetId> asset_by_contract(ChainId chain, const Address& contract) const;  // empty: the native coin
  const Wallet* wallet_by_address(ChainId chain, const Address& address) const;
  const DepositAddress* deposit_address(ChainId chain, const Address& address) const;
  bool frozen(ChainId chain, AssetId asset, WalletId wallet, CustomerId customer) const;  // none where it does not apply
  bool platform_frozen() const;
  Amount wallet_balance(WalletId wallet, AssetId asset) const;
  Amount wallet_free(WalletId wallet, AssetId asset) const;  // balance less what planned spends promised
  Amount available(CustomerId customer, AssetId asset) const;
  Amount held(CustomerId customer, AssetId asset) const;
  std::optional<BlockRef> head(ChainId chain) const;  // The newest block known; none before the first.
};

}  // namespace holdfast::custody
