// Sums of whole numbers times what is not known, and whether a set of conditions on them can hold at once.
//
// By Fourier's and Motzkin's elimination. "Impossible" is a proof; anything else only means that no proof was found: what would go
// over 128 bits or over the effort is left out, and with fewer conditions less can be proven.
#pragma once

#include "base/amount.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace holdfast::policy {

using TermId = std::uint32_t;

// What a proof may still cost. When nothing is left, nothing more is proven.
class Effort {
 public:
  explicit Effort(std::uint64_t units) : left_(units) {}
  bool spend(std::uint64_t units) {
    const bool enough = units <= left_;
    left_ = enough ? left_ - units : 0;
    return enough;
  }
  std::uint64_t left() const { return left_; }

 private:
  std::uint64_t left_;
};

struct Linear {
  std::vector<std::pair<TermId, Int128>> parts;  // In order of the terms, each once; no factor is 0.
  Int128 constant = 0;

  static Linear of(Int128 constant) { return {{}, constant}; }
  static Linear of_term(TermId term) { return {{{term, 1}}, 0}; }
  bool is_constant() const { return parts.empty(); }
};

// a * x + b * y; nothing when that goes over 128 bits.
std::optional<Linear> combined(const Linear& a, Int128 x, const Linear& b, Int128 y);

// No whole numbers make every row <= 0.
bool is_impossible(std::vector<Linear> rows, Effort& effort);

}  // namespace holdfast::policy
