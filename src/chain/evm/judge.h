// Tells whether somebody else uses one of our keys. The same judgement for what is in the pool and what is mined.
//
//   from a single_key or gas wallet, no durable attempt of ours          unmatched_spend
//   from an owner's address (owners sign, they never send)               leaked_owner
//   to a Safe or its module, with a true owner signature over what
//   nobody asked for                                                     leaked_owner
//
// A stranger's garbage at our Safe is none of these: else anybody could freeze the exchange for the price of a transaction.
// Only direct calls are read; a Safe transaction carried by another contract is seen when it is mined, by the Safe's event.
#pragma once

#include "chain/evm/node.h"
#include "chain/evm/own.h"
#include "chain/port.h"
#include "custody/commands.h"

#include <cstdint>
#include <vector>

namespace holdfast::chain::evm {

class Judge {
 public:
  // The references have to outlive the judge.
  Judge(std::uint64_t chain_id, const Own& own, const StateView& view) : chain_id_(chain_id), own_(own), view_(view) {}

  // All of the above.
  std::vector<custody::ReportForeignSpend> judge(const Transaction& transaction) const;
  // Owners only: what their keys were used for shows in no balance and, when it was undone, in no event.
  std::vector<custody::ReportForeignSpend> judge_owners(const Transaction& transaction) const;

 private:
  bool durable(const Hash32& txid) const;
  bool signed_by_owner(const Hash32& hash, ByteView signatures) const;
  bool leaks_in_exec(const OwnWallet& safe, const Transaction& transaction) const;
  bool leaks_in_evacuation(const OwnWallet& safe, const Transaction& transaction) const;
  // The open spends of a Safe, in the form in which its owners were asked to sign them.
  bool asked_for(const OwnWallet& safe, const Hash32& intent) const;

  std::uint64_t chain_id_;
  const Own& own_;
  const StateView& view_;
};

}  // namespace holdfast::chain::evm
