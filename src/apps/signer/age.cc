#include "apps/signer/age.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace holdfast::signer::app {
namespace {

constexpr std::size_t kMaxRecipients = 16;
constexpr std::size_t kMaxWords = 4096;  // What age says on its standard error.

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool valid() const { return ends_[0] >= 0; }
  int end(std::size_t which) const { return ends_[which]; }  // 0: to read, 1: to write.
  void close(std::size_t which) {
    if (ends_[which] >= 0) ::close(std::exchange(ends_[which], -1));
  }

 private:
  std::array<int, 2> ends_{};
};

struct Ran {
  int code = -1;
  Bytes out;
  std::string words;
};

// One read of what the child writes. False when there is no more.
bool take(int descriptor, Bytes& into, std::size_t most) {
  std::array<std::uint8_t, 16384> buffer{};
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR;
  const auto room = most - std::min(most, into.size());
  const ByteView fresh(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  into.insert(into.end(), fresh.begin(), fresh.end());
  return got > 0;
}

// Gives the child its input and takes its output, whichever it is ready for.
void exchange_data(Pipe& in, Pipe& out, Pipe& words, ByteView data, std::size_t most, Ran& ran) {
  Bytes said;
  while (out.end(0) >= 0 || words.end(0) >= 0) {
    std::array<pollfd, 3> waits = {pollfd{data.empty() ? -1 : in.end(1), POLLOUT, 0}, pollfd{out.end(0), POLLIN, 0},
                                   pollfd{words.end(0), POLLIN, 0}};
    if (data.empty()) in.close(1);
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) break;
    if (waits[0].revents != 0) {
      const ssize_t written = ::write(in.end(1), data.data(), data.size());
      data = written >= 0 ? data.subspan(static_cast<std::size_t>(written)) : errno == EINTR || errno == EAGAIN ? data : ByteView();
    }
    // One byte more than is wanted shows that there was more.
    if (waits[1].revents != 0 && !take(out.end(0), ran.out, most + 1)) out.close(0);
    if (waits[2].revents != 0 && !take(words.end(0), said, kMaxWords)) words.close(0);
  }
  ran.words = std::string(as_text(said));
}

Result<Ran> run_age(std::vector<std::string> arguments, ByteView data, std::size_t most) {
  Pipe in, out, words;
  if (!in.valid() || !out.valid() || !words.valid()) return fault("age_failed", "no pipe can be made");
  ::fcntl(in.end(1), F_SETFL, O_NONBLOCK);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.end(0), 0);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), 1);
  posix_spawn_file_actions_adddup2(&actions, words.end(1), 2);
  arguments.insert(arguments.begin(), "age");
  std::vector<char*> argv;
  for (std::string& one : arguments) argv.push_back(one.data());
  argv.push_back(nullptr);
  char* const nothing[] = {nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, kAgeProgram, &actions, nullptr, argv.data(), nothing);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fault("age_missing", fmt::format("{}: cannot be run; it is Debian's package age", kAgeProgram));
  in.close(0);
  out.close(1);
  words.close(1);
  Ran ran;
  // A child that ends early must not end us.
  struct sigaction ignore{}, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  exchange_data(in, out, words, data, most, ran);
  ::sigaction(SIGPIPE, &before, nullptr);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

// In one line, and nothing that a terminal would obey.
std::string shown_words(std::string words) {
  for (char& c : words) {
    if (c < ' ' || c > '~') c = ' ';
  }
  return words.substr(0, 300);
}

// Bech32 behind "age1", so that none can be taken for an option.
bool is_recipient(const std::string& text) {
  constexpr std::size_t kMaxBytes = 1024;
  const auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return text.starts_with("age1") && text.size() <= kMaxBytes && std::ranges::all_of(text, is_good);
}

}  // namespace

Result<Bytes> age_encrypt(const std::vector<std::string>& recipients, ByteView data) {
  if (recipients.empty() || recipients.size() > kMaxRecipients) return refuse("recipients_missing", fmt::format("1 to {} recipients", kMaxRecipients));
  std::vector<std::string> arguments = {"--encrypt"};
  for (const std::string& one : recipients) {
    if (!is_recipient(one)) return refuse("recipient_invalid", "a recipient is like age1..., as age-keygen prints it");
    arguments.insert(arguments.end(), {"--recipient", one});
  }
  constexpr std::size_t kRoom = std::size_t{1} << 20;  // What encryption adds is far less.
  auto ran = run_age(std::move(arguments), data, data.size() + kRoom);
  if (!ran) return Failure(ran.error());
  if (ran->code != 0) return fault("age_failed", shown_words(ran->words));
  return std::move(ran->out);
}

Result<Bytes> age_decrypt(const std::string& identity, ByteView data, std::size_t max_size) {
  // As a path it is never taken for an option.
  const std::string path = identity.starts_with('-') ? "./" + identity : identity;
  auto ran = run_age({"--decrypt", "--identity", path}, data, max_size);
  if (!ran) return Failure(ran.error());
  if (ran->code != 0) return refuse("backup_not_opened", shown_words(ran->words));
  if (ran->out.size() > max_size) return refuse("backup_too_large", "a signer's backup is smaller");
  return std::move(ran->out);
}

}  // namespace holdfast::signer::app
