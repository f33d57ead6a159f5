#include "risk/group.h"

#include "base/check.h"

#include <algorithm>

namespace holdfast::risk {

void Extreme::leave(std::uint32_t row) {
  if (empty() || front() != row) return;
  ++head_;
  if (2 * head_ < rows_.size()) return;
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(head_));
  head_ = 0;
}

Group::Group(std::size_t number, GroupSpec spec, std::vector<std::size_t> distinct_groups)
    : number_(number),
      spec_(std::move(spec)),
      distinct_groups_(std::move(distinct_groups)),
      has_rhythm_(std::ranges::any_of(spec_.windows, &WindowSpec::rhythm)),
      keeps_keys_(has_rhythm_ || std::ranges::any_of(spec_.windows, [](const WindowSpec& w) { return w.length_ms == kEver; })),
      beside_(spec_.windows.size()) {}

std::optional<SlotKey> Group::key_of(const Fact& fact) const {
  const SlotKey key{fact.key(spec_.keys.front()), spec_.keys.size() == 2 ? fact.key(spec_.keys.back()) : 0};
  const bool whole = key[0] != 0 && (spec_.keys.size() == 1 || key[1] != 0);
  return whole ? std::optional(key) : std::nullopt;
}

void Group::make_place(std::uint32_t slot) {
  if (slot < keys_.size()) return;
  const std::size_t size = slot + std::size_t{1};
  keys_.resize(size);
  holds_.resize(size * spec_.windows.size());
  if (has_rhythm_) rhythms_.resize(size);
  for (std::size_t window = 0; window < beside_.size(); ++window) {
    const WindowSpec& spec = spec_.windows[window];
    Beside& beside = beside_[window];
    if (spec.extremes) beside.least.resize(size), beside.greatest.resize(size);
    if (spec.profile) beside.profiles.resize(size);
    if (spec.distinct) beside.different.resize(size);
  }
}

void Group::chain(Rows& rows, std::uint32_t row, const Fact& fact) {
  const auto named = counts(fact) ? key_of(fact) : std::nullopt;
  if (!named) {
    rows.set(row, number_, {});
    return;
  }
  const auto [slot, fresh] = slots_.find_or_add(*named);
  make_place(slot);
  Key& key = keys_[slot];
  if (fresh) key = {rows.at(row), {}, 0, 0};
  if (key.rows > 0) rows.set(key.newest, number_, {slot, row});
  rows.set(row, number_, {slot, 0});
  key.last = rows.at(row);
  key.newest = row;
  ++key.rows;
}

void Group::take_in(const Rows& rows, std::uint32_t row) {
  const std::uint32_t slot = rows.link(row, number_).slot;
  if (slot == kNone) return;
  const std::int64_t value = rows.value(row);
  if (has_rhythm_) rhythms_[slot].add(rows.at(row), value);
  for (std::size_t window = 0; window < spec_.windows.size(); ++window) {
    Holds& held = holds(slot, window);
    if (held.count++ == 0) held.oldest = row;
    held.sum += value;
    const WindowSpec& spec = spec_.windows[window];
    Beside& beside = beside_[window];
    if (spec.extremes) {
      beside.least[slot].push(row, [&](std::uint32_t other) { return rows.value(other) >= value; });
      beside.greatest[slot].push(row, [&](std::uint32_t other) { return rows.value(other) <= value; });
    }
    if (spec.profile) beside.profiles[slot].add(value);
    if (!spec.distinct) continue;
    const std::uint32_t other = rows.link(row, distinct_groups_[window]).slot;
    if (other == kNone) continue;
    const std::uint32_t pair = beside.pairs.find_or_add({slot, other}).slot;
    if (pair >= beside.times.size()) beside.times.resize(pair + std::size_t{1});
    if (beside.times[pair]++ == 0) ++beside.different[slot];
  }
}

// The window's oldest row.
void Group::leave(const Rows& rows, std::uint32_t slot, std::size_t window) {
  Holds& held = holds(slot, window);
  const std::uint32_t row = held.oldest;
  const std::int64_t value = rows.value(row);
  held.sum -= value;
  if (--held.count > 0) held.oldest = rows.link(row, number_).next;
  const WindowSpec& spec = spec_.windows[window];
  Beside& beside = beside_[window];
  if (spec.extremes) {
    beside.least[slot].leave(row);
    beside.greatest[slot].leave(row);
  }
  if (spec.profile) beside.profiles[slot].remove(value);
  if (!spec.distinct) return;
  const std::uint32_t other = rows.link(row, distinct_groups_[window]).slot;
  if (other == kNone) return;
  const std::uint32_t pair = beside.pairs.find({slot, other});
  if (--beside.times[pair] > 0) return;
  beside.pairs.remove(pair);
  --beside.different[slot];
}

void Group::expire(const Rows& rows, std::uint32_t slot, std::size_t window, Instant now) {
  const std::int64_t length = spec_.windows[window].length_ms;
  if (length == kEver) return;
  const Holds& held = holds(slot, window);
  while (held.count > 0 && now - rows.at(held.oldest) >= length) leave(rows, slot, window);
}

void Group::let_go(const Rows& rows, std::uint32_t row) {
  const std::uint32_t slot = rows.link(row, number_).slot;
  if (slot == kNone) return;
  for (std::size_t window = 0; window < spec_.windows.size(); ++window) {
    const bool holds_it = spec_.windows[window].length_ms != kEver && holds(slot, window).count > 0;
    if (holds_it && holds(slot, window).oldest == row) leave(rows, slot, window);
  }
  if (--keys_[slot].rows > 0 || keeps_keys_) return;
  slots_.remove(slot);
}

std::uint32_t Group::slot_of(const Fact& fact) const {
  const auto named = key_of(fact);
  return named ? slots_.find(*named) : kNone;
}

void Group::expect_key(const Fact& fact) const {
  if (const auto named = key_of(fact)) slots_.expect(*named);
}

void Group::expect_holds(const Fact& fact) const {
  const std::uint32_t slot = slot_of(fact);
  if (slot == kNone) return;
  __builtin_prefetch(&keys_[slot]);
  for (std::size_t window = 0; window < spec_.windows.size(); window += 2) {
    __builtin_prefetch(&holds_[slot * spec_.windows.size() + window]);
  }
}

void Group::expect_rows(const Rows& rows, const Fact& fact) const {
  const std::uint32_t slot = slot_of(fact);
  if (slot == kNone) return;
  if (keys_[slot].rows > 0) rows.expect(keys_[slot].newest);
  for (std::size_t window = 0; window < spec_.windows.size(); ++window) {
    const Holds& held = holds_[slot * spec_.windows.size() + window];
    if (held.count > 0 && spec_.windows[window].length_ms != kEver) rows.expect(held.oldest);
  }
}

void Group::look(const Rows& rows, const Fact& fact, Instant now, KeyTimes& times, std::span<WindowValue> out) {
  std::ranges::fill(out, WindowValue{});
  times = {};
  const std::uint32_t slot = slot_of(fact);
  if (slot == kNone) return;
  times = {keys_[slot].first, keys_[slot].last};
  for (std::size_t window = 0; window < out.size(); ++window) {
    expire(rows, slot, window, now);
    const Holds& held = holds(slot, window);
    out[window].count = held.count;
    out[window].sum = held.sum;
    if (held.count > 0) tell_beside(rows, slot, window, out[window]);
    if (spec_.windows[window].rhythm) out[window].usual = rhythms_[slot].usual(now, spec_.windows[window].length_ms);
  }
}

void Group::tell_beside(const Rows& rows, std::uint32_t slot, std::size_t window, WindowValue& out) const {
  const WindowSpec& spec = spec_.windows[window];
  const Beside& beside = beside_[window];
  if (spec.extremes) {
    out.least = rows.value(beside.least[slot].front());
    out.greatest = rows.value(beside.greatest[slot].front());
  }
  if (spec.profile) {
    out.median = beside.profiles[slot].median();
    out.median_distance = beside.profiles[slot].median_distance();
  }
  if (spec.distinct) out.distinct = beside.different[slot];
}

bool Group::look_ahead(const Rows& rows, const Fact& fact, Ahead& ahead, KeyTimes& times, std::span<WindowValue> out) const {
  std::ranges::fill(out, WindowValue{});
  times = {};
  const std::uint32_t slot = slot_of(fact);
  if (slot == kNone) return true;
  const Key& key = keys_[slot];
  if (!keeps_keys_ && ahead.then - key.last >= ahead.kept_ms) return true;  // The key will have gone with its last fact.
  times = {key.first, key.last};
  std::vector<std::uint32_t> left;
  for (std::size_t window = 0; window < out.size(); ++window) {
    if (!leaving(rows, slot, window, ahead, left, out[window])) return false;
    if (out[window].count > 0) tell_beside_without(rows, slot, window, left, out[window]);
    const WindowSpec& spec = spec_.windows[window];
    if (spec.rhythm) out[window].usual = rhythms_[slot].usual(ahead.then, spec.length_ms);
  }
  return true;
}

bool Group::leaving(const Rows& rows, std::uint32_t slot, std::size_t window, Ahead& ahead, std::vector<std::uint32_t>& rows_out,
                    WindowValue& out) const {
  rows_out.clear();
  const Holds& held = holds(slot, window);
  out.count = held.count;
  out.sum = held.sum;
  const std::int64_t length = spec_.windows[window].length_ms;
  if (length == kEver) return true;
  for (std::uint32_t row = held.oldest; out.count > 0 && ahead.then - rows.at(row) >= length; row = rows.link(row, number_).next) {
    const bool is_there_now = ahead.now - rows.at(row) < length;
    if (is_there_now && ahead.walk == 0) return false;
    if (is_there_now) --ahead.walk;
    out.sum -= rows.value(row);
    --out.count;
    rows_out.push_back(row);
  }
  return true;
}

void Group::tell_beside_without(const Rows& rows, std::uint32_t slot, std::size_t window, const std::vector<std::uint32_t>& left,
                                WindowValue& out) const {
  if (left.empty()) return tell_beside(rows, slot, window, out);
  const WindowSpec& spec = spec_.windows[window];
  const Beside& beside = beside_[window];
  if (spec.extremes) {
    const auto has_left = [&](std::uint32_t row) { return rows.order(row) <= rows.order(left.back()); };
    out.least = rows.value(beside.least[slot].front_after(has_left));
    out.greatest = rows.value(beside.greatest[slot].front_after(has_left));
  }
  if (spec.profile) {
    Profile profile = beside.profiles[slot];
    for (const std::uint32_t row : left) profile.remove(rows.value(row));
    out.median = profile.median();
    out.median_distance = profile.median_distance();
  }
  if (spec.distinct) out.distinct = different_without(rows, slot, window, left);
}

std::uint64_t Group::different_without(const Rows& rows, std::uint32_t slot, std::size_t window,
                                       const std::vector<std::uint32_t>& left) const {
  std::vector<std::uint32_t> others;
  for (const std::uint32_t row : left) others.push_back(rows.link(row, distinct_groups_[window]).slot);
  std::ranges::sort(others);
  const Beside& beside = beside_[window];
  std::uint64_t out = beside.different[slot];
  for (std::size_t i = 0, next = 0; i < others.size() && others[i] != kNone; i = next) {
    while (next < others.size() && others[next] == others[i]) ++next;
    if (beside.times[beside.pairs.find({slot, others[i]})] == next - i) --out;
  }
  return out;
}

std::size_t Group::bytes() const {
  std::size_t sum = rhythms_.capacity() * sizeof(Rhythm);
  for (const Rhythm& rhythm : rhythms_) sum += rhythm.bytes();
  sum += slots_.bytes() + keys_.capacity() * sizeof(Key) + holds_.capacity() * sizeof(Holds);
  for (const Beside& beside : beside_) {
    for (const Extreme& extreme : beside.least) sum += sizeof(extreme) + extreme.bytes();
    for (const Extreme& extreme : beside.greatest) sum += sizeof(extreme) + extreme.bytes();
    for (const Profile& profile : beside.profiles) sum += sizeof(profile) + profile.bytes();
    sum += beside.different.capacity() * sizeof(std::uint32_t);
    sum += beside.pairs.bytes() + beside.times.capacity() * sizeof(std::uint32_t);
  }
  return sum;
}

}  // namespace holdfast::risk
