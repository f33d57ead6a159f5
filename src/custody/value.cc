#include "custody/value.h"

#include <algorithm>
#include <limits>

namespace holdfast::custody {
namespace {

constexpr Uint128 kMost = std::numeric_limits<std::int64_t>::max();
constexpr Uint128 kFits64 = Uint128{1} << 63;  // Times a price of 64 bits, that fits.

Uint128 divided_up(Uint128 a, Uint128 b) { return a / b + (a % b == 0 ? 0 : 1); }

}  // namespace

std::uint64_t value_of(const Asset& asset, Amount amount) {
  Uint128 units = static_cast<Uint128>(amount.units());
  unsigned decimals = asset.decimals;
  // Digits below what 63 bits can carry are rounded before the price is applied, and behind the point only.
  for (; decimals > 0 && units >= kFits64; --decimals) units = divided_up(units, 10);
  if (units >= kFits64) return asset.price_micro_usd == 0 ? 0 : static_cast<std::uint64_t>(kMost);
  Uint128 worth = units * asset.price_micro_usd;
  for (; decimals > 0 && worth > 1; --decimals) worth = divided_up(worth, 10);
  return static_cast<std::uint64_t>(std::min(worth, kMost));
}

}  // namespace holdfast::custody
