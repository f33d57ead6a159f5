// holdfast-signer enroll: what this signer says of itself to the operators of the others; and the check of such a document.
#include "apps/signer/commands.h"
#include "base/hex.h"
#include "config/files.h"
#include "signer/enrolment.h"
#include "signer/keys/secure_file.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

namespace holdfast::signer::app {
namespace {

// "bitcoin-main 48h/0h/0h/2h"
Result<std::string> xpub_of(const Keys& keys, const std::string& wanted) {
  const auto space = wanted.find(' ');
  if (space == std::string::npos) return refuse("xpub_unclear", "an xpub is asked for as \"NETWORK PATH\"");
  const auto network = network_of(wanted.substr(0, space));
  if (!network) return Failure(network.error());
  const auto path = chain::utxo::parse_path(wanted.substr(space + 1));
  if (!path) return Failure(path.error());
  const auto key = keys.public_key(*path);
  if (!key) return Failure(key.error());
  return xpub_text(*keys.seed_id(), *path, *key, **network);
}

Result<EnrolmentFields> gather(const EnrollArguments& arguments, const Config& config, const Keys& keys) {
  const auto held = list_keys(config);
  if (!held) return Failure(held.error());
  EnrolmentFields out = {{"name", config.policy.name}};
  for (const HeldKey& key : *held) out.emplace_back(name(key.entry.role), shown(key.entry));
  out.emplace_back("keys_in", held->front().in_token ? "token" : "file");
  for (const std::string& wanted : arguments.xpubs) {
    auto text = xpub_of(keys, wanted);
    if (!text) return Failure(text.error());
    out.emplace_back("xpub", std::move(*text));
  }
  const auto witness = witness_verifier(config);
  if (!witness) return Failure(witness.error());
  if (!witness->empty()) out.emplace_back("witness", *witness);
  out.emplace_back("made", fmt::format("{:%FT%TZ}", fmt::gmtime(static_cast<std::time_t>(SystemClock().now().unix_ms / kMsPerSecond))));
  return out;
}

Result<void> show_checked(const std::string& path) {
  const auto document = config::read_file(path, kMaxEnrolmentBytes);
  if (!document) return Failure(document.error());
  const auto fields = check_enrolment(*document);
  if (!fields) return Failure(fields.error());
  for (const auto& [field, value] : *fields) fmt::print("{:<12}{}\n", field, value);
  fmt::print("signed by its owner key; fingerprint {}\n", enrolment_fingerprint(*document));
  return {};
}

}  // namespace

Result<void> enroll(const EnrollArguments& arguments) {
  if (!arguments.check.empty()) return show_checked(arguments.check);
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  const auto keys = open_keys(*config, arguments.access);
  if (!keys) return Failure(keys.error());
  const auto fields = gather(arguments, *config, **keys);
  if (!fields) return Failure(fields.error());
  const auto document = sign_enrolment(*fields, **keys);
  if (!document) return Failure(document.error());
  // The fingerprint stands beside it, to be read out over another way.
  fmt::print("{}", *document);
  fmt::print(stderr, "fingerprint {}\n", enrolment_fingerprint(*document));
  return {};
}

}  // namespace holdfast::signer::app
