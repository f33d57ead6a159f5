// One group of windows.h: its keys, and of each key what every window holds.
#pragma once

#include "risk/profile.h"
#include "risk/rows.h"
#include "risk/slots.h"
#include "risk/windows.h"

#include <algorithm>
#include <span>

namespace holdfast::risk {

// The greatest (or least) of the rows from front to back, without looking at all: those that a later row outdoes are left out.
class Extreme {
 public:
  bool empty() const { return head_ == rows_.size(); }
  std::uint32_t front() const { return rows_[head_]; }
  template <class Outdone>
  void push(std::uint32_t row, const Outdone& outdone) {
    while (!empty() && outdone(rows_.back())) rows_.pop_back();
    rows_.push_back(row);
  }
  void leave(std::uint32_t row);
  // The front once the rows up to some time have left. Precondition: they are not all.
  template <class HasLeft>
  std::uint32_t front_after(const HasLeft& has_left) const {
    return *std::partition_point(rows_.begin() + static_cast<std::ptrdiff_t>(head_), rows_.end(), has_left);
  }
  std::size_t bytes() const { return rows_.capacity() * sizeof(rows_[0]); }

 private:
  std::vector<std::uint32_t> rows_;
  std::size_t head_ = 0;
};

// From when on, and until when, nothing happens.
struct Ahead {
  Instant now;
  Instant then;
  std::int64_t kept_ms;  // How long facts are.
  std::size_t& walk;     // How many facts may still be looked at.
};

class Group {
 public:
  // `distinct_groups`: for each window the group whose slots it counts, where it does.
  Group(std::size_t number, GroupSpec spec, std::vector<std::size_t> distinct_groups);

  const GroupSpec& spec() const { return spec_; }
  // To look at, whether the group counts the fact or not.
  std::optional<SlotKey> key_of(const Fact& fact) const;
  bool counts(const Fact& fact) const {
    return fact.of == spec_.over && spec_.band.least <= fact.value && fact.value <= spec_.band.most;
  }

  // The row's link of this group is set, and that of the key's row before it. Windows do not hold it yet.
  void chain(Rows& rows, std::uint32_t row, const Fact& fact);
  // After all groups have chained it.
  void take_in(const Rows& rows, std::uint32_t row);
  // The oldest row goes: no window holds it any more.
  void let_go(const Rows& rows, std::uint32_t row);

  // Hints, one after the other: look() at this fact comes soon.
  void expect_key(const Fact& fact) const;
  void expect_holds(const Fact& fact) const;
  void expect_rows(const Rows& rows, const Fact& fact) const;
  void look(const Rows& rows, const Fact& fact, Instant now, KeyTimes& times, std::span<WindowValue> out);
  bool look_ahead(const Rows& rows, const Fact& fact, Ahead& ahead, KeyTimes& times, std::span<WindowValue> out) const;

  std::size_t keys() const { return slots_.in_use(); }
  std::size_t bytes() const;

 private:
  struct Holds {
    Int128 sum = 0;
    std::uint32_t count = 0;
    std::uint32_t oldest = 0;  // Row. Of meaning while count > 0.
  };
  struct Key {
    Instant first, last;
    std::uint32_t rows = 0;    // Kept.
    std::uint32_t newest = 0;  // Of meaning while rows > 0.
  };
  // What a window tells beside count and sum, by slot.
  struct Beside {
    std::vector<Extreme> least, greatest;
    std::vector<Profile> profiles;
    std::vector<std::uint32_t> different;
    Slots pairs;                       // Of a slot and one of the other group.
    std::vector<std::uint32_t> times;  // By slot of the pair: how often it is in the window.
  };

  Holds& holds(std::uint32_t slot, std::size_t window) { return holds_[slot * spec_.windows.size() + window]; }
  const Holds& holds(std::uint32_t slot, std::size_t window) const { return holds_[slot * spec_.windows.size() + window]; }
  std::uint32_t slot_of(const Fact& fact) const;
  void make_place(std::uint32_t slot);
  void expire(const Rows& rows, std::uint32_t slot, std::size_t window, Instant now);
  void leave(const Rows& rows, std::uint32_t slot, std::size_t window);
  void tell_beside(const Rows& rows, std::uint32_t slot, std::size_t window, WindowValue& out) const;
  // The rows that will have left the window, and what it then holds; false when there are too many.
  bool leaving(const Rows& rows, std::uint32_t slot, std::size_t window, Ahead& ahead, std::vector<std::uint32_t>& rows_out,
               WindowValue& out) const;
  void tell_beside_without(const Rows& rows, std::uint32_t slot, std::size_t window, const std::vector<std::uint32_t>& left,
                           WindowValue& out) const;
  std::uint64_t different_without(const Rows& rows, std::uint32_t slot, std::size_t window, const std::vector<std::uint32_t>& left) const;

  std::size_t number_;
  GroupSpec spec_;
  std::vector<std::size_t> distinct_groups_;
  bool has_rhythm_;
  bool keeps_keys_;  // Also those without facts.
  Slots slots_;
  std::vector<Key> keys_;     // By slot.
  std::vector<Holds> holds_;  // By slot, then window.
  std::vector<Beside> beside_;  // By window.
  std::vector<Rhythm> rhythms_;  // By slot; of all windows that have one.
};

}  // namespace holdfast::risk
