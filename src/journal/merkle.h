// The Merkle tree of RFC 6962 section 2 over SHA-256, and its two proofs.
//
//   leaf = SHA-256(0x00 || record)      node = SHA-256(0x01 || left || right)      empty tree = SHA-256("")
//
// The root of a tree binds every record and its place. An inclusion proof shows that one record is in the
// tree; a consistency proof shows that a later tree only added to an earlier one. Both are O(log n) hashes.
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace holdfast::journal {

Hash32 leaf_hash(ByteView record);
Hash32 node_hash(const Hash32& left, const Hash32& right);
Hash32 empty_root();

// A tree that can only grow, kept as the roots of its complete subtrees ("peaks"), largest first: at most 63
// hashes, whatever its size. Copying one is cheap; that is how an append is tried before it is durable.
class Frontier {
 public:
  Frontier() = default;
  // Takes up a tree from a snapshot. Nothing, unless there is one peak per one-bit of size and size < 2^63.
  static std::optional<Frontier> from_peaks(std::uint64_t size, std::span<const Hash32> peaks);

  void append(const Hash32& leaf);
  std::uint64_t size() const { return size_; }
  Hash32 root() const;
  std::span<const Hash32> peaks() const;

 private:
  std::uint64_t size_ = 0;
  std::array<Hash32, 64> peaks_;  // Only the first popcount(size_) mean anything.
};

// Hashes in the order of RFC 6962: from the leaf (or the smaller tree) upward.
using Proof = std::vector<Hash32>;

// Makes a proof in one pass over the leaves, in O(log^2 n) memory: each hash of a proof is the root of one
// range of leaves, and the ranges do not overlap.
class ProofBuilder {
 public:
  // Precondition: index < size.
  static ProofBuilder inclusion(std::uint64_t index, std::uint64_t size);
  // Precondition: old_size <= size. From the empty tree, or to itself, the proof is empty.
  static ProofBuilder consistency(std::uint64_t old_size, std::uint64_t size);

  // Every leaf of the tree, from index 0 on, each once. Leaves past the size are ignored.
  void add(const Hash32& leaf);
  // Precondition: all leaves were added.
  Proof finish() const;

 private:
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    Frontier tree{};        // Over the leaves of the range that were added so far.
    std::size_t place = 0;  // Where in the proof.
  };
  ProofBuilder(std::uint64_t size, std::vector<Range> in_proof_order);

  std::vector<Range> ranges_;  // By begin.
  std::size_t current_ = 0;    // The first range that still lacks leaves.
  std::uint64_t next_leaf_ = 0;
  std::uint64_t size_ = 0;
};

// RFC 9162 section 2.1.3.2. False for any index, size, root or proof that does not fit together.
bool verify_inclusion(const Hash32& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const Hash32> proof, const Hash32& root);

// RFC 9162 section 2.1.4.2. Any tree is consistent with the empty one, by the empty proof.
bool verify_consistency(std::uint64_t old_size, const Hash32& old_root, std::uint64_t size, const Hash32& root,
                        std::span<const Hash32> proof);

}  // namespace holdfast::journal
