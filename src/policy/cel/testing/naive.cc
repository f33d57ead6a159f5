#include "policy/cel/testing/naive.h"

#include "policy/cel/functions/civil_time.h"
#include "policy/cel/syntax/utf8.h"
#include "policy/cel/testing/naive_functions.h"

#include <algorithm>
#include <cmath>

namespace holdfast::policy::cel {

namespace {

Plain failed(ErrorCode code) { return {code}; }

class Walker {
 public:
  Walker(const Ast& ast, const std::map<std::string, Plain>& variables) : ast_(ast), variables_(variables) {}

  Plain eval(NodeId id) {
    const Node& node = ast_.node(id);
    switch (node.kind) {
      case NodeKind::literal: return std::visit([](const auto& literal) { return Plain{literal}; }, ast_.literal(node));
      case NodeKind::name: return name(ast_.text(node), node.absolute);
      case NodeKind::select: return field(node, false);
      case NodeKind::presence: return field(node, true);
      case NodeKind::call:
      case NodeKind::member_call: return call(node);
      case NodeKind::list: return list(node);
      case NodeKind::map: return map(node);
      case NodeKind::message: return failed(ErrorCode::unknown_name);
      case NodeKind::conditional: {
        const Plain condition = eval(ast_.operand(node, 0));
        if (condition.is_error()) return condition;
        const bool* truth = condition.as<bool>();
        if (truth == nullptr) return failed(ErrorCode::no_such_overload);
        return eval(ast_.operand(node, *truth ? 1 : 2));
      }
      case NodeKind::all_of: return junction(node, false);
      case NodeKind::any_of: return junction(node, true);
      case NodeKind::loop: return loop(node);
    }
    return failed(ErrorCode::unknown_name);
  }

 private:
  Plain name(const std::string& name, bool absolute) {
    for (auto local = locals_.rbegin(); !absolute && local != locals_.rend(); ++local) {
      if (local->first == name) return local->second;
    }
    if (const auto found = variables_.find(name); found != variables_.end()) return found->second;
    for (const char* type : {"bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"}) {
      if (name == type) return {PlainType{name}};
    }
    return failed(ErrorCode::unknown_name);
  }

  Plain field(const Node& node, bool only_presence) {
    const Plain of = eval(ast_.operand(node, 0));
    if (of.is_error()) return of;
    const auto* map = of.as<std::shared_ptr<PlainMap>>();
    if (map == nullptr) return failed(ErrorCode::no_such_overload);
    const Plain found = plain_lookup(**map, Plain{ast_.text(node)});
    return only_presence ? Plain{!found.is_error()} : found;
  }

  // Every side is looked at, then all are put together: what decides wins, then the first error.
  Plain junction(const Node& node, bool decisive) {
    std::vector<Plain> sides;
    for (std::size_t i = 0; i < node.count; ++i) sides.push_back(eval(ast_.operand(node, i)));
    return joined(sides, decisive);
  }

  static Plain joined(const std::vector<Plain>& sides, bool decisive) {
    for (const Plain& side : sides) {
      if (side.as<bool>() != nullptr && *side.as<bool>() == decisive) return {decisive};
    }
    for (const Plain& side : sides) {
      if (side.is_error()) return side;
      if (side.as<bool>() == nullptr) return failed(ErrorCode::no_such_overload);
    }
    return {!decisive};
  }

  Plain list(const Node& node) {
    auto out = std::make_shared<PlainList>();
    for (std::size_t i = 0; i < node.count; ++i) out->push_back(eval(ast_.operand(node, i)));
    for (const Plain& each : *out) {
      if (each.is_error()) return each;
    }
    return {out};
  }

  Plain map(const Node& node) {
    std::vector<Plain> parts;
    for (std::size_t i = 0; i < node.count; ++i) parts.push_back(eval(ast_.operand(node, i)));
    for (const Plain& each : parts) {
      if (each.is_error()) return each;
    }
    return plain_map(parts);
  }

  // f("x"), where there is a variable of that name.
  const Plain* written_name(const Node& node) const {
    if (node.kind != NodeKind::call || node.count != 1) return nullptr;
    const Node& only = ast_.node(ast_.operand(node, 0));
    const auto* text = only.kind == NodeKind::literal ? std::get_if<std::string>(&ast_.literal(only)) : nullptr;
    const auto found = text == nullptr ? variables_.end() : variables_.find(ast_.text(node) + "(\"" + *text + "\")");
    return found == variables_.end() ? nullptr : &found->second;
  }

  Plain call(const Node& node) {
    if (const Plain* variable = written_name(node)) return *variable;
    std::vector<Plain> arguments;
    for (std::size_t i = 0; i < node.count; ++i) arguments.push_back(eval(ast_.operand(node, i)));
    for (const Plain& each : arguments) {
      if (each.is_error()) return each;
    }
    return plain_call(ast_.text(node), node.kind == NodeKind::member_call, arguments);
  }

  Plain loop(const Node& node) {
    const Plain range = eval(ast_.operand(node, 0));
    if (range.is_error()) return range;
    PlainList elements;
    if (const auto* list = range.as<std::shared_ptr<PlainList>>()) {
      elements = **list;
    } else if (const auto* map = range.as<std::shared_ptr<PlainMap>>()) {
      for (const auto& [key, value] : **map) elements.push_back(key);
    } else {
      return failed(ErrorCode::no_such_overload);
    }
    std::vector<Plain> tests;
    std::vector<Plain> transformed;
    for (const Plain& element : elements) {
      locals_.emplace_back(ast_.text(node), element);
      tests.push_back(eval(ast_.operand(node, 1)));
      const bool* kept = tests.back().as<bool>();
      if (node.count == 3 && kept != nullptr && *kept) transformed.push_back(eval(ast_.operand(node, 2)));
      if (node.count == 3 && (kept == nullptr || !*kept)) transformed.push_back({Null{}});
      locals_.pop_back();
    }
    return gathered(node, elements, tests, transformed);
  }

  static Plain gathered(const Node& node, const PlainList& elements, const std::vector<Plain>& tests,
                        const std::vector<Plain>& transformed) {
    if (node.macro == LoopMacro::all) return joined(tests, false);
    if (node.macro == LoopMacro::exists) return joined(tests, true);
    const bool only_transforms = node.macro == LoopMacro::map && node.count == 2;
    auto out = std::make_shared<PlainList>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (tests[i].is_error()) return tests[i];
      if (!only_transforms && tests[i].as<bool>() == nullptr) return failed(ErrorCode::no_such_overload);
      if (!only_transforms && !*tests[i].as<bool>()) continue;
      const Plain& kept = node.macro != LoopMacro::map ? elements[i] : only_transforms ? tests[i] : transformed[i];
      if (kept.is_error()) return kept;
      out->push_back(kept);
    }
    return node.macro == LoopMacro::exists_one ? Plain{out->size() == 1} : Plain{out};
  }

  const Ast& ast_;
  const std::map<std::string, Plain>& variables_;
  std::vector<std::pair<std::string, Plain>> locals_;
};

}  // namespace

Plain to_plain(const Value& value) {
  switch (value.kind()) {
    case ValueKind::error: return {value.code()};
    case ValueKind::null: return {Null{}};
    case ValueKind::boolean: return {value.as_bool()};
    case ValueKind::int64: return {value.as_int()};
    case ValueKind::uint64: return {value.as_uint()};
    case ValueKind::floating: return {value.as_double()};
    case ValueKind::string: return {std::string(value.text())};
    case ValueKind::bytes: return {ByteString{std::string(value.text())}};
    case ValueKind::timestamp: return {PlainInstant{value.seconds(), value.nanos()}};
    case ValueKind::duration: return {PlainDuration{value.duration_nanos()}};
    case ValueKind::type: return {PlainType{std::string(value.text())}};
    case ValueKind::list: {
      auto out = std::make_shared<PlainList>();
      for (const Value& each : value.elements()) out->push_back(to_plain(each));
      return {out};
    }
    case ValueKind::map: {
      auto out = std::make_shared<PlainMap>();
      for (const MapEntry& each : value.entries()) out->emplace_back(to_plain(each.key), to_plain(each.value));
      return {out};
    }
    case ValueKind::opaque: break;
  }
  return {ErrorCode::unavailable};
}

bool is_same(const Plain& a, const Plain& b) {
  if (a.value.index() != b.value.index()) return false;
  if (const auto* left = a.as<double>()) {
    const double right = *b.as<double>();
    return (std::isnan(*left) && std::isnan(right)) || (*left == right && std::signbit(*left) == std::signbit(right));
  }
  if (const auto* left = a.as<std::shared_ptr<PlainList>>()) {
    return std::ranges::equal(**left, **b.as<std::shared_ptr<PlainList>>(), is_same);
  }
  if (const auto* left = a.as<std::shared_ptr<PlainMap>>()) {
    return std::ranges::equal(**left, **b.as<std::shared_ptr<PlainMap>>(), [](const auto& x, const auto& y) {
      return is_same(x.first, y.first) && is_same(x.second, y.second);
    });
  }
  return a.value == b.value;
}

Plain evaluate_naively(const Ast& ast, const std::map<std::string, Plain>& variables) { return Walker(ast, variables).eval(ast.root); }

}  // namespace holdfast::policy::cel
