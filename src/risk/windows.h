// Sliding windows over withdrawals: what each customer, destination, wallet, … and each pair of these did within a length of
// time. Pure: time comes in with the facts and never goes back.
//
// A fact is one withdrawal or deposit: when, how much, and a key of each kind. A group's windows hold facts of one stream, and of
// one band of values where that is asked for; whoever looks is told of the keys whatever the own stream and value are.
//
// A window of length L at the time t holds the facts with t - L < at <= t: it slides with every millisecond, and all that it
// tells is exact, whatever its length; only a profile and what is usual are rounded (profile.h, rhythm.h). Adding a fact or
// asking costs the same however many facts a window holds: a fact is taken into each window once and out of it once, when its
// key is next looked at or, at the latest, when it is older than the longest window.
//
// Memory: 16 bytes and 8 for each group for a fact of a stream that some group is over, as long as the longest window; for each
// key in use of a group some 40 bytes, and 32 for each of its windows. A group with a window of length "ever" or with a rhythm
// keeps its keys for ever; other keys go with their facts. A rhythm takes 20 kB for a key (rhythm.h).
#pragma once

#include "base/amount.h"
#include "base/instant.h"
#include "base/result.h"
#include "risk/rhythm.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast::risk {

enum class KeyKind : std::uint8_t { customer, destination, asset, chain, wallet, device, ip, network, api_key, platform };
inline constexpr std::size_t kKeyKinds = 10;
std::string_view name(KeyKind kind);

// What was asked for and not denied; what came in; what was paid for good.
enum class Stream : std::uint8_t { withdrawals, deposits, paid };
inline constexpr std::size_t kStreams = 3;

struct Fact {
  Instant at;
  std::int64_t value = 0;  // Not negative. In one unit for all: money of different assets is told in that of the books.
  std::array<std::uint64_t, kKeyKinds> keys{};  // By kind; exact ids, from 1. 0: it has none, and no window of that kind counts it.

  Stream of = Stream::withdrawals;

  std::uint64_t key(KeyKind kind) const { return keys[static_cast<std::size_t>(kind)]; }
};

inline constexpr std::int64_t kEver = 0;
inline constexpr std::int64_t kMaxWindowMs = 30 * kMsPerDay;

struct WindowSpec {
  std::int64_t length_ms = kEver;
  // What is told beside count and sum. Not for kEver.
  bool extremes = false;
  bool profile = false;
  std::optional<KeyKind> distinct;
  // What is usual at this hour of the week (rhythm.h). Up to kMaxRhythmMs, of platform, asset, chain or wallet alone.
  bool rhythm = false;
  friend bool operator==(const WindowSpec&, const WindowSpec&) = default;
};

// Both included.
struct Band {
  std::int64_t least = 0;
  std::int64_t most = INT64_MAX;
  friend bool operator==(const Band&, const Band&) = default;
};

struct GroupSpec {
  std::vector<KeyKind> keys;  // One, or two different ones.
  std::vector<WindowSpec> windows;
  Stream over = Stream::withdrawals;
  Band band = {};

  // Of the same keys and facts: such groups can be one.
  bool counts_like(const GroupSpec& other) const { return keys == other.keys && over == other.over && band == other.band; }
  friend bool operator==(const GroupSpec&, const GroupSpec&) = default;
};

struct WindowValue {
  std::uint64_t count = 0;
  Int128 sum = 0;
  // What was not asked for, or of an empty window, is 0.
  std::int64_t least = 0, greatest = 0;
  std::uint64_t distinct = 0;
  std::int64_t median = 0, median_distance = 0;
  Usual usual = {};
  friend bool operator==(const WindowValue&, const WindowValue&) = default;
};

// Of a key: the first and the last fact of the group that is known. Without a window of length kEver or a rhythm a key is known
// for as long as the longest window of all groups.
struct KeyTimes {
  std::optional<Instant> first, last;
  friend bool operator==(const KeyTimes&, const KeyTimes&) = default;
};

struct Look {
  std::vector<KeyTimes> groups;      // In the order of the specs.
  std::vector<WindowValue> windows;  // Of the first group, then of the second, ….
  friend bool operator==(const Look&, const Look&) = default;
};

class Windows {
 public:
  // Refuses `windows_wrong`, with words: a length out of bounds, keys that are no key or pair, something asked of kEver
  // that it cannot tell, a rhythm of a kind of many keys, a band without values, more than kMaxGroups.
  static Result<Windows> make(const std::vector<GroupSpec>& specs);
  static constexpr std::size_t kMaxGroups = 64;
  static constexpr std::size_t kMaxWindows = 16;  // Of a group.

  Windows(Windows&&) noexcept;
  Windows& operator=(Windows&&) noexcept;
  ~Windows();

  // A fact from before the newest time seen is taken as of that time. Precondition: the value is not negative.
  void add(const Fact& fact);
  // What the windows of the fact's keys hold at its time (or at the newest time seen, when that is later), without the fact
  // itself unless it was added. `out` is filled anew; give the same one again, and nothing is allocated.
  void look(const Fact& fact, Look& out);
  // What look() will tell of this fact at `at` if nothing is added until then, of some groups (a bit for each, kAllGroups); what
  // `out` says of others stays. Changes nothing. Ask after look() of the same fact.
  // Each fact that leaves a window in between is looked at and taken off `walk`; false when there are more of them: `out` then
  // means nothing. The same for the same facts, whoever has looked before.
  bool look_ahead(const Fact& fact, Instant at, std::uint64_t groups, std::size_t& walk, Look& out) const;
  static constexpr std::uint64_t kAllGroups = UINT64_MAX;

  std::size_t facts() const;  // That are kept.
  std::size_t keys() const;   // Of all groups.
  std::size_t bytes() const;  // Of memory, but for what the allocator needs.

 private:
  struct Body;
  explicit Windows(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace holdfast::risk
