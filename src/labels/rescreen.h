// What new lists say of money that has already moved: whom we paid, or were paid by, and who was labelled only since.
#pragma once

#include "base/amount.h"
#include "labels/label_set.h"

namespace holdfast::labels {

struct Counterparty {
  std::string chain;         // CAIP-2
  custody::Address address;  // who was paid, or who paid
  std::uint64_t reference = 0;  // the caller's own: a withdrawal, a deposit
};

struct NewlyLabelled {
  std::size_t at = 0;                   // index into the counterparties
  std::vector<std::string> categories;  // that the old set did not say of the address; sorted, never empty
};

// In the order of the counterparties. A category that only gained a source, or that is no longer said, is nothing new.
std::vector<NewlyLabelled> rescreen(const LabelSet& before, const LabelSet& now, std::span<const Counterparty> counterparties);

// What a deposit that nobody asked for may taint of its receiver, who holds `held` with the deposit among it: at most the deposit.
// Anybody can send a customer dust from a labelled address; it must not taint what the customer had.
Amount taint_of_deposit(Amount deposit, Amount held);

}  // namespace holdfast::labels
