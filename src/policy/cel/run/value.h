// Values: sixteen bytes each, trivially copied. What does not fit into them (text, elements) is borrowed: from the arena of the
// evaluation, from the program, or from whoever handed the value in.
//
// An error is a value too. Whatever takes an error gives it back, except && and ||, all and exists, which may do without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::policy::cel {

enum class ValueKind : std::uint8_t {
  error, null, boolean, int64, uint64, floating, string, bytes, timestamp, duration, list, map, type, opaque,
};

enum class ErrorCode : std::uint8_t {
  none,
  no_such_overload,    // Types do not fit. What was accepted without dyn never gives it.
  unknown_name,        // A variable without a value, an unknown function.
  divide_by_zero,
  overflow,            // Of int, uint, timestamp or duration.
  out_of_range,        // A conversion to a type that cannot hold the value.
  bad_conversion,      // A text that is no number, no time, ...
  not_utf8,
  no_such_key,
  index_out_of_range,
  duplicate_key,
  bad_key,             // Of a type that no key may have.
  bad_pattern,         // No regular expression, or too large a one.
  unknown_zone,        // No such time zone, or a time before its rules begin.
  too_deep,
  unavailable,         // The host has no value: a stale price, a list that is not loaded.
  out_of_budget,       // These two end the evaluation: nothing can do without them.
  out_of_memory,
};

std::string_view name_of(ErrorCode code);

struct MapEntry;

class Value {
 public:
  Value() : kind_(ValueKind::null) {}

  static Value null() { return {}; }
  static Value of(bool truth) { return make(ValueKind::boolean, 0, truth ? 1U : 0U); }
  static Value of(std::int64_t number) { return make(ValueKind::int64, 0, static_cast<std::uint64_t>(number)); }
  static Value of(std::uint64_t number) { return make(ValueKind::uint64, 0, number); }
  static Value of(double number) {
    Value out;
    out.kind_ = ValueKind::floating;
    out.floating_ = number;
    return out;
  }
  static Value string(std::string_view text) { return borrow(ValueKind::string, text.data(), text.size()); }
  static Value bytes(std::string_view bytes) { return borrow(ValueKind::bytes, bytes.data(), bytes.size()); }
  static Value type(std::string_view name) { return borrow(ValueKind::type, name.data(), name.size()); }
  static Value timestamp(std::int64_t seconds, std::uint32_t nanos) {
    return make(ValueKind::timestamp, nanos, static_cast<std::uint64_t>(seconds));
  }
  static Value duration(std::int64_t nanos) { return make(ValueKind::duration, 0, static_cast<std::uint64_t>(nanos)); }
  static Value list(const Value* elements, std::size_t count) { return borrow(ValueKind::list, elements, count); }
  static Value list(std::span<const Value> elements) { return list(elements.data(), elements.size()); }
  // Sorted by key, each key once (see sort_entries).
  static Value map(const MapEntry* entries, std::size_t count) { return borrow(ValueKind::map, entries, count); }
  // `type` is the number of the opaque type. `size` counts for the cost of functions that look at all of it.
  static Value opaque(std::uint16_t type, const void* object, std::size_t size = 1) {
    Value out = borrow(ValueKind::opaque, object, size);
    out.tag_ = type;
    return out;
  }
  static Value error(ErrorCode code) { return make(ValueKind::error, static_cast<std::uint32_t>(code), 0); }

  ValueKind kind() const { return kind_; }
  bool is(ValueKind kind) const { return kind_ == kind; }
  bool is_error() const { return kind_ == ValueKind::error; }
  bool is_bool(bool truth) const { return kind_ == ValueKind::boolean && as_bool() == truth; }

  // Each may be asked of a value of that kind only.
  bool as_bool() const { return bits_ != 0; }
  std::int64_t as_int() const { return static_cast<std::int64_t>(bits_); }
  std::uint64_t as_uint() const { return bits_; }
  double as_double() const { return floating_; }
  std::string_view text() const { return {static_cast<const char*>(pointer_), aux_}; }  // string, bytes, type
  std::int64_t seconds() const { return as_int(); }                                     // timestamp
  std::uint32_t nanos() const { return aux_; }                                          // timestamp
  std::int64_t duration_nanos() const { return as_int(); }
  std::span<const Value> elements() const { return {static_cast<const Value*>(pointer_), aux_}; }
  std::span<const MapEntry> entries() const;
  std::uint16_t opaque_type() const { return tag_; }
  template <class T>
  const T& object() const {
    return *static_cast<const T*>(pointer_);
  }
  std::size_t size() const { return aux_; }  // Bytes, elements or entries.
  ErrorCode code() const { return static_cast<ErrorCode>(aux_); }

  // Where an error came from: an index into the program. Set once, by whoever sees the error first.
  static constexpr std::uint64_t kNowhere = 0;
  std::uint64_t origin() const { return bits_; }
  void set_origin(std::uint64_t origin) { bits_ = origin; }

 private:
  static Value make(ValueKind kind, std::uint32_t aux, std::uint64_t bits) {
    Value out;
    out.kind_ = kind;
    out.aux_ = aux;
    out.bits_ = bits;
    return out;
  }
  static Value borrow(ValueKind kind, const void* from, std::size_t size) {
    Value out;
    out.kind_ = kind;
    out.aux_ = static_cast<std::uint32_t>(size);
    out.pointer_ = from;
    return out;
  }

  ValueKind kind_;
  std::uint16_t tag_ = 0;
  std::uint32_t aux_ = 0;
  union {
    std::uint64_t bits_ = 0;
    double floating_;
    const void* pointer_;
  };
};
static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

inline std::span<const MapEntry> Value::entries() const { return {static_cast<const MapEntry*>(pointer_), aux_}; }

}  // namespace holdfast::policy::cel
