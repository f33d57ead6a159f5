// What a policy's expressions know beside CEL itself: money in US dollars, exact to a millionth, amounts of an asset, exact to the 18th
// decimal, and sets of texts.
//
//   usd("10000"), usd("0.5")   literals; a text that is no such number is an error when the policy is read
//   usd + usd, usd - usd, usd * int, comparisons. usd with a number is an error of types.
//   amount("3.2", "ETH")       a literal; sent("ETH"): a variable, what the withdrawal sends of it. The asset is written down, and is
//                              part of the type: amounts of one asset do what usd does, of two they are an error of types
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

// So much of some asset, whatever its own decimals are.
struct AssetAmount {
  Int128 atto = 0;  // 10^-18 of one whole coin. May be negative, as a difference.
  friend auto operator<=>(const AssetAmount&, const AssetAmount&) = default;
};

inline constexpr unsigned kAmountDecimals = 18;
inline constexpr Int128 kMostAmount = Int128{1} << 105;  // Of each literal and variable: some 4 * 10^13 coins.

std::optional<Usd> read_usd(std::string_view text);  // "12.5". Signs, exponents and more than six decimals give nothing.
std::string write_usd(Usd money);                    // "-12.5"

std::optional<AssetAmount> read_amount(std::string_view text);  // As read_usd, with up to 18 decimals, up to kMostAmount.
std::string write_amount(AssetAmount amount);                   // "-3.2"
// Of units with so many decimals; what is below the 18th is rounded up. Nothing over kMostAmount.
std::optional<AssetAmount> amount_of(Amount units, unsigned decimals);
// An asset that a policy may name: 1 to 32 of letters, digits and . _ - + $
bool is_symbol(std::string_view text);

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
  cel::Value value(const AssetAmount& amount) const { return cel::Value::opaque(amount_, &amount); }
  cel::Value value(const TextSet& set) const { return cel::Value::opaque(set_, &set); }
  bool is_usd(const cel::Value& value) const { return value.is(cel::ValueKind::opaque) && value.opaque_type() == usd_; }
  bool is_amount(const cel::Value& value) const { return value.is(cel::ValueKind::opaque) && value.opaque_type() == amount_; }
  bool is_amount(const cel::Type& type) const { return type.kind == cel::TypeKind::opaque && type.number == amount_; }

  // From then on expressions may name it. The slot of sent(symbol). Once for each, before any expression is compiled; the symbol is one.
  std::uint32_t declare_asset(std::string_view symbol);

  cel::Environment environment;

 private:
  void declare(std::string_view name, const std::string& id, std::vector<cel::TypeId> parameters, cel::TypeId result, cel::Native native,
               const void* state = nullptr);
  template <class Money>
  void declare_arithmetic(const std::string& name, cel::TypeId type);

  std::uint16_t usd_ = 0;
  std::uint16_t amount_ = 0;
  std::uint16_t set_ = 0;
  cel::TypeId usd_type_ = 0;
  cel::TypeId set_type_ = 0;
};

}  // namespace holdfast::policy
