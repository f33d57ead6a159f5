// Over reorgs and restarts: no block is passed over, and none is made up.
#include "signer/eyes/block_cursor.h"

#include "signer/eyes/told.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::signer {
namespace {

// A block of a fork; forks share the blocks below where they part.
BlockMark block(std::uint64_t height, std::uint8_t fork = 0) {
  BlockMark out{height, {}};
  out.hash.bytes[0] = static_cast<std::uint8_t>(height);
  out.hash.bytes[1] = static_cast<std::uint8_t>(height >> 8);
  out.hash.bytes[2] = fork;
  out.hash.bytes[3] = 1;
  return out;
}

struct Chain {
  std::uint64_t head = 0;
  std::uint64_t parted = 0;  // From here on, fork 1.
  BlockMark at(std::uint64_t height) const { return block(height, parted != 0 && height >= parted ? 1 : 0); }
  BlockCursor::MarkAt look() const {
    return [this](std::uint64_t height) -> Result<std::optional<BlockMark>> {
      if (height > head) return std::optional<BlockMark>();
      return std::optional(at(height));
    };
  }
};

BlockCursor up_to(std::uint64_t first, std::uint64_t last) {
  BlockCursor out(block(first));
  for (std::uint64_t height = first + 1; height <= last; ++height) out.advance(block(height));
  return out;
}

TEST(block_cursor, stays_where_nothing_was_undone) {
  BlockCursor cursor = up_to(10, 20);
  const Chain chain{25, 0};
  EXPECT_EQ(*cursor.rejoin(chain.at(25), chain.look()), 0u);
  EXPECT_EQ(cursor.newest(), block(20));
}

TEST(block_cursor, steps_back_over_what_was_replaced) {
  BlockCursor cursor = up_to(10, 20);
  const Chain chain{25, 18};
  EXPECT_EQ(*cursor.rejoin(chain.at(25), chain.look()), 3u);
  EXPECT_EQ(cursor.newest(), block(17));
  BlockCursor shorter = up_to(10, 20);
  const Chain short_one{18, 18};
  EXPECT_EQ(*shorter.rejoin(short_one.at(18), short_one.look()), 3u);
  EXPECT_EQ(shorter.newest(), block(17));
}

TEST(block_cursor, looks_again_below_what_it_remembers) {
  BlockCursor cursor(block(300));
  const Chain chain{310, 290};
  EXPECT_EQ(*cursor.rejoin(chain.at(310), chain.look()), 1u);
  EXPECT_EQ(cursor.newest(), block(300 - BlockCursor::kRewind));
  BlockCursor low(block(5));
  const Chain from_genesis{9, 3};
  EXPECT_EQ(*low.rejoin(from_genesis.at(9), from_genesis.look()), 1u);
  EXPECT_EQ(low.newest(), block(0));
}

TEST(block_cursor, a_node_that_lost_blocks_has_undone_nothing) {
  BlockCursor cursor = up_to(10, 20);
  const Chain chain{15, 0};
  EXPECT_EQ(cursor.rejoin(chain.at(15), chain.look()).error().code, "node_behind");
  EXPECT_EQ(cursor.newest(), block(20));
}

TEST(block_cursor, a_fault_leaves_it_as_it_was) {
  BlockCursor cursor = up_to(10, 20);
  const auto fails = [](std::uint64_t) -> Result<std::optional<BlockMark>> { return fault("node_down"); };
  EXPECT_EQ(cursor.rejoin(block(25), fails).error().code, "node_down");
  const auto nothing = [](std::uint64_t) -> Result<std::optional<BlockMark>> { return std::optional<BlockMark>(); };
  EXPECT_EQ(cursor.rejoin(block(25), nothing).error().code, "chain_moved");
  EXPECT_EQ(cursor.newest(), block(20));
}

TEST(block_cursor, remembers_a_bounded_number) {
  BlockCursor cursor = up_to(1, 2'000);
  const Chain chain{2'000, 2'000 - BlockCursor::kRemembered + 1};
  EXPECT_EQ(*cursor.rejoin(chain.at(2'000), chain.look()), BlockCursor::kRemembered);
  EXPECT_LT(cursor.newest().height, 2'000 - BlockCursor::kRemembered);
}

TEST(told, tells_once_and_again_when_mined) {
  Told told;
  Sighting sighting{SightingKind::unknown_spend, "safe_spend", "wallet", block(1).hash, block(2).hash};
  EXPECT_TRUE(told.is_new(sighting));
  EXPECT_FALSE(told.is_new(sighting));
  sighting.height = 7;
  EXPECT_TRUE(told.is_new(sighting));
  sighting.height = 8;  // Mined again, after a reorg.
  EXPECT_FALSE(told.is_new(sighting));
  sighting.wallet = "another";
  EXPECT_TRUE(told.is_new(sighting));
}

TEST(told, forgets_the_oldest) {
  Told told;
  Sighting sighting{SightingKind::unknown_spend, "safe_spend", "wallet"};
  const auto number = [&](std::uint64_t i) {
    sighting.text = std::to_string(i);
    return told.is_new(sighting);
  };
  for (std::uint64_t i = 0; i <= Told::kMost; ++i) EXPECT_TRUE(number(i));
  EXPECT_FALSE(number(1));
  EXPECT_TRUE(number(0));
}

TEST(deposit_key, is_of_what_makes_a_deposit_itself) {
  const DepositClaim claim{"eip155:1", Bytes(20, 1), {}, Amount::of(5), block(1).hash, 3, 100, {}};
  DepositClaim other = claim;
  other.height = 101;
  other.amount = Amount::of(6);
  other.from = Bytes(20, 9);
  EXPECT_EQ(deposit_key(claim), deposit_key(other));
  const auto differs = [&](auto&& change) {
    DepositClaim changed = claim;
    change(changed);
    return deposit_key(changed) != deposit_key(claim);
  };
  EXPECT_TRUE(differs([](DepositClaim& c) { c.chain = "eip155:2"; }));
  EXPECT_TRUE(differs([](DepositClaim& c) { c.address.back() = 2; }));
  EXPECT_TRUE(differs([](DepositClaim& c) { c.asset_contract = Bytes(20, 1); }));
  EXPECT_TRUE(differs([](DepositClaim& c) { c.txid.bytes[31] = 1; }));
  EXPECT_TRUE(differs([](DepositClaim& c) { c.position = 4; }));
  // Nothing moves from one field into the next.
  EXPECT_TRUE(differs([](DepositClaim& c) { c.asset_contract = {1}, c.address.pop_back(); }));
}

}  // namespace
}  // namespace holdfast::signer
