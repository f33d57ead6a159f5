// Child pays for parent: what a transaction pays for those that are not mined and that it spends from, and what a child of a
// payment would be. Pure functions of the state.
//
// A receiver can keep a payment from being replaced: he hangs something on it that is large, so that whoever replaces the
// payment has to pay for that, too (BIP 125, rules 3 and 5: pinning). The payment's own change is out of his reach: what spends
// that, for a good fee, makes it worth while to mine the payment. Nodes let in one such child even where so much hangs on the
// payment already that they let in nothing else, as long as all that the payment itself spends is mined.
#pragma once

#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/wallets.h"

#include <cstdint>
#include <optional>

namespace holdfast::chain::utxo {

// What has to be mined first, together.
struct Ancestors {
  std::int64_t vsize = 0;
  std::int64_t fee = 0;
};

// Our own transactions, not in a block, that the spend's coins come from.
Ancestors ancestors_of(const custody::State& state, const custody::Spend& spend);
// What a transaction of this weight pays so that it and its ancestors come to the rate together; as much as alone at least.
std::int64_t package_fee(std::int64_t feerate, std::int64_t weight, const Ancestors& above);

struct ChildRules {
  std::int64_t feerate = 0;       // sat/kvB, of both together.
  std::int64_t max_feerate = 0;   // sat/kvB, of the child alone.
};

struct Child {
  custody::OutPoint output;  // That it spends.
  Amount amount;             // Of the output.
  bool needed = false;       // The attempt alone pays less than the rate.
  bool planned = false;      // At some time: nobody plans it twice.
};

// The child that this attempt of the parent has or could have. None when the attempt has no change, or when what would be left
// of the change is less than what the child pays.
std::optional<Child> child_of(const custody::State& state, const custody::Spend& parent, const Txid& attempt,
                              const ChildRules& rules, const Wallets& wallets);

}  // namespace holdfast::chain::utxo
