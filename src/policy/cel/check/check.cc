#include "policy/cel/check/check.h"

#include "policy/cel/check/unify.h"
#include "policy/cel/syntax/macros.h"

#include <fmt/format.h>

#include <array>

namespace holdfast::policy::cel {

namespace {

using Typed = Parsed<TypeId>;

TypeId type_of_literal(const Literal& literal) {
  constexpr std::array kTypes{types::kNull,   types::kBool,   types::kInt,  types::kUint,
                              types::kDouble, types::kString, types::kBytes};
  return kTypes[literal.index()];
}

class Checker {
 public:
  Checker(Resolved resolved, const Environment& environment, const CheckRules& rules)
      : environment_(environment), rules_(rules), out_{std::move(resolved), environment.types(), {}, {}, true},
        unifier_(out_.types) {
    out_.node_types.resize(ast().nodes.size(), types::kDyn);
    out_.overloads.resize(ast().nodes.size());
    was_seen_.resize(ast().nodes.size(), false);
  }

  Parsed<Checked> run() {
    const auto type = visit(ast().root);
    if (!type) return Rejection(type.error());
    if (rules_.expected && !unifier_.unify(*type, *rules_.expected)) {
      return wrong(ast().root, fmt::format("this is of type {}, and {} is wanted", name(*type), name(*rules_.expected)));
    }
    return finish();
  }

 private:
  const Ast& ast() const { return out_.resolved.ast; }
  const Node& node(NodeId id) const { return ast().node(id); }
  NodeId operand(NodeId id, std::size_t index) const { return ast().operand(node(id), index); }

  Rejection wrong(NodeId id, std::string what) const { return reject("cel_type", node(id).at, std::move(what)); }
  std::string name(TypeId type) { return out_.types.name(Unifier(unifier_).finish(type)); }

  // What was decided late is put in everywhere.
  Parsed<Checked> finish() {
    for (NodeId id = 0; id < out_.node_types.size(); ++id) {
      if (was_seen_[id]) out_.node_types[id] = unifier_.finish(out_.node_types[id]);
    }
    for (NodeId id = 0; id < out_.node_types.size(); ++id) {
      if (!was_seen_[id] || !asks_for_equality(id) || has_equality(out_.node_types[operand(id, 0)])) continue;
      return wrong(id, fmt::format("values of type {} cannot be compared", out_.types.name(out_.node_types[operand(id, 0)])));
    }
    return std::move(out_);
  }

  bool asks_for_equality(NodeId id) const {
    const Node& here = node(id);
    if (here.kind != NodeKind::call || here.count != 2 || out_.types.opaque_count() == 0) return false;
    return ast().text(here) == "_==_" || ast().text(here) == "_!=_" || ast().text(here) == "@in";
  }

  bool has_equality(TypeId id) const {
    const Type& type = out_.types.of(id);
    switch (type.kind) {
      case TypeKind::opaque: return environment_.opaque_equals()[type.number] != nullptr;
      case TypeKind::list: return has_equality(type.first);
      case TypeKind::map: return has_equality(type.second);
      default: return true;
    }
  }

  Typed visit(NodeId id) {
    auto type = type_of(id);
    if (!type) return type;
    if (mentions_dyn(*type)) {
      if (!rules_.allows_dyn) return wrong(id, "the type of this is known at run time only (dyn), which is not allowed here");
      out_.is_sound = false;
    }
    was_seen_[id] = true;
    return out_.node_types[id] = *type;
  }

  // As written: what is unknown yet is looked at where it came from.
  bool mentions_dyn(TypeId id) const {
    const Type& type = out_.types.of(id);
    switch (type.kind) {
      case TypeKind::dyn: return true;
      case TypeKind::list: return mentions_dyn(type.first);
      case TypeKind::map: return mentions_dyn(type.first) || mentions_dyn(type.second);
      case TypeKind::opaque: return out_.types.opaque_of(type.number).has_parameter && mentions_dyn(type.first);
      default: return false;
    }
  }

  Typed type_of(NodeId id) {
    switch (node(id).kind) {
      case NodeKind::literal: return type_of_literal(ast().literal(node(id)));
      case NodeKind::name: return name_type(id);
      case NodeKind::select:
        if (out_.resolved.nodes[id].meaning.kind != Meaning::Kind::none) return name_type(id);
        return field(id);
      case NodeKind::presence: {
        const auto type = field(id);
        return type ? Typed(types::kBool) : type;
      }
      case NodeKind::call:
        if (out_.resolved.nodes[id].meaning.kind != Meaning::Kind::none) return name_type(id);
        return call(id);
      case NodeKind::member_call: return call(id);
      case NodeKind::list: {
        const auto element = elements(id, 0, 1, "elements of a list");
        return element ? Typed(out_.types.list(*element)) : element;
      }
      case NodeKind::map: return map(id);
      case NodeKind::message: {
        return reject("cel_unsupported", node(id).at, fmt::format("there are no messages here, and no {}", ast().text(node(id))));
      }
      case NodeKind::conditional: return conditional(id);
      case NodeKind::all_of:
      case NodeKind::any_of: return junction(id);
      case NodeKind::loop: return loop(id);
    }
    return wrong(id, "no expression");
  }

  Typed name_type(NodeId id) {
    const Meaning& meaning = out_.resolved.nodes[id].meaning;
    switch (meaning.kind) {
      case Meaning::Kind::local: return local_types_[meaning.index];
      case Meaning::Kind::variable: return environment_.variable(meaning.index).type;
      case Meaning::Kind::type: return types::kType;
      case Meaning::Kind::none: break;
    }
    return reject("cel_unknown_name", node(id).at,
                  fmt::format("undeclared reference to '{}' (in container '{}')", ast().text(node(id)), environment_.container()));
  }

  // Of a map with text as keys: map.field is map["field"].
  Typed field(NodeId id) {
    const auto of = visit(operand(id, 0));
    if (!of) return of;
    const Type& shape = unifier_.shape(*of);
    if (shape.kind == TypeKind::dyn) return types::kDyn;
    const TypeId value = shape.kind == TypeKind::map ? shape.second : unifier_.fresh();
    if (unifier_.unify(*of, out_.types.map(types::kString, value))) return value;
    return wrong(id, fmt::format("{} has no field '{}'", name(*of), ast().text(node(id))));
  }

  // The one type of every `step`-th operand.
  Typed elements(NodeId id, std::size_t first, std::size_t step, std::string_view what) {
    TypeId out = unifier_.fresh();
    for (std::size_t i = first; i < node(id).count; i += step) {
      const auto type = visit(operand(id, i));
      if (!type) return type;
      const TypeKind kind = unifier_.shape(*type).kind;
      if (kind == TypeKind::dyn || unifier_.shape(out).kind == TypeKind::dyn) {
        out = types::kDyn;
      } else if (!unifier_.unify(out, *type)) {
        if (!rules_.allows_dyn) {
          return wrong(operand(id, i), fmt::format("{} are of one type: this one is {}, those before are {}", what, name(*type), name(out)));
        }
        out = types::kDyn;
      }
    }
    return out;
  }

  Typed map(NodeId id) {
    const auto key = elements(id, 0, 2, "keys of a map");
    if (!key) return key;
    if (!unifier_.unify(*key, unifier_.fresh_key())) {
      return wrong(id, fmt::format("{} is no type for a key: bool, int, uint and string are", name(*key)));
    }
    const auto value = elements(id, 1, 2, "values of a map");
    return value ? Typed(out_.types.map(*key, *value)) : value;
  }

  Typed expect_bool(NodeId id, std::string_view what) {
    const auto type = visit(id);
    if (type && !unifier_.unify(*type, types::kBool)) return wrong(id, fmt::format("{} is a bool, and this is {}", what, name(*type)));
    return type;
  }

  Typed conditional(NodeId id) {
    const auto condition = expect_bool(operand(id, 0), "what stands before '?'");
    if (!condition) return condition;
    const auto yes = visit(operand(id, 1));
    if (!yes) return yes;
    const auto no = visit(operand(id, 2));
    if (!no) return no;
    if (!unifier_.unify(*yes, *no)) {
      return wrong(id, fmt::format("both results have to be of one type: they are {} and {}", name(*yes), name(*no)));
    }
    return unifier_.shape(*no).kind == TypeKind::dyn ? no : yes;
  }

  Typed junction(NodeId id) {
    for (std::size_t i = 0; i < node(id).count; ++i) {
      const auto type = expect_bool(operand(id, i), node(id).kind == NodeKind::all_of ? "each side of &&" : "each side of ||");
      if (!type) return type;
    }
    return types::kBool;
  }

  Typed loop(NodeId id) {
    const auto range = visit(operand(id, 0));
    if (!range) return range;
    const Type& shape = unifier_.shape(*range);
    TypeId element = types::kDyn;
    if (shape.kind == TypeKind::list || shape.kind == TypeKind::map) {
      element = shape.first;
    } else if (shape.kind == TypeKind::variable) {
      element = unifier_.fresh();
      unifier_.unify(*range, out_.types.list(element));
    } else if (shape.kind != TypeKind::dyn) {
      return wrong(operand(id, 0), fmt::format("{}() goes through a list or a map, and this is {}", name_of(node(id).macro), name(*range)));
    }
    local_types_.resize(ast().nodes.size(), types::kDyn);
    local_types_[id] = element;
    const bool is_map = node(id).macro == LoopMacro::map;
    for (std::size_t i = 1; i < node(id).count; ++i) {
      const bool is_transform = is_map && i + 1 == node(id).count;
      const auto type = is_transform ? visit(operand(id, i)) : expect_bool(operand(id, i), "the condition of a loop");
      if (!type) return type;
      if (is_transform) return out_.types.list(*type);
    }
    return node(id).macro == LoopMacro::filter ? out_.types.list(element) : types::kBool;
  }

  Typed call(NodeId id) {
    const bool is_member = node(id).kind == NodeKind::member_call && !out_.resolved.nodes[id].is_namespaced;
    std::vector<TypeId> arguments;
    for (std::size_t i = out_.resolved.nodes[id].is_namespaced ? 1 : 0; i < node(id).count; ++i) {
      const auto type = visit(operand(id, i));
      if (!type) return type;
      arguments.push_back(*type);
    }
    const auto function = out_.resolved.nodes[id].function;
    if (!function) return reject("cel_unknown_name", node(id).at, fmt::format("there is no function '{}'", ast().text(node(id))));
    return choose_overload(id, environment_.function(*function), is_member, arguments);
  }

  Typed choose_overload(NodeId id, const Function& function, bool is_member, const std::vector<TypeId>& arguments) {
    std::optional<TypeId> result;
    std::size_t fitting = 0;
    for (const std::uint32_t each : function.overloads) {
      const DeclaredOverload& overload = environment_.overload(each);
      if (overload.is_member != is_member || overload.parameters.size() != arguments.size()) continue;
      const auto type = try_overload(overload, arguments);
      if (!type) continue;
      out_.overloads[id] = ++fitting == 1 ? std::optional(each) : std::nullopt;
      if (!result) {
        result = type;
      } else if (unifier_.find(*result) != unifier_.find(*type)) {
        result = types::kDyn;
      }
    }
    if (!result) return no_overload(id, function, is_member, arguments);
    return *result;
  }

  std::optional<TypeId> try_overload(const DeclaredOverload& overload, const std::vector<TypeId>& arguments) {
    const std::size_t before = unifier_.mark();
    Unifier::Parameters parameters{};
    for (std::uint32_t i = 0; i < overload.unknowns; ++i) parameters[i] = unifier_.fresh();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (unifier_.unify(unifier_.instantiate(overload.parameters[i], parameters), arguments[i])) continue;
      unifier_.undo(before);
      return std::nullopt;
    }
    return unifier_.instantiate(overload.result, parameters);
  }

  Rejection no_overload(NodeId id, const Function& function, bool is_member, const std::vector<TypeId>& arguments) {
    std::string given;
    for (const TypeId each : arguments) given += (given.empty() ? "" : ", ") + name(each);
    std::string possible;
    for (const std::uint32_t each : function.overloads) {
      const DeclaredOverload& overload = environment_.overload(each);
      if (overload.is_member != is_member || possible.size() > 300) continue;
      possible += possible.empty() ? "; it takes " : " or ";
      std::string parameters;
      for (const TypeId one : overload.parameters) parameters += (parameters.empty() ? "" : ", ") + environment_.types().name(one);
      possible += '(' + parameters + ')';
    }
    return wrong(id, fmt::format("{} cannot be applied to ({}){}", function.name, given, possible));
  }

  const Environment& environment_;
  CheckRules rules_;
  Checked out_;
  Unifier unifier_;
  std::vector<TypeId> local_types_;  // Of loops' variables, by node.
  std::vector<bool> was_seen_;
};

}  // namespace

Parsed<Checked> check(Resolved resolved, const Environment& environment, const CheckRules& rules) {
  return Checker(std::move(resolved), environment, rules).run();
}

}  // namespace holdfast::policy::cel
