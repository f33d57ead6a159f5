// The digests of BIP 143 and BIP 341, as the BIPs give them.
#include "chain/utxo/codec/sighash.h"

#include "chain/utxo/codec/script.h"
#include "chain/utxo/codec/signature.h"
#include "chain/utxo/codec/testing/vectors.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

TEST(sighash, bip143) {
  std::size_t same = 0;
  for (const Json& c : cases("bip143")) {
    const auto transaction = decode_transaction(bytes(c["transaction"]));
    ASSERT_TRUE(transaction) << c["about"];
    const auto input = c["input"].get<std::size_t>();
    std::vector<TxOut> spent(transaction->inputs.size());
    spent[input].value = c["value"];
    const SighashCache cache(*transaction, spent);
    const Hash32 digest = cache.v0(input, bytes(c["script_code"]), c["type"].get<std::uint8_t>());
    EXPECT_EQ(digest, hash(c["sighash"])) << c["about"];
    if (!c.contains("signature")) continue;
    const PublicKey33 key = *fixed_from_hex<33>(c["public_key"].get<std::string>());
    EXPECT_TRUE(verify_ecdsa(key, digest, bytes(c["signature"]))) << c["about"];
    EXPECT_EQ(*public_key_of(secret(c["private_key"])), key);
    const Bytes ours = *sign_ecdsa(secret(c["private_key"]), digest);
    EXPECT_TRUE(verify_ecdsa(key, digest, ours));
    const bool low_r = bytes(c["signature"])[3] == 32;
    EXPECT_EQ(ours == bytes(c["signature"]), low_r) << c["about"];
    same += low_r;
  }
  EXPECT_GE(same, 8U);
}

struct Spends {
  Json file = vectors("bip341_spends");
  Transaction transaction = *decode_transaction(bytes(file["rawUnsignedTx"]));
  std::vector<TxOut> spent;
  Spends() {
    for (const Json& one : file["utxosSpent"]) spent.push_back({one["amountSats"], bytes(one["scriptPubKey"])});
  }
};

TEST(sighash, bip341_key_paths) {
  Spends spends;
  const SighashCache cache(spends.transaction, spends.spent);
  Transaction made = *decode_transaction(bytes(spends.file["fullySignedTx"]));
  for (const Json& c : spends.file["cases"]) {
    const auto input = c["txinIndex"].get<std::size_t>();
    const auto type = c["hashType"].get<std::uint8_t>();
    const auto root = maybe_hash(c["merkleRoot"]);
    const auto digest = cache.taproot(input, type, std::nullopt);
    ASSERT_TRUE(digest) << c;
    EXPECT_EQ(*digest, hash(c["sigHash"]));
    const Secret internal = secret(c["internalPrivkey"]);
    EXPECT_EQ(x_only(*public_key_of(internal)), hash(c["internalPubkey"]));
    EXPECT_EQ(taproot_tweak(hash(c["internalPubkey"]), root), hash(c["tweak"]));
    const auto tweaked = taproot_tweaked_secret(internal, root);
    ASSERT_TRUE(tweaked);
    EXPECT_TRUE(tweaked->equals_in_constant_time(secret(c["tweakedPrivkey"])));
    Bytes witness = to_bytes(sign_schnorr(*tweaked, *digest)->view());
    if (type != 0) witness.push_back(type);
    EXPECT_EQ(witness, bytes(c["witness"]));
    EXPECT_EQ(made.inputs[input].witness, std::vector<Bytes>{witness});
  }
  EXPECT_EQ(encode(made), bytes(spends.file["fullySignedTx"]));
  // Input 5 of the same transaction is a P2WPKH, signed over the same cached digests.
  const Bytes& signature = made.inputs[5].witness[0];
  const Hash32 digest = cache.v0(5, p2wpkh_script_code(spends.spent[5].script));
  EXPECT_TRUE(verify_ecdsa(PublicKey33::from(made.inputs[5].witness[1]), digest, ByteView(signature).first(signature.size() - 1)));
}

TEST(sighash, types_that_taproot_does_not_know) {
  const Spends spends;
  const SighashCache cache(spends.transaction, spends.spent);
  std::size_t known = 0;
  for (unsigned type = 0; type < 256; ++type) {
    const auto digest = cache.taproot(0, static_cast<std::uint8_t>(type), std::nullopt);
    known += digest.has_value();
    if (!digest) {
      EXPECT_EQ(digest.error().code, "sighash_invalid");
    }
  }
  EXPECT_EQ(known, 7U);
  ASSERT_EQ(spends.transaction.outputs.size(), 2U);
  EXPECT_EQ(outcome(cache.taproot(2, 0x03, std::nullopt)), "sighash_invalid");
  EXPECT_EQ(outcome(cache.taproot(2, 0x83, std::nullopt)), "sighash_invalid");
}

// Whatever a whole-transaction digest must commit to, changes it.
TEST(sighash, all_commits_to_everything) {
  const Spends spends;
  const Hash32 leaf = sha256(as_bytes("leaf"));
  const Bytes code = p2wpkh_script_code(spends.spent[5].script);
  const auto digests = [&](const Transaction& transaction, const std::vector<TxOut>& spent) {
    const SighashCache cache(transaction, spent);
    return std::pair(cache.v0(5, code), *cache.taproot(5, 0x00, leaf));
  };
  const auto base = digests(spends.transaction, spends.spent);
  const auto change = [&](auto&& edit, bool v0_commits = true) {
    Transaction transaction = spends.transaction;
    std::vector<TxOut> spent = spends.spent;
    edit(transaction, spent);
    const auto now = digests(transaction, spent);
    EXPECT_EQ(now.first != base.first, v0_commits);
    EXPECT_NE(now.second, base.second);
  };
  change([](Transaction& t, auto&) { t.version = 1; });
  change([](Transaction& t, auto&) { t.locktime += 1; });
  change([](Transaction& t, auto&) { t.inputs[0].previous.vout += 1; });
  change([](Transaction& t, auto&) { t.inputs[8].sequence -= 1; });
  change([](Transaction& t, auto&) { t.outputs[0].value -= 1; });
  change([](Transaction& t, auto&) { t.outputs[1].script.push_back(0); });
  change([](Transaction&, auto& spent) { spent[5].value += 1; });
  change([](Transaction&, auto& spent) { spent[4].value += 1; }, false);  // Why Taproot commits to all amounts.
  change([](Transaction&, auto& spent) { spent[4].script.push_back(0); }, false);
  const SighashCache cache(spends.transaction, spends.spent);
  EXPECT_NE(*cache.taproot(5, 0x00, std::nullopt), base.second);
  EXPECT_NE(*cache.taproot(5, 0x01, leaf), base.second);
  EXPECT_NE(*cache.taproot(4, 0x00, leaf), base.second);
  EXPECT_NE(*cache.taproot(5, 0x00, leaf, Bytes{0x50}), base.second);
  EXPECT_NE(*cache.taproot(5, 0x00, leaf, Bytes{0x50, 0x00}), *cache.taproot(5, 0x00, leaf, Bytes{0x50}));
}

}  // namespace
}  // namespace holdfast::chain::utxo
