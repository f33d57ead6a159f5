// holdfast-signer retire: makes a signer's keys useless on purpose. The record comes first: whatever copy of the keys is left, this
// journal signs nothing with them.
#include "apps/signer/assembly.h"
#include "apps/signer/commands.h"
#include "signer/keys/secure_file.h"

#include <fmt/core.h>
#include <filesystem>

namespace holdfast::signer::app {
namespace {

Result<void> destroy_token(const Config& config, const Secret& pin) {
  const auto destroyed = destroy_token_keys(*config.host.token, config.policy.name, pin);
  if (!destroyed) return Failure(destroyed.error());
  fmt::print("token: {} objects destroyed\n", *destroyed);
  return {};
}

}  // namespace

Result<void> retire(const RetireArguments& arguments) {
  const auto owner = chain::evm::parse_address(arguments.owner);
  if (!owner) return Failure(owner.error());
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  const auto held = list_keys(*config);
  if (!held) return Failure(held.error());
  if (held->front().entry.address != *owner) return refuse("owner_differs", "this signer's owner is " + shown(held->front().entry));
  // Read here, and given on: a line can be read only once.
  Secret pin;
  KeyAccess access = arguments.access;
  if (config->host.token) {
    auto read = read_pin(access.pin_fd);
    if (!read) return Failure(read.error());
    pin = std::move(*read);
  }
  {
    const auto assembly = assemble(arguments.config, access, config->host.token ? &pin : nullptr);
    if (!assembly) return Failure(assembly.error());
    Signer& signer = *(*assembly)->signer;
    // A retirement that was cut short is finished.
    if (!signer.memory().life().retired()) {
      if (auto retired = signer.retire(arguments.by); !retired) return retired;
    }
  }
  fmt::print("retired; it is in the journal as done by {}\n", arguments.by);
  if (config->host.token) {
    if (auto destroyed = destroy_token(*config, pin); !destroyed) return destroyed;
  }
  if (!config->key_file.empty()) {
    if (auto destroyed = destroy_file(config->key_file); !destroyed) return destroyed;
    fmt::print("{}: overwritten and removed; its copies and backups are not\n", config->key_file);
  }
  return {};
}

}  // namespace holdfast::signer::app
