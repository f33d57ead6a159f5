// holdfast-signer status and policy show: what can be seen without the passphrase, also while the signer runs.
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "journal/replay.h"
#include "journal/sqlite_storage.h"
#include "signer/key_file.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace holdfast::signer::app {
namespace {

using chain::evm::to_checksum_text;

struct Status {
  std::vector<KeyEntry> keys;
  Memory memory;
  std::uint64_t records = 0;
  Hash32 root;
};

Result<Status> read_status(const Config& config) {
  Status out;
  auto keys = list_key_file(config.key_file);
  if (!keys) return Failure(keys.error());
  out.keys = std::move(*keys);
  const auto log_key = journal::LogKey::load(journal_key_path(config.data), journal_name(config.policy.name));
  if (!log_key) return Failure(log_key.error());
  const auto storage = journal::SqliteStorage::open_readonly(journal_path(config.data));
  if (!storage) return Failure(storage.error());
  const auto visit = [&](std::uint64_t index, ByteView bytes) { return out.memory.apply_encoded(index, bytes); };
  const auto replayed = journal::replay(**storage, std::span(&log_key->verifier(), 1), visit);
  if (!replayed) return Failure(replayed.error());
  out.records = replayed->tree.size();
  out.root = replayed->tree.root();
  return out;
}

void print_status(const Config& config, const Status& status) {
  fmt::print("signer      {}\n", config.policy.name);
  fmt::print("frozen      {}\n", status.memory.frozen() ? "yes" : "no");
  for (const KeyEntry& key : status.keys) fmt::print("{:<12}{}\n", name(key.role), to_checksum_text(key.address));
  fmt::print("signed      {}\n", status.memory.signed_count());
  fmt::print("journal     {} records, root {}\n", status.records, to_hex(status.root.view()));
  fmt::print("server      {}\n", config.server);
}

nlohmann::ordered_json status_json(const Config& config, const Status& status) {
  nlohmann::ordered_json out = {{"name", config.policy.name}, {"frozen", status.memory.frozen()}};
  out["keys"] = nlohmann::json::array();
  for (const KeyEntry& key : status.keys) {
    out["keys"].push_back({{"address", to_checksum_text(key.address)}, {"kind", std::string(name(key.role))}});
  }
  out["signed"] = status.memory.signed_count();
  out["journal"] = {{"records", status.records}, {"root", to_hex(status.root.view())}};
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
  return {};
}

}  // namespace holdfast::signer::app
