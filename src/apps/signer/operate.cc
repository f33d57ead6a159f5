// holdfast-signer run and thaw: what needs the passphrase and the journal for writing.
#include "apps/signer/commands.h"
#include "journal/sqlite_storage.h"
#include "link/link_client.h"
#include "signer/evacuation_files.h"
#include "signer/keys/key_file.h"
#include "signer/keys/secure_file.h"
#include "signer/lookout/lookout.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stop_token>
#include <thread>

namespace holdfast::signer::app {
namespace {

// Everything that a Signer stands on, in the order in which it has to die.
struct Assembly {
  Config config;
  KeyRing keys;
  std::unique_ptr<journal::SqliteStorage> storage;
  journal::LogKey log_key;
  journal::LogKey witness;
  std::unique_ptr<journal::SqliteStorage> copy;
  SystemClock clock;
  std::unique_ptr<Signer> signer;
};

// A key made for one use must not serve another by a slip in the configuration.
Result<void> check_roles(const Config& config) {
  const auto entries = list_key_file(config.key_file);
  if (!entries) return Failure(entries.error());
  for (const ChainRule& chain : config.policy.chains) {
    for (const AccountRule& account : chain.accounts) {
      const KeyRole wanted = account.kind == AccountKind::gas ? KeyRole::gas : KeyRole::single_key;
      const auto same = [&](const KeyEntry& entry) { return entry.address == account.address; };
      const auto found = std::find_if(entries->begin(), entries->end(), same);
      if (found == entries->end() || found->role == wanted) continue;  // A missing one is Signer::open's refusal.
      return refuse("account_kind_differs",
                    fmt::format("account {} of {} is of kind {} in the key file",
                                chain::evm::to_checksum_text(account.address), chain.caip2, name(found->role)));
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

Result<std::unique_ptr<Assembly>> assemble(const OperateArguments& arguments) {
  auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  if (auto checked = check_roles(*config); !checked) return Failure(checked.error());
  const auto passphrase = read_passphrase(arguments.passphrase_fd, false);
  if (!passphrase) return Failure(passphrase.error());
  auto keys = open_key_file(config->key_file, *passphrase);
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
  auto signer = Signer::open(out->config.policy, out->keys, *out->storage, out->log_key, out->clock, out->config.follow, *out->copy);
  if (!signer) return Failure(signer.error());
  out->signer = std::move(*signer);
  return out;
}

constexpr std::size_t kMaxPemBytes = 64 << 10;

Result<std::string> read_pem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string out(kMaxPemBytes, '\0');
  file.read(out.data(), static_cast<std::streamsize>(out.size()));
  if (!file.eof()) return fault("certificate_not_read", path + ": cannot be read, or is too large");
  out.resize(static_cast<std::size_t>(file.gcount()));
  return out;
}

Result<link::LinkOptions> link_options(const Config& config) {
  auto ca = read_pem(config.tls.ca);
  if (!ca) return Failure(ca.error());
  auto certificate = read_pem(config.tls.certificate);
  if (!certificate) return Failure(certificate.error());
  const auto key = read_private_file(config.tls.key, kMaxPemBytes);
  if (!key) return Failure(key.error());
  link::LinkOptions out;
  out.server = config.server;
  out.server_name = config.tls.server_name;
  out.ca_pem = std::move(*ca);
  out.certificate_pem = std::move(*certificate);
  out.key_pem = std::string(as_text(*key));
  return out;
}

sigset_t stop_signals() {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGTERM);
  sigaddset(&out, SIGINT);
  return out;
}

}  // namespace

Result<void> run(const OperateArguments& arguments) {
  // Before the first thread, so that every thread inherits it and only the one below gets them.
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto assembly = assemble(arguments);
  if (!assembly) return Failure(assembly.error());
  Signer& signer = *(*assembly)->signer;
  auto options = link_options((*assembly)->config);
  if (!options) return Failure(options.error());
  Lookout lookout(signer, (*assembly)->clock, (*assembly)->config.nodes, (*assembly)->config.data + "/watch");
  options->each_round = [&lookout](Signer& one) { return lookout.round(one); };
  const auto hello = signer.hello();
  spdlog::info("signer {} starts: owner {}, {} signatures in its journal{}", hello.name(),
               chain::evm::to_checksum_text((*assembly)->keys.owner()), hello.signed_count(),
               hello.frozen() ? ", FROZEN" : "");

  const auto deaf = signer.follower().deaf((*assembly)->clock.now());
  spdlog::info("follows {}: {} records; {} is its witness key", (*assembly)->config.follow.log.name, signer.follower().size(),
               journal::WitnessKey::of((*assembly)->witness).to_string());
  if (deaf && deaf->kind == ErrorKind::corruption) spdlog::error("its copy of the journal: {}: {}", deaf->code, deaf->text);

  std::stop_source stop;
  const std::jthread waiter([&] {
    int signal = 0;
    ::sigwait(&signals, &signal);
    stop.request_stop();
  });
  EvacuationFiles store((*assembly)->config.data);
  link::run_link(signer, (*assembly)->clock, *options, (*assembly)->witness, stop.get_token(), &store);
  spdlog::info("signer {} stops", hello.name());
  return {};
}

Result<void> thaw(const OperateArguments& arguments) {
  const auto assembly = assemble(arguments);
  if (!assembly) return Failure(assembly.error());
  if (auto thawed = (*assembly)->signer->thaw(arguments.by); !thawed) return thawed;
  fmt::print("thawed; it is in the journal as done by {}\n", arguments.by);
  return {};
}

}  // namespace holdfast::signer::app
