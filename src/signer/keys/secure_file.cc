#include "signer/keys/secure_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace holdfast::signer {
namespace {

std::string why() { return std::strerror(errno); }  // NOLINT: one thread opens files

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

// The name of a new file is durable only when its folder is.
bool sync_folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const Descriptor folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.valid() && ::fsync(folder.get()) == 0;
}

// One byte, 0 at the end, less than 0 on an error.
ssize_t read_byte(int descriptor, std::uint8_t* out) {
  for (;;) {
    const ssize_t got = ::read(descriptor, out, 1);
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace

Result<void> write_new_private_file(const std::string& path, ByteView bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) {
    if (errno == EEXIST) return refuse("key_file_exists", path + ": is there already; a key file is never overwritten");
    return fault("key_file_not_written", path + ": " + why());
  }
  if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !sync_folder_of(path)) {
    return fault("key_file_not_written", path + ": " + why());
  }
  return {};
}

Result<void> replace_private_file(const std::string& path, ByteView bytes) {
  const std::string fresh = path + ".new";
  const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const bool written = file.valid() && write_all(file.get(), bytes) && ::fsync(file.get()) == 0;
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0 || !sync_folder_of(path)) {
    return fault("file_not_written", path + ": " + why());
  }
  return {};
}

Result<Bytes> read_private_file(const std::string& path, std::size_t max_size) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) return fault("key_file_not_read", path + ": " + why());
  if ((status.st_mode & 077) != 0 || status.st_uid != ::geteuid()) {
    return refuse("key_file_exposed", path + ": others may use it; chmod 600, and own it");
  }
  Bytes out(max_size + 1);
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t got = ::read(file.get(), out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fault("key_file_not_read", path + ": " + why());
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_size) return refuse("key_file_malformed", path + ": too large");
  out.resize(size);
  return out;
}

Result<void> destroy_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid() && errno == ENOENT) return refuse("key_file_missing", path + ": is not there");
  struct stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) return fault("file_not_destroyed", path + ": " + why());
  const Bytes noise(static_cast<std::size_t>(status.st_size), 0xff);
  const bool overwritten = write_all(file.get(), noise) && ::fsync(file.get()) == 0;
  if (!overwritten || ::unlink(path.c_str()) != 0 || !sync_folder_of(path)) return fault("file_not_destroyed", path + ": " + why());
  return {};
}

Result<int> open_secret_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (file < 0 || ::fstat(file, &status) != 0) return fault("key_file_not_read", path + ": " + why());
  if ((status.st_mode & 077) == 0 && (status.st_uid == ::geteuid() || status.st_uid == 0)) return file;
  ::close(file);
  return refuse("key_file_exposed", path + ": others may use it; chmod 600, and own it");
}

Result<Secret> read_secret_line(int descriptor, std::size_t max_size) {
  // Byte by byte: what stands behind the line belongs to the next reader, and never to a buffer of ours.
  Secret line(max_size + 1);
  std::size_t size = 0;
  for (;;) {
    std::uint8_t byte = 0;
    const ssize_t got = read_byte(descriptor, &byte);
    if (got < 0) return fault("secret_not_read", "descriptor " + std::to_string(descriptor) + ": " + why());
    if (got == 0 || byte == '\n') break;
    if (size == max_size)
      return refuse("secret_too_long", "descriptor " + std::to_string(descriptor) + ": line too long");
    line.mutable_data()[size++] = byte;
  }
  return Secret::copy_of(line.reveal().first(size));
}

Result<Secret> ask_secret(const std::string& prompt, std::size_t max_size) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  termios before{};
  if (!terminal.valid() || ::tcgetattr(terminal.get(), &before) != 0) {
    return fault("terminal_missing", "no terminal to ask for the passphrase on; give it with --passphrase-fd N");
  }
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(terminal.get(), TCSAFLUSH, &silent);
  write_all(terminal.get(), as_bytes(prompt));
  auto line = read_secret_line(terminal.get(), max_size);
  write_all(terminal.get(), as_bytes("\n"));
  ::tcsetattr(terminal.get(), TCSAFLUSH, &before);
  return line;
}

Result<void> show_words(const Secret& words) {
  constexpr unsigned kInARow = 4;
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid()) return fault("terminal_missing", "words are shown on a terminal and nowhere else");
  ByteView rest = words.reveal();
  for (unsigned number = 1; !rest.empty(); ++number) {
    const auto end = static_cast<std::size_t>(std::ranges::find(rest, ' ') - rest.begin());
    const std::string label = (number < 10 ? "  " : " ") + std::to_string(number) + ". ";
    write_all(terminal.get(), as_bytes(label));
    write_all(terminal.get(), rest.first(end));
    write_all(terminal.get(), as_bytes(number % kInARow == 0 ? "\n" : "\t"));
    rest = rest.subspan(std::min(end + 1, rest.size()));
  }
  write_all(terminal.get(), as_bytes("Write them down, on paper, in this order. Enter clears the screen. "));
  std::uint8_t byte = 0;
  while (read_byte(terminal.get(), &byte) == 1 && byte != '\n') {
  }
  write_all(terminal.get(), as_bytes("\033[2J\033[3J\033[H"));
  return {};
}

}  // namespace holdfast::signer
