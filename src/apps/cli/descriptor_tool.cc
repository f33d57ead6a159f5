#include "apps/cli/descriptor_tool.h"

#include "apps/cli/print.h"
#include "base/hex.h"
#include "chain/utxo/wallet/address.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <filesystem>
#include <fstream>

namespace holdfast::cli {
namespace {

using namespace chain::utxo;

constexpr std::size_t kMaxDescriptorText = 100'000;

std::optional<std::uint32_t> parse_index(std::string_view text) {
  std::uint32_t index = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), index);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || index >= kHardened) return {};
  return index;
}

// One argument serves for both: no descriptor is the name of a file, unless somebody goes out of his way.
Result<std::string> text_or_file(const std::string& text) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(text, failed)) {
    if (text.find('(') != std::string::npos) return text;
    return refuse("file_unreadable", text + ": no such file, and no descriptor; of a bare address it is addr(ADDRESS)");
  }
  std::ifstream file(text);
  std::string line;
  while (std::getline(file, line) && line.size() < kMaxDescriptorText) {
    if (!line.empty()) return line;
  }
  return refuse("file_unreadable", text + " is empty or cannot be read");
}

Json address_of(const Network& network, const Descriptor& descriptor, std::uint32_t branch, std::uint32_t index) {
  const auto output = descriptor.derive(branch, index);
  const auto address = output ? address_of_script(network, output->script_pubkey) : std::nullopt;
  return address ? Json(*address) : Json();
}

}  // namespace

Result<const Network*> find_network(const std::string& chain) {
  for (const Network& network : networks()) {
    if (network.caip2 == chain || network.name == chain) return &network;
  }
  std::string known;
  for (const Network& network : networks()) known.append(known.empty() ? "" : ", ").append(network.name);
  return refuse("chain_unknown", "--chain: no chain of coins is called " + chain + "; there are " + known);
}

Result<IndexRange> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_index(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_index(text.substr(dash + 1));
  if (first && last && *first <= *last && *last - *first < kMaxRange) return IndexRange{*first, *last};
  return refuse("range_malformed", "a range is an index, or FIRST-LAST of at most 10000 indices");
}

Result<Descriptor> read_descriptor(const DescriptorPlace& place) {
  const auto network = find_network(place.chain);
  if (!network) return Failure(network.error());
  const auto text = text_or_file(place.text);
  if (!text) return Failure(text.error());
  return Descriptor::parse(*text, **network);
}

std::string kind_of(const Descriptor& descriptor) {
  const std::string text = descriptor.to_text();
  std::string functions;
  std::string_view rest = text;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_";
  const auto take = [&] {
    const auto end = rest.find_first_not_of(kLetters);
    if (end == 0 || end == std::string_view::npos || rest[end] != '(') return false;
    functions.append(functions.empty() ? "" : "(").append(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    return true;
  };
  std::size_t depth = 0;
  while (take()) ++depth;
  // The leaf of tr(KEY,multi_a(...)) stands behind its internal key.
  if (const auto leaf = rest.find(",multi_a("), sorted = rest.find(",sortedmulti_a(");
      leaf != std::string_view::npos || sorted != std::string_view::npos) {
    functions.append(sorted != std::string_view::npos ? "(sortedmulti_a" : "(multi_a");
    ++depth;
  }
  functions.append(depth > 1 ? depth - 1 : 0, ')');
  if (descriptor.key_count() < 2) return functions;
  return functions + ' ' + std::to_string(descriptor.threshold()) + " of " + std::to_string(descriptor.key_count());
}

Result<void> check_descriptor(const Settings& settings, const DescriptorPlace& place) {
  const auto descriptor = read_descriptor(place);
  if (!descriptor) return std::unexpected(descriptor.error());
  const Network& network = **find_network(place.chain);
  Json out{{"descriptor", descriptor->to_text()},
           {"network", network.name},
           {"chain", network.caip2},
           {"kind", kind_of(*descriptor)},
           {"signatures", descriptor->threshold()},
           {"keys", descriptor->key_count()},
           {"key_path", descriptor->has_key_path()},
           {"ranged", descriptor->is_ranged()},
           {"branches", descriptor->branches()},
           {"first_receiving", address_of(network, *descriptor, 0, 0)}};
  out["first_change"] = descriptor->branches() > 1 ? address_of(network, *descriptor, 1, 0) : Json();
  print_thing(settings, out);
  return {};
}

Result<void> derive_addresses(const Settings& settings, const DescriptorPlace& place) {
  const auto descriptor = read_descriptor(place);
  if (!descriptor) return std::unexpected(descriptor.error());
  const auto range = parse_range(place.range);
  if (!range) return std::unexpected(range.error());
  const Network& network = **find_network(place.chain);
  Json list = Json::array();
  for (std::uint32_t index = range->first;; ++index) {
    const auto output = descriptor->derive(place.branch, index);
    if (!output) return std::unexpected(output.error());
    list.push_back({{"branch", place.branch},
                    {"index", index},
                    {"address", address_of(network, *descriptor, place.branch, index)},
                    {"script", to_hex(output->script_pubkey)}});
    if (index == range->last) break;
  }
  print_list(settings, {{"addresses", std::move(list)}}, "addresses",
             {{"BRANCH", "branch"}, {"INDEX", "index"}, {"ADDRESS", "address"}});
  return {};
}

}  // namespace holdfast::cli
