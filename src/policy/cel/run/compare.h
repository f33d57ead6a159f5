// Equality, order and the keys of maps.
//
// Numbers compare by value across int, uint and double; where a double stands on one side, the integer is rounded to a double
// first, as CEL's conformance tests want it (so 2^53 + 1 equals the double 2^53). Values of different kinds are unequal.
#pragma once

#include "policy/cel/run/context.h"

#include <compare>
#include <optional>
#include <span>

namespace holdfast::policy::cel {

// How a domain's own values are compared. Null: never equal.
using OpaqueEqual = bool (*)(const Value& left, const Value& right);

// A bool, or an error when the budget is spent or the values are nested too deeply.
Value equal(Context& context, std::span<const OpaqueEqual> opaques, const Value& left, const Value& right);

// Nothing when there is no order between the kinds. NaN is unordered.
std::optional<std::partial_ordering> order(const Value& left, const Value& right);

bool is_key(const Value& value);

// Sorts by key: false < true < numbers by value < text. An error when a key may not be one, or is there twice.
ErrorCode sort_entries(std::span<MapEntry> entries);

// Null: no such key. A double finds the whole number that it equals.
const Value* find_key(std::span<const MapEntry> entries, const Value& key);

}  // namespace holdfast::policy::cel
