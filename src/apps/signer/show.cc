// holdfast-signer status and policy show: what can be seen without the passphrase, also while the signer runs.
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "chain/utxo/wallet/address.h"
#include "signer/host/sandbox.h"
#include "signer/keys/key_file.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace holdfast::signer::app {
namespace {

using chain::evm::to_checksum_text;

constexpr std::uint64_t kDearestReserve = 320;  // sat/vB, of the evacuations that holdfastd has signed beforehand.

struct Status {
  std::vector<HeldKey> keys;
  Recalled journal;
};

Result<Status> read_status(const Config& config) {
  auto journal = recall(config);
  if (!journal) return Failure(journal.error());
  // A retired one has none.
  auto keys = journal->memory.life().retired() ? Result<std::vector<HeldKey>>(std::vector<HeldKey>()) : list_keys(config);
  if (!keys) return Failure(keys.error());
  return Status{std::move(*keys), std::move(*journal)};
}

// What `run` gives up on this host.
std::string sandbox_text() {
  const int abi = landlock_offered();
  return abi > 0 ? fmt::format("seccomp and Landlock (ABI {})", abi) : "seccomp; this kernel has no Landlock";
}

void print_status(const Config& config, const Status& status) {
  fmt::print("signer      {}\n", config.policy.name);
  fmt::print("frozen      {}\n", status.journal.memory.frozen() ? "yes" : "no");
  const LifeMemory& life = status.journal.memory.life();
  if (life.forgot()) fmt::print("forgot      restored without its journal: evacuations, burns and guard freezes alone\n");
  if (life.retired()) fmt::print("retired     signs nothing more\n");
  if (config.host.allow_same_host) fmt::print("same host   allowed: another signer of its wallets may run here, for demos and tests\n");
  for (const HeldKey& key : status.keys) fmt::print("{:<12}{:<44}{}\n", name(key.entry.role), shown(key.entry), place_of(key));
  fmt::print("signed      {}\n", status.journal.memory.signed_count());
  fmt::print("journal     {} records, root {}\n", status.journal.records, to_hex(status.journal.root.view()));
  fmt::print("sandbox     {}\n", sandbox_text());
  fmt::print("server      {}\n", config.server);
}

nlohmann::ordered_json status_json(const Config& config, const Status& status) {
  nlohmann::ordered_json out = {{"name", config.policy.name}, {"frozen", status.journal.memory.frozen()}};
  out["forgot"] = status.journal.memory.life().forgot();
  out["retired"] = status.journal.memory.life().retired();
  out["allows_same_host"] = config.host.allow_same_host;
  out["keys"] = nlohmann::json::array();
  for (const auto& [entry, in_token] : status.keys) {
    const char* what = entry.role == KeyRole::seed ? "fingerprint" : "address";
    out["keys"].push_back({{what, shown(entry)}, {"kind", std::string(name(entry.role))}, {"in", in_token ? "token" : "file"}});
  }
  out["signed"] = status.journal.memory.signed_count();
  out["journal"] = {{"records", status.journal.records}, {"root", to_hex(status.journal.root.view())}};
  out["sandbox"] = {{"seccomp", true}, {"landlock", landlock_offered()}};
  out["server"] = config.server;
  return out;
}

void print_chain(const ChainRule& chain) {
  fmt::print("\nchain {}\n", chain.caip2);
  fmt::print("  evacuations go to    {}\n", to_checksum_text(chain.cold));
  if (!chain.factory.is_zero()) fmt::print("  forwarders of        {}\n", to_checksum_text(chain.factory));
  fmt::print("  at most per gas      {} gwei, of them {} gwei as a tip\n", chain.max_fee.to_decimal(9),
             chain.max_priority_fee.to_decimal(9));
  fmt::print("  gas limit at most    {}\n", chain.max_gas);
  for (const SafeRule& safe : chain.safes) {
    fmt::print("  Safe {}, {} of {} owners\n", to_checksum_text(safe.address), safe.threshold, safe.owners.size());
    fmt::print("    module {}\n    guard  {}\n", to_checksum_text(safe.module), to_checksum_text(safe.guard));
    for (const Address20& owner : safe.owners) fmt::print("    owner  {}\n", to_checksum_text(owner));
  }
  for (const AccountRule& account : chain.accounts) {
    fmt::print("  {:<10} {}, at most {} in fees in 24 hours\n", account.kind == AccountKind::gas ? "gas" : "single_key",
               to_checksum_text(account.address), account.fees_per_day.to_decimal(18));
  }
  for (const AssetRule& asset : chain.assets) {
    fmt::print("  {:<8} at most {} in one withdrawal, {} in 24 hours{}\n", asset.symbol,
               asset.per_withdrawal.to_decimal(asset.decimals), asset.per_day.to_decimal(asset.decimals),
               asset.contract.is_zero() ? "" : "   " + to_checksum_text(asset.contract));
  }
}

std::string address_of(const CoinChainRule& chain, ByteView script) {
  return chain::utxo::address_of_script(*chain.network, script).value_or(to_hex(script));
}

void print_coin_chain(const CoinChainRule& chain) {
  const auto coins = [](Amount amount) { return amount.to_decimal(kSatoshiDecimals); };
  fmt::print("\nchain {} ({})\n", chain.caip2, chain.network->name);
  fmt::print("  evacuations go to    {}\n", address_of(chain, chain.cold_script));
  fmt::print("  at most              {} in one withdrawal, {} in 24 hours\n", coins(chain.per_withdrawal), coins(chain.per_day));
  fmt::print("  fees at most         {} a transaction, {} in 24 hours, {} sat/vB\n", coins(chain.max_fee),
             coins(chain.fees_per_day), chain.max_feerate);
  fmt::print("  evacuations at most  {} sat/vB and half of the value\n", chain.rescue_max_feerate);
  if (chain.rescue_max_feerate < kDearestReserve) {
    fmt::print("  WARNING: the dearest evacuations signed beforehand pay {} sat/vB; this signer signs none over {}\n", kDearestReserve,
               chain.rescue_max_feerate);
  }
  for (const CoinWalletRule& wallet : chain.wallets) {
    const auto& descriptor = wallet.descriptor;
    fmt::print("  {} {}, {} of {} keys\n    {}\n", wallet.kind == CoinWalletKind::multisig ? "multisig" : "single_key",
               wallet.name, descriptor.threshold(), descriptor.key_count(), descriptor.to_text());
    // Was derived when it was parsed.
    fmt::print("    its first address    {}\n", address_of(chain, descriptor.derive(kReceiveBranch, 0)->script_pubkey));
  }
}

}  // namespace

Result<void> show_status(const ShowArguments& arguments) {
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  const auto status = read_status(*config);
  if (!status) return Failure(status.error());
  if (arguments.json)
    fmt::print("{}\n", status_json(*config, *status).dump(2));
  else
    print_status(*config, *status);
  return {};
}

Result<void> show_policy(const ShowArguments& arguments) {
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  fmt::print("signer {}\napprovals may reach {} hours ahead\n", config->policy.name,
             config->policy.max_approval_ms / (60 * 60 * kMsPerSecond));
  for (const ChainRule& chain : config->policy.chains) print_chain(chain);
  for (const CoinChainRule& chain : config->policy.coin_chains) print_coin_chain(chain);
  return {};
}

}  // namespace holdfast::signer::app
