#include "chain/utxo/select/terms.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::int64_t kWeightPerVbyte = 4;
constexpr std::int64_t kVbytesPerKvb = 1000;
constexpr std::int64_t kMaxProductWeight = 10'000'000'000;
constexpr std::size_t kOneByteCount = 252;
constexpr std::int64_t kLongCountWeight = 2 * kWeightPerVbyte;  // A count over 252 takes three bytes, not one.

// Of a part of a transaction: no rounding to whole virtual bytes.
std::int64_t part_fee(std::int64_t feerate, std::int64_t weight) {
  HF_CHECK(feerate >= 0 && feerate <= kSelectMaxFeerate && weight >= 0 && weight <= kMaxProductWeight);
  constexpr std::int64_t kWeightPerKvb = kWeightPerVbyte * kVbytesPerKvb;
  return (feerate * weight + kWeightPerKvb - 1) / kWeightPerKvb;
}

}  // namespace

std::int64_t fee_at(std::int64_t feerate, std::int64_t weight) {
  return part_fee(feerate, (weight + kWeightPerVbyte - 1) / kWeightPerVbyte * kWeightPerVbyte);
}

CoinSum& CoinSum::operator+=(const CoinSum& other) {
  value += other.value;
  weight += other.weight;
  effective += other.effective;
  waste += other.waste;
  inputs += other.inputs;
  return *this;
}

CoinSum& CoinSum::operator-=(const CoinSum& other) {
  value -= other.value;
  weight -= other.weight;
  effective -= other.effective;
  waste -= other.waste;
  inputs -= other.inputs;
  return *this;
}

Terms::Terms(const CoinRequest& request)
    : request_(request),
      change_make_cost_(part_fee(request.feerate, request.change_weight)),
      change_spend_cost_(part_fee(request.long_term_feerate, request.change_spend_weight)),
      change_min_(std::max(request.dust_limit, change_spend_cost_ + 1)),
      effective_needed_(request.target + part_fee(request.feerate, request.base_weight)) {}

CoinSum Terms::of(const Candidate& coin) const {
  const std::int64_t now = part_fee(request_.feerate, coin.weight);
  return {coin.value, coin.weight, coin.value - now, now - part_fee(request_.long_term_feerate, coin.weight), 1};
}

std::int64_t Terms::weight(const CoinSum& sum) const {
  return request_.base_weight + sum.weight + (sum.inputs > kOneByteCount ? kLongCountWeight : 0);
}

bool Terms::fits_without_change(const CoinSum& sum) const {
  return sum.inputs <= request_.max_inputs && weight(sum) <= request_.max_weight;
}

bool Terms::fits(const CoinSum& sum) const {
  return sum.inputs <= request_.max_inputs && weight(sum) + request_.change_weight <= request_.max_weight;
}

std::int64_t Terms::fee(std::int64_t transaction_weight) const {
  const std::int64_t at_feerate = fee_at(request_.feerate, transaction_weight);
  if (request_.fee_replaced == 0) return at_feerate;
  return std::max(at_feerate, request_.fee_replaced + fee_at(request_.relay_feerate, transaction_weight));
}

std::int64_t Terms::excess(const CoinSum& sum) const { return sum.value - request_.target - fee(weight(sum)); }

// One satoshi more than the cost, because the fees of the parts are rounded.
std::int64_t Terms::excess_wanted() const {
  return change_make_cost_ + 1 + std::max(request_.change_wanted, change_min_);
}

std::int64_t Terms::missing(const CoinSum& all) const {
  const std::int64_t change_weight = needs_change() ? request_.change_weight : 0;
  const std::int64_t needed = request_.target + (needs_change() ? change_min_ : 0);
  if (fits(all)) return needed + fee(weight(all) + change_weight) - all.value;
  // Too many for one transaction: counted without their fees where they replace something.
  const std::int64_t base_weight = request_.base_weight + change_weight;
  const std::int64_t by_feerate = needed + part_fee(request_.feerate, base_weight) - all.effective;
  return std::max(by_feerate, request_.fee_replaced == 0 ? by_feerate : needed + fee(base_weight) - all.value);
}

std::optional<Settlement> Terms::settle(const CoinSum& sum) const {
  const std::int64_t plain = weight(sum);
  if (sum.inputs == 0 || !fits_without_change(sum)) return std::nullopt;
  if (fits(sum)) {
    const std::int64_t larger = plain + request_.change_weight;
    const std::int64_t change = sum.value - request_.target - fee(larger);
    if (change >= change_min_) return Settlement{change, fee(larger), larger, sum.waste + change_cost()};
  }
  const std::int64_t left = excess(sum);
  if (left < 0 || needs_change()) return std::nullopt;
  return Settlement{0, fee(plain) + left, plain, sum.waste + left};
}

}  // namespace holdfast::chain::utxo
