// For tests: a chain so small that it can be believed. It knows own wallets, deposit addresses, Safes' nonces and accounts'
// nonces, carries out transactions as an EVM chain would, and reports its blocks as a follower does. It shares no code with
// what it judges.
#pragma once

#include "custody/facts.h"
#include "custody/state.h"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace holdfast::custody {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <std::size_t N>
  FixedBytes<N> bytes() {
    FixedBytes<N> out;
    for (auto& byte : out.bytes) byte = static_cast<std::uint8_t>(random_());
    return out;
  }
  Address address() { return Address(bytes<20>().view()); }
  template <class List>
  const auto& pick(const List& list) {
    return *std::next(list.begin(), static_cast<std::ptrdiff_t>(below(list.size())));
  }

 private:
  std::mt19937_64 random_;
};

// A signed transaction that may be mined: once in any one line of blocks, as its nonces allow.
struct PoolTransaction {
  TxId txid;
  WalletId sender;  // None: an outsider.
  std::uint64_t nonce = 0;
  std::vector<SpendId> does;  // What it is for: one of ours, or several that an outsider relays.
  SpendId inside;             // A Safe's spend that the destination relays while it is paid.
  WalletId robs;              // A thief's: takes from this wallet, by its key or by its owners' signatures.
  bool reverts = false;       // Fails for a reason of its own.
  std::vector<Hash32> flushes;  // Deposit addresses that it empties besides.
};

struct PoolDeposit {
  TxId txid;
  std::uint32_t position = 0;
  Address address;
  AssetId asset;
  Amount amount;
};

// What is so after a block.
struct Truth {
  BlockRef block;
  std::map<WalletAsset, Int128> balances;                      // Own wallets but the forwarders.
  std::map<std::pair<Address, AssetId>, Int128> at_addresses;  // Deposit addresses.
  std::map<WalletId, std::uint64_t> nonces;                    // Accounts' and Safes'.
  std::set<TxId> mined;
  std::set<TxId> deposited;
  std::map<WithdrawalId, int> paid;
  std::map<std::pair<CustomerId, AssetId>, Int128> received;
  std::set<SpendId> evacuated;  // By a Safe's module, each once.
};

class TestChain {
 public:
  TestChain(ChainId id, AssetId native, Dice& dice);

  const Truth& head() const { return blocks_.back(); }
  const Truth& at(std::uint64_t height) const;
  std::uint64_t first_height() const { return blocks_.front().block.height; }

  // Mines what can be mined of some of the pool, and tells what a follower would.
  BlockFacts mine(const State& state);
  void drop_head() { blocks_.pop_back(); }

  std::vector<PoolTransaction> pool;
  std::vector<PoolDeposit> deposits;
  std::vector<std::pair<WalletAsset, Amount>> gifts;  // Arrive in the next block, at own wallets.

 private:
  struct Execution {
    WalletId safe;
    bool by_owners = true;
    bool success = false;
    Hash32 intent;
    std::vector<Movement> movements;
  };

  void mine_deposits(const State& state, Truth& truth, BlockFacts& facts);
  bool mine_transaction(const State& state, Truth& truth, const PoolTransaction& transaction, BlockFacts& facts);
  bool carry_out(const State& state, Truth& truth, const PoolTransaction& transaction, std::vector<MinedFact>& facts);
  std::optional<Execution> execute(const State& state, Truth& truth, const Spend& spend);
  bool pay_by_key(const State& state, Truth& truth, const Spend& spend, MinedFact& fact);
  void sweep(const State& state, Truth& truth, const std::vector<Hash32>& salts, const std::vector<AssetId>& assets,
             MinedFact& fact);
  void rob(const State& state, Truth& truth, const PoolTransaction& transaction, std::vector<MinedFact>& facts);
  bool move(Truth& truth, const Movement& movement) const;
  void report_balances(const State& state, const Truth& truth, BlockFacts& facts) const;

  ChainId id_;
  AssetId native_;
  Dice& dice_;
  std::vector<Truth> blocks_;
};

}  // namespace holdfast::custody
