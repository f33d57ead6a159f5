#include "signer/evacuation_files.h"

#include "base/hex.h"
#include "signer/keys/secure_file.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

namespace holdfast::signer {

namespace {

// An input is 41 bytes at least, and what is said of it no longer than twice as much.
constexpr std::size_t kMaxFileBytes = 4 * kMaxKeptBytes + kMaxKeptEvacuations;

std::string line_of(const CoinEvacuation& evacuation) {
  std::string out = to_hex(evacuation.raw);
  for (const SpentCoin& coin : evacuation.coins) out += fmt::format(" {}:{}:{}", coin.amount.to_string(), coin.branch, coin.index);
  return out + "\n";
}

// What stands before the separator, which is taken away with it.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

std::optional<SpentCoin> read_coin(std::string_view text) {
  const auto amount = Amount::from_string(cut(text, ':'));
  const auto branch = number(cut(text, ':'));
  const auto index = number(text);
  if (!amount || !branch || !index) return std::nullopt;
  return SpentCoin{*amount, *branch, *index};
}

std::optional<CoinEvacuation> read_line(std::string_view line) {
  auto raw = from_hex(cut(line, ' '));
  if (!raw || raw->empty()) return std::nullopt;
  CoinEvacuation out{std::move(*raw), {}};
  while (!line.empty()) {
    const auto coin = read_coin(cut(line, ' '));
    if (!coin) return std::nullopt;
    out.coins.push_back(*coin);
  }
  return out;
}

}  // namespace

// Both names come from the policy, which bounds their letters.
std::string EvacuationFiles::path_of(std::string_view chain, std::string_view wallet) const {
  std::string name(chain);
  std::ranges::replace(name, ':', '-');
  return data_ + "/evacuations/" + name + "." + std::string(wallet) + ".hex";
}

Result<void> EvacuationFiles::replace(std::string_view chain, std::string_view wallet,
                                      std::span<const CoinEvacuation> evacuations) {
  const std::string path = path_of(chain, wallet);
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return fault("file_not_written", path + ": " + error.message());
  std::string text;
  for (const CoinEvacuation& each : evacuations) text += line_of(each);
  return replace_private_file(path, as_bytes(text));
}

Result<std::vector<CoinEvacuation>> EvacuationFiles::kept(std::string_view chain, std::string_view wallet) {
  const std::string path = path_of(chain, wallet);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::vector<CoinEvacuation>{};
  const auto bytes = read_private_file(path, kMaxFileBytes);
  if (!bytes) return Failure(bytes.error());
  std::vector<CoinEvacuation> out;
  std::string_view rest = as_text(*bytes);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto one = read_line(rest.substr(0, end));
    if (!one) return corruption("evacuations_damaged", path + ": a line is no transaction in hexadecimal and what it spends");
    out.push_back(std::move(*one));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace holdfast::signer
