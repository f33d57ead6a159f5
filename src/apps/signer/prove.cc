// holdfast-signer prove: this signer's part of proofs of control (BIP 322) over the addresses of its wallets. Offline, and
// asked for by its operator alone: what would be signed is printed before the passphrase is read.
#include "apps/signer/commands.h"
#include "chain/utxo/wallet/address.h"
#include "signer/control_proof.h"

#include <fmt/core.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace holdfast::signer::app {
namespace {

using namespace chain::utxo;

constexpr std::size_t kMaxProofs = 10'000;
constexpr std::size_t kMaxFileBytes = 64 << 10;  // A proof's PSBT is some 2 KB.

Result<Psbt> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof()) return refuse("file_unreadable", path + ": cannot be read, or is too large");
  text.resize(static_cast<std::size_t>(file.gcount()));
  constexpr std::string_view kMagic = "psbt\xff";
  auto psbt = text.starts_with(kMagic) ? read_psbt(as_bytes(text)) : read_psbt_base64(text);
  if (!psbt) return refuse(psbt.error().code, path + ": " + psbt.error().text);
  return psbt;
}

// All of one wallet and one message: so few things a person can look at.
Result<void> check_together(const std::vector<ControlProof>& proofs) {
  const ControlProof& first = proofs.front();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
  for (const ControlProof& proof : proofs) {
    if (proof.wallet != first.wallet) return refuse("proof_wallets_differ", "they are of several wallets");
    if (proof.message != first.message) return refuse("proof_messages_differ", "they are of several messages");
    places.emplace_back(proof.branch, proof.index);
  }
  std::ranges::sort(places);
  const auto twice = std::ranges::adjacent_find(places);
  if (twice == places.end()) return {};
  return refuse("proof_address_twice", fmt::format("branch {}, index {}", twice->first, twice->second));
}

Result<std::vector<ControlProof>> read_proofs(const Policy& policy, const std::vector<std::string>& paths) {
  if (paths.size() > kMaxProofs) return refuse("proofs_too_many", fmt::format("at most {} at once", kMaxProofs));
  std::vector<ControlProof> out;
  for (const std::string& path : paths) {
    const auto psbt = read_file(path);
    if (!psbt) return Failure(psbt.error());
    auto proof = explain_control_proof(policy, *psbt);
    if (!proof) return refuse(proof.error().code, path + ": " + proof.error().text);
    out.push_back(std::move(*proof));
  }
  if (auto checked = check_together(out); !checked) return Failure(checked.error());
  return out;
}

// `make` puts a line that names a block below the message: "block HEIGHT HASH", and nothing else.
bool names_a_block(std::string_view line) {
  constexpr std::string_view kBegin = "\nblock ";
  constexpr std::size_t kMaxHeightDigits = 10;
  constexpr std::size_t kHashDigits = 64;
  if (!line.starts_with(kBegin)) return false;
  line.remove_prefix(kBegin.size());
  const std::size_t space = line.find(' ');
  if (space == 0 || space > kMaxHeightDigits) return false;
  const bool height = line.substr(0, space).find_first_not_of("0123456789") == std::string_view::npos;
  const std::string_view hash = line.substr(space + 1);
  return height && hash.size() == kHashDigits && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_of(const std::string& message, const std::string& expected) {
  return message == expected || (message.starts_with(expected) && names_a_block(std::string_view(message).substr(expected.size())));
}

void print(const std::vector<ControlProof>& proofs) {
  const ControlProof& first = proofs.front();
  const auto& descriptor = first.wallet->descriptor;
  fmt::print("message\n");
  std::string_view rest = first.message;
  for (bool more = true; more;) {
    const std::size_t end = rest.find('\n');
    more = end != std::string_view::npos;
    fmt::print("  | {}\n", rest.substr(0, end));
    if (more) rest.remove_prefix(end + 1);
  }
  fmt::print("by {} of {} keys of wallet {}, {} ({})\n", descriptor.threshold(), descriptor.key_count(), first.wallet->name,
             first.chain->caip2, first.chain->network->name);
  for (const ControlProof& proof : proofs) {
    fmt::print("  {}-{:<6} {}\n", proof.branch, proof.index, address_of_script(*proof.chain->network, proof.script).value_or("?"));
  }
  std::fflush(stdout);
}

Result<void> write(const std::string& folder, const ControlProof& proof, const Psbt& psbt) {
  const std::string path = fmt::format("{}/{}-{}.psbt", folder, proof.branch, proof.index);
  std::ofstream file(path, std::ios::binary);
  file << write_psbt_base64(psbt) << '\n';
  file.close();
  if (!file) return fault("file_not_written", path + ": cannot be written");
  return {};
}

}  // namespace

Result<void> prove(const ProveArguments& arguments) {
  const auto config = load_config(arguments.config);
  if (!config) return Failure(config.error());
  const auto proofs = read_proofs(config->policy, arguments.psbts);
  if (!proofs) return Failure(proofs.error());
  if (!arguments.message.empty() && !is_of(proofs->front().message, arguments.message)) {
    return refuse("proof_message_differs", "they are of another message than --message");
  }
  if (std::filesystem::exists(arguments.out)) return refuse("file_exists", arguments.out + ": is there already; name a new folder");
  print(*proofs);

  const auto keys = open_keys(*config, arguments.access);
  if (!keys) return Failure(keys.error());
  std::vector<Psbt> done;
  for (const ControlProof& proof : *proofs) {
    auto psbt = sign_control_proof(proof, **keys);
    if (!psbt) return Failure(psbt.error());
    done.push_back(std::move(*psbt));
  }
  std::error_code error;
  if (!std::filesystem::create_directory(arguments.out, error)) return fault("file_not_written", arguments.out + ": cannot be made");
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (auto written = write(arguments.out, (*proofs)[i], done[i]); !written) return written;
  }
  fmt::print("{} signed, in {}\n", done.size(), arguments.out);
  return {};
}

}  // namespace holdfast::signer::app
