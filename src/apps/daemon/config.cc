#include "apps/daemon/config.h"

#include "apps/daemon/coin_config.h"
#include "apps/daemon/config_parts.h"
#include "base/hex.h"
#include "chain/utxo/wallet/network.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace holdfast::daemon {
namespace {

using config::Problem;
using config::TomlReader;

constexpr unsigned kUsdDecimals = 6;  // Prices are kept in micro dollars.

custody::Address to_address(const chain::evm::Address20& address) { return custody::Address(address.view()); }

std::optional<custody::WalletKind> wallet_kind(const std::string& name) {
  if (name == "safe") return custody::WalletKind::safe;
  if (name == "single_key") return custody::WalletKind::single_key;
  if (name == "gas") return custody::WalletKind::gas;
  if (name == "cold") return custody::WalletKind::cold;
  if (name == "forwarders") return custody::WalletKind::forwarders;
  return std::nullopt;
}

std::string caip2_of_network_named(const std::string& name) {
  for (const chain::utxo::Network& network : chain::utxo::networks()) {
    if (network.name == name) return std::string(network.caip2);
  }
  return {};
}

AssetConfig read_asset(const std::string& chain, TomlReader& in) {
  constexpr std::uint64_t kMaxDecimals = 36;
  AssetConfig out;
  out.chain = chain;
  const bool native = in.is_empty_text("contract");
  if (!native) out.asset.contract = to_address(in.address("contract"));
  out.asset.symbol = in.text("symbol");
  out.asset.decimals = static_cast<std::uint8_t>(in.number("decimals", 0, kMaxDecimals));
  out.asset.auto_approve_max = in.amount("auto_approve_max", out.asset.decimals);
  out.asset.withdrawal_max = in.amount("withdrawal_max", out.asset.decimals);
  out.asset.withdrawal_fee = in.amount("withdrawal_fee", out.asset.decimals);
  const Amount price = in.amount("price_usd", kUsdDecimals);
  if (price.units() > Int128{~std::uint64_t{0}}) in.reject("price_usd", "is too large");
  out.asset.price_micro_usd = static_cast<std::uint64_t>(price.units());
  return out;
}

WalletConfig read_wallet(const std::string& chain, TomlReader& in) {
  WalletConfig out;
  out.chain = chain;
  out.wallet.name = in.text("name");
  out.wallet.address = to_address(in.address("address"));
  const auto kind = wallet_kind(in.text("kind"));
  if (!kind) in.reject("kind", "has to be safe, single_key, gas, cold or forwarders");
  out.wallet.kind = kind.value_or(custody::WalletKind::cold);
  const bool evacuates = out.wallet.kind != custody::WalletKind::cold && out.wallet.kind != custody::WalletKind::forwarders;
  const bool keyed = out.wallet.kind == custody::WalletKind::single_key || out.wallet.kind == custody::WalletKind::gas;
  if (evacuates) out.cold = in.text("cold");
  if (keyed) out.signer = in.text("signer");
  if (out.wallet.kind == custody::WalletKind::safe) {
    out.wallet.module = to_address(in.address("module"));
    out.wallet.guard = to_address(in.address("guard"));
    if (in.has("first_nonce")) out.wallet.next_nonce = in.number("first_nonce", 0, 1'000'000'000);
  }
  return out;
}

void read_chain(Config& config, const std::string& caip2, TomlReader& in) {
  if (is_chain_of_coins(caip2)) return read_coin_chain(config, caip2, in);
  if (!caip2.starts_with("eip155:")) {
    const std::string meant = caip2_of_network_named(caip2);
    return in.reject("", "a chain is called by its CAIP-2 id, " +
                             (meant.empty() ? "such as \"eip155:1\" or \"bip122:000000000019d6689c085ae165831e93\"" : '"' + meant + '"'));
  }
  constexpr std::uint64_t kMaxDepth = 10'000;
  ChainConfig chain;
  chain.caip2 = caip2;
  chain.node = read_node(in, chain.family);
  if (in.has("finality_depth")) chain.finality_depth = static_cast<std::uint32_t>(in.number("finality_depth", 1, kMaxDepth));
  chain.factory = to_address(in.address("factory"));
  chain.forwarder_implementation = to_address(in.address("forwarder_implementation"));
  in.each_table("assets", [&](TomlReader& asset) { config.assets.push_back(read_asset(caip2, asset)); });
  in.each_table("wallets", [&](TomlReader& wallet) { config.wallets.push_back(read_wallet(caip2, wallet)); });
  check_names(config, caip2, in);
  config.chains.push_back(std::move(chain));
}

ApiKeyConfig read_api_key(TomlReader& in) {
  ApiKeyConfig key{in.text("id"), in.text("public_key"), in.text("role"), {}};
  if (!fixed_from_hex<32>(key.public_key)) in.reject("public_key", "has to be 32 bytes in hex; `holdfast keygen` prints it");
  if (key.role != "exchange" && key.role != "operator" && key.role != "viewer") {
    in.reject("role", "has to be exchange, operator or viewer");
  }
  if (in.has("duties")) key.duties = in.texts("duties");
  if (!key.duties.empty() && key.role != "operator") in.reject("duties", "are an operator's");
  return key;
}

// https://HOST or https://HOST:PORT. Browsers compare the host with the id: it is the id, or a name under it.
bool is_origin_of(std::string_view origin, const std::string& id) {
  constexpr std::string_view kScheme = "https://";
  if (!origin.starts_with(kScheme)) return false;
  origin.remove_prefix(kScheme.size());
  const std::size_t colon = origin.find(':');
  const std::string_view host = origin.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? "443" : origin.substr(colon + 1);
  const bool is_port = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
  return is_port && host.find('/') == std::string_view::npos && (host == id || host.ends_with('.' + id));
}

RelyingPartyConfig read_relying_party(TomlReader& in) {
  RelyingPartyConfig out{in.text("id"), in.texts("origins")};
  if (out.origins.empty()) in.reject("origins", "has to name the web pages on which customers sign, such as \"https://exchange.example\"");
  for (const std::string& origin : out.origins) {
    if (!is_origin_of(origin, out.id)) in.reject("origins", "each has to be https://HOST or https://HOST:PORT, with a host that is the id or under it");
  }
  return out;
}

Config read_config(TomlReader& in) {
  constexpr std::uint64_t kMaxQuorum = 64;
  constexpr std::uint64_t kMaxBumpSeconds = 3600;
  Config config;
  config.name = in.text("name");
  config.data = in.text("data");
  config.http_listen = in.text("http");
  config.signer_listen = in.text("signer_listen");
  if (in.has("quorum")) config.quorum = in.number("quorum", 2, kMaxQuorum);
  if (in.has("bump_after_seconds")) config.bump_after_seconds = in.number("bump_after_seconds", 1, kMaxBumpSeconds);
  if (in.has("coin_bump_after_seconds")) {
    config.coin_bump_after_seconds = in.number("coin_bump_after_seconds", 1, kMaxBumpSeconds);
  }
  in.table("tls", [&](TomlReader& tls) { config.tls = {tls.text("ca"), tls.text("certificate"), tls.text("key")}; });
  if (in.has("relying_party")) in.table("relying_party", [&](TomlReader& party) { config.relying_party = read_relying_party(party); });
  in.each_table("api_keys", [&](TomlReader& key) { config.api_keys.push_back(read_api_key(key)); });
  if (in.has("labels")) config.labels = in.text("labels");
  in.each_table("webhooks", [&](TomlReader& hook) {
    WebhookConfig webhook{hook.text("name"), hook.text("url"), hook.text("secret_file"), {}};
    if (hook.has("types")) webhook.types = hook.texts("types");
    config.webhooks.push_back(std::move(webhook));
  });
  in.each_table("signers", [&](TomlReader& signer) {
    config.signers.push_back({{}, signer.text("name"), to_address(signer.address("owner"))});
  });
  in.each_member("chains", [&](const std::string& caip2, TomlReader& chain) { read_chain(config, caip2, chain); });
  if (config.chains.empty()) in.reject("chains", "names no chain: there is nothing to look after");
  return config;
}

// Paths in the file are seen from the file.
void resolve_paths(Config& config, const std::string& config_path) {
  const auto folder = std::filesystem::path(config_path).parent_path();
  const auto resolve = [&](std::string& path) { path = (folder / path).lexically_normal().string(); };
  for (std::string* path : {&config.data, &config.tls.ca, &config.tls.certificate, &config.tls.key}) resolve(*path);
  for (WebhookConfig& webhook : config.webhooks) resolve(webhook.secret_file);
  if (!config.labels.empty()) resolve(config.labels);
  for (ChainConfig& chain : config.chains) {
    if (!chain.coins.cookie.empty()) resolve(chain.coins.cookie);
  }
}

}  // namespace

Result<Config> load_config(const std::string& path) {
  std::ifstream file(path);
  if (!file) return refuse("config_unreadable", path + " cannot be read; name the file with --config");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const toml::parse_result parsed = parse_toml(text, path);
  Problem problem(path);
  if (!parsed) {
    problem.report(parsed.error().source(), parsed.error().description());
    return refuse("config_wrong", problem.text());
  }
  TomlReader in(parsed.table(), "", problem);
  Config config = read_config(in);
  in.finish();
  if (problem.found()) return refuse("config_wrong", problem.text());
  resolve_paths(config, path);
  return config;
}

}  // namespace holdfast::daemon
