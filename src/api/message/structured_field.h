// Structured field values (RFC 8941), as much of them as HTTP message signatures need: dictionaries of items and of
// inner lists. Hostile text is safe: whatever is not exactly of the grammar, or over the bounds below, is refused.
//
//   left out: decimals, and lists at the top level
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast::api {

inline constexpr std::size_t kMaxFieldBytes = 4096;
inline constexpr std::size_t kMaxFieldMembers = 8;
inline constexpr std::size_t kMaxListItems = 32;
inline constexpr std::size_t kMaxParameters = 16;

struct Token {
  std::string text;
  friend bool operator==(const Token&, const Token&) = default;
};

using BareItem = std::variant<std::int64_t, std::string, Token, Bytes, bool>;

struct Parameter {
  std::string key;
  BareItem value;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct Item {
  BareItem value;
  std::vector<Parameter> parameters;
  friend bool operator==(const Item&, const Item&) = default;
};

struct InnerList {
  std::vector<Item> items;
  std::vector<Parameter> parameters;
  friend bool operator==(const InnerList&, const InnerList&) = default;
};

struct DictionaryMember {
  std::string key;
  std::variant<Item, InnerList> value;
  friend bool operator==(const DictionaryMember&, const DictionaryMember&) = default;
};

using Dictionary = std::vector<DictionaryMember>;

// Narrower than the RFC in one way: a key that stands twice is refused, where the RFC lets the last one win.
std::optional<Dictionary> parse_dictionary(std::string_view text);

const DictionaryMember* find(const Dictionary& dictionary, std::string_view key);

// The canonical text (RFC 8941 section 4.1).
std::string to_field_text(const Item& item);
std::string to_field_text(const InnerList& list);

}  // namespace holdfast::api
