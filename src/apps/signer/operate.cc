// holdfast-signer run and thaw: what needs the passphrase and the journal for writing.
#include "apps/signer/assembly.h"
#include "apps/signer/commands.h"
#include "link/link_client.h"
#include "signer/evacuation_files.h"
#include "signer/host/same_host.h"
#include "signer/host/sandbox.h"
#include "signer/keys/secure_file.h"
#include "signer/lookout/lookout.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <csignal>
#include <fstream>
#include <stop_token>
#include <thread>

namespace holdfast::signer::app {
namespace {

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

Result<void> check_user(const OperateArguments& arguments) {
  if (::geteuid() != 0 || arguments.allow_root) return {};
  return refuse("run_as_root", "a signer runs as a user of its own (packaging/systemd); for demos and tests there is --allow-root");
}

// What it asks of its host before it signs anything: no other signer of its wallets.
Result<SameHostGuard> guard_host(Signer& signer, const Config& config) {
  const bool allow = config.host.allow_same_host;
  auto guard = SameHostGuard::hold(guarded_wallets(signer.policy()), allow);
  if (!guard || !allow) return guard;
  signer.tell_same_host_allowed();
  spdlog::warn("allow_same_host is set, for demos and tests: another signer of the same wallets may run on this host");
  for (const std::string& wallet : guard->shared()) spdlog::warn("another signer on this host guards {}", wallet);
  return guard;
}

// And what it gives up on it. Nothing after this may need it: files are open, or in these folders.
Result<void> give_up_rights(const Config& config) {
  std::vector<std::string> writable = {config.data};
  writable.insert(writable.end(), config.host.token_folders.begin(), config.host.token_folders.end());
  const auto sandbox = enter_sandbox(writable);
  if (!sandbox) return Failure(sandbox.error());
  if (sandbox->landlock == 0) {
    spdlog::warn("sandbox: seccomp; this kernel has no Landlock, so files outside of the data folder are guarded by their modes alone");
  } else {
    spdlog::info("sandbox: seccomp and Landlock (ABI {})", sandbox->landlock);
  }
  return {};
}

}  // namespace

Result<void> run(const OperateArguments& arguments) {
  if (auto checked = check_user(arguments); !checked) return checked;
  // Before the first thread, so that every thread inherits it and only the one below gets them.
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto assembly = assemble(arguments.config, arguments.access);
  if (!assembly) return Failure(assembly.error());
  Signer& signer = *(*assembly)->signer;
  auto options = link_options((*assembly)->config);
  if (!options) return Failure(options.error());
  if (signer.memory().life().retired()) return refuse("retired", "this signer was retired: it signs nothing more");
  const auto guard = guard_host(signer, (*assembly)->config);
  if (!guard) return Failure(guard.error());
  // Before the eyes open, which have threads of their own.
  if (auto given_up = give_up_rights((*assembly)->config); !given_up) return given_up;
  Lookout lookout(signer, (*assembly)->clock, (*assembly)->config.nodes, (*assembly)->config.data + "/watch");
  options->each_round = [&lookout](Signer& one) { return lookout.round(one); };
  const auto hello = signer.hello();
  spdlog::info("signer {} starts: owner {}, {} signatures in its journal{}", hello.name(),
               chain::evm::to_checksum_text((*assembly)->keys->owner()), hello.signed_count(),
               hello.frozen() ? ", FROZEN" : "");
  if (hello.forgot()) spdlog::warn("it was restored without its journal: it signs evacuations, burns and guard freezes, and nothing else");

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
  const auto assembly = assemble(arguments.config, arguments.access);
  if (!assembly) return Failure(assembly.error());
  if (auto thawed = (*assembly)->signer->thaw(arguments.by); !thawed) return thawed;
  fmt::print("thawed; it is in the journal as done by {}\n", arguments.by);
  return {};
}

}  // namespace holdfast::signer::app
