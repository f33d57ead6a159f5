#include "policy/analysis/linear.h"

#include <algorithm>
#include <map>

namespace holdfast::policy {
namespace {

constexpr std::size_t kMostRows = 60;

bool scaled_sum(Int128 a, Int128 x, Int128 b, Int128 y, Int128& out) {
  Int128 left = 0;
  Int128 right = 0;
  if (__builtin_mul_overflow(a, x, &left) || __builtin_mul_overflow(b, y, &right)) return false;
  return !__builtin_add_overflow(left, right, &out) && out >= -kInt128Max;
}

Int128 magnitude(Int128 number) { return number < 0 ? -number : number; }

Int128 common_divisor(Int128 a, Int128 b) {
  while (b != 0) {
    const Int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// Divides by what all factors have in common. The terms are whole numbers, so the constant may be rounded up: 2x - 3 <= 0 is x - 1 <= 0.
void tighten(Linear& row) {
  Int128 divisor = 0;
  for (const auto& [term, factor] : row.parts) divisor = common_divisor(magnitude(factor), divisor);
  if (divisor <= 1) return;
  for (auto& [term, factor] : row.parts) factor /= divisor;
  const Int128 quotient = row.constant / divisor;
  row.constant = quotient + (row.constant % divisor > 0 ? 1 : 0);
}

Int128 factor_of(const Linear& row, TermId term) {
  const auto at = std::ranges::lower_bound(row.parts, term, {}, &std::pair<TermId, Int128>::first);
  return at != row.parts.end() && at->first == term ? at->second : 0;
}

// The one whose elimination makes the fewest rows.
TermId cheapest_term(const std::vector<Linear>& rows) {
  std::map<TermId, std::pair<std::size_t, std::size_t>> uses;
  for (const Linear& row : rows) {
    for (const auto& [term, factor] : row.parts) ++(factor > 0 ? uses[term].first : uses[term].second);
  }
  const auto cost = [](const auto& use) { return use.second.first * use.second.second; };
  return std::ranges::min_element(uses, {}, cost)->first;
}

// Every row that bounds the term from above, with every one that bounds it from below; and those that do not name it.
std::vector<Linear> without(const std::vector<Linear>& rows, TermId term) {
  std::vector<Linear> out;
  for (const Linear& above : rows) {
    const Int128 up = factor_of(above, term);
    if (up == 0) out.push_back(above);
    if (up <= 0) continue;
    for (const Linear& below : rows) {
      const Int128 down = factor_of(below, term);
      if (down >= 0) continue;
      if (auto row = combined(above, -down, below, up)) out.push_back(std::move(*row));
    }
  }
  return out;
}

}  // namespace

std::optional<Linear> combined(const Linear& a, Int128 x, const Linear& b, Int128 y) {
  Linear out;
  if (!scaled_sum(a.constant, x, b.constant, y, out.constant)) return std::nullopt;
  auto left = a.parts.begin();
  auto right = b.parts.begin();
  while (left != a.parts.end() || right != b.parts.end()) {
    const bool takes_left = right == b.parts.end() || (left != a.parts.end() && left->first <= right->first);
    const bool takes_right = left == a.parts.end() || (right != b.parts.end() && right->first <= left->first);
    const TermId term = takes_left ? left->first : right->first;
    const Int128 from_left = takes_left ? (left++)->second : 0;
    const Int128 from_right = takes_right ? (right++)->second : 0;
    Int128 factor = 0;
    if (!scaled_sum(from_left, x, from_right, y, factor)) return std::nullopt;
    if (factor != 0) out.parts.emplace_back(term, factor);
  }
  return out;
}

bool is_impossible(std::vector<Linear> rows, Effort& effort) {
  for (;;) {
    for (Linear& row : rows) tighten(row);
    for (const Linear& row : rows) {
      if (row.is_constant() && row.constant > 0) return true;
    }
    std::erase_if(rows, [](const Linear& row) { return row.is_constant(); });
    if (rows.empty() || rows.size() > kMostRows || !effort.spend(rows.size())) return false;
    rows = without(rows, cheapest_term(rows));
  }
}

}  // namespace holdfast::policy
