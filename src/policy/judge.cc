#include "policy/judge.h"

#include "policy/cel/functions/civil_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace holdfast::policy {
namespace {

using cel::ErrorCode;
using cel::Value;

constexpr std::int64_t kNanosPerMs = 1'000'000;
constexpr Int128 kMicroPerCent = 10'000;

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

}  // namespace

Inputs::Inputs(const Policy& policy) : policy_(policy) {
  const std::size_t slots = policy.domain().environment.variables().size();
  values_.assign(slots, unavailable());
  money_.resize(slots);
  values_[kLabels] = Value::list(nullptr, 0);
  for (const auto& [slot, list] : policy.lists()) values_[slot] = policy.domain().value(list);
  risk::Look empty;
  empty.groups.resize(policy.groups().size());
  empty.windows.resize(policy.windows().size());
  look(empty, {});
}

void Inputs::usd(std::uint32_t slot, Usd money) {
  money_[slot] = money;
  values_[slot] = policy_.domain().value(money_[slot]);
}

void Inputs::text(std::uint32_t slot, std::string_view text) {
  values_[slot] = text.size() <= kMaxText ? Value::string(text) : unavailable();
}

void Inputs::labels(const std::vector<std::string>& categories) {
  labels_.clear();
  for (const std::string& category : categories) labels_.push_back(Value::string(std::string_view(category).substr(0, kMaxText)));
  values_[kLabels] = categories.size() <= kMaxLabels ? Value::list(labels_) : unavailable();
}

void Inputs::time(Instant at) { values_[kTime] = timestamp_of(at); }

void Inputs::look(const risk::Look& look, Instant at) {
  for (const WindowUse& use : policy_.windows()) {
    const risk::WindowValue& value = look.windows[use.window];
    const risk::KeyTimes& times = look.groups[use.group];
    std::uint32_t slot = use.first_slot;
    values_[slot++] = Value::of(static_cast<std::int64_t>(value.count));
    usd(slot++, {value.sum});
    values_[slot++] = duration_of(times.first ? at - *times.first : 0);
    values_[slot++] = duration_of(times.last ? at - *times.last : std::numeric_limits<std::int64_t>::max());
    values_[slot++] = Value::of(times.first.has_value());
    if (use.spec.extremes) usd(slot++, {value.least});
    if (use.spec.extremes) usd(slot++, {value.greatest});
    if (use.spec.profile) usd(slot++, {value.median});
    if (use.spec.profile) usd(slot++, {value.median_distance});
    if (use.spec.distinct) values_[slot++] = Value::of(static_cast<std::int64_t>(value.distinct));
  }
}

Action Judge::strictest(const Inputs& inputs, std::vector<Fired>* fired) {
  Action out;
  for (std::uint32_t id = 0; id < policy_.rules().size(); ++id) {
    const Rule& rule = policy_.rules()[id];
    const Value holds = machine_.evaluate(rule.when, inputs.values(), rule.when.cost_bound);
    if (holds.is_bool(false)) continue;
    if (is_stricter(rule.then, out)) out = rule.then;
    if (fired == nullptr) continue;
    Fired& entry = fired->emplace_back();
    entry.rule = id;
    if (holds.is_error()) entry.error = holds.code();
    for (const std::uint32_t slot : rule.reads) {
      const auto& domain = policy_.domain();
      entry.saw.emplace_back(domain.environment.variable(slot).name, show(domain, inputs.values()[slot]));
    }
  }
  return out;
}

// Halves between nothing, which must be allowed, and what was asked for, which is not: ends beside a place where the verdict
// flips. With a policy that is stricter for more there is just one.
std::optional<Usd> Judge::allowed_up_to(const Inputs& inputs) {
  const Value& asked = inputs.values()[kValue];
  if (!policy_.domain().is_usd(asked)) return std::nullopt;
  Inputs other = inputs;
  const auto allowed = [&](Int128 cents) {
    const Usd money{cents * kMicroPerCent};
    other.set(kValue, policy_.domain().value(money));
    return strictest(other, nullptr).outcome == Outcome::allow;
  };
  Int128 low = 0;
  Int128 high = asked.object<Usd>().micro / kMicroPerCent + 1;
  if (!allowed(low)) return std::nullopt;
  while (high - low > 1) {
    const Int128 middle = low + (high - low) / 2;
    (allowed(middle) ? low : high) = middle;
  }
  if (low == 0) return std::nullopt;
  return Usd{low * kMicroPerCent};
}

Verdict Judge::judge(const Inputs& inputs) {
  Verdict out;
  out.policy = policy_.hash();
  out.action = strictest(inputs, &out.fired);
  if (out.action.outcome != Outcome::allow) out.allowed_up_to = allowed_up_to(inputs);
  return out;
}

std::string show(const Domain& domain, const Value& value) {
  switch (value.kind()) {
    case cel::ValueKind::error: return std::string(cel::name_of(value.code()));
    case cel::ValueKind::boolean: return value.as_bool() ? "true" : "false";
    case cel::ValueKind::int64: return std::to_string(value.as_int());
    case cel::ValueKind::string: return fmt::format("'{}'", value.text());
    case cel::ValueKind::duration: return cel::write_duration(value.duration_nanos());
    case cel::ValueKind::timestamp: return cel::write_instant({value.seconds(), value.nanos()});
    case cel::ValueKind::list: return fmt::format("{} entries", value.size());
    default: return domain.is_usd(value) ? write_usd(value.object<Usd>()) + " USD" : "a list of the policy";
  }
}

}  // namespace holdfast::policy
