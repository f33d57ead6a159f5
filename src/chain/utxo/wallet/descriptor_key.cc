#include "chain/utxo/wallet/descriptor_key.h"

#include "base/check.h"
#include "base/hex.h"
#include "chain/utxo/wallet/base58.h"

#include <algorithm>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kFingerprintDigits = 8;
constexpr std::size_t kXOnlyDigits = 64;
constexpr std::size_t kCompressedDigits = 66;
constexpr std::size_t kUncompressedDigits = 130;
constexpr std::uint8_t kEven = 0x02;

Failure malformed(std::string why) { return refuse("descriptor_malformed", std::move(why)); }

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

// WIF or xprv, of whatever network.
bool is_private(std::string_view key) {
  if (key.size() > 3 && key.substr(1).starts_with("prv")) return true;
  const auto payload = base58check_decode(key);
  if (!payload || payload->empty() || (payload->size() != 33 && payload->size() != 34)) return false;
  return std::ranges::any_of(networks(), [&](const Network& n) { return (*payload)[0] == n.wif; });
}

struct Origin {
  Fingerprint master;
  KeyPath path;
};

// Takes the brackets off the front of `text`, if there are any.
Result<std::optional<Origin>> take_origin(std::string_view& text) {
  if (!text.starts_with('[')) return std::optional<Origin>();
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return malformed("a key's origin has no end");
  const std::string_view inside = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  const std::string_view fingerprint = inside.substr(0, inside.find('/'));
  if (fingerprint.size() != kFingerprintDigits || !is_hex(fingerprint)) {
    return malformed("a key's origin begins with a fingerprint of 8 hexadecimal digits");
  }
  Origin origin{*fixed_from_hex<Fingerprint::kSize>(fingerprint), {}};
  if (fingerprint.size() < inside.size()) {
    const std::string_view steps = inside.substr(fingerprint.size() + 1);
    auto path = parse_path(steps);
    if (!path || path->empty() || steps.starts_with('m')) return malformed("the path of a key's origin");
    origin.path = std::move(*path);
  }
  return std::optional(std::move(origin));
}

// What follows an xpub: the steps before the tuple, the tuple, the steps behind it.
struct Steps {
  KeyPath before;
  std::vector<std::uint32_t> tuple;
  KeyPath after;
  bool ranged = false;
};

Result<std::uint32_t> parse_step(std::string_view text) {
  const auto path = parse_path(text);
  if (!path || path->size() != 1) return malformed("a step of a key's path");
  if (path->front() >= kHardened) return refuse("descriptor_unsupported", "a hardened step behind an xpub needs its private key");
  return path->front();
}

Result<std::vector<std::uint32_t>> parse_tuple(std::string_view text) {
  if (!text.ends_with('>')) return malformed("a tuple has no end");
  text.remove_suffix(1);
  text.remove_prefix(1);
  std::vector<std::uint32_t> values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    const auto value = parse_step(text.substr(begin, end - begin));
    if (!value) return Failure(value.error());
    if (std::ranges::find(values, *value) != values.end()) return malformed("a number twice in a tuple");
    if (values.size() == kMaxBranches) return refuse("descriptor_unsupported", "more than 8 branches");
    values.push_back(*value);
    begin = end + 1;
  }
  if (values.size() < 2) return malformed("a tuple has two numbers at least");
  return values;
}

// `text` is empty or begins with '/'.
Result<Steps> parse_steps(std::string_view text) {
  Steps steps;
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == kMaxStepsOfKey) return refuse("descriptor_unsupported", "more than 16 steps behind an xpub");
    text.remove_prefix(1);
    const std::string_view step = text.substr(0, text.find('/'));
    text.remove_prefix(step.size());
    if (step == "*") {
      if (!text.empty()) return malformed("/* is the end of a key");
      steps.ranged = true;
    } else if (step == "*h" || step == "*'") {
      return refuse("descriptor_unsupported", "hardened children of an xpub need its private key");
    } else if (step.starts_with('<')) {
      if (!steps.tuple.empty()) return malformed("two tuples in one key");
      auto tuple = parse_tuple(step);
      if (!tuple) return Failure(tuple.error());
      steps.tuple = std::move(*tuple);
    } else {
      const auto value = parse_step(step);
      if (!value) return Failure(value.error());
      (steps.tuple.empty() ? steps.before : steps.after).push_back(*value);
    }
  }
  return steps;
}

std::string with_slash(const KeyPath& path) { return path.empty() ? "" : "/" + to_text(path); }

std::string canonical(const std::optional<Origin>& origin) {
  if (!origin) return "";
  return "[" + to_hex(origin->master.view()) + with_slash(origin->path) + "]";
}

std::string canonical(const Steps& steps) {
  std::string text = with_slash(steps.before);
  for (std::size_t i = 0; i < steps.tuple.size(); ++i) {
    text += (i == 0 ? "/<" : ";") + std::to_string(steps.tuple[i]);
  }
  if (!steps.tuple.empty()) text += '>';
  return text + with_slash(steps.after) + (steps.ranged ? "/*" : "");
}

PublicKey33 even_point(const XOnlyKey& key) {
  PublicKey33 point;
  point.bytes[0] = kEven;
  std::ranges::copy(key.bytes, point.bytes.begin() + 1);
  return point;
}

Result<DescriptorKey> parse_hex_key(std::string_view text, KeyPlace place, const std::optional<Origin>& origin) {
  if (text.size() == kUncompressedDigits) return refuse("descriptor_unsupported", "uncompressed public keys");
  PublicKey33 point;
  if (text.size() == kCompressedDigits) {
    point = *fixed_from_hex<PublicKey33::kSize>(text);
  } else if (text.size() == kXOnlyDigits && place == KeyPlace::taproot) {
    point = even_point(*fixed_from_hex<XOnlyKey::kSize>(text));
  } else {
    return malformed("a public key has 66 hexadecimal digits, or 64 in Taproot");
  }
  if (!is_valid(point)) return refuse("key_invalid", "a public key that is no point of the curve");
  DescriptorKey key;
  const std::string digits = to_hex(point.view());
  key.text = canonical(origin) + (text.size() == kXOnlyDigits ? digits.substr(2) : digits);
  key.master = origin ? origin->master : fingerprint_of(point);
  key.unspendable = x_only(point) == unspendable_internal_key();
  key.parents.emplace_back().key = point;
  key.paths.push_back(origin ? origin->path : KeyPath());
  return key;
}

Result<DescriptorKey> parse_extended_key(std::string_view text, const std::optional<Origin>& origin, const Network& network) {
  const std::string_view base58 = text.substr(0, text.find('/'));
  const auto root = parse_xpub(base58, network);
  if (!root) return Failure(root.error());
  const auto steps = parse_steps(text.substr(base58.size()));
  if (!steps) return Failure(steps.error());
  DescriptorKey key;
  key.text = canonical(origin) + std::string(base58) + canonical(*steps);
  key.master = origin ? origin->master : fingerprint_of(root->key);
  key.extended = true;
  key.ranged = steps->ranged;
  key.unspendable = x_only(root->key) == unspendable_internal_key();
  const std::size_t branches = std::max<std::size_t>(1, steps->tuple.size());
  for (std::size_t branch = 0; branch < branches; ++branch) {
    KeyPath path = steps->before;
    if (!steps->tuple.empty()) path.push_back(steps->tuple[branch]);
    path.insert(path.end(), steps->after.begin(), steps->after.end());
    const auto parent = derive(*root, path);
    if (!parent) return Failure(parent.error());
    key.parents.push_back(*parent);
    if (origin) path.insert(path.begin(), origin->path.begin(), origin->path.end());
    key.paths.push_back(std::move(path));
  }
  return key;
}

}  // namespace

Result<KeyOrigin> DescriptorKey::derive(std::uint32_t branch, std::uint32_t index) const {
  const std::size_t at = branches() == 1 ? 0 : branch;
  HF_CHECK(at < branches());
  KeyOrigin out{master, paths[at], parents[at].key};
  if (!ranged) return out;
  const auto child = utxo::derive(parents[at], index);
  if (!child) return Failure(child.error());
  out.path.push_back(index);
  out.key = child->key;
  return out;
}

Result<DescriptorKey> parse_key(std::string_view text, KeyPlace place, const Network& network) {
  if (text.starts_with("musig(")) return refuse("descriptor_unsupported", "musig()");
  const auto origin = take_origin(text);
  if (!origin) return Failure(origin.error());
  if (text.empty()) return malformed("a key is missing");
  if (is_private(text.substr(0, text.find('/')))) {
    return refuse("descriptor_private", "a private key in a descriptor: who has seen it can spend with it");
  }
  if (is_hex(text)) return parse_hex_key(text, place, *origin);
  return parse_extended_key(text, *origin, network);
}

}  // namespace holdfast::chain::utxo
