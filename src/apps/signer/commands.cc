#include "apps/signer/commands.h"

#include "signer/secure_file.h"

#include <chrono>

namespace holdfast::signer::app {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::refusal:
      return kExitRefused;
    case ErrorKind::fault:
    case ErrorKind::unknown:
      return kExitFault;
    case ErrorKind::corruption:
      return kExitCorruption;
  }
  return kExitFault;
}

Instant SystemClock::now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
}

Result<Secret> read_passphrase(std::optional<int> descriptor, bool is_new) {
  constexpr std::size_t kMaxPassphraseBytes = 1024;
  if (descriptor) return read_secret_line(*descriptor, kMaxPassphraseBytes);
  auto first = ask_secret("Passphrase of the key file: ", kMaxPassphraseBytes);
  if (!first || !is_new) return first;
  const auto second = ask_secret("The same again: ", kMaxPassphraseBytes);
  if (!second) return Failure(second.error());
  if (!first->equals_in_constant_time(*second)) return refuse("passphrases_differ", "the two passphrases differ");
  return first;
}

std::string journal_path(const std::string& data) { return data + "/journal.db"; }
std::string journal_key_path(const std::string& data) { return data + "/journal.key"; }
std::string journal_name(const std::string& signer) { return "holdfast-signer/" + signer; }

}  // namespace holdfast::signer::app
