// What others say of an address: one statement, with who says it, when, and how sure they are.
#pragma once

#include "custody/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::labels {

enum class Category : std::uint8_t {
  other = 0, sanctioned, stolen, crime, scam, frozen, mixer, market, gambling, exchange, service, defi, miner
};
std::string_view name_of(Category category);
inline constexpr std::size_t kCategoryCount = static_cast<std::size_t>(Category::miner) + 1;
// What is said of whoever holds the key, wherever: the wrongs.
bool is_of_the_holder(Category category);
// What people have to look at when it is said of somebody who was paid already: the wrongs, and what an issuer has frozen.
bool is_alarming(Category category);

// In the place of a chain: the label is of whoever holds the key, and one key has one address on all EVM chains.
inline constexpr std::string_view kEveryEvmChain = "eip155:*";

struct Label {
  std::string chain;         // CAIP-2, or kEveryEvmChain
  custody::Address address;  // 20 bytes, or a scriptPubKey
  Category category = Category::other;
  std::string actor;
  std::string source;   // Where the statement comes from: an address on the web, or the list's name.
  std::string licence;  // Of the list.
  std::optional<std::int32_t> day;  // Days since 1970-01-01; none: the list does not say.
  std::uint8_t confidence = 0;      // 0 to 100
  bool holds_across_evm() const { return chain == kEveryEvmChain; }
};

// What a list as a whole says of all its lines.
struct ListOrigin {
  std::string source;
  std::string licence;
  std::optional<std::int32_t> day;
};

struct RefusedLine {
  std::size_t line = 0;   // from 1
  std::string_view code;  // stable
};

struct Imported {
  std::vector<Label> labels;
  std::vector<RefusedLine> refused;
  std::size_t not_ours = 0;  // Lines of chains that Holdfast does not serve: no errors.
};

}  // namespace holdfast::labels
