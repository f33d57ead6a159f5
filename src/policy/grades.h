// How strictly a subject is looked at since a detector fired for it: a step that climbs with each firing and goes down with time.
//
//   step     one less for each whole decay that went by since the detector last fired for the subject; 0: nothing stands
//   frozen   goes down by nothing but people, who lift it
//
// Pure: time comes in with what is asked. All that there is stands in the entries, so whoever holds grades in a state writes
// these into its snapshots, and two with equal entries do the same for ever.
#pragma once

#include "base/instant.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace holdfast::policy {

// Whose withdrawals a detector grades.
enum class Scope : std::uint8_t { customer, destination, asset, chain, wallet, platform };
inline constexpr std::size_t kScopes = 6;
std::string_view name(Scope scope);
std::optional<Scope> scope_named(std::string_view name);

// Whom a withdrawal concerns, by scope: the customer's reference, the address, … Borrowed. Empty: nobody is known.
struct Subjects {
  std::array<std::string_view, kScopes> names{"", "", "", "", "", "platform"};

  std::string_view of(Scope scope) const { return names[static_cast<std::size_t>(scope)]; }
  void set(Scope scope, std::string_view subject) { names[static_cast<std::size_t>(scope)] = subject; }
};

struct GradeKey {
  Scope scope = Scope::platform;
  std::string subject;
  std::string detector;
  friend auto operator<=>(const GradeKey&, const GradeKey&) = default;
};

struct Grade {
  std::uint32_t step = 0;  // At `since`; at least 1.
  Instant since;           // When the detector last fired.
  std::int64_t decay_ms = 1;
  bool frozen = false;

  // 0: it is forgotten. A frozen one's never goes down; before `since` nothing went by.
  std::uint32_t step_at(Instant now) const;
  friend bool operator==(const Grade&, const Grade&) = default;
};

class Grades {
 public:
  struct Order {
    using is_transparent = void;
    using View = std::tuple<Scope, std::string_view, std::string_view>;
    static View view(const GradeKey& key) { return {key.scope, key.subject, key.detector}; }
    static const View& view(const View& key) { return key; }
    bool operator()(const auto& a, const auto& b) const { return view(a) < view(b); }
  };
  using Entries = std::map<GradeKey, Grade, Order>;

  Grades() = default;
  // As entries() gave them.
  explicit Grades(Entries entries) : entries_(std::move(entries)) {}

  // The detector fired, and the verdict that says so is durable. A step that stands and is higher stays; what is frozen stays so.
  // Precondition: a step of at least 1, a decay of at least 1 ms.
  //
  // What has decayed is let go when the entries become twice as many, so there are never more than twice as many as stood at
  // once, and these are at most one for each withdrawal that fired within steps times decay.
  void raise(const GradeKey& key, const Grade& grade);
  // People have looked, and lift what is frozen, or end a grade before its time. False when there is none.
  bool lift(const GradeKey& key) { return entries_.erase(key) > 0; }

  // Of one subject, of all detectors: each(detector's name, grade).
  template <class Each>
  void each_of(Scope scope, std::string_view subject, const Each& each) const {
    const auto begin = entries_.lower_bound(Order::View{scope, subject, ""});
    for (auto at = begin; at != entries_.end() && at->first.scope == scope && at->first.subject == subject; ++at) {
      each(at->first.detector, at->second);
    }
  }

  // With those that have decayed and are not let go yet.
  const Entries& entries() const { return entries_; }
  friend bool operator==(const Grades&, const Grades&) = default;

 private:
  Entries entries_;
};

}  // namespace holdfast::policy
