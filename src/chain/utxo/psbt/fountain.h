// The fountain code of multi-part URs (BCR-2024-001): which fragments each part is a mixture of, the same everywhere, and
// the message back from any parts that are enough.
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

// xoshiro256**, seeded with the SHA-256 of something. Not for secrets: everybody computes the same numbers.
class Xoshiro256 {
 public:
  explicit Xoshiro256(ByteView seed);
  std::uint64_t next();
  double next_fraction();                         // In [0, 1].
  std::uint64_t next_below(std::uint64_t bound);  // Precondition: bound > 0.

 private:
  std::array<std::uint64_t, 4> state_{};
};

// Draws how many fragments a part mixes: k with a chance proportional to 1/k, by Vose's alias method, whose lists are worked
// through in the order that the reference implementation has.
class DegreeSampler {
 public:
  explicit DegreeSampler(std::size_t fragments);
  std::size_t draw(Xoshiro256& random) const;  // From 1 to fragments.

 private:
  std::vector<double> chances_;
  std::vector<std::size_t> aliases_;
};

// The fragments in part `sequence` (from 1): the first ones alone, then mixtures. In no order. Precondition: sequence > 0.
std::vector<std::size_t> fragments_in_part(std::uint32_t sequence, std::size_t fragments, std::uint32_t checksum,
                                           const DegreeSampler& sampler);

// Solves for the fragments: every part is an equation over XOR. No more of them are kept than there are fragments.
class FountainSolver {
 public:
  FountainSolver(std::size_t fragments, std::size_t fragment_bytes);
  void add(const std::vector<std::size_t>& mixed, ByteView data);
  std::size_t solved() const { return rows_.size(); }  // Equations that say something new.
  bool complete() const { return rows_.size() == fragments_; }
  Bytes message() const;  // All fragments, one after the other. Precondition: complete().

 private:
  struct Row {
    std::vector<std::uint64_t> mask;
    Bytes data;
  };
  static void join(Row& into, const Row& from);
  std::size_t lowest(const Row& row) const;  // fragments_: none.

  std::size_t fragments_;
  std::size_t fragment_bytes_;
  std::map<std::size_t, Row> rows_;  // By the lowest fragment in them.
};

}  // namespace holdfast::chain::utxo
