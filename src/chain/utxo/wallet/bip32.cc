#include "chain/utxo/wallet/bip32.h"

#include "base/check.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/wallet/base58.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kHalf = 32;
constexpr std::size_t kMinSeed = 16;
constexpr std::size_t kMaxSeed = 64;
constexpr std::size_t kSerialized = 78;
constexpr std::size_t kMaxSteps = 255;  // A depth is one byte.
constexpr std::string_view kMasterKey = "Bitcoin seed";

// Precondition: `out` has 64 bytes.
void hmac_sha512(ByteView key, std::initializer_list<ByteView> parts, std::uint8_t* out) {
  crypto_auth_hmacsha512_state state;
  crypto_auth_hmacsha512_init(&state, key.data(), key.size());
  for (const ByteView part : parts) crypto_auth_hmacsha512_update(&state, part.data(), part.size());
  crypto_auth_hmacsha512_final(&state, out);
  wipe(&state, sizeof state);
}

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
          static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

std::uint32_t from_big_endian(ByteView bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

Failure too_deep() { return refuse("key_invalid", "a key 255 steps below its master has no children"); }

std::optional<std::uint32_t> parse_step(std::string_view text) {
  const bool hardened = text.ends_with('h') || text.ends_with('\'');
  if (hardened) text.remove_suffix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > 10 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
  if (value >= kHardened) return std::nullopt;
  return static_cast<std::uint32_t>(value) | (hardened ? kHardened : 0);
}

Failure extended_key_malformed(const char* why) { return refuse("extended_key_malformed", why); }

// What the first four bytes say, when they are not those of this network's public keys.
Failure wrong_version(std::uint32_t version) {
  for (const Network& other : networks()) {
    if (version == other.xprv) return extended_key_malformed("this is a private key; who has seen it can spend with it");
    if (version == other.xpub) return refuse("extended_key_of_another_network", "this is a key of " + std::string(other.name));
  }
  return extended_key_malformed("not an xpub (a ypub, zpub or the like says no more: write it as xpub)");
}

}  // namespace

Result<KeyPath> parse_path(std::string_view text) {
  KeyPath path;
  if (text.empty() || text == "m") return path;
  if (text.starts_with("m/")) text.remove_prefix(2);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const auto step = parse_step(text.substr(begin, end - begin));
    if (!step) return refuse("path_malformed", "a step is a number below 2^31, with h or ' behind it when it is hardened");
    if (path.size() == kMaxSteps) return refuse("path_malformed", "more than 255 steps");
    path.push_back(*step);
    begin = end + 1;
  }
  return path;
}

std::string to_text(const KeyPath& path) {
  std::string text;
  for (const std::uint32_t step : path) {
    if (!text.empty()) text += '/';
    text += std::to_string(step & ~kHardened);
    if (step >= kHardened) text += 'h';
  }
  return text;
}

Fingerprint fingerprint_of(const PublicKey33& key) {
  return Fingerprint::from(hash160(key.view()).view().first(Fingerprint::kSize));
}

Result<ExtendedPublicKey> derive(const ExtendedPublicKey& parent, std::uint32_t index) {
  if (index >= kHardened) return refuse("key_invalid", "a hardened child needs the private key");
  if (parent.depth == kMaxSteps) return too_deep();
  std::array<std::uint8_t, 2 * kHalf> made{};
  hmac_sha512(parent.chain_code.view(), {parent.key.view(), big_endian(index)}, made.data());
  const auto key = add_tweak(parent.key, Hash32::from(ByteView(made).first(kHalf)));
  if (!key) return Failure(key.error());
  return ExtendedPublicKey{.depth = static_cast<std::uint8_t>(parent.depth + 1),
                           .parent = fingerprint_of(parent.key),
                           .child = index,
                           .chain_code = FixedBytes<32>::from(ByteView(made).subspan(kHalf)),
                           .key = *key};
}

Result<ExtendedPublicKey> derive(const ExtendedPublicKey& parent, const KeyPath& path) {
  Result<ExtendedPublicKey> key = parent;
  for (const std::uint32_t step : path) {
    key = derive(*key, step);
    if (!key) return key;
  }
  return key;
}

std::string to_text(const ExtendedPublicKey& key, const Network& network) {
  Bytes raw;
  raw.reserve(kSerialized);
  const auto append = [&raw](ByteView bytes) { raw.insert(raw.end(), bytes.begin(), bytes.end()); };
  append(big_endian(network.xpub));
  raw.push_back(key.depth);
  append(key.parent.view());
  append(big_endian(key.child));
  append(key.chain_code.view());
  append(key.key.view());
  return base58check_encode(raw);
}

Result<ExtendedPublicKey> parse_xpub(std::string_view text, const Network& network) {
  const auto raw = base58check_decode(text);
  if (!raw) return refuse("extended_key_malformed", raw.error().text);
  if (raw->size() != kSerialized) return extended_key_malformed("an extended key has 78 bytes");
  const ByteView bytes(*raw);
  const std::uint32_t version = from_big_endian(bytes.first(4));
  if (version != network.xpub) return wrong_version(version);
  const ExtendedPublicKey key{.depth = bytes[4],
                              .parent = Fingerprint::from(bytes.subspan(5, 4)),
                              .child = from_big_endian(bytes.subspan(9, 4)),
                              .chain_code = FixedBytes<32>::from(bytes.subspan(13, kHalf)),
                              .key = PublicKey33::from(bytes.subspan(45))};
  if (key.depth == 0 && (!key.parent.is_zero() || key.child != 0)) {
    return extended_key_malformed("a master key has neither parent nor number");
  }
  if (!is_valid(key.key)) return extended_key_malformed("the public key in it is no point of the curve");
  return key;
}

Result<ExtendedSecretKey> master_of_seed(const Secret& seed) {
  if (seed.size() < kMinSeed || seed.size() > kMaxSeed) return refuse("seed_invalid", "a seed has 16 to 64 bytes");
  Secret made(2 * kHalf);
  hmac_sha512(as_bytes(kMasterKey), {seed.reveal()}, made.mutable_data());
  ExtendedSecretKey out;
  out.key = Secret::copy_of(made.reveal().first(kHalf));
  out.chain_code = Secret::copy_of(made.reveal().subspan(kHalf));
  if (!public_key_of(out.key)) return refuse("seed_invalid", "this seed makes no key");
  return out;
}

Result<ExtendedSecretKey> derive(const ExtendedSecretKey& parent, std::uint32_t index) {
  if (parent.depth == kMaxSteps) return too_deep();
  const auto point = public_key_of(parent.key);
  if (!point) return Failure(point.error());
  constexpr std::array<std::uint8_t, 1> kPadding{0};
  Secret made(2 * kHalf);
  if (index >= kHardened) {
    hmac_sha512(parent.chain_code.reveal(), {kPadding, parent.key.reveal(), big_endian(index)}, made.mutable_data());
  } else {
    hmac_sha512(parent.chain_code.reveal(), {point->view(), big_endian(index)}, made.mutable_data());
  }
  auto key = add_tweak(parent.key, Secret::copy_of(made.reveal().first(kHalf)));
  if (!key) return Failure(key.error());
  ExtendedSecretKey out;
  out.depth = static_cast<std::uint8_t>(parent.depth + 1);
  out.parent = fingerprint_of(*point);
  out.child = index;
  out.chain_code = Secret::copy_of(made.reveal().subspan(kHalf));
  out.key = std::move(*key);
  return out;
}

Result<ExtendedSecretKey> derive(const ExtendedSecretKey& parent, const KeyPath& path) {
  ExtendedSecretKey key{parent.depth, parent.parent, parent.child, Secret::copy_of(parent.chain_code.reveal()),
                        Secret::copy_of(parent.key.reveal())};
  for (const std::uint32_t step : path) {
    auto next = derive(key, step);
    if (!next) return next;
    key = std::move(*next);
  }
  return key;
}

Result<ExtendedPublicKey> neuter(const ExtendedSecretKey& key) {
  const auto point = public_key_of(key.key);
  if (!point) return Failure(point.error());
  HF_CHECK(key.chain_code.size() == kHalf);
  return ExtendedPublicKey{.depth = key.depth,
                           .parent = key.parent,
                           .child = key.child,
                           .chain_code = FixedBytes<32>::from(key.chain_code.reveal()),
                           .key = *point};
}

}  // namespace holdfast::chain::utxo
