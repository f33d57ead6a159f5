#include "signer/evacuation_files.h"

#include "base/hex.h"
#include "signer/secure_file.h"

#include <algorithm>
#include <filesystem>

namespace holdfast::signer {

// Both names come from the policy, which bounds their letters.
std::string EvacuationFiles::path_of(std::string_view chain, std::string_view wallet) const {
  std::string name(chain);
  std::ranges::replace(name, ':', '-');
  return data_ + "/evacuations/" + name + "." + std::string(wallet) + ".hex";
}

Result<void> EvacuationFiles::replace(std::string_view chain, std::string_view wallet, std::span<const Bytes> transactions) {
  const std::string path = path_of(chain, wallet);
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return fault("file_not_written", path + ": " + error.message());
  std::string text;
  for (const Bytes& raw : transactions) text += to_hex(raw) + "\n";
  return replace_private_file(path, as_bytes(text));
}

Result<std::vector<Bytes>> EvacuationFiles::kept(std::string_view chain, std::string_view wallet) {
  const std::string path = path_of(chain, wallet);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::vector<Bytes>{};
  const auto bytes = read_private_file(path, 2 * kMaxKeptBytes + kMaxKeptEvacuations);
  if (!bytes) return Failure(bytes.error());
  std::vector<Bytes> out;
  std::string_view rest = as_text(*bytes);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto raw = from_hex(rest.substr(0, end));
    if (!raw || raw->empty()) return corruption("evacuations_damaged", path + ": a line is no transaction in hexadecimal");
    out.push_back(std::move(*raw));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace holdfast::signer
