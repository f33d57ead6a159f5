// Scripts made, read and told apart; Taproot's hashes and control blocks; dust.
#include "chain/utxo/codec/script.h"

#include "chain/utxo/codec/testing/vectors.h"
#include "chain/utxo/codec/transaction.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

Bytes of(const std::string& hex) { return *from_hex(hex); }
PublicKey33 key33(std::uint8_t seed) {
  PublicKey33 out = PublicKey33::from(Bytes(33, seed));
  out.bytes[0] = 0x02;
  return out;
}
XOnlyKey key32(std::uint8_t seed) { return XOnlyKey::from(Bytes(32, seed)); }

TEST(script, kinds) {
  const std::string h20(40, 'a'), h32(64, 'b');
  const std::pair<std::string, ScriptKind> cases[] = {
      {"", ScriptKind::unknown},
      {"76a914" + h20 + "88ac", ScriptKind::p2pkh},
      {"76a914" + h20 + "88ad", ScriptKind::unknown},
      {"76a914" + h20 + "88ac00", ScriptKind::unknown},
      {"a914" + h20 + "87", ScriptKind::p2sh},
      {"a914" + h20 + "88", ScriptKind::unknown},
      {"0014" + h20, ScriptKind::p2wpkh},
      {"0020" + h32, ScriptKind::p2wsh},
      {"0015" + h20 + "aa", ScriptKind::unknown},
      {"5120" + h32, ScriptKind::p2tr},
      {"5114" + h20, ScriptKind::witness_unknown},
      {"51024e73", ScriptKind::witness_unknown},
      {"5220" + h32, ScriptKind::witness_unknown},
      {"6028" + h20 + h20, ScriptKind::witness_unknown},
      {"6029" + h20 + h20 + "aa", ScriptKind::unknown},
      {"510151", ScriptKind::unknown},
      {"6120" + h32, ScriptKind::unknown},
      {"5121" + h32, ScriptKind::unknown},
      {"6a", ScriptKind::null_data},
      {"6a04deadbeef", ScriptKind::null_data},
      {"6a4c0100", ScriptKind::null_data},
      {"6a4d010000", ScriptKind::null_data},
      {"6a4e0100000000", ScriptKind::null_data},
      {"6a05deadbeef", ScriptKind::unknown},
      {"6a4c", ScriptKind::unknown},
      {"6a4effffffff", ScriptKind::unknown},
      {"6a61", ScriptKind::unknown},
  };
  for (const auto& [hex, kind] : cases) EXPECT_EQ(classify(of(hex)), kind) << hex;
}

TEST(script, made_ones_are_of_their_kind) {
  const Hash20 hash = hash160(as_bytes("key"));
  EXPECT_EQ(to_hex(p2pkh_script(hash)), "76a914" + to_hex(hash.view()) + "88ac");
  EXPECT_EQ(to_hex(p2sh_script(hash)), "a914" + to_hex(hash.view()) + "87");
  EXPECT_EQ(to_hex(p2wpkh_script(hash)), "0014" + to_hex(hash.view()));
  EXPECT_EQ(to_hex(p2wsh_script(as_bytes("script"))), "0020" + to_hex(sha256(as_bytes("script")).view()));
  EXPECT_EQ(to_hex(p2tr_script(key32(7))), "5120" + to_hex(key32(7).view()));
}

TEST(script, multisig_of_every_size) {
  for (unsigned n = 1; n <= 16; ++n) {
    std::vector<PublicKey33> keys;
    for (unsigned i = 0; i < n; ++i) keys.push_back(key33(static_cast<std::uint8_t>(n - i)));
    for (unsigned m = 1; m <= n; ++m) {
      const Bytes script = multisig_script(m, keys);
      EXPECT_EQ(script.size(), 3 + 34 * n);
      const auto parsed = parse_multisig(script);
      ASSERT_TRUE(parsed) << m << " of " << n;
      EXPECT_EQ(parsed->threshold, m);
      EXPECT_EQ(parsed->keys, keys);  // In the order given.
      for (std::size_t cut = 0; cut < script.size(); ++cut) ASSERT_FALSE(parse_multisig(ByteView(script).first(cut)));
    }
  }
}

TEST(script, what_is_no_multisig) {
  const Bytes good = multisig_script(2, {key33(1), key33(2), key33(3)});
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    Bytes out = good;
    out[at] = byte;
    return parse_multisig(out).has_value();
  };
  EXPECT_TRUE(with(0, 0x53));
  EXPECT_FALSE(with(0, 0x54));                // 4 of 3
  EXPECT_FALSE(with(0, 0x00));                // 0 of 3
  EXPECT_FALSE(with(0, 0x50));
  EXPECT_FALSE(with(good.size() - 2, 0x52));  // 3 keys, said to be 2
  EXPECT_FALSE(with(good.size() - 2, 0x54));
  EXPECT_FALSE(with(good.size() - 1, 0xaf));  // CHECKMULTISIGVERIFY
  EXPECT_FALSE(with(2, 0x04));                // An uncompressed key's prefix
  EXPECT_FALSE(with(1, 0x20));
  Bytes longer = good;
  longer.push_back(0x51);
  EXPECT_FALSE(parse_multisig(longer));
  EXPECT_FALSE(parse_multisig(of("5150ae")));
  EXPECT_FALSE(parse_multisig(of("0000ae")));
  Bytes seventeen{0x51};
  for (std::uint8_t i = 1; i <= 17; ++i) {
    const Bytes key = to_bytes(key33(i).view());
    seventeen.push_back(33);
    seventeen.insert(seventeen.end(), key.begin(), key.end());
  }
  seventeen.insert(seventeen.end(), {0x61, 0xae});
  EXPECT_FALSE(parse_multisig(seventeen));
}

TEST(script, multi_a) {
  EXPECT_EQ(to_hex(multi_a_script(2, {key32(1), key32(2)})),
            "20" + to_hex(key32(1).view()) + "ac20" + to_hex(key32(2).view()) + "ba529c");
  const std::pair<unsigned, std::string> pushes[] = {{16, "60"},     {17, "0111"},   {127, "017f"},
                                                     {128, "028000"}, {255, "02ff00"}, {256, "020001"}, {999, "02e703"}};
  const std::vector<XOnlyKey> keys(999, key32(5));
  for (const auto& [m, push] : pushes) {
    const Bytes script = multi_a_script(m, keys);
    EXPECT_TRUE(to_hex(script).ends_with("ba" + push + "9c")) << m;
    const auto parsed = parse_multi_a(script);
    ASSERT_TRUE(parsed) << m;
    EXPECT_EQ(parsed->threshold, m);
    EXPECT_EQ(parsed->keys, keys);
  }
}

TEST(script, what_is_no_multi_a) {
  const std::string a = "20" + to_hex(key32(1).view()), b = "20" + to_hex(key32(2).view());
  EXPECT_TRUE(parse_multi_a(of(a + "ac" + b + "ba529c")));
  for (const std::string& text : {
           std::string(), a + "ac", a + "ac" + b + "ba", a + "ac" + b + "ac529c", a + "ba" + b + "ba529c",
           a + "ac" + b + "ba539c",                              // 3 of 2
           a + "ac" + b + "ba009c", a + "ac" + b + "ba01029c",  // 0; 2, but not in the shortest form
           a + "ac" + b + "ba0202009c", a + "ac" + b + "ba0201809c", a + "ac" + b + "ba529d", a + "ac" + b + "ba529c51",
           a + "ad" + b + "ba529c", std::string("519c"), std::string("20ffff")}) {
    EXPECT_FALSE(parse_multi_a(of(text))) << text;
  }
}

// Walks BIP 341's trees: a leaf, or two subtrees.
struct Tree {
  struct Leaf {
    Hash32 hash;
    std::uint8_t version;
    std::vector<Hash32> path;
  };
  std::vector<Leaf> leaves;
  Hash32 root;

  static Tree of(const Json& node) {
    Tree out;
    if (node.is_object()) {
      const auto version = node["leafVersion"].get<std::uint8_t>();
      out.root = tapleaf_hash(bytes(node["script"]), version);
      out.leaves = {{out.root, version, {}}};
      return out;
    }
    Tree left = of(node[0]), right = of(node[1]);
    for (Leaf& leaf : left.leaves) leaf.path.push_back(right.root);
    for (Leaf& leaf : right.leaves) leaf.path.push_back(left.root);
    out.leaves = std::move(left.leaves);
    out.leaves.insert(out.leaves.end(), right.leaves.begin(), right.leaves.end());
    out.root = tapbranch_hash(right.root, left.root);
    EXPECT_EQ(out.root, tapbranch_hash(left.root, right.root));
    return out;
  }
};

TEST(script, bip341_outputs) {
  std::size_t blocks = 0;
  for (const Json& c : cases("bip341_outputs")) {
    const XOnlyKey internal = hash(c["internalPubkey"]);
    const auto root = maybe_hash(c["merkleRoot"]);
    Tree tree;
    if (root) {
      tree = Tree::of(c["scriptTree"]);
      EXPECT_EQ(tree.root, *root);
    }
    EXPECT_EQ(taproot_tweak(internal, root), hash(c["tweak"]));
    const auto output = taproot_output(internal, root);
    ASSERT_TRUE(output);
    EXPECT_EQ(output->key, hash(c["tweakedPubkey"]));
    EXPECT_EQ(p2tr_script(output->key), bytes(c["scriptPubKey"]));
    ASSERT_EQ(tree.leaves.size(), c["leafHashes"].size());
    for (std::size_t i = 0; i < tree.leaves.size(); ++i) {
      const Tree::Leaf& leaf = tree.leaves[i];
      EXPECT_EQ(leaf.hash, hash(c["leafHashes"][i]));
      EXPECT_EQ(control_block(internal, output->odd, leaf.path, leaf.version), bytes(c["scriptPathControlBlocks"][i]));
      ++blocks;
    }
  }
  EXPECT_EQ(blocks, 12U);
}

TEST(script, the_internal_key_that_nobody_has) {
  // BIP 341: H = lift_x(SHA-256 of the generator, uncompressed).
  const Bytes generator = of("0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                             "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
  EXPECT_EQ(unspendable_internal_key(), sha256(generator));
  EXPECT_TRUE(taproot_output(unspendable_internal_key(), sha256(as_bytes("root"))));
  EXPECT_EQ(outcome(taproot_output(key32(0xff), std::nullopt)), "key_invalid");
}

TEST(script, dust) {
  const std::string h20(40, 'a'), h32(64, 'b');
  const std::tuple<std::string, std::size_t, std::int64_t> cases[] = {
      {"76a914" + h20 + "88ac", 34, 546}, {"a914" + h20 + "87", 32, 540}, {"0014" + h20, 31, 294},
      {"0020" + h32, 43, 330},            {"5120" + h32, 43, 330},        {"51024e73", 13, 240},
      {"6a04deadbeef", 15, 0},            {"", 9, 471}};
  for (const auto& [hex, vsize, limit] : cases) {
    EXPECT_EQ(output_vsize(of(hex)), vsize) << hex;
    EXPECT_EQ(dust_limit(of(hex)), limit) << hex;
  }
  EXPECT_EQ(output_vsize(Bytes(252)), 261U);
  EXPECT_EQ(output_vsize(Bytes(253)), 264U);
  EXPECT_EQ(dust_limit(Bytes(10'001)), 0);  // Too long to be spent.
  EXPECT_EQ(dust_limit(of("0014" + h20), 0), 0);
  EXPECT_EQ(dust_limit(of("0014" + h20), 1001), 99);  // 98.098, rounded up.
  EXPECT_EQ(dust_limit(of("0014" + h20), INT64_MAX), kMaxMoneyLitecoin);
}

}  // namespace
}  // namespace holdfast::chain::utxo
