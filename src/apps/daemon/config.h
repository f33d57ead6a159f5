// holdfastd's configuration: one TOML file (docs/operating/holdfastd.md has an example), read strictly.
#pragma once

#include "base/result.h"
#include "custody/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::daemon {

struct TlsFiles {
  std::string ca;
  std::string certificate;
  std::string key;
};

// The web site whose passkeys customers may sign with. Empty: none are taken.
struct RelyingPartyConfig {
  std::string id;                    // "exchange.example"
  std::vector<std::string> origins;  // "https://exchange.example"
};

struct ApiKeyConfig {
  std::string id;
  std::string public_key;  // Ed25519, 32 bytes in hex.
  std::string role;        // exchange, operator or viewer
  std::vector<std::string> duties{};  // Of an operator: roles of the policy in which it reviews.
};

struct WebhookConfig {
  std::string name;                // Names its cursor's file in the data folder.
  std::string url;
  std::string secret_file;
  std::vector<std::string> types;  // Prefixes of event types; empty for all.
};

// What only a chain of coins has.
struct CoinSettings {
  std::string cookie;                      // File with user:password of the node; empty: none.
  std::int64_t max_feerate = 500'000;      // sat/kvB: the most that an ordinary payment bids.
  std::int64_t long_term_feerate = 10'000;  // sat/kvB: what spending a coin is taken to cost one day.
  std::optional<std::uint64_t> batch_wait_ms;  // How long a withdrawal waits for others.
  std::string deposits;                    // Name of the wallet whose receiving scripts are customers'; empty: there is none.
};

struct ChainConfig {
  std::string caip2;                 // "eip155:1", "bip122:000000000019d6689c085ae165831e93"
  std::string node;                  // "http://127.0.0.1:8545"
  std::uint32_t finality_depth = 0;  // 0: the node's "finalized" tag
  custody::Address factory;
  custody::Address forwarder_implementation;
  custody::ChainFamily family = custody::ChainFamily::accounts;
  CoinSettings coins;  // Where the family is coins.
};

struct AssetConfig {
  std::string chain;
  custody::Asset asset;  // Its chain id is set when it is registered.
};

struct WalletConfig {
  std::string chain;
  std::string cold;    // Name of the wallet it evacuates to; empty for none.
  std::string signer;  // Name of the signer that holds its key; empty for none.
  custody::Wallet wallet;
};

struct Config {
  std::string name;         // Of this installation; signs the journal's checkpoints.
  std::string data;         // Folder of the journal, its key and the snapshots.
  std::string http_listen;  // host:port; port 0 takes a free one
  std::string signer_listen;
  TlsFiles tls;
  std::uint64_t quorum = 2;
  std::uint64_t bump_after_seconds = 30;
  std::uint64_t coin_bump_after_seconds = 600;  // On chains of coins: blocks come ten minutes apart.
  std::vector<ApiKeyConfig> api_keys;
  RelyingPartyConfig relying_party;
  std::vector<WebhookConfig> webhooks;
  std::string labels;  // The catalogue of label lists (docs/policy/labels.md); empty: none, and no policy can tell what they say.
  std::vector<ChainConfig> chains;
  std::vector<AssetConfig> assets;
  std::vector<custody::Signer> signers;
  std::vector<WalletConfig> wallets;
};

//   refusal config_unreadable, config_wrong (the text says file, line, and what is wrong)
Result<Config> load_config(const std::string& path);

}  // namespace holdfast::daemon
