// The signer's own nodes, in its configuration file:
//
//   [nodes."eip155:1"]
//   url = "http://127.0.0.1:8545"
//   depth = 64                 # blocks on top that make a deposit final; left out: the node's finalized tag
//   max_behind_seconds = 120   # optional: a node whose newest block is older is behind
//   pause_ms = 1000            # optional: between two looks
//   trace = "yes"              # optional: whether the node can trace blocks (debug_traceBlockByHash); or "no"
//   implementation = "0x..."   # optional: of the deposit forwarders, where it is not the factory's first contract
//
//   [nodes."bip122:000000000019d6689c085ae165831e93"]
//   url = "http://127.0.0.1:8332"
//   cookie = "/var/lib/bitcoind/.cookie"   # optional: a file with user:password; seen from the configuration's folder
//   depth = 6                              # required
//   max_behind_seconds = 14400             # optional: blocks of coins may be hours apart
#pragma once

#include "chain/evm/codec/address.h"
#include "config/toml_reader.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::signer {

inline constexpr std::int64_t kEvmMaxBehindMs = 120 * kMsPerSecond;
inline constexpr std::int64_t kCoinMaxBehindMs = 4 * 60 * 60 * kMsPerSecond;

struct NodeSettings {
  std::string chain;    // CAIP-2
  std::string url;      // http://host:port, of EVM nodes with a path if need be
  std::string cookie;   // Coins only; empty: no credentials.
  std::optional<std::uint32_t> depth;  // None, EVM only: the node's finalized tag.
  std::int64_t max_behind_ms = 0;
  std::int64_t pause_ms = 1000;
  bool trace = true;                                    // EVM only.
  std::optional<chain::evm::Address20> implementation;  // EVM only.
};

// All tables of [nodes]; problems are the reader's. `folder`: of the configuration file.
std::vector<NodeSettings> read_nodes(config::TomlReader& in, const std::filesystem::path& folder);

// Null when the chain has no node: then its deposits are never proven, and the signer has no heartbeat there.
const NodeSettings* node_of(const std::vector<NodeSettings>& nodes, std::string_view caip2);

}  // namespace holdfast::signer
