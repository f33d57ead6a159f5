#include "policy/cel/run/compile.h"

#include "policy/cel/run/cost.h"
#include "policy/cel/run/machine.h"
#include "policy/cel/run/operate.h"

#include <algorithm>
#include <cstring>

namespace holdfast::policy::cel {

namespace {

constexpr std::size_t kMaxSites = UINT16_MAX;    // Of calls of two; each is a node of its own.
constexpr std::uint64_t kFoldBudget = 100'000;  // For all constants of one program.

bool is_limit(ErrorCode code) { return code == ErrorCode::out_of_budget || code == ErrorCode::out_of_memory; }

class Compiler {
 public:
  Compiler(const Resolved& resolved, const std::vector<std::optional<std::uint32_t>>* overloads, const Environment& environment)
      : resolved_(resolved), overloads_(overloads), environment_(environment), out_(environment) {
    out_.source = ast().source;
    plan_.loop_costs.resize(ast().nodes.size());
    loop_bases_.resize(ast().nodes.size());
  }

  Program run() {
    const Part root = part(ast().root);
    emit(ast().root, {Op::finish, 0, 0, root.operand, 0});
    plan_.code_size = out_.code.size();
    out_.cost_bound = cost_bound(resolved_, overloads_, environment_, plan_);
    return std::move(out_);
  }

 private:
  struct Part {
    Operand operand = 0;
    bool is_constant = false;  // Needs no inputs, and no loop's variable.
  };

  const Ast& ast() const { return resolved_.ast; }
  const Node& node(NodeId id) const { return ast().node(id); }
  NodeId child(NodeId id, std::size_t index) const { return ast().operand(node(id), index); }
  std::uint32_t here() const { return static_cast<std::uint32_t>(out_.code.size()); }

  std::uint32_t emit(NodeId id, Instruction instruction) {
    out_.code.push_back(instruction);
    out_.places.push_back(node(id).at);
    return here() - 1;
  }
  void land(std::uint32_t jump) { out_.code[jump].b = here(); }

  std::uint32_t reserve(std::uint32_t count = 1) {
    const std::uint32_t first = top_;
    top_ += count;
    out_.temporaries = std::max(out_.temporaries, top_);
    return first;
  }

  Operand constant(const Value& value) {
    out_.constants.push_back(value);
    return operand_in(Bank::constant, static_cast<std::uint32_t>(out_.constants.size() - 1));
  }

  // The value of a node, and with it all code that makes it. Temporaries above what was in use before are free again.
  Part part(NodeId id) {
    const std::uint32_t begin = here();
    const std::uint32_t before = top_;
    Part out = code_for(id);
    top_ = before;
    if (out.is_constant && here() > begin) fold(id, begin, out);
    if (bank_of(out.operand) == Bank::temporary) top_ = std::max(top_, (out.operand & kIndexMask) + 1);
    return out;
  }

  void fold(NodeId id, std::uint32_t begin, Part& out) {
    emit(id, {Op::finish, 0, 0, out.operand, 0});
    std::uint64_t spent = 0;
    const Value value = evaluate_constant(out_, begin, scratch_, out_.memory, kFoldBudget - folded_, spent);
    folded_ += spent + (here() - begin);
    folded_ = std::min(folded_, kFoldBudget);
    const bool is_known = !value.is_error();
    if (!is_known && !is_limit(value.code())) warn(out_.place_of(value), value.code());
    const std::uint32_t end = is_known ? begin : here() - 1;
    out_.code.resize(end);
    out_.places.resize(end);
    if (is_known) out.operand = constant(value);
  }

  Part code_for(NodeId id) {
    switch (node(id).kind) {
      case NodeKind::literal: return {constant(value_of(ast().literal(node(id)))), true};
      case NodeKind::name: return name(id);
      case NodeKind::select:
        if (resolved_.nodes[id].meaning.kind != Meaning::Kind::none) return name(id);
        return field(id, Op::select);
      case NodeKind::presence: return field(id, Op::presence);
      case NodeKind::call:
        if (resolved_.nodes[id].meaning.kind != Meaning::Kind::none) return name(id);
        return call(id);
      case NodeKind::member_call: return call(id);
      case NodeKind::list: return aggregate(id, Op::make_list);
      case NodeKind::map: return aggregate(id, Op::make_map);
      case NodeKind::message: return fail(id, ErrorCode::unknown_name);
      case NodeKind::conditional: return conditional(id);
      case NodeKind::all_of: return junction(id, Op::first_of_all, Op::next_of_all);
      case NodeKind::any_of: return junction(id, Op::first_of_any, Op::next_of_any);
      case NodeKind::loop: return loop(id);
    }
    return fail(id, ErrorCode::unknown_name);
  }

  std::string_view keep(std::string_view text) {
    char* out = out_.memory.take<char>(text.size());
    if (out == nullptr) return {};
    std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
  }

  Value text_value(ValueKind kind, std::string_view text) {
    const std::string_view kept = keep(text);
    if (kept.size() != text.size()) return Value::error(ErrorCode::out_of_memory);
    return kind == ValueKind::bytes ? Value::bytes(kept) : kind == ValueKind::type ? Value::type(kept) : Value::string(kept);
  }

  Value value_of(const Literal& literal) {
    if (const auto* truth = std::get_if<bool>(&literal)) return Value::of(*truth);
    if (const auto* integer = std::get_if<std::int64_t>(&literal)) return Value::of(*integer);
    if (const auto* natural = std::get_if<std::uint64_t>(&literal)) return Value::of(*natural);
    if (const auto* floating = std::get_if<double>(&literal)) return Value::of(*floating);
    if (const auto* text = std::get_if<std::string>(&literal)) return text_value(ValueKind::string, *text);
    if (const auto* bytes = std::get_if<ByteString>(&literal)) return text_value(ValueKind::bytes, bytes->bytes);
    return Value::null();
  }

  Part fail(NodeId id, ErrorCode code) {
    const std::uint32_t to = reserve();
    emit(id, {Op::fail, 0, to, static_cast<std::uint32_t>(code), 0});
    return {operand_in(Bank::temporary, to), false};
  }

  Part name(NodeId id) {
    const Meaning& meaning = resolved_.nodes[id].meaning;
    switch (meaning.kind) {
      case Meaning::Kind::local: return {operand_in(Bank::temporary, loop_bases_[meaning.index] + 1), false};
      case Meaning::Kind::variable: return {operand_in(Bank::input, meaning.index), false};
      case Meaning::Kind::type: return {constant(text_value(ValueKind::type, environment_.type_name(meaning.index))), true};
      case Meaning::Kind::none: break;
    }
    return fail(id, ErrorCode::unknown_name);
  }

  Part field(NodeId id, Op op) {
    const std::uint32_t mark = top_;
    const Part of = part(child(id, 0));
    const Operand key = constant(text_value(ValueKind::string, ast().text(node(id))));
    top_ = mark;
    const std::uint32_t to = reserve();
    emit(id, {op, 0, to, of.operand, key});
    return {operand_in(Bank::temporary, to), of.is_constant};
  }

  Part call(NodeId id) {
    const Resolution& resolution = resolved_.nodes[id];
    if (!resolution.function) return fail(id, ErrorCode::unknown_name);
    const std::size_t first = resolution.is_namespaced ? 1 : 0;
    const std::size_t count = node(id).count - first;
    const std::string& name = environment_.function(*resolution.function).name;
    const bool is_member = node(id).kind == NodeKind::member_call && first == 0;
    const Op op = is_member || is_domains_own(id) ? Op::finish : operator_of_function(name).value_or(Op::finish);
    if (op != Op::finish && count == arity_of(op)) return operators(id, op);
    if (name == "matches" && count == 2) return match(id);
    return native_call(id, first, is_member);
  }

  // An operator on a domain's types is a call like any other.
  bool is_domains_own(NodeId id) const {
    return overloads_ != nullptr && (*overloads_)[id] && environment_.overload(*(*overloads_)[id]).native != nullptr;
  }

  static std::size_t arity_of(Op op) { return op == Op::negate || op == Op::invert || op == Op::type_of ? 1 : 2; }

  bool is_pure(NodeId id) const {
    const auto may_fold = [this](std::uint32_t overload) { return environment_.overload(overload).is_pure; };
    if (overloads_ != nullptr && (*overloads_)[id]) return may_fold(*(*overloads_)[id]);
    return std::ranges::all_of(environment_.function(*resolved_.nodes[id].function).overloads, may_fold);
  }

  Part operators(NodeId id, Op op) {
    const std::uint32_t mark = top_;
    const Part a = part(child(id, 0));
    const Part b = node(id).count > 1 ? part(child(id, 1)) : Part{0, true};
    top_ = mark;
    const std::uint32_t to = reserve();
    emit(id, {op, 0, to, a.operand, b.operand});
    return {operand_in(Bank::temporary, to), a.is_constant && b.is_constant && is_pure(id)};
  }

  // Each operand in a temporary of its own, one after the other. True: all are constant.
  bool in_a_row(NodeId id, std::size_t first, std::uint32_t base) {
    bool all_constant = true;
    for (std::size_t i = first; i < node(id).count; ++i) {
      const Part one = part(child(id, i));
      all_constant = all_constant && one.is_constant;
      const auto wanted = base + static_cast<std::uint32_t>(i - first);
      top_ = wanted + 1;
      out_.temporaries = std::max(out_.temporaries, top_);
      const Operand to = operand_in(Bank::temporary, wanted);
      if (one.operand != to) emit(child(id, i), {Op::move, 0, wanted, one.operand, 0});
    }
    return all_constant;
  }

  std::uint32_t call_site(NodeId id, bool is_member) {
    CallSite site{*resolved_.nodes[id].function, is_member, nullptr};
    if (overloads_ != nullptr && (*overloads_)[id]) site.overload = &environment_.overload(*(*overloads_)[id]);
    out_.calls.push_back(site);
    return static_cast<std::uint32_t>(out_.calls.size() - 1);
  }

  // Most functions take two: where these stand already, nothing is moved.
  Part call_of_two(NodeId id, std::size_t first, bool is_member) {
    const std::uint32_t mark = top_;
    const Part a = part(child(id, first));
    const Part b = part(child(id, first + 1));
    const std::uint32_t site = call_site(id, is_member);
    top_ = mark;
    const std::uint32_t to = reserve();
    emit(id, {Op::call_two, static_cast<std::uint16_t>(site), to, a.operand, b.operand});
    return {operand_in(Bank::temporary, to), a.is_constant && b.is_constant && is_pure(id)};
  }

  Part native_call(NodeId id, std::size_t first, bool is_member) {
    if (node(id).count - first == 2 && ast().nodes.size() <= kMaxSites) return call_of_two(id, first, is_member);
    const std::uint32_t base = top_;
    const bool all_constant = in_a_row(id, first, base);
    const std::uint32_t site = call_site(id, is_member);
    top_ = base;
    const std::uint32_t to = reserve();
    emit(id, {Op::call, static_cast<std::uint16_t>(node(id).count - first), to, base, site});
    return {operand_in(Bank::temporary, to), all_constant && is_pure(id)};
  }

  // A pattern that is written down is compiled once, here.
  Part match(NodeId id) {
    const bool is_member = node(id).kind == NodeKind::member_call && !resolved_.nodes[id].is_namespaced;
    const Node& second = node(child(id, 1));
    const auto* text = second.kind == NodeKind::literal ? std::get_if<std::string>(&ast().literal(second)) : nullptr;
    auto pattern = text != nullptr ? Pattern::compile(*text) : std::nullopt;
    if (text != nullptr && !pattern) warn(second.at, ErrorCode::bad_pattern);
    if (!pattern) return native_call(id, 0, is_member);
    const std::uint32_t mark = top_;
    const Part of = part(child(id, 0));
    out_.patterns.push_back(std::move(*pattern));
    top_ = mark;
    const std::uint32_t to = reserve();
    emit(id, {Op::match, 0, to, of.operand, static_cast<std::uint32_t>(out_.patterns.size() - 1)});
    return {operand_in(Bank::temporary, to), of.is_constant};
  }

  Part conditional(NodeId id) {
    const std::uint32_t to = reserve();
    const Part condition = part(child(id, 0));
    const std::uint32_t branch = emit(id, {Op::branch, 0, to, condition.operand, 0});
    const std::uint32_t failed = emit(id, {Op::jump, 0, 0, 0, 0});
    top_ = to + 1;
    const Part yes = part(child(id, 1));
    emit(id, {Op::move, 0, to, yes.operand, 0});
    const std::uint32_t done = emit(id, {Op::jump, 0, 0, 0, 0});
    land(branch);
    top_ = to + 1;
    const Part no = part(child(id, 2));
    emit(id, {Op::move, 0, to, no.operand, 0});
    land(failed);
    land(done);
    return {operand_in(Bank::temporary, to), condition.is_constant && yes.is_constant && no.is_constant};
  }

  Part junction(NodeId id, Op first, Op next) {
    const std::uint32_t to = reserve();
    std::vector<std::uint32_t> jumps;
    bool all_constant = true;
    for (std::size_t i = 0; i < node(id).count; ++i) {
      top_ = to + 1;
      const Part side = part(child(id, i));
      all_constant = all_constant && side.is_constant;
      jumps.push_back(emit(child(id, i), {i == 0 ? first : next, 0, to, side.operand, 0}));
    }
    for (const std::uint32_t jump : jumps) land(jump);
    return {operand_in(Bank::temporary, to), all_constant};
  }

  Part aggregate(NodeId id, Op op) {
    const std::uint32_t base = top_;
    const bool all_constant = in_a_row(id, 0, base);
    top_ = base;
    const std::uint32_t to = reserve();
    emit(id, {op, 0, to, base, node(id).count});
    return {operand_in(Bank::temporary, to), all_constant};
  }

  Part loop(NodeId id) {
    const std::uint32_t mark = top_;
    const Part range = part(child(id, 0));
    top_ = mark;
    const std::uint32_t base = reserve(kLoopTemporaries);
    loop_bases_[id] = base;
    std::vector<std::uint32_t> to_end;
    to_end.push_back(emit(id, {Op::loop_begin, static_cast<std::uint16_t>(node(id).macro), base, range.operand, 0}));
    const std::uint32_t next = emit(id, {Op::loop_next, 0, base, 0, 0});
    to_end.push_back(next);
    loop_body(id, base, next, to_end);
    emit(id, {Op::jump, 0, 0, 0, next});
    plan_.loop_costs[id] = here() - next;
    out_.code[next].a = here() - next;
    for (const std::uint32_t jump : to_end) land(jump);
    if (node(id).macro == LoopMacro::exists_one) emit(id, {Op::is_one, 0, base, 0, 0});
    return {operand_in(Bank::temporary, base), false};
  }

  void loop_body(NodeId id, std::uint32_t base, std::uint32_t next, std::vector<std::uint32_t>& to_end) {
    const NodeId last = child(id, node(id).count - 1);
    if (node(id).count == 3) {  // map(x, predicate, transform)
      const Part predicate = part(child(id, 1));
      emit(id, {Op::branch, 0, base, predicate.operand, next});
      to_end.push_back(emit(id, {Op::jump, 0, 0, 0, 0}));
      top_ = base + kLoopTemporaries;
    }
    const Part value = part(last);
    to_end.push_back(emit(last, {step_of(node(id).macro), 0, base, value.operand, 0}));
  }

  static Op step_of(LoopMacro macro) {
    switch (macro) {
      case LoopMacro::all: return Op::next_of_all;
      case LoopMacro::exists: return Op::next_of_any;
      case LoopMacro::exists_one: return Op::count_true;
      case LoopMacro::filter: return Op::keep_true;
      case LoopMacro::map: return Op::append;
    }
    return Op::append;
  }

  // Once, although all that an error passes through fails with it.
  void warn(std::uint32_t at, ErrorCode code) {
    const bool is_known = std::ranges::any_of(out_.warnings, [at](const Warning& each) { return each.at == at; });
    if (!is_known && out_.warnings.size() < Program::kMaxWarnings) out_.warnings.push_back({at, code});
  }

  const Resolved& resolved_;
  const std::vector<std::optional<std::uint32_t>>* overloads_;
  const Environment& environment_;
  Program out_;
  CostPlan plan_;
  std::vector<std::uint32_t> loop_bases_;
  std::vector<Value> scratch_;  // For constants.
  std::uint32_t top_ = 0;  // First temporary that is not in use.
  std::uint64_t folded_ = 0;
};

}  // namespace

Program compile(const Checked& checked, const Environment& environment) {
  return Compiler(checked.resolved, &checked.overloads, environment).run();
}

Program compile_unchecked(const Resolved& resolved, const Environment& environment) {
  return Compiler(resolved, nullptr, environment).run();
}

}  // namespace holdfast::policy::cel
