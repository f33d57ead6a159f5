// What the installation is made of, under the names that the outside uses: chains by CAIP-2, assets by CAIP-19 or
// symbol.
//
// A Directory is a copy and never changes; DirectoryCache makes a new one after something was registered, so that most
// requests need no look at the state to understand what they ask for.
#pragma once

#include "api/message/problem.h"
#include "api/text/chain_text.h"
#include "chain/port.h"
#include "custody/state.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast::api {

class Directory {
 public:
  explicit Directory(const custody::State& state);

  // chain_unknown
  Answer<custody::ChainId> find_chain(std::string_view caip2) const;
  // By "eip155:1/erc20:0x...", by "eip155:1/USDC" where one asset of the chain has that symbol, or by "USDC" where one
  // of all has. The contract may be written in any case.   asset_unknown, asset_ambiguous
  Answer<const custody::Asset*> find_asset(std::string_view text) const;
  // Takes a plain address and a CAIP-10 account id ("eip155:1:0x...").   Problems of ChainText::parse_address
  Answer<custody::Address> parse_address(custody::ChainId chain, std::string_view text) const;

  // Of what is registered. Names of ids that are not are empty.
  const std::string& caip2(custody::ChainId chain) const;
  const std::string& asset_name(custody::AssetId asset) const;  // CAIP-19
  const custody::Asset* asset(custody::AssetId asset) const;
  const custody::Wallet* wallet(custody::WalletId wallet) const;
  const std::string& signer_name(custody::SignerId signer) const;
  const std::vector<custody::Asset>& assets() const { return assets_; }
  const std::string& symbol(custody::AssetId asset) const;
  custody::ChainId chain_of(custody::WalletId wallet) const;
  custody::ChainId chain_of(custody::AssetId asset) const;

  std::string address(custody::ChainId chain, const custody::Address& address) const;  // Empty for none.
  std::string txid(custody::ChainId chain, const custody::TxId& txid) const;
  std::string amount(custody::AssetId asset, Amount amount) const;         // In whole coins: "1.5"
  std::string native_amount(custody::ChainId chain, Amount amount) const;  // Of the chain's own coin.

 private:
  const ChainText& text(custody::ChainId chain) const { return chain_text(caip2(chain)); }

  std::vector<custody::Chain> chains_;  // By id - 1, like all of these.
  std::vector<custody::Asset> assets_;
  std::vector<std::string> asset_names_;
  std::vector<custody::Wallet> wallets_;
  std::vector<std::string> signers_;
  std::unordered_map<std::string, std::vector<custody::AssetId>> by_text_;  // Lower-case ids, symbols, chain/symbol.
};

class DirectoryCache {
 public:
  explicit DirectoryCache(const chain::StateView& view) : view_(view) {}
  // `version` counts registrations (EventFeed::registrations); a directory is made anew when it has grown.
  std::shared_ptr<const Directory> get(std::uint64_t version);

 private:
  const chain::StateView& view_;
  std::mutex mutex_;
  std::shared_ptr<const Directory> directory_;
  std::uint64_t version_ = 0;
};

}  // namespace holdfast::api
