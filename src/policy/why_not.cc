// Searches for what alone would have made a verdict another.
#include "policy/judge.h"

#include <algorithm>
#include <limits>

namespace holdfast::policy {
namespace {

using cel::Value;

constexpr Int128 kMicroPerCent = 10'000;
constexpr std::int64_t kNanosPerMs = 1'000'000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kHour = 60;
constexpr std::int64_t kDay = 24 * kHour;

// Minutes at which is looked for a change whatever the policy speaks of. Between two of them it is found by halving.
constexpr std::int64_t kSteps[] = {
    0,          1,          2,          5,          10,         15,         30,         45,       kHour,    90,       2 * kHour,
    3 * kHour,  4 * kHour,  6 * kHour,  8 * kHour,  10 * kHour, 12 * kHour, 16 * kHour, 20 * kHour, kDay,   36 * kHour, 2 * kDay,
    3 * kDay,   4 * kDay,   5 * kDay,   6 * kDay,   7 * kDay,   10 * kDay,  14 * kDay,  21 * kDay, 30 * kDay};
constexpr std::int64_t kLongSteps[] = {60 * kDay, 90 * kDay, 180 * kDay, 365 * kDay};
constexpr std::int64_t kMostAhead = 30 * kDay;
constexpr std::size_t kMostOwn = 12;  // Of a policy's own.

using Conditions = std::vector<const Condition*>;

std::int64_t minutes_up(std::int64_t ms) { return ms <= 0 ? 0 : (ms - 1) / kMsPerMinute + 1; }

template <class IsMeant>
bool reads(const Condition& condition, const IsMeant& is_meant) {
  return std::ranges::any_of(condition.reads, is_meant);
}

// That a condition compares something with.
std::vector<std::int64_t> lengths_in(const Condition& condition) {
  std::vector<std::int64_t> out;
  for (const Value& constant : condition.when.constants) {
    if (constant.is(cel::ValueKind::duration)) out.push_back(constant.duration_nanos() / kNanosPerMs);
  }
  return out;
}

// In order, each once: the steps, and at first of what the policy speaks of, at it and just behind it.
std::vector<std::int64_t> candidates(std::vector<std::int64_t> own, std::int64_t most) {
  std::ranges::sort(own);
  own.erase(std::ranges::unique(own).begin(), own.end());
  if (own.size() > kMostOwn) own.resize(kMostOwn);
  own.insert(own.end(), std::begin(kSteps), std::end(kSteps));
  own.insert(own.end(), std::begin(kLongSteps), std::end(kLongSteps));
  std::erase_if(own, [&](std::int64_t each) { return each > most; });
  std::ranges::sort(own);
  own.erase(std::ranges::unique(own).begin(), own.end());
  return own;
}

// whole * part / of, rounded up, where 0 <= part <= of: as by hand, digit by digit, for the product may need 256 bits.
// Precondition: of < 2^125.
Int128 share(Int128 whole, Int128 part, Int128 of) {
  if (part == of) return whole;
  Int128 out = 0;
  Int128 rest = 0;
  for (int bit = 126; bit >= 0; --bit) {
    out *= 2;
    rest = 2 * rest + ((whole >> bit & 1) != 0 ? part : 0);
    for (; rest >= of; rest -= of) ++out;
  }
  return out + (rest > 0 ? 1 : 0);
}

// The first of them that passes, or one between it and the one before that does. Quick asks what stands in the way now, whole asks
// everything; where either cannot tell, the search is over. Nothing up to `before` is looked at.
template <class Quick, class Whole>
std::optional<std::int64_t> first_passing(const std::vector<std::int64_t>& numbers, std::int64_t before, const Quick& quick,
                                          const Whole& whole) {
  for (const std::int64_t number : numbers) {
    const std::optional<bool> may_pass = quick(number);
    const std::optional<bool> passes = may_pass == true ? whole(number) : may_pass;
    if (!passes) return std::nullopt;
    if (!*passes) {
      before = number;
      continue;
    }
    std::int64_t low = before;
    std::int64_t high = number;
    while (high - low > 1) {
      const std::int64_t middle = low + (high - low) / 2;
      (quick(middle) == true ? high : low) = middle;
    }
    return high == number || whole(high) == true ? high : number;
  }
  return std::nullopt;
}

}  // namespace

bool Judge::holds(const Condition& condition, std::span<const Value> values) {
  return !machine_.evaluate(condition.when, values, condition.when.cost_bound).is_bool(false);
}

Conditions Judge::holding(std::span<const Value> values) {
  Conditions out;
  for (const Rule& rule : policy_.rules()) {
    if (holds(rule, values)) out.push_back(&rule);
  }
  for (const Detector& detector : policy_.detectors()) {
    if (holds(detector, values)) out.push_back(&detector);
  }
  return out;
}

const Condition* Judge::first_holding(std::span<const Value> values) {
  const auto is_holding = [&](const Condition& condition) { return holds(condition, values); };
  const auto rule = std::ranges::find_if(policy_.rules(), is_holding);
  if (rule != policy_.rules().end()) return &*rule;
  const auto detector = std::ranges::find_if(policy_.detectors(), is_holding);
  return detector != policy_.detectors().end() ? &*detector : nullptr;
}

WhyNot Judge::why_not(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now, const Later& later) {
  return {allowed_up_to(inputs, grades, subjects, now), allowed_from(inputs, grades, subjects, now, later),
          allowed_at_age(inputs, grades, subjects, now)};
}

std::optional<Usd> Judge::allowed_up_to(const Inputs& inputs) { return allowed_up_to(inputs, {}, {}, {}); }

// What is sent shrinks with the value. Halves between nothing, which must be allowed, and what was asked for, which is not: ends beside
// a place where the verdict flips. With a policy that is stricter for more there is just one.
std::optional<Usd> Judge::allowed_up_to(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now) {
  const Value& asked = inputs.values()[kValue];
  if (!policy_.domain().is_usd(asked)) return std::nullopt;
  look_up(grades, subjects, now, nullptr);
  if (!standing_.allows()) return std::nullopt;
  std::vector<Value> values(inputs.values().begin(), inputs.values().end());
  Usd money;
  values[kValue] = policy_.domain().value(money);
  const Usd most = asked.object<Usd>();
  std::vector<AssetAmount> sent(policy_.assets().size());
  const auto allowed = [&](Usd other) {
    money = other;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const Value& whole = inputs.values()[policy_.assets()[i].slot];
      if (!policy_.domain().is_amount(whole)) continue;
      sent[i].atto = share(whole.object<AssetAmount>().atto, other.micro, most.micro);
      values[policy_.assets()[i].slot] = policy_.domain().value(sent[i]);
    }
    return first_holding(values) == nullptr;
  };
  Int128 low = 0;
  Int128 high = most.micro / kMicroPerCent + 1;
  if (allowed(most) || !allowed({0})) return std::nullopt;
  while (high - low > 1) {
    const Int128 middle = low + (high - low) / 2;
    (allowed({middle * kMicroPerCent}) ? low : high) = middle;
  }
  if (low == 0) return std::nullopt;
  return Usd{low * kMicroPerCent};
}

namespace {

std::uint64_t groups_of(const Policy& policy, const Conditions& conditions) {
  std::uint64_t out = 0;
  for (const Condition* condition : conditions) {
    for (const WindowUse& use : policy.windows()) {
      const auto is_of_it = [&](std::uint32_t slot) { return slot - use.first_slot < use.slots; };
      if (reads(*condition, is_of_it)) out |= std::uint64_t{1} << use.group;
    }
  }
  return out;
}

// Minutes after `begin` at which something that grows comes to what a condition compares it with.
std::vector<std::int64_t> minutes_of_change(const Conditions& conditions, std::span<const Value> values, std::int64_t until_begin_ms) {
  std::vector<std::int64_t> out;
  for (const Condition* condition : conditions) {
    for (const std::uint32_t slot : condition->reads) {
      if (!values[slot].is(cel::ValueKind::duration)) continue;
      for (const std::int64_t length : lengths_in(*condition)) {
        const std::int64_t left = length - values[slot].duration_nanos() / kNanosPerMs - until_begin_ms;
        if (left < 0) continue;
        out.push_back(minutes_up(left));
        out.push_back(minutes_up(left + 1));
      }
    }
  }
  return out;
}

}  // namespace

std::optional<Instant> Judge::allowed_from(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now,
                                           const Later& later) {
  if (!later) return std::nullopt;
  Conditions blockers = holding(inputs.values());
  const auto changes = [&](std::uint32_t slot) {
    const auto is_of_it = [&](const WindowUse& use) { return slot - use.first_slot < use.slots; };
    return slot == kTime || slot == kSinceReset || std::ranges::any_of(policy_.windows(), is_of_it);
  };
  look_up(grades, subjects, now, nullptr);
  const bool is_allowed = blockers.empty() && standing_.allows();
  if (is_allowed || !std::ranges::all_of(blockers, [&](const Condition* each) { return reads(*each, changes); })) return std::nullopt;
  const Instant begin{(now.unix_ms / kMsPerMinute + 1) * kMsPerMinute};
  const auto at = [&](std::int64_t minutes) { return begin + minutes * kMsPerMinute; };
  look_up(grades, subjects, at(kMostAhead), nullptr);
  if (!standing_.allows()) return std::nullopt;  // It will not have decayed by then.

  const auto quick = [&](std::int64_t minutes) -> std::optional<bool> {
    look_up(grades, subjects, at(minutes), nullptr);
    if (!standing_.allows()) return false;
    const Inputs* then = later(at(minutes), groups_of(policy_, blockers));
    if (then == nullptr) return std::nullopt;
    return std::ranges::none_of(blockers, [&](const Condition* each) { return holds(*each, then->values()); });
  };
  const auto whole = [&](std::int64_t minutes) -> std::optional<bool> {
    const Inputs* then = later(at(minutes), risk::Windows::kAllGroups);
    if (then == nullptr) return std::nullopt;
    const Condition* another = first_holding(then->values());
    if (another != nullptr) blockers.push_back(another);
    return another == nullptr;
  };
  const std::vector<std::int64_t> own = minutes_of_change(blockers, inputs.values(), begin - now);
  const auto minutes = first_passing(candidates(own, kMostAhead), -1, quick, whole);
  return minutes ? std::optional(at(*minutes)) : std::nullopt;
}

namespace {

bool is_of_destination(const risk::GroupSpec& group) {
  const bool is_ever = std::ranges::any_of(group.windows, [](const risk::WindowSpec& spec) { return spec.length_ms == risk::kEver; });
  return is_ever && group.over != risk::Stream::deposits && std::ranges::count(group.keys, risk::KeyKind::destination) > 0;
}

}  // namespace

void Inputs::destination_known_for(std::int64_t ms) {
  const auto& groups = policy_.groups();
  for (std::uint32_t group = 0; group < groups.size(); ++group) {
    if (!is_of_destination(groups[group])) continue;
    const auto is_known = [&](const WindowUse& use) {
      return use.group == group && use.spec.length_ms == risk::kEver && values_[use.first_slot + kKnownPlace].is_bool(true);
    };
    const bool was_known = std::ranges::any_of(policy_.windows(), is_known);
    for (const WindowUse& use : policy_.windows()) {
      if (use.group != group || values_[use.first_slot].is_error()) continue;
      const std::int64_t least = groups[group].band.least;
      const risk::WindowValue one{1, least, least, least, use.spec.distinct ? 1U : 0U, least, 0, {}};
      const bool is_ever = use.spec.length_ms == risk::kEver;
      if (was_known && is_ever) {
        Value& age = values_[use.first_slot + kAgePlace];
        age = Value::duration(std::max(age.duration_nanos(), ms * kNanosPerMs));
      }
      if (!was_known) window(use, is_ever || ms < use.spec.length_ms ? one : risk::WindowValue{}, {Instant{-ms}, Instant{-ms}}, {});
    }
  }
}

std::optional<std::int64_t> Judge::allowed_at_age(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now) {
  look_up(grades, subjects, now, nullptr);
  if (!standing_.allows()) return std::nullopt;
  Conditions blockers = holding(inputs.values());
  const auto changes = [&](std::uint32_t slot) {
    return std::ranges::any_of(policy_.windows(), [&](const WindowUse& use) {
      return slot - use.first_slot < use.slots && is_of_destination(policy_.groups()[use.group]);
    });
  };
  const bool can_help = std::ranges::all_of(blockers, [&](const Condition* each) { return reads(*each, changes); });
  if (blockers.empty() || !can_help) return std::nullopt;

  Inputs other(policy_);
  const auto known_for = [&](std::int64_t minutes) {
    other.like(inputs);
    other.destination_known_for(minutes * kMsPerMinute);
    return other.values();
  };
  const auto quick = [&](std::int64_t minutes) -> std::optional<bool> {
    const auto values = known_for(minutes);
    return std::ranges::none_of(blockers, [&](const Condition* each) { return holds(*each, values); });
  };
  const auto whole = [&](std::int64_t minutes) -> std::optional<bool> {
    const Condition* another = first_holding(known_for(minutes));
    if (another != nullptr) blockers.push_back(another);
    return another == nullptr;
  };
  std::vector<std::int64_t> own;
  for (const Condition* blocker : blockers) {
    for (const std::int64_t length : lengths_in(*blocker)) own.insert(own.end(), {minutes_up(length), minutes_up(length) + 1});
  }
  std::erase_if(own, [](std::int64_t minutes) { return minutes <= 0; });
  std::vector<std::int64_t> ages = candidates(std::move(own), std::numeric_limits<std::int64_t>::max() / (kMsPerMinute * kNanosPerMs));
  std::erase(ages, 0);
  const auto minutes = first_passing(ages, 0, quick, whole);
  return minutes ? std::optional(*minutes * kMsPerMinute) : std::nullopt;
}

}  // namespace holdfast::policy
