#include "policy/judge.h"

#include "base/printable.h"
#include "policy/cel/functions/civil_time.h"
#include "policy/cel/syntax/utf8.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace holdfast::policy {
namespace {

using cel::ErrorCode;
using cel::Value;

constexpr std::int64_t kNanosPerMs = 1'000'000;
constexpr Int128 kMicroPerCent = 10'000;
constexpr std::int64_t kForEver = std::numeric_limits<std::int64_t>::max();

Value unavailable() { return Value::error(ErrorCode::unavailable); }

Value duration_of(std::int64_t ms) {
  std::int64_t nanos = 0;
  const bool over = __builtin_mul_overflow(ms, kNanosPerMs, &nanos);
  return Value::duration(over ? std::numeric_limits<std::int64_t>::max() : nanos);
}

Value timestamp_of(Instant at) {
  const std::int64_t ms = ((at.unix_ms % 1000) + 1000) % 1000;
  return Value::timestamp((at.unix_ms - ms) / 1000, static_cast<std::uint32_t>(ms * kNanosPerMs));
}

bool is_fit(std::string_view text) { return text.size() <= kMaxText && cel::is_utf8(text); }

// Texts come from outside, and are shown on terminals and in logs.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    const bool is_plain = !is_control(c) && c != '\'' && c != '\\';
    is_plain ? out.append(1, c) : out.append(fmt::format("\\x{:02x}", static_cast<unsigned char>(c)));
  }
  return out + '\'';
}

}  // namespace

Inputs::Inputs(const Policy& policy) : policy_(policy) {
  const std::size_t slots = policy.domain().environment.variables().size();
  values_.assign(slots, unavailable());
  money_.resize(slots);
  for (const auto& [slot, list] : policy.lists()) values_[slot] = policy.domain().value(list);
  for (const Slot slot : {kDevice, kIp, kApiKey}) text(slot, "");
  since_reset(std::nullopt);
}

void Inputs::usd(std::uint32_t slot, Usd money) {
  money_[slot] = money;
  values_[slot] = money.micro >= 0 && money.micro <= kMostMoney ? policy_.domain().value(money_[slot]) : unavailable();
}

void Inputs::text(std::uint32_t slot, std::string_view text) { values_[slot] = is_fit(text) ? Value::string(text) : unavailable(); }

void Inputs::labels(std::span<const std::string> categories) {
  labels_.clear();
  for (const std::string& category : categories) labels_.push_back(Value::string(category));
  const bool fits = categories.size() <= kMaxLabels && std::ranges::all_of(categories, is_fit);
  values_[kLabels] = fits ? Value::list(labels_) : unavailable();
}

void Inputs::time(Instant at) { values_[kTime] = timestamp_of(at); }

void Inputs::since_reset(std::optional<std::int64_t> ms) {
  values_[kSinceReset] = duration_of(std::max<std::int64_t>(ms.value_or(kForEver), 0));
}

void Inputs::age(Slot slot, std::optional<std::int64_t> ms) {
  values_[slot] = ms ? duration_of(std::max<std::int64_t>(*ms, 0)) : unavailable();
}

void Inputs::window(const WindowUse& use, const risk::WindowValue& value, const risk::KeyTimes& times, Instant at) {
  std::uint32_t slot = use.first_slot;
  values_[slot++] = Value::of(static_cast<std::int64_t>(value.count));
  usd(slot++, {value.sum});
  if (use.spec.length_ms == risk::kEver) {
    values_[slot++] = duration_of(times.first ? at - *times.first : 0);
    values_[slot++] = duration_of(times.last ? at - *times.last : kForEver);
    values_[slot++] = Value::of(times.first.has_value());
  }
  if (use.spec.extremes) usd(slot++, {value.least});
  if (use.spec.extremes) usd(slot++, {value.greatest});
  if (use.spec.profile) usd(slot++, {value.median});
  if (use.spec.profile) usd(slot++, {value.median_distance});
  if (use.spec.distinct) values_[slot++] = Value::of(static_cast<std::int64_t>(value.distinct));
  if (!use.spec.rhythm) return;
  values_[slot++] = Value::of(static_cast<std::int64_t>(value.usual.count));
  usd(slot++, {value.usual.sum});
  values_[slot++] = Value::of(static_cast<std::int64_t>(value.usual.weeks));
}

void Inputs::look(const risk::Look& look, const risk::Fact& fact) {
  for (const WindowUse& use : policy_.windows()) {
    const auto& keys = policy_.groups()[use.group].keys;
    if (std::ranges::all_of(keys, [&](risk::KeyKind kind) { return fact.key(kind) != 0; })) {
      window(use, look.windows[use.window], look.groups[use.group], fact.at);
    } else {
      std::fill_n(values_.begin() + use.first_slot, use.slots, unavailable());
    }
  }
}

void Inputs::nothing_before() {
  for (const WindowUse& use : policy_.windows()) window(use, {}, {}, {});
}

// Grades are few, and mostly there are none: they are looked for by subject, so their number costs and not that of detectors.
void Judge::look_up(const Grades& grades, const Subjects& subjects, Instant now, Verdict* out) {
  const std::vector<Detector>& detectors = policy_.detectors();
  standing_ = {};
  steps_.assign(detectors.size(), 0);
  if (grades.entries().empty()) return;
  for (std::size_t i = 0; i < kScopes; ++i) {
    const auto scope = static_cast<Scope>(i);
    if (subjects.of(scope).empty()) continue;
    grades.each_of(scope, subjects.of(scope), [&](const std::string& name, const Grade& grade) {
      const std::uint32_t step = grade.step_at(now);
      const auto detector = std::ranges::find(detectors, name, &Detector::name);
      const bool is_known = detector != detectors.end() && detector->scope == scope;  // Another policy may have had it.
      if (step == 0 || (!is_known && !grade.frozen)) return;
      if (grade.frozen) standing_ = both(standing_, frozen_demand());
      if (is_known) {
        const std::uint32_t stands = std::min(step, static_cast<std::uint32_t>(detector->steps.size()));
        steps_[static_cast<std::size_t>(detector - detectors.begin())] = stands;
        standing_ = both(standing_, detector->steps[stands - 1].demand);
      }
      if (out == nullptr) return;
      out->standing.push_back({scope, name, grade, step});
      out->frozen = out->frozen || grade.frozen;
    });
  }
}

template <class OnFired, class OnRaised>
Demand Judge::demanded(std::span<const Value> values, const OnFired& on_fired, const OnRaised& on_raised) {
  Demand out = standing_;
  for (std::uint32_t id = 0; id < policy_.rules().size(); ++id) {
    const Rule& rule = policy_.rules()[id];
    const Value holds = machine_.evaluate(rule.when, values, rule.when.cost_bound);
    if (holds.is_bool(false)) continue;
    out = both(out, rule.then);
    on_fired(id, holds);
  }
  for (std::uint32_t id = 0; id < policy_.detectors().size(); ++id) {
    const Detector& detector = policy_.detectors()[id];
    const Value holds = machine_.evaluate(detector.when, values, detector.when.cost_bound);
    if (holds.is_bool(false)) continue;
    const bool is_told = !holds.is_error();
    const std::uint32_t next = is_told ? steps_[id] + 1 : std::max(steps_[id], 1U);
    const std::uint32_t step = std::min(next, static_cast<std::uint32_t>(detector.steps.size()));
    out = both(out, detector.steps[step - 1].demand);
    on_raised(id, step, holds);
  }
  return out;
}

std::optional<Usd> Judge::allowed_up_to(const Inputs& inputs) { return allowed_up_to(inputs, {}, {}, {}); }

// Halves between nothing, which must be allowed, and what was asked for, which is not: ends beside a place where the verdict
// flips. With a policy that is stricter for more there is just one.
std::optional<Usd> Judge::allowed_up_to(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now) {
  const Value& asked = inputs.values()[kValue];
  if (!policy_.domain().is_usd(asked)) return std::nullopt;
  look_up(grades, subjects, now, nullptr);
  std::vector<Value> values(inputs.values().begin(), inputs.values().end());
  Usd money;
  values[kValue] = policy_.domain().value(money);
  const auto allowed = [&](Usd other) {
    money = other;
    return demanded(values, [](std::uint32_t, const Value&) {}, [](std::uint32_t, std::uint32_t, const Value&) {}).allows();
  };
  Int128 low = 0;
  Int128 high = asked.object<Usd>().micro / kMicroPerCent + 1;
  if (allowed(asked.object<Usd>()) || !allowed({0})) return std::nullopt;
  while (high - low > 1) {
    const Int128 middle = low + (high - low) / 2;
    (allowed({middle * kMicroPerCent}) ? low : high) = middle;
  }
  if (low == 0) return std::nullopt;
  return Usd{low * kMicroPerCent};
}

std::vector<std::pair<std::string, std::string>> Judge::saw(const Condition& condition, const Inputs& inputs) const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::uint32_t slot : condition.reads) {
    out.emplace_back(policy_.domain().environment.variable(slot).name, show(policy_.domain(), inputs.values()[slot]));
  }
  return out;
}

Verdict Judge::judge(const Inputs& inputs) {
  Subjects everybody;
  everybody.names.fill("somebody");
  return judge(inputs, {}, everybody, {});
}

Verdict Judge::judge(const Inputs& inputs, const Grades& grades, const Subjects& subjects, Instant now) {
  Verdict out;
  out.policy = policy_.hash();
  look_up(grades, subjects, now, &out);
  const auto on_fired = [&](std::uint32_t id, const Value& holds) {
    out.fired.push_back({id, holds.is_error() ? holds.code() : ErrorCode::none, saw(policy_.rules()[id], inputs)});
  };
  const auto on_raised = [&](std::uint32_t id, std::uint32_t step, const Value& holds) {
    const Detector& detector = policy_.detectors()[id];
    const bool climbs = !holds.is_error() && !subjects.of(detector.scope).empty();
    out.raised.push_back({id, step, climbs && detector.steps[step - 1].freeze, climbs, holds.is_error() ? holds.code() : ErrorCode::none,
                          saw(detector, inputs)});
  };
  out.demand = demanded(inputs.values(), on_fired, on_raised);
  return out;
}

std::vector<std::pair<GradeKey, Grade>> climbs(const Policy& policy, const Verdict& verdict, const Subjects& subjects, Instant now) {
  std::vector<std::pair<GradeKey, Grade>> out;
  for (const Raised& raised : verdict.raised) {
    if (!raised.climbs) continue;
    const Detector& detector = policy.detectors()[raised.detector];
    const GradeKey key{detector.scope, std::string(subjects.of(detector.scope)), detector.name};
    out.emplace_back(key, Grade{raised.step, now, detector.decay_ms, raised.freeze});
  }
  return out;
}

std::string show(const Domain& domain, const Value& value) {
  switch (value.kind()) {
    case cel::ValueKind::error: return std::string(cel::name_of(value.code()));
    case cel::ValueKind::boolean: return value.as_bool() ? "true" : "false";
    case cel::ValueKind::int64: return std::to_string(value.as_int());
    case cel::ValueKind::string: return quoted(value.text());
    case cel::ValueKind::duration: return cel::write_duration(value.duration_nanos());
    case cel::ValueKind::timestamp: return cel::write_instant({value.seconds(), value.nanos()});
    case cel::ValueKind::list: {
      std::vector<std::string> parts;
      for (const Value& element : value.elements()) parts.push_back(show(domain, element));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    default: return domain.is_usd(value) ? write_usd(value.object<Usd>()) + " USD" : "a list of the policy";
  }
}

}  // namespace holdfast::policy
