#include "labels/rescreen.h"

#include <algorithm>
#include <iterator>

namespace holdfast::labels {

std::vector<NewlyLabelled> rescreen(const LabelSet& before, const LabelSet& now, std::span<const Counterparty> counterparties) {
  std::vector<NewlyLabelled> out;
  for (std::size_t i = 0; i < counterparties.size(); ++i) {
    const auto said = categories(now, counterparties[i].chain, counterparties[i].address);
    if (said.empty()) continue;
    const auto known = categories(before, counterparties[i].chain, counterparties[i].address);
    NewlyLabelled found{i, {}};
    std::ranges::set_difference(said, known, std::back_inserter(found.categories));
    if (!found.categories.empty()) out.push_back(std::move(found));
  }
  return out;
}

Amount taint_of_deposit(Amount deposit, Amount held) { return std::min(deposit, held); }

}  // namespace holdfast::labels
