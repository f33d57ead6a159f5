#include "risk/slots.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

namespace holdfast::risk {
namespace {

// Against a map, with keys from so few that every way of meeting and moving back occurs.
TEST(slots, each_key_has_one_slot_of_its_own_while_it_is_kept) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, bool>>& steps) {
    Slots slots;
    std::map<SlotKey, std::uint32_t> kept;
    for (const auto& [number, removes] : steps) {
      const SlotKey key{number % 40U, number % 3U};
      const auto known = kept.find(key);
      RC_ASSERT(slots.find(key) == (known == kept.end() ? kNone : known->second));
      if (removes) {
        if (known == kept.end()) continue;
        slots.remove(known->second);
        kept.erase(known);
      } else {
        const auto [slot, fresh] = slots.find_or_add(key);
        RC_ASSERT(fresh == (known == kept.end()));
        kept[key] = slot;
        RC_ASSERT(slots.key(slot) == key);
      }
      RC_ASSERT(slots.in_use() == kept.size());
    }
    std::set<std::uint32_t> different;
    for (const auto& [key, slot] : kept) {
      RC_ASSERT(slots.find(key) == slot);
      RC_ASSERT(different.insert(slot).second);
    }
  }));
}

TEST(slots, free_ones_are_used_again) {
  Slots slots;
  for (std::uint64_t round = 0; round < 1'000; ++round) {
    const auto found = slots.find_or_add({round, 0});
    if (round >= 10) slots.remove(slots.find({round - 10, 0}));
    ASSERT_LT(found.slot, 12U);
  }
  EXPECT_LE(slots.reach(), 12U);
}

}  // namespace
}  // namespace holdfast::risk
