#include "policy/analysis/read_condition.h"

#include "policy/analysis/meaning.h"
#include "policy/cel/check/write.h"
#include "policy/cel/functions/civil_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace holdfast::policy {

using cel::Meaning;
using cel::NodeId;
using cel::NodeKind;
using cel::TypeKind;

namespace {

// Sums of money go up to 2^127; so far below, what a proof does with the numbers seldom goes over 128 bits.
constexpr Int128 kSafeMoney = Int128{1} << 110;

Int128 nanos_of(const cel::Instant& at) { return Int128{at.seconds} * cel::kNanosPerSecond + at.nanos; }

Partial partial_of(TypeKind kind, Linear value) {
  constexpr Int128 kMost = std::numeric_limits<std::int64_t>::max();
  constexpr Int128 kFirst = Int128{cel::kFirstSecond} * cel::kNanosPerSecond;
  constexpr Int128 kLast = Int128{cel::kLastSecond} * cel::kNanosPerSecond;
  switch (kind) {
    case TypeKind::opaque: return {std::move(value), -kSafeMoney, kSafeMoney};
    case TypeKind::timestamp: return {std::move(value), kFirst, kLast};
    default: return {std::move(value), -kMost, kMost};
  }
}

Formula inverted(Formula formula) { return {Formula::Kind::invert, false, 0, {std::move(formula)}}; }

}  // namespace

std::string ConditionReader::key(NodeId id) const {
  const auto name_of = [&](std::uint32_t slot) {
    const auto list = policy_.lists().find(slot);
    return list == policy_.lists().end() ? meaning_of(policy_, slot, number_) : fmt::format("<set {}>", vocabulary_.list(list->second));
  };
  return cel::write(checked_.resolved, id, name_of);
}

std::string ConditionReader::shown(NodeId id) const {
  return cel::write(checked_.resolved, id, [&](std::uint32_t slot) { return policy_.domain().environment.variable(slot).name; });
}

bool ConditionReader::is_call(NodeId id, std::string_view function, std::size_t arguments) const {
  return node(id).kind == NodeKind::call && node(id).count == arguments && ast_.text(node(id)) == function;
}

bool ConditionReader::is_number(NodeId id) const {
  const TypeKind kind = type(id);
  return is_usd(id) || is_amount(id) || kind == TypeKind::int64 || kind == TypeKind::duration || kind == TypeKind::timestamp;
}

const std::string* ConditionReader::text(NodeId id) const {
  return node(id).kind == NodeKind::literal ? std::get_if<std::string>(&ast_.literal(node(id))) : nullptr;
}

std::optional<std::uint32_t> ConditionReader::variable(NodeId id) const {
  const Meaning& meaning = checked_.resolved.nodes[id].meaning;
  return meaning.kind == Meaning::Kind::variable ? std::optional(meaning.index) : std::nullopt;
}

Atom ConditionReader::start(NodeId id) const {
  Atom out;
  out.shown = shown(id);
  out.at = node(id).at;
  return out;
}

Formula ConditionReader::truth_of(NodeId id) {
  switch (node(id).kind) {
    case NodeKind::literal:
      if (const bool* truth = std::get_if<bool>(&ast_.literal(node(id)))) return {Formula::Kind::truth, *truth, 0, {}};
      return opaque_atom(id);
    case NodeKind::all_of: return parts_of(id, Formula::Kind::all_of);
    case NodeKind::any_of: return parts_of(id, Formula::Kind::any_of);
    case NodeKind::conditional: return parts_of(id, Formula::Kind::conditional);
    case NodeKind::call: return call(id);
    case NodeKind::loop: return loop(id);
    default: return opaque_atom(id);
  }
}

Formula ConditionReader::parts_of(NodeId id, Formula::Kind kind) {
  Formula out{kind, false, 0, {}};
  for (std::size_t i = 0; i < node(id).count; ++i) out.parts.push_back(truth_of(operand(id, i)));
  return out;
}

Formula ConditionReader::call(NodeId id) {
  if (is_call(id, "!_", 1)) return inverted(truth_of(operand(id, 0)));
  if (node(id).count != 2) return opaque_atom(id);
  const NodeId a = operand(id, 0);
  const NodeId b = operand(id, 1);
  if (is_call(id, "_<_", 2)) return ordered(id, a, b, false);
  if (is_call(id, "_<=_", 2)) return ordered(id, a, b, true);
  if (is_call(id, "_>_", 2)) return ordered(id, b, a, false);
  if (is_call(id, "_>=_", 2)) return ordered(id, b, a, true);
  if (is_call(id, "_==_", 2)) return equality(id);
  if (is_call(id, "_!=_", 2)) return inverted(equality(id));
  if (is_call(id, "@in", 2)) return membership(id);
  return opaque_atom(id);
}

// The same whether the sign is == or !=: the latter is inverted outside.
Formula ConditionReader::equality(NodeId id) {
  const NodeId a = operand(id, 0);
  const NodeId b = operand(id, 1);
  if (is_number(a) && checked_.node_types[a] == checked_.node_types[b]) {
    return equal(id, a, b);
  }
  if (type(a) == TypeKind::string && text(b) != nullptr) return text_is_in(id, a, vocabulary_.set({*text(b)}));
  if (type(a) == TypeKind::string && text(a) != nullptr) return text_is_in(id, b, vocabulary_.set({*text(a)}));
  Formula out = opaque_atom(id);
  return is_call(id, "_!=_", 2) ? inverted(std::move(out)) : out;  // Its text says !=, so it is inverted twice.
}

// A list with an element that cannot be told cannot be told as a whole, also where another element is the one that is sought.
bool ConditionReader::has_only_constants(NodeId list) const {
  for (std::size_t i = 0; i < node(list).count; ++i) {
    if (!constant(operand(list, i))) return false;
  }
  return true;
}

Formula ConditionReader::equal(NodeId id, NodeId a, NodeId b) {
  return {Formula::Kind::all_of, false, 0, {ordered(id, a, b, true), ordered(id, b, a, true)}};
}

Formula ConditionReader::membership(NodeId id) {
  const NodeId sought = operand(id, 0);
  const NodeId in = operand(id, 1);
  if (const auto slot = variable(in); slot && policy_.lists().contains(*slot)) {
    return text_is_in(id, sought, vocabulary_.list(policy_.lists().at(*slot)));
  }
  if (const auto texts = texts_of(in); texts && type(sought) == TypeKind::string) return text_is_in(id, sought, vocabulary_.set(*texts));
  if (node(in).kind == NodeKind::list && is_number(sought) && has_only_constants(in)) {
    Formula out{Formula::Kind::any_of, false, 0, {}};
    for (std::size_t i = 0; i < node(in).count; ++i) out.parts.push_back(equal(id, operand(in, i), sought));
    return out;
  }
  if (type(in) == TypeKind::list && variable(in) && text(sought) != nullptr) {
    return list_meets(id, in, vocabulary_.set({*text(sought)}));
  }
  return opaque_atom(id);
}

// labels.exists(l, l in bad), and labels.all(l, !(l in bad)), which is its contrary.
Formula ConditionReader::loop(NodeId id) {
  const NodeId range = operand(id, 0);
  if (!variable(range) || type(range) != TypeKind::list) return opaque_atom(id);
  const bool is_all = node(id).macro == cel::LoopMacro::all;
  if (!is_all && node(id).macro != cel::LoopMacro::exists) return opaque_atom(id);
  const auto texts = texts_with(operand(id, 1), id, !is_all);
  if (!texts) return opaque_atom(id);
  Formula out = list_meets(id, range, vocabulary_.set(*texts));
  return is_all ? inverted(std::move(out)) : out;
}

std::optional<TextSet> ConditionReader::texts_with(NodeId id, NodeId loop, bool truth) const {
  if (is_call(id, "!_", 1)) return texts_with(operand(id, 0), loop, !truth);
  if (node(id).kind == (truth ? NodeKind::any_of : NodeKind::all_of)) {
    TextSet out;
    for (std::size_t i = 0; i < node(id).count; ++i) {
      const auto part = texts_with(operand(id, i), loop, truth);
      if (!part) return std::nullopt;
      out.insert(part->begin(), part->end());
    }
    return out;
  }
  if (node(id).kind != NodeKind::call || node(id).count != 2) return std::nullopt;
  const auto is_local = [&](NodeId part) {
    const Meaning& meaning = checked_.resolved.nodes[part].meaning;
    return meaning.kind == Meaning::Kind::local && meaning.index == loop;
  };
  const NodeId a = operand(id, 0);
  const NodeId b = operand(id, 1);
  if (is_call(id, truth ? "_==_" : "_!=_", 2)) {
    if (is_local(a) && text(b) != nullptr) return TextSet{*text(b)};
    if (is_local(b) && text(a) != nullptr) return TextSet{*text(a)};
    return std::nullopt;
  }
  return truth && is_call(id, "@in", 2) && is_local(a) ? texts_of(b) : std::nullopt;
}

std::optional<TextSet> ConditionReader::texts_of(NodeId list) const {
  if (const auto slot = variable(list)) {
    const auto named = policy_.lists().find(*slot);
    const bool is_told = named != policy_.lists().end() && vocabulary_.purpose() == Purpose::comparison;
    return is_told ? std::optional(named->second) : std::nullopt;
  }
  if (node(list).kind != NodeKind::list) return std::nullopt;
  TextSet out;
  for (std::size_t i = 0; i < node(list).count; ++i) {
    if (text(operand(list, i)) == nullptr) return std::nullopt;
    out.insert(*text(operand(list, i)));
  }
  return out;
}

Formula ConditionReader::text_is_in(NodeId id, NodeId text, std::size_t set) {
  Atom out = start(id);
  out.kind = AtomKind::member;
  out.subject = term(text);
  out.terms = {out.subject};
  out.set = &vocabulary_.set_of(set);
  out.may_change = vocabulary_.may_change(set);
  out.key = fmt::format("{} in <set {}>", vocabulary_.term_of(out.subject).key, set);
  return atom(std::move(out));
}

Formula ConditionReader::list_meets(NodeId id, NodeId list, std::size_t set) {
  Atom out = start(id);
  out.kind = AtomKind::meets;
  out.subject = term(list);
  out.terms = {out.subject};
  out.set = &vocabulary_.set_of(set);
  out.may_change = vocabulary_.may_change(set);
  out.key = fmt::format("{} meets <set {}>", vocabulary_.term_of(out.subject).key, set);
  return atom(std::move(out));
}

// A variable of type bool is one whose term is the variable; of anything else nothing but its text is known.
Formula ConditionReader::opaque_atom(NodeId id) {
  Atom out = start(id);
  out.terms = {term(id)};
  out.key = vocabulary_.term_of(out.terms[0]).key;
  return atom(std::move(out));
}

TermId ConditionReader::term(NodeId id) {
  const auto slot = variable(id);
  if (!slot) return vocabulary_.term({key(id)});
  const cel::TypeId type = policy_.domain().environment.variable(*slot).type;
  const bool is_money = type == policy_.domain().usd_type();
  const bool is_sent = policy_.asset_at(*slot) != nullptr;
  const bool is_count = type == cel::types::kInt && window_of(policy_, *slot) != nullptr;
  const bool is_age = type == cel::types::kDuration && window_of(policy_, *slot) != nullptr && vocabulary_.purpose() == Purpose::advice;
  Term out{key(id), true};
  if (is_money || is_sent || is_count || is_age) out.least = 0;
  if (is_money) out.most = kMostMoney;
  if (is_sent) out.most = kMostAmount;
  return vocabulary_.term(out);
}

Formula ConditionReader::ordered(NodeId id, NodeId a, NodeId b, bool or_equal) {
  if (!is_number(a) || checked_.node_types[a] != checked_.node_types[b]) return opaque_atom(id);
  Number left = number(a);
  Number right = number(b);
  auto form = combined(left.value, 1, right.value, -1);
  if (form && !or_equal && __builtin_add_overflow(form->constant, Int128{1}, &form->constant)) form = std::nullopt;
  if (!form) return opaque_atom(id);
  Atom out = start(id);
  out.kind = AtomKind::comparison;
  out.key = fmt::format("{} {} {}", key(a), or_equal ? "<=" : "<", key(b));
  out.form = std::move(*form);
  out.partials = std::move(left.partials);
  out.terms = std::move(left.terms);
  std::ranges::move(right.partials, std::back_inserter(out.partials));
  std::ranges::move(right.terms, std::back_inserter(out.terms));
  return atom(std::move(out));
}

ConditionReader::Number ConditionReader::number(NodeId id) {
  if (const auto known = constant(id)) return {Linear::of(*known), {}, {}};
  const bool is_arithmetic = node(id).kind == NodeKind::call && !variable(id);
  return is_arithmetic ? arithmetic(id) : opaque_number(id);
}

ConditionReader::Number ConditionReader::opaque_number(NodeId id) {
  const TermId of = term(id);
  return {Linear::of_term(of), {}, {of}};
}

ConditionReader::Number ConditionReader::arithmetic(NodeId id) {
  const bool is_negation = is_call(id, "-_", 1);
  const bool is_sum = is_call(id, "_+_", 2);
  const bool is_product = is_call(id, "_*_", 2);
  const bool is_known = is_negation || is_sum || is_product || is_call(id, "_-_", 2);
  if (!is_known || !is_number(operand(id, 0)) || !is_number(operand(id, node(id).count - 1))) return opaque_number(id);
  Number a = number(operand(id, 0));
  Number b = is_negation ? Number{} : number(operand(id, 1));
  if (is_product && a.value.is_constant()) std::swap(a, b);
  if (is_product && !b.value.is_constant()) return opaque_number(id);
  const auto value = is_product    ? combined(a.value, b.value.constant, {}, 0)
                     : is_negation ? combined(a.value, -1, {}, 0)
                                   : combined(a.value, 1, b.value, is_sum ? 1 : -1);
  if (!value) return opaque_number(id);
  Number out{*value, std::move(a.partials), std::move(a.terms)};
  std::ranges::move(b.partials, std::back_inserter(out.partials));
  std::ranges::move(b.terms, std::back_inserter(out.terms));
  out.partials.push_back(partial_of(type(id), *value));
  return out;
}

std::optional<Int128> ConditionReader::constant(NodeId id) const {
  if (node(id).kind == NodeKind::literal) {
    const auto* number = std::get_if<std::int64_t>(&ast_.literal(node(id)));
    return number == nullptr ? std::nullopt : std::optional<Int128>(*number);
  }
  if (is_call(id, "amount", 2) && text(operand(id, 0)) != nullptr) {
    const auto amount = read_amount(*text(operand(id, 0)));
    return amount ? std::optional(amount->atto) : std::nullopt;
  }
  if (node(id).kind != NodeKind::call || node(id).count != 1) return std::nullopt;
  const std::string* written = text(operand(id, 0));
  if (written == nullptr) return std::nullopt;
  if (is_call(id, "usd", 1)) {
    const auto money = read_usd(*written);
    return money ? std::optional(money->micro) : std::nullopt;
  }
  if (is_call(id, "duration", 1)) {
    std::int64_t nanos = 0;
    return cel::read_duration(*written, nanos) == cel::DurationProblem::none ? std::optional<Int128>(nanos) : std::nullopt;
  }
  if (!is_call(id, "timestamp", 1)) return std::nullopt;
  const auto at = cel::read_instant(*written);
  const bool is_in_range = at && at->seconds >= cel::kFirstSecond && at->seconds <= cel::kLastSecond;
  return is_in_range ? std::optional(nanos_of(*at)) : std::nullopt;
}

}  // namespace holdfast::policy
