#include "chain/utxo/wallet/bip32.h"

#include "chain/utxo/wallet/base58.h"
#include "chain/utxo/wallet/testing/vectors.h"

namespace holdfast::chain::utxo {
namespace {

constexpr std::string_view kXpub =
    "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";

Secret seed(std::size_t size) {
  Secret out(size);
  for (std::size_t i = 0; i < size; ++i) out.mutable_data()[i] = static_cast<std::uint8_t>(i + 1);
  return out;
}

TEST(bip32, paths) {
  EXPECT_EQ(*parse_path("48'/1h/0"), (KeyPath{48 | kHardened, 1 | kHardened, 0}));
  EXPECT_EQ(*parse_path("m/48'/1h/0"), *parse_path("48h/1'/0"));
  EXPECT_EQ(*parse_path("m"), KeyPath{});
  EXPECT_EQ(*parse_path(""), KeyPath{});
  EXPECT_EQ(*parse_path("2147483647h"), KeyPath{0xffffffff});
  EXPECT_EQ(to_text(*parse_path("m/48'/1h/0")), "48h/1h/0");
  EXPECT_EQ(to_text(KeyPath{}), "");
  std::string longest = "0";
  for (int i = 1; i < 255; ++i) longest += "/0";
  EXPECT_EQ(parse_path(longest)->size(), 255U);
  const std::vector<std::string> texts{"/", "m/", "0/", "/0", "0//0", "2147483648", "99999999999", "-1", "+1", "1H", "1hh",
                                       "h", "*", "0x1", " 1", "n/0", longest + "/0"};
  for (const std::string& wrong : texts) {
    const auto path = parse_path(wrong);
    ASSERT_FALSE(path) << wrong;
    EXPECT_EQ(path.error().code, "path_malformed");
  }
}

TEST(bip32, seeds) {
  for (std::size_t size = 0; size <= 70; ++size) {
    const auto master = master_of_seed(seed(size));
    ASSERT_EQ(master.has_value(), size >= 16 && size <= 64) << size;
    if (!master) {
      EXPECT_EQ(master.error().code, "seed_invalid");
    }
  }
}

TEST(bip32, keys_of_other_networks) {
  const auto key = parse_xpub(kXpub, bitcoin());
  ASSERT_TRUE(key);
  EXPECT_TRUE(parse_xpub(kXpub, litecoin())) << "descriptors of Litecoin Core write xpub, too";
  const auto on_test = parse_xpub(kXpub, network("bitcoin-test"));
  EXPECT_EQ(on_test.error().code, "extended_key_of_another_network");
  const std::string tpub = to_text(*key, network("litecoin-test"));
  EXPECT_TRUE(tpub.starts_with("tpub"));
  EXPECT_EQ(parse_xpub(tpub, bitcoin()).error().code, "extended_key_of_another_network");
  EXPECT_EQ(*parse_xpub(tpub, network("bitcoin-regtest")), *key);
}

TEST(bip32, says_what_is_not_an_xpub) {
  Bytes raw = *base58check_decode(kXpub);
  raw[0] = 0x04, raw[1] = 0xb2, raw[2] = 0x47, raw[3] = 0x46;  // SLIP 132's zpub
  const auto zpub = parse_xpub(base58check_encode(raw), bitcoin());
  EXPECT_EQ(zpub.error().code, "extended_key_malformed");
  EXPECT_NE(zpub.error().text.find("zpub"), std::string::npos);
  raw.pop_back();
  EXPECT_EQ(parse_xpub(base58check_encode(raw), bitcoin()).error().code, "extended_key_malformed");
  EXPECT_EQ(parse_xpub("", bitcoin()).error().code, "extended_key_malformed");
  EXPECT_EQ(parse_xpub(kXpub.substr(1), bitcoin()).error().code, "extended_key_malformed");
}

TEST(bip32, public_keys_have_no_hardened_children) {
  const auto key = parse_xpub(kXpub, bitcoin());
  EXPECT_EQ(derive(*key, kHardened).error().code, "key_invalid");
  EXPECT_EQ(derive(*key, KeyPath{0, kHardened, 0}).error().code, "key_invalid");
  EXPECT_TRUE(derive(*key, kHardened - 1));
}

TEST(bip32, private_and_public_derivation_agree_down_to_the_last_depth) {
  auto secret_key = master_of_seed(seed(32));
  auto public_key = neuter(*secret_key);
  for (unsigned depth = 1; depth <= 255; ++depth) {
    secret_key = derive(*secret_key, depth);
    public_key = derive(*public_key, depth);
    ASSERT_TRUE(secret_key && public_key);
    ASSERT_EQ(*neuter(*secret_key), *public_key);
  }
  EXPECT_EQ(public_key->depth, 255);
  EXPECT_EQ(derive(*secret_key, 0U).error().code, "key_invalid");
  EXPECT_EQ(derive(*public_key, 0U).error().code, "key_invalid");
}

TEST(bip32, a_path_is_its_steps) {
  const auto master = master_of_seed(seed(64));
  const auto at_once = derive(*master, *parse_path("48h/0h/7"));
  const auto stepwise = derive(*derive(*derive(*master, 48 | kHardened), kHardened), 7U);
  EXPECT_TRUE(at_once->key.equals_in_constant_time(stepwise->key));
  EXPECT_EQ(at_once->depth, 3);
  EXPECT_EQ(at_once->child, 7U);
  const auto nowhere = derive(*master, KeyPath{});
  EXPECT_TRUE(nowhere->key.equals_in_constant_time(master->key));
}

TEST(bip32, keys_that_are_none) {
  ExtendedSecretKey key{0, {}, 0, Secret(32), Secret(32)};  // Zero.
  EXPECT_EQ(derive(key, 0U).error().code, "key_invalid");
  EXPECT_EQ(neuter(key).error().code, "key_invalid");
  ExtendedPublicKey point;
  EXPECT_EQ(derive(point, 0U).error().code, "key_invalid");
}

}  // namespace
}  // namespace holdfast::chain::utxo
