#include "risk/slots.h"

#include "base/check.h"

namespace holdfast::risk {

namespace {

// Two compares in place of a call: this is where looking at windows spends its time.
bool same(const SlotKey& a, const SlotKey& b) { return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0; }

}  // namespace

// Ids are handed out by us one after the other, so nobody can choose keys that meet in one place.
std::size_t Slots::home(const SlotKey& key) const {
  std::uint64_t mixed = key[0] * 0x9E37'79B9'7F4A'7C15U ^ (key[1] + 0x7F4A'7C15U) * 0xC2B2'AE3D'27D4'EB4FU;
  mixed ^= mixed >> 32;
  mixed *= 0xD6E8'FEB8'6659'FD93U;
  return static_cast<std::size_t>(mixed >> 29) & (places_.size() - 1);
}

std::size_t Slots::place(const SlotKey& key) const {
  if (last_place_ != kNowhere && same(last_key_, key)) return last_place_;
  std::size_t at = home(key);
  while (places_[at] != kNone && !same(keys_[places_[at]], key)) at = (at + 1) & (places_.size() - 1);
  last_key_ = key;
  last_place_ = at;
  return at;
}

std::uint32_t Slots::find(const SlotKey& key) const { return places_[place(key)]; }

Slots::Found Slots::find_or_add(const SlotKey& key) {
  std::size_t at = place(key);
  if (places_[at] != kNone) return {places_[at], false};
  if (2 * (in_use() + 1) > places_.size()) {
    grow();
    at = place(key);
  }
  std::uint32_t slot = static_cast<std::uint32_t>(keys_.size());
  if (free_.empty()) {
    HF_CHECK(slot != kNone);
    keys_.push_back(key);
  } else {
    slot = free_.back();
    free_.pop_back();
    keys_[slot] = key;
  }
  places_[at] = slot;
  return {slot, true};
}

void Slots::remove(std::uint32_t slot) {
  const std::size_t mask = places_.size() - 1;
  std::size_t hole = place(keys_[slot]);
  HF_CHECK(places_[hole] == slot);
  for (std::size_t at = (hole + 1) & mask; places_[at] != kNone; at = (at + 1) & mask) {
    const std::size_t from_home = (at - home(keys_[places_[at]])) & mask;
    if (from_home < ((at - hole) & mask)) continue;  // its way does not lead over the hole
    places_[hole] = places_[at];
    hole = at;
  }
  places_[hole] = kNone;
  last_place_ = kNowhere;
  free_.push_back(slot);
}

void Slots::grow() {
  std::vector<bool> free(keys_.size());
  for (const std::uint32_t slot : free_) free[slot] = true;
  places_.assign(places_.size() * 2, kNone);
  for (std::uint32_t slot = 0; slot < keys_.size(); ++slot) {
    if (free[slot]) continue;
    last_place_ = kNowhere;
    places_[place(keys_[slot])] = slot;
  }
  last_place_ = kNowhere;
}

std::size_t Slots::bytes() const {
  return places_.capacity() * sizeof(places_[0]) + keys_.capacity() * sizeof(keys_[0]) + free_.capacity() * sizeof(free_[0]);
}

}  // namespace holdfast::risk
