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

std::string branch_text(const Descriptor& descriptor, std::uint32_t branch) {
  constexpr std::string_view kBoth = "<0;1>";
  std::string text = descriptor.to_text();
  text.resize(text.find('#'));
  for (std::size_t at = text.find(kBoth); at != std::string::npos; at = text.find(kBoth, at)) {
    text.replace(at, kBoth.size(), std::to_string(branch));
  }
  return text;
}

bool is_segwit_v0(const Descriptor& descriptor) {
  return descriptor.kind() == ScriptKind::p2wpkh || descriptor.kind() == ScriptKind::p2wsh;
}

}  // namespace holdfast::chain::utxo
