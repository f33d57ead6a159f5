#include "journal/merkle.h"

#include "base/hex.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::journal {
namespace {

using Leaves = std::vector<Hash32>;

Hash32 hash(std::string_view hex) { return *fixed_from_hex<32>(hex); }

Frontier tree_of(const Leaves& leaves, std::size_t size) {
  Frontier tree;
  for (std::size_t i = 0; i < size; ++i) tree.append(leaves[i]);
  return tree;
}

// The definition of RFC 6962 section 2.1, word for word: the oracle for everything below.
Hash32 merkle_tree_hash(std::span<const Hash32> leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(merkle_tree_hash(leaves.first(k)), merkle_tree_hash(leaves.subspan(k)));
}

Proof inclusion(const Leaves& leaves, std::uint64_t index, std::uint64_t size) {
  ProofBuilder builder = ProofBuilder::inclusion(index, size);
  for (const Hash32& leaf : leaves) builder.add(leaf);
  return builder.finish();
}

Proof consistency(const Leaves& leaves, std::uint64_t old_size, std::uint64_t size) {
  ProofBuilder builder = ProofBuilder::consistency(old_size, size);
  for (const Hash32& leaf : leaves) builder.add(leaf);
  return builder.finish();
}

// The eight inputs, roots and proofs that Certificate Transparency's own tests have used since 2012.
constexpr std::array<std::string_view, 8> kInputs = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
constexpr std::array<std::string_view, 9> kRoots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

struct KnownProof {
  std::uint64_t from;  // An index, or an old size.
  std::uint64_t size;
  std::vector<std::string_view> hashes;
};

Leaves known_leaves() {
  Leaves leaves;
  for (const auto input : kInputs) leaves.push_back(leaf_hash(*from_hex(input)));
  return leaves;
}

Proof proof_of(const KnownProof& known) {
  Proof proof;
  for (const auto hex : known.hashes) proof.push_back(hash(hex));
  return proof;
}

TEST(Merkle, known_roots) {
  const Leaves leaves = known_leaves();
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(to_hex(tree_of(leaves, size).root().view()), kRoots[size]) << size;
  }
}

TEST(Merkle, known_inclusion_proofs) {
  const std::vector<KnownProof> known = {
      {0, 1, {}},
      {0, 8,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {5, 8,
       {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
      {1, 5,
       {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}}};
  const Leaves leaves = known_leaves();
  for (const KnownProof& k : known) {
    EXPECT_EQ(inclusion(leaves, k.from, k.size), proof_of(k)) << k.from << " in " << k.size;
    EXPECT_TRUE(verify_inclusion(leaves[k.from], k.from, k.size, proof_of(k), hash(kRoots[k.size])));
  }
}

TEST(Merkle, known_consistency_proofs) {
  const std::vector<KnownProof> known = {
      {1, 1, {}},
      {1, 8,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {6, 8,
       {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2, 5,
       {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}}};
  const Leaves leaves = known_leaves();
  for (const KnownProof& k : known) {
    EXPECT_EQ(consistency(leaves, k.from, k.size), proof_of(k)) << k.from << " to " << k.size;
    EXPECT_TRUE(verify_consistency(k.from, hash(kRoots[k.from]), k.size, hash(kRoots[k.size]), proof_of(k)));
  }
}

Leaves numbered_leaves(std::size_t count) {
  Leaves leaves;
  for (std::size_t i = 0; i < count; ++i) {
    const std::array<std::uint8_t, 2> record = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
    leaves.push_back(leaf_hash(record));
  }
  return leaves;
}

TEST(Merkle, every_proof_of_every_small_tree_verifies) {
  const Leaves leaves = numbered_leaves(40);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const Hash32 root = merkle_tree_hash(std::span(leaves).first(size));
    ASSERT_EQ(tree_of(leaves, size).root(), root);
    for (std::uint64_t i = 0; i < size; ++i) {
      ASSERT_TRUE(verify_inclusion(leaves[i], i, size, inclusion(leaves, i, size), root)) << i << " in " << size;
      const Hash32 old_root = merkle_tree_hash(std::span(leaves).first(i));
      ASSERT_TRUE(verify_consistency(i, old_root, size, root, consistency(leaves, i, size))) << i << " to " << size;
    }
  }
}

// One change somewhere in a claim: a bit in one of its hashes, a hash more or less, or another place.
struct Claim {
  std::uint64_t from;
  std::uint64_t size;
  Hash32 subject;  // The leaf, or the old root.
  Hash32 root;
  Proof proof;
};

void flip_random_bit(Hash32& value) {
  value.bytes[*rc::gen::inRange<std::size_t>(0, 32)] ^= static_cast<std::uint8_t>(1 << *rc::gen::inRange(0, 8));
}

void mutate(Claim& claim) {
  switch (*rc::gen::inRange(0, 6)) {
    case 0: return flip_random_bit(claim.subject);
    case 1: return flip_random_bit(claim.root);
    case 2: return claim.proof.push_back(claim.root);
    case 3: {
      if (claim.proof.empty()) return flip_random_bit(claim.root);
      return claim.proof.pop_back();
    }
    case 4: {
      if (claim.proof.empty()) return flip_random_bit(claim.subject);
      return flip_random_bit(claim.proof[*rc::gen::inRange<std::size_t>(0, claim.proof.size())]);
    }
    default: claim.from ^= std::uint64_t{1} << *rc::gen::inRange(0, 8);
  }
}

TEST(Merkle, no_changed_inclusion_proof_verifies) {
  const Leaves leaves = numbered_leaves(300);
  EXPECT_TRUE(rc::check([&] {
    const auto size = *rc::gen::inRange<std::uint64_t>(1, 301);
    const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
    Claim claim{index, size, leaves[index], tree_of(leaves, size).root(), inclusion(leaves, index, size)};
    RC_ASSERT(verify_inclusion(claim.subject, claim.from, claim.size, claim.proof, claim.root));
    mutate(claim);
    RC_ASSERT(!verify_inclusion(claim.subject, claim.from, claim.size, claim.proof, claim.root));
  }));
}

TEST(Merkle, no_changed_consistency_proof_verifies) {
  const Leaves leaves = numbered_leaves(300);
  EXPECT_TRUE(rc::check([&] {
    const auto size = *rc::gen::inRange<std::uint64_t>(1, 301);
    const auto old_size = *rc::gen::inRange<std::uint64_t>(0, size);
    Claim claim{old_size, size, tree_of(leaves, old_size).root(), tree_of(leaves, size).root(),
                consistency(leaves, old_size, size)};
    RC_ASSERT(verify_consistency(claim.from, claim.subject, claim.size, claim.root, claim.proof));
    mutate(claim);
    // From nothing, anything follows: only then does the later root not matter.
    if (claim.from == 0 && claim.subject == empty_root() && claim.proof.empty()) return;
    RC_ASSERT(!verify_consistency(claim.from, claim.subject, claim.size, claim.root, claim.proof));
  }));
}

TEST(Merkle, a_rewritten_record_breaks_consistency) {
  Leaves leaves = numbered_leaves(20);
  const Hash32 old_root = tree_of(leaves, 10).root();
  leaves[4] = leaf_hash(as_bytes("rewritten"));
  EXPECT_FALSE(verify_consistency(10, old_root, 20, tree_of(leaves, 20).root(), consistency(leaves, 10, 20)));
}

TEST(Merkle, a_frontier_goes_on_from_its_peaks) {
  const Leaves leaves = numbered_leaves(100);
  EXPECT_TRUE(rc::check([&] {
    const auto at = *rc::gen::inRange<std::size_t>(0, 101);
    const Frontier before = tree_of(leaves, at);
    auto tree = Frontier::from_peaks(before.size(), before.peaks());
    RC_ASSERT(tree.has_value());
    for (std::size_t i = at; i < leaves.size(); ++i) tree->append(leaves[i]);
    RC_ASSERT(tree->root() == merkle_tree_hash(leaves));
  }));
}

TEST(Merkle, refuses_peaks_that_do_not_fit_the_size) {
  const std::array<Hash32, 2> peaks{};
  EXPECT_FALSE(Frontier::from_peaks(1, peaks));
  EXPECT_FALSE(Frontier::from_peaks(7, peaks));
  EXPECT_FALSE(Frontier::from_peaks((std::uint64_t{1} << 63) + 1, peaks));
  EXPECT_TRUE(Frontier::from_peaks(3, peaks));
}

}  // namespace
}  // namespace holdfast::journal
