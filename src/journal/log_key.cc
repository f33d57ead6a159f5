#include "journal/log_key.h"

#include "base/check.h"
#include "base/hex.h"
#include "journal/base64.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace holdfast::journal {
namespace {

constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::size_t kMaxNameBytes = 128;

// Closes a file descriptor when it goes out of scope.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

std::string last_os_error() { return std::strerror(errno); }

Failure name_invalid(std::string_view name) {
  return refuse("log_key_name_invalid",
                fmt::format("'{}' cannot name a log key: use 1 to {} printable ASCII characters, no blank, no '+'",
                            name, kMaxNameBytes));
}

// A file is only there for good once its folder was synced too.
bool sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const File file(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return file.is_open() && ::fsync(file.descriptor()) == 0;
}

}  // namespace

bool is_key_name(std::string_view name) {
  const auto allowed = [](char c) { return c > ' ' && c <= '~' && c != '+'; };
  return !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), allowed);
}

KeyHash key_hash(std::string_view name, std::uint8_t type, const PublicKey& key) {
  Bytes message = to_bytes(as_bytes(name));
  message.push_back('\n');
  message.push_back(type);
  message.insert(message.end(), key.bytes.begin(), key.bytes.end());
  Hash32 digest;
  SHA256(message.data(), message.size(), digest.bytes.data());
  return KeyHash::from(digest.view().first(KeyHash::kSize));
}

std::string typed_key_text(std::string_view name, std::uint8_t type, const PublicKey& key) {
  Bytes typed = {type};
  typed.insert(typed.end(), key.bytes.begin(), key.bytes.end());
  return fmt::format("{}+{}+{}", name, to_hex(key_hash(name, type, key).view()), to_base64(typed));
}

std::optional<std::pair<std::string, PublicKey>> read_typed_key(std::string_view text, std::uint8_t type) {
  const std::size_t name_end = text.find('+');
  if (name_end == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(0, name_end);
  const std::string_view rest = text.substr(name_end + 1);  // The base64 part may hold further '+'.
  constexpr std::size_t kHashDigits = 2 * KeyHash::kSize;
  if (!is_key_name(name) || rest.size() <= kHashDigits || rest[kHashDigits] != '+') return std::nullopt;
  const auto typed = from_base64(rest.substr(kHashDigits + 1));
  if (!typed || typed->size() != 1 + PublicKey::kSize || typed->front() != type) return std::nullopt;
  const PublicKey key = PublicKey::from(ByteView(*typed).subspan(1));
  if (typed_key_text(name, type, key) != text) return std::nullopt;
  return std::pair(std::string(name), key);
}

std::string VerifierKey::to_string() const { return typed_key_text(name, kEd25519, key); }

std::optional<VerifierKey> VerifierKey::from_string(std::string_view text) {
  const auto read = read_typed_key(text, kEd25519);
  return read ? std::optional(VerifierKey{read->first, read->second}) : std::nullopt;
}

bool VerifierKey::verify(ByteView message, const Signature& signature) const {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(), key.bytes.data()) == 0;
}

Result<LogKey> LogKey::create(const std::string& path, std::string_view name) {
  if (!is_key_name(name)) return name_invalid(name);
  Secret seed(crypto_sign_SEEDBYTES);
  randombytes_buf(seed.mutable_data(), seed.size());

  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open() && errno == EEXIST) {
    return refuse("log_key_exists", fmt::format("{} exists already; a log key is never overwritten", path));
  }
  const bool written =
      file.is_open() &&
      ::write(file.descriptor(), seed.reveal().data(), seed.size()) == static_cast<ssize_t>(seed.size()) &&
      ::fsync(file.descriptor()) == 0 && sync_folder_of(path);
  if (!written) {
    auto failure = fault("log_key_not_written", fmt::format("cannot write {}: {}", path, last_os_error()));
    if (file.is_open()) ::unlink(path.c_str());  // Half a key, which nobody has used.
    return failure;
  }
  return from_seed(seed, name);
}

Result<LogKey> LogKey::load(const std::string& path, std::string_view name) {
  if (!is_key_name(name)) return name_invalid(name);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.descriptor(), &status) != 0) {
    return fault("log_key_not_read", fmt::format("cannot open {}: {}", path, last_os_error()));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse("log_key_exposed",
                  fmt::format("{} may be read by others: treat the key as leaked, or chmod 600 if it never was", path));
  }
  // One byte of room, to tell a longer file from a right one.
  Secret seed(crypto_sign_SEEDBYTES + 1);
  const ssize_t got = ::read(file.descriptor(), seed.mutable_data(), seed.size());
  if (got < 0) return fault("log_key_not_read", fmt::format("cannot read {}: {}", path, last_os_error()));
  if (got != crypto_sign_SEEDBYTES) {
    return refuse("log_key_malformed", fmt::format("{} does not hold exactly 32 bytes", path));
  }
  return from_seed(Secret::copy_of(seed.reveal().first(crypto_sign_SEEDBYTES)), name);
}

LogKey LogKey::from_seed(const Secret& seed, std::string_view name) {
  HF_CHECK(seed.size() == crypto_sign_SEEDBYTES && is_key_name(name));
  LogKey out;
  out.verifier_.name = name;
  out.secret_key_ = Secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(out.verifier_.key.bytes.data(), out.secret_key_.mutable_data(), seed.reveal().data());
  return out;
}

Signature LogKey::sign(ByteView message) const {
  Signature out;
  crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(), secret_key_.reveal().data());
  return out;
}

}  // namespace holdfast::journal
