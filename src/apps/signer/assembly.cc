#include "apps/signer/assembly.h"

#include <fmt/core.h>
#include <algorithm>
#include <filesystem>

namespace holdfast::signer::app {
namespace {

// A key made for one use must not serve another by a slip in the configuration.
Result<void> check_roles(const Config& config) {
  const auto held = list_keys(config);
  if (!held) return Failure(held.error());
  for (const ChainRule& chain : config.policy.chains) {
    for (const AccountRule& account : chain.accounts) {
      const KeyRole wanted = account.kind == AccountKind::gas ? KeyRole::gas : KeyRole::single_key;
      const auto found = std::ranges::find(*held, account.address, [](const HeldKey& key) { return key.entry.address; });
      if (found == held->end() || found->entry.role == wanted) continue;  // A missing one is Signer::open's refusal.
      return refuse("account_kind_differs",
                    fmt::format("account {} of {} is of kind {} in the {}", chain::evm::to_checksum_text(account.address),
                                chain.caip2, name(found->entry.role), place_of(*found)));
    }
  }
  return {};
}

// Made where it is missing: what is in it comes again from holdfastd, and has to lead to what this signer has cosigned.
Result<std::unique_ptr<journal::SqliteStorage>> open_replica(const std::string& data) {
  const std::string path = replica_path(data);
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    if (auto made = journal::SqliteStorage::create(path); !made) return Failure(made.error());
  }
  return journal::SqliteStorage::open(path);
}

// A signer whose keys are gone because it was retired says so, and not that a file is missing.
Failure why_without_keys(const Config& config, Error error) {
  const auto recalled = recall(config);
  if (recalled && recalled->memory.life().retired()) return refuse("retired", "this signer was retired: it signs nothing more");
  return Failure(std::move(error));
}

}  // namespace

Result<std::unique_ptr<Assembly>> assemble(const std::string& config_path, const KeyAccess& access, const Secret* pin) {
  auto config = load_config(config_path);
  if (!config) return Failure(config.error());
  if (auto checked = check_roles(*config); !checked) return why_without_keys(*config, checked.error());
  auto keys = open_keys(*config, access, pin);
  if (!keys) return Failure(keys.error());
  auto log_key = journal::LogKey::load(journal_key_path(config->data), journal_name(config->policy.name));
  if (!log_key) return Failure(log_key.error());
  auto storage = journal::SqliteStorage::open(journal_path(config->data));
  if (!storage) return Failure(storage.error());

  auto witness = journal::LogKey::load(witness_key_path(config->data), witness_name(config->policy.name));
  if (!witness) return Failure(witness.error());
  auto copy = open_replica(config->data);
  if (!copy) return Failure(copy.error());

  std::unique_ptr<Assembly> out(new Assembly{std::move(*config), std::move(*keys), std::move(*storage), std::move(*log_key),
                                             std::move(*witness), std::move(*copy), SystemClock{}, nullptr});
  auto signer = Signer::open(out->config.policy, *out->keys, *out->storage, out->log_key, out->clock, out->config.follow, *out->copy);
  if (!signer) return Failure(signer.error());
  out->signer = std::move(*signer);
  return out;
}

}  // namespace holdfast::signer::app
