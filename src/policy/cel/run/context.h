// What a function may use while an expression is evaluated: memory, a budget, and what the host put there.
#pragma once

#include "policy/cel/run/arena.h"
#include "policy/cel/run/value.h"

#include <algorithm>
#include <string_view>

namespace holdfast::policy::cel {

// One unit is about one simple step. Text counts one unit for each of these many bytes.
inline constexpr std::uint64_t kBytesPerUnit = 16;

class Context {
 public:
  Context(Arena& arena, std::uint64_t budget, const void* host) : arena_(arena), budget_(budget), start_(budget), host_(host) {}

  // False: the budget is spent, and the evaluation is over.
  bool charge(std::uint64_t units) {
    if (units > budget_) {
      budget_ = 0;
      fatal_ = ErrorCode::out_of_budget;
      return false;
    }
    budget_ -= units;
    return true;
  }

  template <class T>
  T* take(std::size_t count) {
    T* out = arena_.take<T>(count);
    if (out == nullptr) fatal_ = ErrorCode::out_of_memory;
    return out;
  }

  // Both pieces as one text in the arena, or an error.
  Value join(ValueKind kind, std::string_view left, std::string_view right = {}) {
    char* out = take<char>(left.size() + right.size());
    if (out == nullptr) return Value::error(fatal_);
    std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), out));
    const std::string_view text(out, left.size() + right.size());
    return kind == ValueKind::bytes ? Value::bytes(text) : Value::string(text);
  }

  ErrorCode fatal() const { return fatal_; }
  std::uint64_t spent() const { return start_ - budget_; }
  const void* host() const { return host_; }

 private:
  Arena& arena_;
  std::uint64_t budget_;
  std::uint64_t start_;
  const void* host_;
  ErrorCode fatal_ = ErrorCode::none;
};

// `state` is what the function was declared with. The arguments are of the kinds that its declaration says, none is an error.
using Native = Value (*)(Context& context, const Value* arguments, const void* state);

}  // namespace holdfast::policy::cel
