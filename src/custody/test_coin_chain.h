// For tests: a chain of coins so small that it can be believed. It knows which scripts are ours, mines what its coins allow,
// and reports its blocks as a follower does. It shares no code with what it judges.
#pragma once

#include "custody/test_chain.h"

#include <map>
#include <set>
#include <vector>

namespace holdfast::custody {

// May be mined once in any one line of blocks, as its coins allow.
struct CoinTransaction {
  TxId txid;
  std::vector<OutPoint> inputs;  // Of outsiders: none.
  std::vector<std::pair<Address, Int128>> outputs;
  std::vector<WithdrawalId> pays;
  std::uint64_t rivals = 0;      // Of an outsider's: at most one of those with the same number is mined. 0: no rival.
};

// What is so after a block.
struct CoinTruth {
  BlockRef block;
  std::map<OutPoint, std::pair<Address, Int128>> unspent;  // Own coins.
  std::set<TxId> mined;
  std::set<std::uint64_t> rivals;
  std::map<WithdrawalId, int> paid;
  std::map<OutPoint, Int128> deposits;  // Whatever became of them.
};

class CoinChain {
 public:
  explicit CoinChain(Dice& dice);

  const CoinTruth& head() const { return blocks_.back(); }
  const CoinTruth& at(std::uint64_t height) const;
  std::uint64_t first_height() const { return blocks_.front().block.height; }
  WalletId owner(const Address& script) const;

  BlockFacts mine();
  void drop_head() { blocks_.pop_back(); }

  std::vector<CoinTransaction> pool;  // For ever: what was mined may come again after a reorganisation.
  std::map<Address, Origin> own;
  std::set<Address> customers;

 private:
  bool mine_transaction(CoinTruth& truth, const CoinTransaction& transaction, BlockFacts& facts) const;
  void tell(const CoinTruth& truth, const CoinTransaction& transaction, BlockFacts& facts) const;

  Dice& dice_;
  std::vector<CoinTruth> blocks_;
};

}  // namespace holdfast::custody
