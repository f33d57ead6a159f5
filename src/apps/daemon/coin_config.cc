#include "apps/daemon/coin_config.h"

#include "apps/daemon/config_parts.h"
#include "chain/utxo/wallet/address.h"
#include "chain/utxo/wallet/descriptor.h"

#include <algorithm>

namespace holdfast::daemon {
namespace {

using chain::utxo::Descriptor;
using chain::utxo::Network;
using config::TomlReader;
using custody::WalletKind;

constexpr std::uint8_t kCoinDecimals = 8;
constexpr unsigned kFeerateDecimals = 3;  // sat/vB, kept in sat/kvB.
constexpr std::int64_t kMaxFeerate = 10'000'000;
constexpr std::int64_t kLargestDustBytes = 182;  // Of an output to a key's hash and the input that spends it.
constexpr std::int64_t kUsualWithdrawalMin = 1000;
constexpr std::uint64_t kMaxTierDepth = 60;  // Custody remembers blocks a little longer.
constexpr std::size_t kMaxTiers = 16;
constexpr unsigned kUsdDecimals = 6;

std::optional<WalletKind> wallet_kind(const std::string& name) {
  if (name == "multisig") return WalletKind::multisig;
  if (name == "single_key") return WalletKind::single_key;
  if (name == "cold") return WalletKind::cold;
  return std::nullopt;
}

std::int64_t read_feerate(TomlReader& in, std::string_view key, std::int64_t usual) {
  if (!in.has(key)) return usual;
  const Amount rate = in.amount(key, kFeerateDecimals);
  const bool good = rate >= Amount::of(1000) && rate <= Amount::of(kMaxFeerate);
  if (!good) in.reject(key, "has to be from 1 to 10000 satoshi per virtual byte");
  return good ? static_cast<std::int64_t>(rate.units()) : usual;
}

void read_tiers(custody::Asset& asset, std::uint32_t finality_depth, TomlReader& in) {
  in.each_table("deposit_tiers", [&](TomlReader& tier) {
    const Amount from = tier.amount("from", kCoinDecimals);
    const auto depth = static_cast<std::uint32_t>(tier.number("depth", 1, kMaxTierDepth));
    if (depth <= finality_depth) tier.reject("depth", "has to be more than the chain's finality_depth");
    const bool rising = asset.deposit_tiers.empty() || (from > asset.deposit_tiers.back().from && depth > asset.deposit_tiers.back().depth);
    if (!rising) tier.reject("", "has to ask for more, and more blocks, than the tier before it");
    asset.deposit_tiers.push_back({from, depth});
  });
  if (asset.deposit_tiers.size() > kMaxTiers) in.reject("deposit_tiers", "has more than 16 tiers");
}

AssetConfig read_asset(const ChainConfig& chain, TomlReader& in) {
  AssetConfig out;
  out.chain = chain.caip2;
  custody::Asset& asset = out.asset;
  if (in.has("contract") && !in.is_empty_text("contract")) in.reject("contract", "there is no asset here but the coin itself");
  if (in.has("decimals")) in.number("decimals", kCoinDecimals, kCoinDecimals);
  asset.decimals = kCoinDecimals;
  asset.symbol = in.text("symbol");
  asset.auto_approve_max = in.amount("auto_approve_max", kCoinDecimals);
  asset.withdrawal_max = in.amount("withdrawal_max", kCoinDecimals);
  asset.withdrawal_fee = in.amount("withdrawal_fee", kCoinDecimals);
  // Under this an output to some script is dust, and one such payment would keep its whole batch from being taken.
  const auto network = chain::utxo::network_by_caip2(chain.caip2);
  const Amount least = Amount::of(network ? kLargestDustBytes * (*network)->dust_feerate / 1000 : kUsualWithdrawalMin);
  asset.withdrawal_min = std::max(Amount::of(kUsualWithdrawalMin), least);
  if (in.has("withdrawal_min")) asset.withdrawal_min = in.amount("withdrawal_min", kCoinDecimals);
  if (asset.withdrawal_min < least) {
    in.reject("withdrawal_min", "has to be " + least.to_decimal(kCoinDecimals) + " or more: nodes do not pass on payments of less");
  }
  const Amount price = in.amount("price_usd", kUsdDecimals);
  if (price.units() > Int128{~std::uint64_t{0}}) in.reject("price_usd", "is too large");
  asset.price_micro_usd = static_cast<std::uint64_t>(price.units());
  read_tiers(asset, chain.finality_depth, in);
  return out;
}

// What is wrong with the wallet's descriptor; empty when nothing is.
std::string_view complaint(const Descriptor& descriptor, WalletKind kind, std::uint64_t quorum) {
  if (kind == WalletKind::cold) return {};
  if (!descriptor.is_ranged() || descriptor.branches() != 2) {
    return "has to derive receiving and change addresses: its keys' paths end in /<0;1>/*";
  }
  if (kind == WalletKind::single_key) {
    return descriptor.key_count() == 1 && descriptor.threshold() == 1 ? "" : "has to have one key, as wpkh(KEY) or tr(KEY) has";
  }
  if (descriptor.has_key_path()) return "has an internal key that somebody may hold: who has it spends past the quorum";
  if (descriptor.threshold() != quorum) return "has to ask for as many signatures as quorum says";
  return {};
}

void read_descriptor(custody::Wallet& wallet, const Network& network, std::uint64_t quorum, TomlReader& in) {
  const std::string text = in.text("descriptor");
  if (text.empty()) return;
  const auto descriptor = Descriptor::parse(text, network);
  if (!descriptor) return in.reject("descriptor", descriptor.error().text);
  const auto first = descriptor->derive(0, 0);
  if (!first) return in.reject("descriptor", first.error().text);
  if (!chain::utxo::address_of_script(network, first->script_pubkey)) {
    return in.reject("descriptor", "makes scripts that have no address");
  }
  if (const auto wrong = complaint(*descriptor, wallet.kind, quorum); !wrong.empty()) return in.reject("descriptor", wrong);
  wallet.address = custody::Address(first->script_pubkey);
  wallet.output_descriptor = descriptor->to_text();
}

WalletConfig read_wallet(const std::string& chain, const Network& network, std::uint64_t quorum, TomlReader& in) {
  WalletConfig out;
  out.chain = chain;
  out.wallet.name = in.text("name");
  const auto kind = wallet_kind(in.text("kind"));
  if (!kind) in.reject("kind", "has to be multisig, single_key or cold");
  out.wallet.kind = kind.value_or(WalletKind::cold);
  if (out.wallet.kind != WalletKind::cold) out.cold = in.text("cold");
  if (out.wallet.kind == WalletKind::single_key) out.signer = in.text("signer");
  read_descriptor(out.wallet, network, quorum, in);
  return out;
}

// Which wallet's receiving scripts are customers' deposit addresses.
std::string deposits_wallet(const Config& config, const std::string& caip2, const std::string& named, TomlReader& in) {
  std::vector<std::string> could_be;
  for (const WalletConfig& one : config.wallets) {
    if (one.chain == caip2 && one.wallet.kind == WalletKind::multisig) could_be.push_back(one.wallet.name);
  }
  if (!named.empty() && std::ranges::find(could_be, named) == could_be.end()) in.reject("deposits", "names no multisig wallet of this chain");
  if (!named.empty() || could_be.empty()) return named;
  if (could_be.size() > 1) in.reject("", "has several multisig wallets: say with deposits = \"NAME\" which one's addresses customers get");
  return could_be.front();
}

}  // namespace

bool is_chain_of_coins(const std::string& caip2) { return caip2.starts_with("bip122:"); }

void read_coin_chain(Config& config, const std::string& caip2, TomlReader& in) {
  constexpr std::uint64_t kMaxDepth = 100;
  constexpr std::uint64_t kMaxBatchWaitMs = 600'000;
  const auto network = chain::utxo::network_by_caip2(caip2);
  if (!network) return in.reject("", "is no network of the Bitcoin family that Holdfast knows");
  ChainConfig chain;
  chain.caip2 = caip2;
  chain.family = custody::ChainFamily::coins;
  chain.node = read_node(in, chain.family);
  if (in.has("cookie")) chain.coins.cookie = in.text("cookie");
  chain.finality_depth = static_cast<std::uint32_t>(in.number("finality_depth", 1, kMaxDepth));
  chain.coins.max_feerate = read_feerate(in, "max_feerate", chain.coins.max_feerate);
  chain.coins.long_term_feerate = read_feerate(in, "long_term_feerate", std::min(chain.coins.long_term_feerate, chain.coins.max_feerate));
  if (chain.coins.long_term_feerate > chain.coins.max_feerate) in.reject("long_term_feerate", "is over max_feerate");
  if (in.has("batch_wait_ms")) chain.coins.batch_wait_ms = in.number("batch_wait_ms", 0, kMaxBatchWaitMs);
  std::size_t assets = 0;
  in.each_table("assets", [&](TomlReader& asset) {
    config.assets.push_back(read_asset(chain, asset));
    if (++assets > 1) asset.reject("", "there is no asset here but the coin itself, and it stands above already");
  });
  in.each_table("wallets", [&](TomlReader& wallet) {
    config.wallets.push_back(read_wallet(caip2, **network, config.quorum, wallet));
  });
  check_names(config, caip2, in);
  const std::string named = in.has("deposits") ? in.text("deposits") : "";
  chain.coins.deposits = deposits_wallet(config, caip2, named, in);
  config.chains.push_back(std::move(chain));
}

}  // namespace holdfast::daemon
