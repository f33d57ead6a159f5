// Reads what clients send, strictly: JSON bodies of known fields and no others, query parameters, idempotency keys.
#pragma once

#include "api/message/http.h"
#include "api/message/problem.h"
#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast::api {

inline constexpr std::size_t kMaxBodyBytes = 1 << 20;
inline constexpr std::size_t kMaxTextBytes = 256;  // Of one text in a body.
inline constexpr std::size_t kMaxFileBytes = 1 << 18;
inline constexpr std::size_t kMaxBlobBytes = 1 << 12;
inline constexpr std::size_t kMaxBatch = 1000;
inline constexpr std::size_t kMaxIdempotencyKey = 128;

// number: a whole one, from 0 to 2^63 - 1. file: a text of several lines. blob: a text of up to kMaxBlobBytes. object: a JSON object,
// given as its text, to be read by read_object.
enum class FieldKind : std::uint8_t { text, number, file, blob, object };

struct Field {
  std::string_view name;
  FieldKind kind = FieldKind::text;
  bool required = true;
};

using FieldValue = std::variant<std::monostate, std::string, std::uint64_t>;

// The values of one object, in the order of its fields. A field that is optional and absent is monostate.
class Fields {
 public:
  explicit Fields(std::vector<FieldValue> values) : values_(std::move(values)) {}
  bool has(std::size_t place) const { return values_[place].index() != 0; }
  const std::string& text(std::size_t place) const { return std::get<std::string>(values_[place]); }
  std::uint64_t number(std::size_t place) const { return std::get<std::uint64_t>(values_[place]); }

 private:
  std::vector<FieldValue> values_;
};

// json_malformed, field_missing, field_unknown, field_invalid. Texts hold no control characters and are not empty.
Answer<Fields> read_object(std::string_view body, std::span<const Field> fields);

// {"<name>": [object, ...]} with 1 to kMaxBatch objects. One that is wrong does not spoil the others.
//   json_malformed, field_missing, field_unknown, field_invalid, batch_size_wrong
Answer<std::vector<Answer<Fields>>> read_batch(std::string_view body, std::string_view name,
                                               std::span<const Field> fields);

// The parameters of a query: percent-decoded, each at most once.
class Query {
 public:
  // parameter_invalid: not of the form, or a name that is not among `known`.
  static Answer<Query> parse(std::string_view query, std::span<const std::string_view> known);

  const std::string* text(std::string_view name) const;
  // parameter_invalid: present, and no whole number from `low` to `high`.
  Answer<std::optional<std::uint64_t>> number(std::string_view name, std::uint64_t low, std::uint64_t high) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

// Digits only, without leading zeros, up to 2^63 - 1.
std::optional<std::uint64_t> parse_number(std::string_view text);

// idempotency_key_malformed
Answer<void> check_idempotency_key(std::string_view key);

}  // namespace holdfast::api
