// Snapshots as files. A new one is written under another name and renamed when it is durable, so that a name always
// stands for a whole file, unless the disk lost some of it: then newest() passes it over.
#include "engine/snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

namespace holdfast::engine {
namespace {

constexpr std::string_view kPrefix = "snapshot-";
constexpr std::string_view kSuffix = ".hfsnap";
constexpr std::string_view kUnfinished = "snapshot.unfinished";
constexpr std::size_t kKept = 2;

class File {
 public:
  File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  bool sync() { return ::fsync(descriptor_) == 0; }
  bool write(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
  }

 private:
  int descriptor_;
};

std::string path_of(const std::string& folder, std::uint64_t size) {
  return fmt::format("{}/{}{}{}", folder, kPrefix, size, kSuffix);
}

// Of the snapshots in the folder, by their names, the newest first.
std::vector<std::uint64_t> sizes_in(const std::string& folder) {
  std::vector<std::uint64_t> sizes;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    std::string_view digits = name;
    if (!digits.starts_with(kPrefix) || !digits.ends_with(kSuffix)) continue;
    digits = digits.substr(kPrefix.size(), digits.size() - kPrefix.size() - kSuffix.size());
    std::uint64_t size = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (parsed.ec == std::errc{} && path_of(folder, size) == at->path()) sizes.push_back(size);
  }
  std::sort(sizes.rbegin(), sizes.rend());
  return sizes;
}

Failure failed(const char* what, const std::string& path) {
  return fault("snapshot_not_written", fmt::format("{} {}: {}", what, path, std::strerror(errno)));
}

}  // namespace

Result<void> SnapshotFolder::put(std::uint64_t size, ByteView bytes) {
  const std::string unfinished = fmt::format("{}/{}", folder_, kUnfinished);
  const std::string path = path_of(folder_, size);
  {
    File file(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    if (!file.is_open()) return failed("cannot open", unfinished);
    if (!file.write(bytes) || !file.sync()) return failed("cannot write", unfinished);
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) return failed("cannot rename to", path);
  File folder(folder_, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || !folder.sync()) return failed("cannot sync", folder_);

  const std::vector<std::uint64_t> sizes = sizes_in(folder_);
  for (std::size_t i = kKept; i < sizes.size(); ++i) {
    std::error_code ignored;  // One too many does no harm, and the next put tries again.
    std::filesystem::remove(path_of(folder_, sizes[i]), ignored);
  }
  return {};
}

std::optional<Snapshot> SnapshotFolder::newest() {
  for (const std::uint64_t size : sizes_in(folder_)) {
    std::ifstream in(path_of(folder_, size), std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto snapshot = decode_snapshot(bytes);
    if (snapshot && snapshot->tree.size() == size) return std::move(*snapshot);
  }
  return std::nullopt;
}

}  // namespace holdfast::engine
