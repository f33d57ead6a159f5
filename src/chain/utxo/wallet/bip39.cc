#include "chain/utxo/wallet/bip39.h"

#include "base/check.h"
#include "chain/utxo/codec/hash.h"
#include "chain/utxo/wallet/bip39_words.h"

#include <botan/pwdhash.h>

#include <algorithm>
#include <array>
#include <string>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kWordBits = 11;
constexpr std::size_t kMinEntropy = 16;
constexpr std::size_t kMaxEntropy = 32;
constexpr std::size_t kMaxCount = 24;
constexpr std::size_t kSeedBytes = 64;
constexpr std::size_t kRounds = 2048;
constexpr std::string_view kSaltFront = "mnemonic";

// The numbers of the words; they are as secret as the words.
struct Indices {
  std::array<std::uint16_t, kMaxCount> at{};
  std::size_t count = 0;
  Indices() = default;
  Indices(const Indices&) = default;
  Indices& operator=(const Indices&) = delete;
  ~Indices() { wipe(at.data(), sizeof at); }
};

bool has_bit(ByteView bytes, std::size_t bit) {
  const unsigned byte = bytes[bit / 8];
  return (byte >> (7 - bit % 8) & 1U) != 0;
}

// Entropy and, behind it, the first byte of its SHA-256: the checksum is the first 4 to 8 bits of that.
Secret with_checksum(ByteView entropy) {
  Secret out(entropy.size() + 1);
  std::ranges::copy(entropy, out.mutable_data());
  Hash32 hash = sha256(entropy);
  out.mutable_data()[entropy.size()] = hash.bytes[0];
  wipe(hash.bytes.data(), Hash32::kSize);
  return out;
}

Indices indices_of_entropy(ByteView entropy) {
  const Secret bits = with_checksum(entropy);
  Indices out;
  out.count = entropy.size() * 3 / 4;  // 33 bits for 32 of entropy, 11 a word.
  for (std::size_t bit = 0; bit < out.count * kWordBits; ++bit) {
    std::uint16_t& index = out.at[bit / kWordBits];
    const unsigned twice = index * 2U;
    index = static_cast<std::uint16_t>(twice | (has_bit(bits.reveal(), bit) ? 1U : 0U));
  }
  return out;
}

Failure malformed(std::string why) { return refuse("words_malformed", std::move(why)); }

Result<Indices> indices_of_words(std::string_view text) {
  Indices out;
  for (;;) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (out.count == kMaxCount) return malformed("more than 24 words");
    const auto& list = bip39_words();
    const auto found = std::ranges::lower_bound(list, word);
    if (found == list.end() || *found != word) {
      return malformed("word " + std::to_string(out.count + 1) + " is not in the list");
    }
    out.at[out.count++] = static_cast<std::uint16_t>(found - list.begin());
  }
  if (out.count < 12 || out.count % 3 != 0) return malformed("there are 12, 15, 18, 21 or 24 words");
  return out;
}

}  // namespace

Result<Secret> words_of_entropy(const Secret& entropy) {
  const std::size_t size = entropy.size();
  if (size < kMinEntropy || size > kMaxEntropy || size % 4 != 0) {
    return refuse("entropy_invalid", "entropy has 16, 20, 24, 28 or 32 bytes");
  }
  const Indices indices = indices_of_entropy(entropy.reveal());
  std::size_t length = indices.count - 1;
  for (std::size_t i = 0; i < indices.count; ++i) length += bip39_words()[indices.at[i]].size();
  Secret out(length);
  std::uint8_t* end = out.mutable_data();
  for (std::size_t i = 0; i < indices.count; ++i) {
    if (i > 0) *end++ = ' ';
    end = std::ranges::copy(bip39_words()[indices.at[i]], end).out;
  }
  return out;
}

Result<Secret> entropy_of_words(const Secret& words) {
  const auto indices = indices_of_words(as_text(words.reveal()));
  if (!indices) return Failure(indices.error());
  Secret entropy(indices->count * 4 / 3);
  for (std::size_t bit = 0; bit < entropy.size() * 8; ++bit) {
    const unsigned index = indices->at[bit / kWordBits];
    const unsigned value = index >> (kWordBits - 1 - bit % kWordBits) & 1U;
    entropy.mutable_data()[bit / 8] |= static_cast<std::uint8_t>(value << (7 - bit % 8));
  }
  if (indices_of_entropy(entropy.reveal()).at != indices->at) {
    return refuse("words_checksum", "the words do not fit together: one is wrong, or their order");
  }
  return entropy;
}

Result<Secret> seed_of_words(const Secret& words, const Secret& passphrase) {
  const auto is_ascii = [](std::uint8_t byte) { return byte < 0x80; };
  if (!std::ranges::all_of(passphrase.reveal(), is_ascii)) {
    return refuse("passphrase_not_ascii", "a passphrase may have ASCII characters only");
  }
  const auto entropy = entropy_of_words(words);
  if (!entropy) return Failure(entropy.error());
  const auto tidy = words_of_entropy(*entropy);  // One blank between words: blanks count for the seed.
  if (!tidy) return Failure(tidy.error());
  Secret salt(kSaltFront.size() + passphrase.size());
  std::ranges::copy(passphrase.reveal(), std::ranges::copy(kSaltFront, salt.mutable_data()).out);
  const auto family = Botan::PasswordHashFamily::create("PBKDF2(SHA-512)");
  HF_CHECK(family != nullptr);
  Secret seed(kSeedBytes);
  family->from_params(kRounds)->derive_key(seed.mutable_data(), seed.size(),
                                           reinterpret_cast<const char*>(tidy->reveal().data()), tidy->size(),
                                           salt.reveal().data(), salt.size());
  return seed;
}

}  // namespace holdfast::chain::utxo
