// ECDSA as the network takes it, Schnorr as BIP 340 says, and tweaked keys.
#include "chain/utxo/codec/signature.h"

#include "chain/utxo/codec/testing/vectors.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace holdfast::chain::utxo {
namespace {

Secret test_key(std::string_view name) { return Secret::copy_of(sha256(as_bytes(name)).view()); }
Secret number(std::uint8_t value) {
  Secret out(32);
  out.mutable_data()[31] = value;
  return out;
}
const char* const kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

TEST(signature, ecdsa_is_deterministic_short_and_verified) {
  std::size_t ground = 0;
  for (int i = 0; i < 200; ++i) {
    const Secret key = test_key("key " + std::to_string(i));
    const Hash32 digest = sha256(as_bytes("message " + std::to_string(i)));
    const Bytes der = *sign_ecdsa(key, digest);
    EXPECT_LE(der.size(), 70U);  // r and s of 32 bytes at most: low both.
    EXPECT_EQ(der, *sign_ecdsa(key, digest));
    const PublicKey33 public_key = *public_key_of(key);
    EXPECT_TRUE(verify_ecdsa(public_key, digest, der));
    EXPECT_FALSE(verify_ecdsa(public_key, sha256(digest.view()), der));
    EXPECT_FALSE(verify_ecdsa(*public_key_of(test_key("other")), digest, der));
    ground += der[3] < 32;
  }
  EXPECT_LT(ground, 20U);
}

// RFC 6979 with a low r at the first try: known from Bitcoin's early implementations.
TEST(signature, ecdsa_known_answer) {
  const Bytes der = *sign_ecdsa(number(1), sha256(as_bytes("Satoshi Nakamoto")));
  const std::string expected =
      "3045022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
      "02202442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5";
  EXPECT_NE(to_hex(der), expected);  // Its r is high: ours is ground to a low one.
  EXPECT_TRUE(verify_ecdsa(*public_key_of(number(1)), sha256(as_bytes("Satoshi Nakamoto")), *from_hex(expected)));
}

// BIP 66: one form for each pair of numbers. `good` is 30 44 02 20 r 02 20 s.
TEST(signature, der_edge_cases) {
  const Secret key = test_key("der");
  const PublicKey33 public_key = *public_key_of(key);
  Hash32 digest = sha256(as_bytes("der"));
  Bytes good = *sign_ecdsa(key, digest);
  while (good.size() != 70) good = *sign_ecdsa(key, digest = sha256(digest.view()));
  const std::string r = to_hex(ByteView(good).subspan(4, 32)), s = to_hex(ByteView(good).subspan(38, 32));
  const auto verify = [&](const std::string& hex) { return verify_ecdsa(public_key, digest, *from_hex(hex)); };
  ASSERT_TRUE(verify("30440220" + r + "0220" + s));
  const std::string bad[] = {
      "",
      "30",
      "3000",
      "31440220" + r + "0220" + s,                // Not a sequence.
      "30430220" + r + "0220" + s,                // Its length a byte short,
      "30450220" + r + "0220" + s,                // a byte long,
      "3081440220" + r + "0220" + s,              // in the long form,
      "308200440220" + r + "0220" + s,
      "30800220" + r + "0220" + s + "0000",       // or not said.
      "30450220" + r + "0220" + s + "01",         // Bytes within it behind s,
      "30440220" + r + "0220" + s + "01",         // and behind it: a sighash byte, say.
      "3045022100" + r + "0220" + s,              // r with a zero in front of it that it does not need,
      "30450220" + r + "022100" + s,              // and s.
      "304502812" "0" + r + "0220" + s,           // A number's length in the long form.
      "30440320" + r + "0220" + s,                // Not an integer.
      "30440220" + r + "0320" + s,
      "30440221" + r + "0220" + s,
      "30440220" + r + "0221" + s,
      "30240200" "0220" + s,                      // An empty r,
      "30240220" + r + "0200",                    // and s.
      "3025020100" "0220" + s,                    // Zero.
      "30250220" + r + "020100",
      "304402208" + r.substr(1) + "0220" + s,     // Negative.
      "30440220" + r + "02208" + s.substr(1),
      "30220220" + r,                             // No s.
      "3045022100" + std::string(kOrder) + "0220" + s,  // Over the order.
  };
  for (const std::string& hex : bad) EXPECT_FALSE(verify(hex)) << hex;
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(verify_ecdsa(public_key, digest, ByteView(good).first(size))) << size;
  }
  EXPECT_FALSE(verify_ecdsa(public_key, digest, Bytes(1000, 0x30)));
  EXPECT_FALSE(verify_ecdsa(PublicKey33{}, digest, good));
}

TEST(signature, a_high_s_is_refused) {
  // The signatures of BIP 143's "No FindAndDelete" have one; the network's consensus takes it, its pool does not.
  const Hash32 digest = *fixed_from_hex<32>("71c9cd9b2869b9c70b01b1f0360c148f42dee72297db312638df136f43311f23");
  const auto key = *fixed_from_hex<33>("02a9781d66b61fb5a7ef00ac5ad5bc6ffc78be7b44a566e3c87870e1079368df4c");
  const Bytes high = *from_hex(
      "30450220487fb382c4974de3f7d834c1b617fe15860828c7f96454490edd6d891556dcc9"
      "022100baf95feb48f845d5bfc9882eb6aeefa1bc3790e39f59eaa46ff7f15ae626c53e");
  EXPECT_FALSE(verify_ecdsa(key, digest, high));
  const Bytes low = *from_hex(
      "30440220487fb382c4974de3f7d834c1b617fe15860828c7f96454490edd6d891556dcc9"
      "02204506a014b707ba2a403677d14951105cfe774c030feeb5974fda6d31ea0f7c03");
  EXPECT_TRUE(verify_ecdsa(key, digest, low));
}

TEST(signature, bip340) {
  std::ifstream file("tests/vectors/utxo/bip340.csv");
  std::string line;
  std::getline(file, line);
  std::size_t signed_ones = 0, checked = 0;
  while (std::getline(file, line)) {
    std::vector<std::string> field;
    std::istringstream fields(line);
    for (std::string one; std::getline(fields, one, ',');) field.push_back(one);
    ASSERT_GE(field.size(), 7U);
    const XOnlyKey key = *fixed_from_hex<32>(field[2]);
    const Hash32 message = *fixed_from_hex<32>(field[4]);
    const auto signature = *fixed_from_hex<64>(field[5]);
    EXPECT_EQ(verify_schnorr(key, message, signature), field[6] == "TRUE") << line;
    ++checked;
    if (field[1].empty()) continue;
    const Secret secret_key = Secret::copy_of(*from_hex(field[1]));
    EXPECT_EQ(x_only(*public_key_of(secret_key)), key);
    const auto ours = *sign_schnorr(secret_key, message);
    EXPECT_TRUE(verify_schnorr(key, message, ours));
    const bool no_randomness = field[3] == std::string(64, '0');
    EXPECT_EQ(ours == signature, no_randomness) << line;
    signed_ones += no_randomness;
  }
  EXPECT_EQ(checked, 15U);
  EXPECT_EQ(signed_ones, 1U);
}

TEST(signature, keys_that_are_none) {
  const Hash32 digest = sha256(as_bytes("x"));
  Secret order = Secret::copy_of(*from_hex(kOrder));
  Secret zero(32), long_one(33), none;
  for (const Secret* key : {&order, &zero, &long_one, &none}) {
    EXPECT_EQ(outcome(sign_ecdsa(*key, digest)), "key_invalid");
    EXPECT_EQ(outcome(sign_schnorr(*key, digest)), "key_invalid");
    EXPECT_EQ(outcome(taproot_tweaked_secret(*key, std::nullopt)), "key_invalid");
    EXPECT_EQ(outcome(public_key_of(*key)), "key_invalid");
    EXPECT_EQ(outcome(add_tweak(*key, test_key("tweak"))), "key_invalid");
  }
  PublicKey33 key = *public_key_of(number(1));
  EXPECT_TRUE(is_valid(key));
  EXPECT_TRUE(is_valid(x_only(key)));
  key.bytes[0] = 0x04;
  EXPECT_FALSE(is_valid(key));
  EXPECT_EQ(outcome(add_tweak(key, digest)), "key_invalid");
  EXPECT_FALSE(is_valid(*fixed_from_hex<32>("eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34")));
  EXPECT_FALSE(is_valid(XOnlyKey{}));
  EXPECT_FALSE(is_valid(XOnlyKey::from(Bytes(32, 0xff))));
}

TEST(signature, tweaks_of_both_kinds_of_key_agree) {
  for (int i = 0; i < 50; ++i) {
    const Secret key = test_key("key " + std::to_string(i)), tweak = test_key("tweak " + std::to_string(i));
    const Hash32 number_of_tweak = Hash32::from(tweak.reveal());
    EXPECT_EQ(*public_key_of(*add_tweak(key, tweak)), *add_tweak(*public_key_of(key), number_of_tweak));
    const std::optional<Hash32> root = i % 2 == 0 ? std::optional<Hash32>() : number_of_tweak;
    const auto output = *taproot_output(x_only(*public_key_of(key)), root);
    EXPECT_EQ(x_only(*public_key_of(*taproot_tweaked_secret(key, root))), output.key);
    EXPECT_TRUE(verify_schnorr(output.key, number_of_tweak, *sign_schnorr(*taproot_tweaked_secret(key, root), number_of_tweak)));
  }
}

TEST(signature, tweaks_to_no_key) {
  Secret minus_one = Secret::copy_of(*from_hex(kOrder));
  minus_one.mutable_data()[31] -= 1;
  EXPECT_EQ(outcome(add_tweak(number(1), minus_one)), "key_invalid");  // Zero.
  EXPECT_EQ(outcome(add_tweak(*public_key_of(number(1)), Hash32::from(minus_one.reveal()))), "key_invalid");
  const Secret order = Secret::copy_of(*from_hex(kOrder));
  EXPECT_EQ(outcome(add_tweak(number(1), order)), "key_invalid");
  EXPECT_EQ(outcome(add_tweak(*public_key_of(number(1)), Hash32::from(order.reveal()))), "key_invalid");
  EXPECT_EQ(outcome(add_tweak(number(1), Secret(31))), "key_invalid");
  EXPECT_TRUE(add_tweak(number(1), number(2))->equals_in_constant_time(number(3)));
}

}  // namespace
}  // namespace holdfast::chain::utxo
