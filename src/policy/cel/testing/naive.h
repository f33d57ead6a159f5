// A second evaluator, for tests: walks the tree, copies everything, shares no code with the machine. Slow and plain.
#pragma once

#include "policy/cel/run/value.h"
#include "policy/cel/syntax/ast.h"

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::policy::cel {

struct Plain;
using PlainList = std::vector<Plain>;
using PlainMap = std::vector<std::pair<Plain, Plain>>;

struct PlainInstant {
  std::int64_t seconds;
  std::uint32_t nanos;
  friend bool operator==(const PlainInstant&, const PlainInstant&) = default;
};
struct PlainDuration {
  std::int64_t nanos;
  friend bool operator==(const PlainDuration&, const PlainDuration&) = default;
};
struct PlainType {
  std::string name;
  friend bool operator==(const PlainType&, const PlainType&) = default;
};

struct Plain {
  std::variant<ErrorCode, Null, bool, std::int64_t, std::uint64_t, double, std::string, ByteString, PlainInstant, PlainDuration,
               PlainType, std::shared_ptr<PlainList>, std::shared_ptr<PlainMap>>
      value = Null{};

  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  bool is_error() const { return as<ErrorCode>() != nullptr; }
};

Plain to_plain(const Value& value);

// The same value of the same type; NaN is NaN.
bool is_same(const Plain& a, const Plain& b);

// Variables by name, without containers. Knows CEL's own functions but matches() and those with time zones.
Plain evaluate_naively(const Ast& ast, const std::map<std::string, Plain>& variables);

}  // namespace holdfast::policy::cel
