#include "chain/utxo/wallets.h"

#include "base/check.h"

namespace holdfast::chain::utxo {

Result<const Descriptor*> Wallets::descriptor(const custody::Wallet& wallet) const {
  const auto found = descriptors_.find(wallet.id);
  if (found != descriptors_.end()) return &found->second;
  auto parsed = Descriptor::parse(wallet.output_descriptor, network_);
  if (!parsed) return Failure(parsed.error());
  return &descriptors_.emplace(wallet.id, std::move(*parsed)).first->second;
}

Result<DerivedOutput> Wallets::derive(const custody::Wallet& wallet, std::uint32_t branch, std::uint32_t index) const {
  const auto parsed = descriptor(wallet);
  if (!parsed) return Failure(parsed.error());
  return (*parsed)->derive(branch, index);
}

bool is_segwit_v0(const Descriptor& descriptor) {
  return descriptor.kind() == ScriptKind::p2wpkh || descriptor.kind() == ScriptKind::p2wsh;
}

}  // namespace holdfast::chain::utxo
