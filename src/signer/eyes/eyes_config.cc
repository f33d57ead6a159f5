#include "signer/eyes/eyes_config.h"

#include <algorithm>

namespace holdfast::signer {
namespace {

using config::TomlReader;

constexpr std::uint64_t kMaxDepth = 100'000;
constexpr std::uint64_t kMaxBehindSeconds = 24 * 60 * 60;
constexpr std::uint64_t kMinPauseMs = 10;
constexpr std::uint64_t kMaxPauseMs = 60'000;
constexpr std::string_view kCoins = "bip122:";
constexpr std::string_view kAccounts = "eip155:";

void read_evm(TomlReader& in, NodeSettings& out) {
  if (in.has("depth")) out.depth = static_cast<std::uint32_t>(in.number("depth", 1, kMaxDepth));
  if (in.has("trace")) {
    const std::string trace = in.text("trace");
    if (trace != "yes" && trace != "no") in.reject("trace", "has to be \"yes\" or \"no\"");
    out.trace = trace == "yes";
  }
  if (in.has("implementation")) out.implementation = in.address("implementation");
}

void read_coins(TomlReader& in, const std::filesystem::path& folder, NodeSettings& out) {
  out.depth = static_cast<std::uint32_t>(in.number("depth", 1, kMaxDepth));
  if (in.has("cookie")) out.cookie = (folder / in.text("cookie")).lexically_normal().string();
}

NodeSettings read_node(const std::string& caip2, TomlReader& in, const std::filesystem::path& folder) {
  const bool coins = caip2.starts_with(kCoins);
  NodeSettings out;
  out.chain = caip2;
  out.max_behind_ms = coins ? kCoinMaxBehindMs : kEvmMaxBehindMs;
  if (!coins && !caip2.starts_with(kAccounts)) in.reject("", "is no chain that Holdfast knows: \"eip155:1\"");
  out.url = in.text("url");
  if (!out.url.starts_with("http://")) in.reject("url", "has to be http://HOST:PORT");
  if (in.has("max_behind_seconds")) {
    out.max_behind_ms = static_cast<std::int64_t>(in.number("max_behind_seconds", 1, kMaxBehindSeconds)) * kMsPerSecond;
  }
  if (in.has("pause_ms")) out.pause_ms = static_cast<std::int64_t>(in.number("pause_ms", kMinPauseMs, kMaxPauseMs));
  if (coins)
    read_coins(in, folder, out);
  else
    read_evm(in, out);
  return out;
}

}  // namespace

std::vector<NodeSettings> read_nodes(TomlReader& in, const std::filesystem::path& folder) {
  std::vector<NodeSettings> out;
  in.each_member("nodes", [&](const std::string& caip2, TomlReader& node) { out.push_back(read_node(caip2, node, folder)); });
  return out;
}

const NodeSettings* node_of(const std::vector<NodeSettings>& nodes, std::string_view caip2) {
  const auto found = std::ranges::find(nodes, caip2, &NodeSettings::chain);
  return found == nodes.end() ? nullptr : &*found;
}

}  // namespace holdfast::signer
