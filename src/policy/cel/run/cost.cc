#include "policy/cel/run/cost.h"

#include "policy/cel/functions/pattern.h"
#include "policy/cel/run/operate.h"

#include <algorithm>

namespace holdfast::policy::cel {

namespace {

const Bound kNumber{};

// Of an element, a key or a value. What is in something unbounded without parts (a dyn) is unbounded, too.
Bound part_of(const Bound& bound, std::size_t index) {
  if (index < bound.parts.size()) return bound.parts[index];
  return bound.size == kUnbounded ? Bound{kUnbounded, {}} : kNumber;
}

std::uint64_t units_of_text(std::uint64_t bytes) { return bytes / kBytesPerUnit; }

// What comparing it with itself is charged.
std::uint64_t equality_cost(const Bound& bound) {
  std::uint64_t each = 0;
  for (const Bound& part : bound.parts) each = bounded_sum(each, equality_cost(part));
  return bounded_sum(1 + units_of_text(bound.size), bounded_product(bound.size, each));
}

// As large as either.
Bound larger(const Bound& a, const Bound& b) {
  Bound out{std::max(a.size, b.size), {}};
  for (std::size_t i = 0; i < std::max(a.parts.size(), b.parts.size()); ++i) {
    out.parts.push_back(larger(part_of(a, i), part_of(b, i)));
  }
  return out;
}

class Estimate {
 public:
  Estimate(const Resolved& resolved, const std::vector<std::optional<std::uint32_t>>* overloads, const Environment& environment,
           const CostPlan& plan)
      : resolved_(resolved), overloads_(overloads), environment_(environment), plan_(plan), total_(plan.code_size) {
    locals_.resize(ast().nodes.size());
  }

  std::uint64_t run() {
    visit(ast().root);
    return total_;
  }

 private:
  const Ast& ast() const { return resolved_.ast; }
  const Node& node(NodeId id) const { return ast().node(id); }
  NodeId child(NodeId id, std::size_t index) const { return ast().operand(node(id), index); }
  void add(std::uint64_t units) { total_ = bounded_sum(total_, bounded_product(units, times_)); }

  Bound visit(NodeId id) {
    switch (node(id).kind) {
      case NodeKind::literal: return literal(ast().literal(node(id)));
      case NodeKind::name: return name(id);
      case NodeKind::select:
        if (resolved_.nodes[id].meaning.kind != Meaning::Kind::none) return name(id);
        return field(id);
      case NodeKind::presence: field(id); return kNumber;
      case NodeKind::call:
        if (resolved_.nodes[id].meaning.kind != Meaning::Kind::none) return name(id);
        return call(id);
      case NodeKind::member_call: return call(id);
      case NodeKind::list: return list(id);
      case NodeKind::map: return map(id);
      case NodeKind::message: return kNumber;
      case NodeKind::conditional: {
        visit(child(id, 0));
        const Bound yes = visit(child(id, 1));
        return larger(yes, visit(child(id, 2)));
      }
      case NodeKind::all_of:
      case NodeKind::any_of:
        for (std::size_t i = 0; i < node(id).count; ++i) visit(child(id, i));
        return kNumber;
      case NodeKind::loop: return loop(id);
    }
    return kNumber;
  }

  static Bound literal(const Literal& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return Bound::text(text->size());
    if (const auto* bytes = std::get_if<ByteString>(&value)) return Bound::text(bytes->bytes.size());
    return kNumber;
  }

  Bound name(NodeId id) const {
    const Meaning& meaning = resolved_.nodes[id].meaning;
    switch (meaning.kind) {
      case Meaning::Kind::local: return locals_[meaning.index];
      case Meaning::Kind::variable: return environment_.variable(meaning.index).bound;
      case Meaning::Kind::type: return Bound::text(environment_.type_name(meaning.index).size());
      case Meaning::Kind::none: break;
    }
    return kNumber;
  }

  Bound field(NodeId id) {
    const Bound of = visit(child(id, 0));
    add(lookup_cost(of.size, ast().text(node(id)).size()));
    return part_of(of, 1);
  }

  Bound list(NodeId id) {
    Bound element{0, {}};
    for (std::size_t i = 0; i < node(id).count; ++i) element = larger(element, visit(child(id, i)));
    add(node(id).count);
    return Bound::list(node(id).count, std::move(element));
  }

  Bound map(NodeId id) {
    Bound key{0, {}};
    Bound value{0, {}};
    for (std::size_t i = 0; i < node(id).count; i += 2) {
      key = larger(key, visit(child(id, i)));
      value = larger(value, visit(child(id, i + 1)));
    }
    const std::uint64_t count = node(id).count / 2;
    add(bounded_product(count, lookup_cost(count, key.size)));
    return Bound::map(count, std::move(key), std::move(value));
  }

  Bound loop(NodeId id) {
    const Bound range = visit(child(id, 0));
    locals_[id] = part_of(range, 0);
    const std::uint64_t before = times_;
    times_ = bounded_product(times_, range.size);
    add(plan_.loop_costs[id]);
    Bound last = kNumber;
    for (std::size_t i = 1; i < node(id).count; ++i) last = visit(child(id, i));
    times_ = before;
    if (node(id).macro == LoopMacro::map) return Bound::list(range.size, std::move(last));
    if (node(id).macro == LoopMacro::filter) return Bound::list(range.size, locals_[id]);
    return kNumber;
  }

  Bound call(NodeId id) {
    const Resolution& resolution = resolved_.nodes[id];
    const std::size_t first = resolution.is_namespaced ? 1 : 0;
    std::vector<Bound> arguments;
    for (std::size_t i = first; i < node(id).count; ++i) arguments.push_back(visit(child(id, i)));
    if (!resolution.function) return kNumber;
    const Function& function = environment_.function(*resolution.function);
    const bool is_member = node(id).kind == NodeKind::member_call && first == 0;
    const auto op = is_member ? std::nullopt : operator_of_function(function.name);
    if (function.name == "matches" && arguments.size() == 2 && has_written_pattern(id)) {
      add(arguments[0].size);
      return kNumber;
    }
    const auto known = overloads_ != nullptr ? (*overloads_)[id] : std::nullopt;
    Bound out{0, {}};
    if (op && !(known && environment_.overload(*known).native != nullptr)) out = built_in(*op, arguments);
    return larger(out, overloads(id, function, is_member, arguments));
  }

  // Then the compiler makes the pattern, if it is one. If not, the call fails at the cost of an attempt.
  bool has_written_pattern(NodeId id) const {
    const Node& pattern = node(child(id, 1));
    const auto* text = pattern.kind == NodeKind::literal ? std::get_if<std::string>(&ast().literal(pattern)) : nullptr;
    return text != nullptr && Pattern::compile(*text).has_value();
  }

  Bound built_in(Op op, const std::vector<Bound>& arguments) {
    if (arguments.size() != 2) return Bound::text(op == Op::type_of ? 64 : 1);
    const Bound& a = arguments[0];
    const Bound& b = arguments[1];
    switch (op) {
      case Op::add: {
        Bound out = larger(a, b);
        out.size = bounded_sum(a.size, b.size);
        add(out.size);
        return out;
      }
      case Op::equal:
      case Op::not_equal: add(std::min(equality_cost(a), equality_cost(b))); return kNumber;
      case Op::in: {
        const std::uint64_t each = std::min(equality_cost(a), equality_cost(part_of(b, 0)));
        add(std::max(bounded_product(b.size, each), lookup_cost(b.size, a.size)));
        return kNumber;
      }
      case Op::index:
        add(lookup_cost(a.size, b.size));
        return part_of(a, a.parts.size() > 1 ? 1 : 0);
      default: add(units_of_text(std::min(a.size, b.size))); return kNumber;
    }
  }

  // The one that is known, or the worst of all.
  Bound overloads(NodeId id, const Function& function, bool is_member, const std::vector<Bound>& arguments) {
    std::uint64_t worst = 0;
    Bound out{0, {}};
    for (const std::uint32_t each : function.overloads) {
      const DeclaredOverload& overload = environment_.overload(each);
      if (overloads_ != nullptr && (*overloads_)[id] && *(*overloads_)[id] != each) continue;
      if (overload.native == nullptr || overload.is_member != is_member || overload.parameters.size() != arguments.size()) continue;
      worst = std::max(worst, cost_of(overload, arguments));
      out = larger(out, result_of(overload, arguments));
    }
    add(worst);
    return out;
  }

  static std::uint64_t cost_of(const DeclaredOverload& overload, const std::vector<Bound>& arguments) {
    std::uint64_t out = overload.base_cost;
    if (overload.work == Work::product) {
      return bounded_sum(out, bounded_product(arguments[0].size, std::max<std::uint64_t>(1, arguments[1].size)));
    }
    if (overload.work != Work::linear) return out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Fit& fit = overload.fits[i];
      const bool is_text = !fit.anything && (fit.kind == ValueKind::string || fit.kind == ValueKind::bytes);
      out = bounded_sum(out, is_text ? units_of_text(arguments[i].size) : arguments[i].size);
    }
    return out;
  }

  static Bound result_of(const DeclaredOverload& overload, const std::vector<Bound>& arguments) {
    if (overload.growth == Growth::fixed || arguments.empty()) return overload.result_bound;
    Bound out = arguments[0];
    if (overload.growth == Growth::as_first) return out;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      const std::uint64_t sum = bounded_sum(out.size, arguments[i].size);
      out = larger(out, arguments[i]);
      out.size = sum;
    }
    return out;
  }

  const Resolved& resolved_;
  const std::vector<std::optional<std::uint32_t>>* overloads_;
  const Environment& environment_;
  const CostPlan& plan_;
  std::vector<Bound> locals_;  // Of loops' variables, by node.
  std::uint64_t times_ = 1;    // How often the present part can be reached.
  std::uint64_t total_;
};

}  // namespace

std::uint64_t cost_bound(const Resolved& resolved, const std::vector<std::optional<std::uint32_t>>* overloads,
                         const Environment& environment, const CostPlan& plan) {
  return Estimate(resolved, overloads, environment, plan).run();
}

}  // namespace holdfast::policy::cel
