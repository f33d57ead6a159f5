#include "policy/cel/testing/sample_world.h"

#include "base/check.h"
#include "policy/cel/check/check.h"
#include "policy/cel/run/compile.h"
#include "policy/cel/run/machine.h"
#include "policy/cel/syntax/parser.h"
#include "policy/cel/testing/show.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace holdfast::policy::cel {

namespace {

constexpr std::uint64_t kText = 32;

// The second evaluator knows neither these functions nor names with dots.
bool is_beyond_naive(std::string_view source, const Resolved& resolved) {
  for (NodeId id = 0; id < resolved.nodes.size(); ++id) {
    const bool is_name = resolved.nodes[id].meaning.kind != Meaning::Kind::none;
    if (is_name && resolved.ast.node(id).kind == NodeKind::select) return true;
  }
  for (const std::string_view word : {"matches", "get", "bool", "double(s", "string(d", "double(", "string("}) {
    if (source.find(word) != std::string_view::npos) return true;
  }
  return false;
}

bool is_limit(ErrorCode code) {
  return code == ErrorCode::out_of_budget || code == ErrorCode::out_of_memory || code == ErrorCode::too_deep;
}

}  // namespace

SampleWorld::SampleWorld() {
  TypeTable& table = environment.types();
  for (const std::int64_t each : {3, 1, 4, 1, 5}) numbers_.push_back(Value::of(each));
  for (const std::string_view each : {"", "btc", "eth", "btcb"}) words_.push_back(Value::string(each));
  limits_ = {{Value::string("btc"), Value::of(std::int64_t{10})}, {Value::string("eth"), Value::of(std::int64_t{-7})}};
  HF_CHECK(sort_entries(limits_) == ErrorCode::none);
  add("b", types::kBool, Value::of(true));
  add("i", types::kInt, Value::of(std::int64_t{42}));
  add("j", types::kInt, Value::of(std::numeric_limits<std::int64_t>::min()));
  add("u", types::kUint, Value::of(std::uint64_t{7}));
  add("d", types::kDouble, Value::of(2.5));
  add("s", types::kString, Value::string("h\u00e9llo btc"), Bound::text(kText));
  add("y", types::kBytes, Value::bytes("\x01\xff"), Bound::text(kText));
  add("t", types::kTimestamp, Value::timestamp(1'234'567'890, 500));
  add("p", types::kDuration, Value::duration(90'000'000'000));
  add("xs", table.list(types::kInt), Value::list(numbers_), Bound::list(8));
  add("ws", table.list(types::kString), Value::list(words_), Bound::list(8, Bound::text(kText)));
  add("m", table.map(types::kString, types::kInt), Value::map(limits_.data(), limits_.size()),
      Bound::map(4, Bound::text(kText), {}));
  add("held(\"btc\")", types::kInt, Value::of(std::int64_t{12}));
  add("a.b", types::kInt, Value::of(std::int64_t{-1}));
  variables.erase("a.b");
}

void SampleWorld::add(const std::string& name, TypeId type, const Value& value, Bound bound) {
  environment.declare_variable(name, type, std::move(bound));
  inputs.push_back(value);
  variables[name] = to_plain(value);
}

Examined examine(const SampleWorld& world, std::string_view source) {
  Examined out;
  auto ast = parse(source);
  if (!ast) return out;
  const Ast tree = *ast;
  const auto checked = check(resolve(std::move(*ast), world.environment), world.environment);
  if (!checked) return out;
  out.was_accepted = true;
  const Program program = compile(*checked, world.environment);
  Machine machine;
  const Value got = machine.evaluate(program, world.inputs);
  if (got.is_error() && (got.code() == ErrorCode::no_such_overload || got.code() == ErrorCode::unknown_name)) {
    out.problem = fmt::format("accepted, and yet: {}", show(got));
  } else if (machine.spent() > program.cost_bound) {
    out.problem = fmt::format("spent {} of a bound of {}", machine.spent(), program.cost_bound);
  }
  if (!out.problem.empty() || (got.is_error() && is_limit(got.code()))) return out;
  const Plain plain = to_plain(got);
  Machine other;
  const Program unchecked = compile_unchecked(checked->resolved, world.environment);
  const Value without_types = other.evaluate(unchecked, world.inputs);
  if (!is_same(plain, to_plain(without_types))) out.problem = fmt::format("{} with types, {} without", show(got), show(without_types));
  if (!out.problem.empty() || is_beyond_naive(source, checked->resolved)) return out;
  out.was_compared = true;
  const Plain naive = evaluate_naively(tree, world.variables);
  if (!is_same(plain, naive)) {
    out.problem = fmt::format("the machine says {}, the second evaluator something else (kind {})", show(got), naive.value.index());
  }
  return out;
}

}  // namespace holdfast::policy::cel
