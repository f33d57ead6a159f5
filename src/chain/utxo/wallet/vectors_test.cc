// The standards' own vectors: tests/vectors/utxo, as published.
#include "chain/utxo/wallet/address.h"
#include "chain/utxo/wallet/base58.h"
#include "chain/utxo/wallet/bech32.h"
#include "chain/utxo/wallet/bip32.h"
#include "chain/utxo/wallet/bip39.h"
#include "chain/utxo/wallet/descriptor.h"
#include "chain/utxo/wallet/testing/vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace holdfast::chain::utxo {
namespace {

// The fields of an xprv, read by hand: Holdfast itself never reads or writes one.
void expect_is_xprv(const ExtendedSecretKey& key, const std::string& xprv) {
  const Bytes raw = *base58check_decode(xprv);
  ASSERT_EQ(raw.size(), 78U);
  EXPECT_EQ(key.depth, raw[4]);
  EXPECT_EQ(to_hex(key.parent.view()), to_hex(ByteView(raw).subspan(5, 4)));
  EXPECT_EQ(to_hex(key.chain_code.reveal()), to_hex(ByteView(raw).subspan(13, 32)));
  EXPECT_EQ(to_hex(key.key.reveal()), to_hex(ByteView(raw).subspan(46)));
}

TEST(wallet_vectors, bip32) {
  for (const Json& c : cases("bip32")) {
    const auto master = master_of_seed(secret(c, "seed"));
    ASSERT_TRUE(master);
    const KeyPath path = *parse_path(text(c, "path"));
    const auto key = derive(*master, path);
    ASSERT_TRUE(key) << c;
    expect_is_xprv(*key, text(c, "xprv"));
    const auto xpub = neuter(*key);
    EXPECT_EQ(to_text(*xpub, bitcoin()), text(c, "xpub"));
    EXPECT_EQ(*parse_xpub(text(c, "xpub"), bitcoin()), *xpub);
    if (path.empty() || path.back() >= kHardened) continue;
    const KeyPath above(path.begin(), path.end() - 1);
    EXPECT_EQ(*derive(*neuter(*derive(*master, above)), path.back()), *xpub) << "public derivation";
  }
}

TEST(wallet_vectors, bip32_invalid) {
  for (const Json& c : cases("bip32_invalid")) {
    const auto key = parse_xpub(text(c, "text"), bitcoin());
    ASSERT_FALSE(key) << c;
    EXPECT_EQ(key.error().code, "extended_key_malformed");
  }
}

TEST(wallet_vectors, bip39) {
  for (const Json& c : cases("bip39")) {
    const auto words = words_of_entropy(secret(c, "entropy"));
    ASSERT_TRUE(words);
    EXPECT_EQ(as_text(words->reveal()), text(c, "words"));
    EXPECT_EQ(to_hex(entropy_of_words(*words)->reveal()), text(c, "entropy"));
    const auto seed = seed_of_words(*words, secret_text(text(c, "passphrase")));
    EXPECT_EQ(to_hex(seed->reveal()), text(c, "seed"));
  }
}

TEST(wallet_vectors, base58) {
  for (const Json& c : cases("base58")) {
    EXPECT_EQ(base58_encode(bytes(c, "hex")), text(c, "text"));
    EXPECT_EQ(*base58_decode(text(c, "text")), bytes(c, "hex"));
  }
}

// A character above 0x7f stands in JSON as its code point; the vector means the single byte.
std::string as_single_bytes(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte >= 0xc2 && i + 1 < utf8.size()) {
      out.push_back(static_cast<char>((byte & 3U) << 6U | (static_cast<unsigned char>(utf8[++i]) & 0x3fU)));
    } else {
      out.push_back(utf8[i]);
    }
  }
  return out;
}

TEST(wallet_vectors, bech32) {
  for (const Json& c : cases("bech32")) {
    const std::string given = as_single_bytes(text(c, "text"));
    const auto parts = bech32_decode(given);
    if (text(c, "form") == "none") {
      EXPECT_FALSE(parts) << c;
      continue;
    }
    ASSERT_TRUE(parts) << c;
    EXPECT_EQ(parts->form, text(c, "form") == "bech32" ? Bech32Form::bech32 : Bech32Form::bech32m) << c;
    std::string lower = given;
    std::ranges::transform(lower, lower.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    EXPECT_EQ(bech32_encode(*parts), lower);
  }
}

TEST(wallet_vectors, addresses) {
  for (const Json& c : cases("addresses")) {
    const Network& on = network(text(c, "network"));
    const auto script = script_of_address(on, text(c, "text"));
    if (c.contains("code")) {
      ASSERT_FALSE(script) << c;
      EXPECT_EQ(script.error().code, text(c, "code")) << c;
      continue;
    }
    ASSERT_TRUE(script) << c;
    EXPECT_EQ(to_hex(*script), text(c, "script")) << c;
    EXPECT_EQ(*script_of_address(on, *address_of_script(on, *script)), *script) << c;
  }
}

void expect_scripts(const Descriptor& descriptor, const Json& scripts) {
  EXPECT_EQ(descriptor.is_ranged(), scripts.size() > 1);
  for (std::uint32_t i = 0; i < scripts.size(); ++i) {
    EXPECT_EQ(to_hex(descriptor.derive(0, i)->script_pubkey), scripts[i].get<std::string>()) << descriptor.to_text();
  }
}

// Each branch gives what the descriptor gives that is written out for it.
void expect_expands(const Descriptor& descriptor, const Json& expansions) {
  ASSERT_EQ(descriptor.branches(), expansions.size());
  for (std::uint32_t branch = 0; branch < expansions.size(); ++branch) {
    const auto single = Descriptor::parse(expansions[branch].get<std::string>(), bitcoin());
    ASSERT_TRUE(single);
    for (std::uint32_t i = 0; i < (single->is_ranged() ? 3U : 1U); ++i) {
      EXPECT_EQ(descriptor.derive(branch, i)->script_pubkey, single->derive(0, i)->script_pubkey);
    }
  }
}

TEST(wallet_vectors, descriptors) {
  for (const Json& c : cases("descriptors")) {
    const auto descriptor = Descriptor::parse(text(c, "descriptor"), bitcoin());
    if (c.contains("code")) {
      ASSERT_FALSE(descriptor) << c;
      EXPECT_EQ(descriptor.error().code, text(c, "code")) << c << descriptor.error().text;
      continue;
    }
    ASSERT_TRUE(descriptor) << c << descriptor.error().text;
    if (c.contains("scripts")) expect_scripts(*descriptor, c["scripts"]);
    if (c.contains("expands")) expect_expands(*descriptor, c["expands"]);
    if (c.contains("witness_script")) {
      EXPECT_EQ(to_hex(descriptor->derive(0, 0)->witness_script), text(c, "witness_script"));
    }
    const auto again = Descriptor::parse(descriptor->to_text(), bitcoin());
    ASSERT_TRUE(again) << descriptor->to_text();
    EXPECT_EQ(again->to_text(), descriptor->to_text());
    EXPECT_EQ(again->derive(0, 0)->script_pubkey, descriptor->derive(0, 0)->script_pubkey);
  }
}

}  // namespace
}  // namespace holdfast::chain::utxo
