// The descriptors of own wallets, parsed once: what every script of theirs is made of.
#pragma once

#include "base/result.h"
#include "chain/utxo/wallet/descriptor.h"
#include "chain/utxo/wallet/network.h"
#include "custody/state.h"

#include <map>
#include <string>

namespace holdfast::chain::utxo {

// Not for several threads at once. A wallet's descriptor never changes (custody sees to that).
class Wallets {
 public:
  explicit Wallets(const Network& network) : network_(network) {}

  const Network& network() const { return network_; }
  // Refusals: those of Descriptor::parse.
  Result<const Descriptor*> descriptor(const custody::Wallet& wallet) const;
  // Refusals: those of Descriptor::derive.
  Result<DerivedOutput> derive(const custody::Wallet& wallet, std::uint32_t branch, std::uint32_t index) const;

 private:
  const Network& network_;
  mutable std::map<custody::WalletId, Descriptor> descriptors_;
};

// The descriptor of one branch alone, without a checksum, as nodes want it that do not know <0;1>.
std::string branch_text(const Descriptor& descriptor, std::uint32_t branch);

bool is_segwit_v0(const Descriptor& descriptor);

}  // namespace holdfast::chain::utxo
