// What a policy's expressions know beside CEL itself: money in US dollars, exact to a millionth, and sets of texts.
//
//   usd("10000"), usd("0.5")   literals; a text that is no such number is an error when the policy is read
//   usd + usd, usd - usd, usd * int, comparisons. usd with a number is an error of types.
//   text in set                membership, whatever the size of the set, at one price
#pragma once

#include "base/amount.h"
#include "policy/cel/check/environment.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace holdfast::policy {

struct Usd {
  Int128 micro = 0;  // May be negative, as a difference.
  friend auto operator<=>(const Usd&, const Usd&) = default;
};

inline constexpr unsigned kUsdDecimals = 6;

std::optional<Usd> read_usd(std::string_view text);  // "12.5". Signs, exponents and more than six decimals give nothing.
std::string write_usd(Usd money);                    // "-12.5"

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

// An environment with these. Variables are added by whoever reads a policy.
class Domain {
 public:
  Domain();
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;

  cel::TypeId usd_type() const { return usd_type_; }
  cel::TypeId set_type() const { return set_type_; }
  // Both borrow what they are given.
  cel::Value value(const Usd& money) const { return cel::Value::opaque(usd_, &money); }
  cel::Value value(const TextSet& set) const { return cel::Value::opaque(set_, &set); }
  bool is_usd(const cel::Value& value) const { return value.is(cel::ValueKind::opaque) && value.opaque_type() == usd_; }

  cel::Environment environment;

 private:
  void declare(std::string_view name, std::string_view id, std::vector<cel::TypeId> parameters, cel::TypeId result, cel::Native native);

  std::uint16_t usd_ = 0;
  std::uint16_t set_ = 0;
  cel::TypeId usd_type_ = 0;
  cel::TypeId set_type_ = 0;
};

}  // namespace holdfast::policy
