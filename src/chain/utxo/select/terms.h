// The arithmetic of one selection: what a set of coins costs, whether it covers the payments, and what is left as change.
//
// Bounds, checked at the edge (coin_select.cc): feerates to 10^8, weights to 4 * 10^6 a coin, values to 8.4 * 10^15 together.
// A product of feerate and weight is taken only of up to 10^10 weight units: nothing here comes near 2^63.
#pragma once

#include "chain/utxo/select/coin_select.h"

#include <optional>

namespace holdfast::chain::utxo {

// Totals over coins. `effective` is value less fee; `waste` is fee now less fee at the long-term feerate. Both are counted
// coin by coin, each fee rounded up: together never less than the fee of all of them.
struct CoinSum {
  std::int64_t value = 0;
  std::int64_t weight = 0;
  std::int64_t effective = 0;
  std::int64_t waste = 0;
  std::size_t inputs = 0;

  CoinSum& operator+=(const CoinSum& other);
  CoinSum& operator-=(const CoinSum& other);
  friend CoinSum operator+(CoinSum a, const CoinSum& b) { return a += b; }
};

struct Settlement {
  std::int64_t change = 0;
  std::int64_t fee = 0;
  std::int64_t weight = 0;
  std::int64_t waste = 0;
};

// Borrows the request. Every CoinSum that it is asked about includes the required coins.
class Terms {
 public:
  explicit Terms(const CoinRequest& request);

  CoinSum of(const Candidate& coin) const;
  // Of the transaction with these coins and without change.
  std::int64_t weight(const CoinSum& sum) const;
  bool fits_without_change(const CoinSum& sum) const;
  bool fits(const CoinSum& sum) const;  // Change included.

  // What is left after the payments and the fee of a transaction without change; negative: that much is missing.
  std::int64_t excess(const CoinSum& sum) const;
  // excess(sum) >= wanted, without the divisions where the answer is plain.
  bool leaves(const CoinSum& sum, std::int64_t wanted) const {
    // Rounding the fees up coin by coin costs at most one satoshi each.
    const std::int64_t at_most = sum.effective + static_cast<std::int64_t>(sum.inputs) + 1 - effective_needed_;
    return at_most >= wanted && excess(sum) >= wanted;
  }
  // With less `effective` than this the payments are not covered. With as much they are, but for rounding: ask excess().
  std::int64_t effective_needed() const { return effective_needed_; }

  bool needs_change() const { return request_.target == 0; }
  // Of making change now and spending it later.
  std::int64_t change_cost() const { return change_make_cost_ + change_spend_cost_; }
  std::int64_t excess_wanted() const;
  // By how much all these coins fall short; 0 or less: not at all.
  std::int64_t missing(const CoinSum& all) const;

  // None when it does not cover the payments, or is too large.
  std::optional<Settlement> settle(const CoinSum& sum) const;

 private:
  std::int64_t fee(std::int64_t transaction_weight) const;

  const CoinRequest& request_;
  std::int64_t change_make_cost_ = 0;
  std::int64_t change_spend_cost_ = 0;
  std::int64_t change_min_ = 0;
  std::int64_t effective_needed_ = 0;
};

}  // namespace holdfast::chain::utxo
