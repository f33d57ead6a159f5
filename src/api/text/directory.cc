#include "api/text/directory.h"

#include "base/hex.h"

#include <algorithm>

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using R = custody::Refusal;

const std::string kNothing;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

template <class Id, class Thing>
const Thing* place(const std::vector<Thing>& things, Id id) {
  return id.value == 0 || id.value > things.size() ? nullptr : &things[id.value - 1];
}

}  // namespace

Directory::Directory(const custody::State& state)
    : chains_(state.chains.begin(), state.chains.end()),
      assets_(state.assets.begin(), state.assets.end()),
      wallets_(state.wallets.begin(), state.wallets.end()) {
  for (const custody::Signer& signer : state.signers) signers_.push_back(signer.name);
  for (const custody::Asset& asset : assets_) {
    const std::string& chain = caip2(asset.chain);
    asset_names_.push_back(chain + '/' + text(asset.chain).asset(asset.contract));
    by_text_[lower(asset_names_.back())].push_back(asset.id);
    by_text_[chain + '/' + asset.symbol].push_back(asset.id);
    by_text_[asset.symbol].push_back(asset.id);
  }
}

Answer<custody::ChainId> Directory::find_chain(std::string_view caip2) const {
  for (const custody::Chain& chain : chains_) {
    if (chain.caip2 == caip2) return chain.id;
  }
  return refused(R::chain_unknown);
}

Answer<const custody::Asset*> Directory::find_asset(std::string_view text) const {
  auto found = by_text_.find(std::string(text));
  if (found == by_text_.end()) found = by_text_.find(lower(text));
  if (found == by_text_.end()) return refused(R::asset_unknown);
  if (found->second.size() > 1) return refused(E::asset_ambiguous);
  return asset(found->second.front());
}

Answer<custody::Address> Directory::parse_address(custody::ChainId chain, std::string_view text) const {
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    if (text.substr(0, colon) != caip2(chain)) return refused(E::address_of_other_chain);
    text.remove_prefix(colon + 1);
  }
  return this->text(chain).parse_address(text);
}

const std::string& Directory::caip2(custody::ChainId chain) const {
  const auto* known = place(chains_, chain);
  return known ? known->caip2 : kNothing;
}

const std::string& Directory::asset_name(custody::AssetId asset) const {
  const auto* known = place(asset_names_, asset);
  return known ? *known : kNothing;
}

const custody::Asset* Directory::asset(custody::AssetId asset) const { return place(assets_, asset); }
const custody::Wallet* Directory::wallet(custody::WalletId wallet) const { return place(wallets_, wallet); }

const std::string& Directory::signer_name(custody::SignerId signer) const {
  const auto* known = place(signers_, signer);
  return known ? *known : kNothing;
}

const std::string& Directory::symbol(custody::AssetId asset) const {
  const auto* known = this->asset(asset);
  return known ? known->symbol : kNothing;
}

custody::ChainId Directory::chain_of(custody::AssetId asset) const {
  const auto* known = this->asset(asset);
  return known ? known->chain : custody::ChainId{};
}

custody::ChainId Directory::chain_of(custody::WalletId wallet) const {
  const auto* known = this->wallet(wallet);
  return known ? known->chain : custody::ChainId{};
}

std::string Directory::address(custody::ChainId chain, const custody::Address& address) const {
  return address.empty() ? std::string{} : text(chain).address(address);
}

std::string Directory::txid(custody::ChainId chain, const custody::TxId& txid) const {
  return txid.is_zero() ? std::string{} : text(chain).txid(txid);
}

std::string Directory::amount(custody::AssetId asset, Amount amount) const {
  const auto* known = this->asset(asset);
  return known ? amount.to_decimal(known->decimals) : amount.to_string();
}

std::string Directory::native_amount(custody::ChainId chain, Amount amount) const {
  const auto native = std::find_if(assets_.begin(), assets_.end(),
                                   [&](const custody::Asset& asset) { return asset.chain == chain && asset.native(); });
  return native == assets_.end() ? amount.to_string() : amount.to_decimal(native->decimals);
}

std::shared_ptr<const Directory> DirectoryCache::get(std::uint64_t version) {
  const std::lock_guard lock(mutex_);
  if (!directory_ || version_ != version) {
    view_.read([&](const custody::State& state) { directory_ = std::make_shared<const Directory>(state); });
    version_ = version;
  }
  return directory_;
}

}  // namespace holdfast::api
