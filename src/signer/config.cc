#include "signer/config.h"

#include "config/toml_reader.h"
#include "signer/authority_config.h"
#include "signer/coin_config.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace holdfast::signer {
namespace {

using config::Problem;
using config::TomlReader;

constexpr unsigned kGweiDecimals = 9;
constexpr unsigned kCoinDecimals = 18;  // Of the native coin, on every EVM chain.
constexpr std::string_view kEip155 = "eip155:";

template <class T, class Key>
bool has_twice(const std::vector<T>& items, Key key) {
  std::vector<Address20> keys;
  for (const T& item : items) keys.push_back(key(item));
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

SafeRule read_safe(TomlReader& in) {
  SafeRule safe;
  safe.address = in.address("address");
  safe.module = in.address("module");
  safe.guard = in.address("guard");
  safe.owners = in.addresses("owners");
  safe.threshold = in.number("threshold", 2, 64);
  if (has_twice(safe.owners, [](const Address20& owner) { return owner; })) in.reject("owners", "names an owner twice");
  if (safe.threshold > safe.owners.size()) in.reject("threshold", "is over the number of owners");
  // Two quorums must share a signer: it is what keeps a withdrawal from being signed at two nonces.
  if (2 * safe.threshold <= safe.owners.size()) in.reject("threshold", "has to be more than half of the owners");
  return safe;
}

AssetRule read_asset(TomlReader& in) {
  constexpr unsigned kMaxDecimals = 36;
  AssetRule asset;
  // The native coin has no contract; it is written as "", which address() would refuse.
  const bool native = in.is_empty_text("contract");
  asset.contract = native ? chain::evm::kNativeAsset : in.address("contract");
  asset.symbol = in.text("symbol");
  asset.decimals = static_cast<unsigned>(in.number("decimals", 0, kMaxDecimals));
  asset.per_withdrawal = in.amount("per_withdrawal", asset.decimals);
  asset.per_day = in.amount("per_day", asset.decimals);
  if (asset.per_withdrawal > asset.per_day) in.reject("per_withdrawal", "is over per_day");
  asset.authority = read_authority_limits(in, asset.decimals);
  return asset;
}

AccountRule read_account(TomlReader& in) {
  AccountRule account;
  account.address = in.address("address");
  const std::string kind = in.text("kind");
  if (kind == "gas")
    account.kind = AccountKind::gas;
  else if (kind == "single_key")
    account.kind = AccountKind::single_key;
  else
    in.reject("kind", "has to be \"gas\" or \"single_key\"");
  account.fees_per_day = in.amount("fees_per_day", kCoinDecimals);
  return account;
}

// "eip155:1" -> 1
std::uint64_t read_chain_id(const std::string& caip2, TomlReader& in) {
  std::uint64_t id = 0;
  const std::string_view digits = std::string_view(caip2).substr(std::min(kEip155.size(), caip2.size()));
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  const bool plain = whole && id != 0 && caip2 == fmt::format("{}{}", kEip155, id);
  if (!plain) in.reject("", "a chain is named like \"eip155:1\"");
  return id;
}

void check_addresses_apart(const ChainRule& chain, TomlReader& in) {
  std::vector<Address20> all = {chain.cold};
  if (!chain.factory.is_zero()) all.push_back(chain.factory);
  for (const SafeRule& safe : chain.safes) all.insert(all.end(), {safe.address, safe.module, safe.guard});
  for (const AssetRule& asset : chain.assets) all.push_back(asset.contract);
  for (const AccountRule& account : chain.accounts) all.push_back(account.address);
  std::sort(all.begin(), all.end());
  const auto twice = std::adjacent_find(all.begin(), all.end());
  if (twice == all.end()) return;
  in.reject("", fmt::format("names {} for two different things", chain::evm::to_checksum_text(*twice)));
}

ChainRule read_chain(const std::string& caip2, TomlReader& in) {
  ChainRule chain;
  chain.caip2 = caip2;
  chain.chain_id = read_chain_id(caip2, in);
  chain.cold = in.address("cold");
  if (in.has("factory")) chain.factory = in.address("factory");
  chain.max_fee = in.amount("max_fee_gwei", kGweiDecimals);
  chain.max_priority_fee = in.amount("max_priority_gwei", kGweiDecimals);
  chain.max_gas = in.number("max_gas", 21'000, 1'000'000'000);
  in.each_table("safes", [&](TomlReader& inner) { chain.safes.push_back(read_safe(inner)); });
  in.each_table("assets", [&](TomlReader& inner) { chain.assets.push_back(read_asset(inner)); });
  in.each_table("accounts", [&](TomlReader& inner) { chain.accounts.push_back(read_account(inner)); });
  check_addresses_apart(chain, in);
  return chain;
}

Config read_config(TomlReader& in, const std::filesystem::path& folder) {
  constexpr std::uint64_t kMaxApprovalHours = 24 * 30;
  Config config;
  config.policy.name = in.text("name");
  if (!is_signer_name(config.policy.name)) in.reject("name", "has to be 1 to 32 of a-z, 0-9 and '-'");
  config.data = in.text("data");
  config.host = read_host_config(in, folder);
  if (!config.host.token || in.has("key_file")) config.key_file = in.text("key_file");
  config.server = in.text("server");
  if (config.server.find(':') == std::string::npos) in.reject("server", "has to be HOST:PORT");
  if (in.has("max_approval_hours")) {
    const auto hours = in.number("max_approval_hours", 1, kMaxApprovalHours);
    config.policy.max_approval_ms = static_cast<std::int64_t>(hours) * 60 * 60 * kMsPerSecond;
  }
  in.table("tls", [&](TomlReader& tls) {
    config.tls.ca = tls.text("ca");
    config.tls.certificate = tls.text("certificate");
    config.tls.key = tls.text("key");
    if (tls.has("server_name")) config.tls.server_name = tls.text("server_name");
  });
  if (auto rules = read_follow_rules(in)) config.follow = std::move(*rules);
  config.nodes = read_nodes(in, folder);
  config.policy.authority = read_authority(in);
  in.each_member("chains", [&](const std::string& caip2, TomlReader& chain) {
    if (caip2.starts_with(kBip122))
      config.policy.coin_chains.push_back(read_coin_chain(caip2, chain));
    else
      config.policy.chains.push_back(read_chain(caip2, chain));
  });
  if (config.policy.chains.empty() && config.policy.coin_chains.empty()) in.reject("chains", "names no chain: nothing could be signed");
  const auto need_node = [&](const std::string& caip2) {
    if (node_of(config.nodes, caip2) == nullptr) in.reject("nodes", fmt::format("names no own node of {}: without one nothing is signed there", caip2));
  };
  for (const ChainRule& chain : config.policy.chains) need_node(chain.caip2);
  for (const CoinChainRule& chain : config.policy.coin_chains) need_node(chain.caip2);
  return config;
}

void resolve_paths(Config& config, const std::string& config_path) {
  const auto folder = std::filesystem::path(config_path).parent_path();
  for (std::string* path : {&config.data, &config.key_file, &config.tls.ca, &config.tls.certificate, &config.tls.key}) {
    if (!path->empty()) *path = (folder / *path).lexically_normal().string();
  }
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& path) {
  const toml::parse_result parsed = parse_toml(text, path);
  Problem problem(path);
  if (!parsed) {
    problem.report(parsed.error().source(), parsed.error().description());
    return refuse("config_invalid", problem.text());
  }
  TomlReader in(parsed.table(), "", problem);
  Config config = read_config(in, std::filesystem::path(path).parent_path());
  in.finish();
  if (problem.found()) return refuse("config_invalid", problem.text());
  resolve_paths(config, path);
  return config;
}

Result<Config> load_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fault("config_not_read", path + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return fault("config_not_read", path + ": cannot be read");
  return parse_config(text, path);
}

}  // namespace holdfast::signer
