#include "policy/cel/run/machine.h"

#include "policy/cel/run/operate.h"
#include "policy/cel/syntax/ast.h"

#include <algorithm>
#include <array>
#include <bit>

namespace holdfast::policy::cel {

namespace {

// What stands for a value that is no bool where one is needed.
Value as_error(const Value& value) { return value.is_error() ? value : Value::error(ErrorCode::no_such_overload); }

class Run {
 public:
  Run(const Program& program, std::span<const Value> inputs, Value* temporaries, Context& context)
      : program_(program), context_(context), temporaries_(temporaries),
        banks_{temporaries, inputs.data(), program.constants.data()} {}

  Value from(std::size_t begin);

 private:
  const Value& at(Operand operand) const { return banks_[operand >> kBankShift][operand & kIndexMask]; }
  Value& to(const Instruction& i) { return temporaries_[i.to]; }
  // An error remembers the instruction that it arose in.
  Value placed(Value value, const Instruction& i) const {
    if (value.is_error() && value.origin() == Value::kNowhere) {
      value.set_origin(static_cast<std::uint64_t>(&i - program_.code.data()) + 1);
    }
    return value;
  }
  void jump(std::uint32_t target) { next_ = program_.code.data() + target; }

  // True: the evaluation is over.
  bool is_fatal() const { return context_.fatal() != ErrorCode::none; }

  void slow(const Instruction& i);
  void field(const Instruction& i);
  void branch(const Instruction& i);
  void first(const Instruction& i, bool decisive);
  void gather(const Instruction& i, bool decisive);
  void make_list(const Instruction& i);
  void make_map(const Instruction& i);
  void call(const Instruction& i, const CallSite& site, std::span<const Value> arguments);
  Value dispatch(FunctionId function, bool is_member, const Value* arguments, std::size_t count);
  Value invoke(const DeclaredOverload& overload, const Value* arguments, std::size_t count);
  void match(const Instruction& i);
  void loop_begin(const Instruction& i);
  void loop_next(const Instruction& i);
  void loop_step(const Instruction& i);
  void append_to(Value& list, const Value& value);

  template <class Compare>
  void compare(const Instruction& i, Compare holds) {
    const Value& a = at(i.a);
    const Value& b = at(i.b);
    if (a.is(ValueKind::int64) && b.is(ValueKind::int64)) {
      to(i) = Value::of(holds(a.as_int(), b.as_int()));
    } else {
      slow(i);
    }
  }

  const Program& program_;
  Context& context_;
  Value* temporaries_;
  std::array<const Value*, 3> banks_;
  const Instruction* next_ = nullptr;
};

Value Run::from(std::size_t begin) {
  jump(static_cast<std::uint32_t>(begin));
  for (;;) {
    const Instruction& i = *next_++;
    switch (i.op) {
      case Op::less: compare(i, [](std::int64_t a, std::int64_t b) { return a < b; }); break;
      case Op::less_equal: compare(i, [](std::int64_t a, std::int64_t b) { return a <= b; }); break;
      case Op::greater: compare(i, [](std::int64_t a, std::int64_t b) { return a > b; }); break;
      case Op::greater_equal: compare(i, [](std::int64_t a, std::int64_t b) { return a >= b; }); break;
      case Op::equal: compare(i, [](std::int64_t a, std::int64_t b) { return a == b; }); break;
      case Op::not_equal: compare(i, [](std::int64_t a, std::int64_t b) { return a != b; }); break;
      case Op::invert:
        if (at(i.a).is(ValueKind::boolean)) {
          to(i) = Value::of(!at(i.a).as_bool());
        } else {
          slow(i);
        }
        break;
      case Op::negate:
      case Op::add:
      case Op::subtract:
      case Op::multiply:
      case Op::divide:
      case Op::modulo:
      case Op::in:
      case Op::index:
      case Op::type_of: slow(i); break;
      case Op::select:
      case Op::presence: field(i); break;
      case Op::move: to(i) = at(i.a); break;
      case Op::fail: to(i) = placed(Value::error(static_cast<ErrorCode>(i.a)), i); break;
      case Op::jump: jump(i.b); break;
      case Op::branch: branch(i); break;
      case Op::first_of_all: first(i, false); break;
      case Op::next_of_all: gather(i, false); break;
      case Op::first_of_any: first(i, true); break;
      case Op::next_of_any: gather(i, true); break;
      case Op::make_list: make_list(i); break;
      case Op::make_map: make_map(i); break;
      case Op::call: call(i, program_.calls[i.b], {temporaries_ + i.a, i.count}); break;
      case Op::call_two: call(i, program_.calls[i.count], std::array{at(i.a), at(i.b)}); break;
      case Op::match: match(i); break;
      case Op::loop_begin: loop_begin(i); break;
      case Op::loop_next: loop_next(i); break;
      case Op::count_true:
      case Op::keep_true:
      case Op::append: loop_step(i); break;
      case Op::is_one:
        if (to(i).is(ValueKind::int64)) to(i) = Value::of(to(i).as_int() == 1);
        break;
      case Op::finish: return placed(at(i.a), i);
    }
    if (is_fatal()) return placed(Value::error(context_.fatal()), i);
  }
}

// Any operator, all kinds.
void Run::slow(const Instruction& i) {
  const bool is_unary = i.op == Op::negate || i.op == Op::invert || i.op == Op::type_of;
  const std::array<Value, 2> operands{at(i.a), is_unary ? Value() : at(i.b)};
  for (const Value& each : operands) {
    if (!each.is_error()) continue;
    to(i) = placed(each, i);
    return;
  }
  Value out = operate(i.op, context_, *program_.environment, operands[0], operands[1]);
  if (out.is_error() && out.code() == ErrorCode::no_such_overload && !is_fatal()) {
    const auto function = program_.environment->find_function(function_of(i.op), true);
    if (function) out = dispatch(*function, false, operands.data(), is_unary ? 1 : 2);
  }
  to(i) = placed(out, i);
}

void Run::field(const Instruction& i) {
  const Value& of = at(i.a);
  if (of.is_error()) {
    to(i) = placed(of, i);
  } else {
    to(i) = placed(i.op == Op::select ? select(context_, of, at(i.b)) : presence(context_, of, at(i.b)), i);
  }
}

void Run::branch(const Instruction& i) {
  const Value& condition = at(i.a);
  if (condition.is_bool(true)) {
    ++next_;
  } else if (condition.is_bool(false)) {
    jump(i.b);
  } else {
    to(i) = placed(as_error(condition), i);
  }
}

void Run::first(const Instruction& i, bool decisive) {
  const Value& side = at(i.a);
  to(i) = side.is(ValueKind::boolean) ? side : placed(as_error(side), i);
  if (side.is_bool(decisive)) jump(i.b);
}

void Run::gather(const Instruction& i, bool decisive) {
  const Value& side = at(i.a);
  if (side.is_bool(decisive)) {
    to(i) = side;
    jump(i.b);
  } else if (!side.is(ValueKind::boolean) && !to(i).is_error()) {
    to(i) = placed(as_error(side), i);
  }
}

void Run::make_list(const Instruction& i) {
  if (!context_.charge(i.b)) return;
  const std::span<const Value> elements(temporaries_ + i.a, i.b);
  const auto wrong = std::ranges::find_if(elements, &Value::is_error);
  if (wrong != elements.end()) {
    to(i) = placed(*wrong, i);
    return;
  }
  Value* out = context_.take<Value>(elements.size());
  if (out == nullptr) return;
  std::ranges::copy(elements, out);
  to(i) = Value::list(out, elements.size());
}

void Run::make_map(const Instruction& i) {
  const std::span<const Value> values(temporaries_ + i.a, i.b);
  std::uint64_t key_bytes = 0;
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (values[n].is_error()) {
      to(i) = placed(values[n], i);
      return;
    }
    if (n % 2 == 0 && values[n].is(ValueKind::string)) key_bytes = std::max<std::uint64_t>(key_bytes, values[n].size());
  }
  const std::size_t count = values.size() / 2;
  if (!context_.charge(bounded_product(count, lookup_cost(count, key_bytes)))) return;
  MapEntry* out = context_.take<MapEntry>(count);
  if (out == nullptr) return;
  for (std::size_t n = 0; n < count; ++n) out[n] = {values[2 * n], values[2 * n + 1]};
  const ErrorCode problem = sort_entries({out, count});
  to(i) = problem == ErrorCode::none ? Value::map(out, count) : placed(Value::error(problem), i);
}

void Run::call(const Instruction& i, const CallSite& site, std::span<const Value> arguments) {
  if (site.overload != nullptr && site.overload->takes(arguments.data(), arguments.size())) {
    to(i) = placed(invoke(*site.overload, arguments.data(), arguments.size()), i);
    return;
  }
  const auto wrong = std::ranges::find_if(arguments, &Value::is_error);
  to(i) = placed(wrong != arguments.end() ? *wrong : dispatch(site.function, site.is_member, arguments.data(), arguments.size()), i);
}

Value Run::dispatch(FunctionId function, bool is_member, const Value* arguments, std::size_t count) {
  for (const std::uint32_t id : program_.environment->function(function).overloads) {
    const DeclaredOverload& overload = program_.environment->overload(id);
    if (overload.native == nullptr || overload.is_member != is_member || !overload.takes(arguments, count)) continue;
    return invoke(overload, arguments, count);
  }
  return Value::error(ErrorCode::no_such_overload);
}

std::uint64_t units_of(const Value& value) {
  const bool is_text = value.is(ValueKind::string) || value.is(ValueKind::bytes);
  const bool has_size = value.is(ValueKind::list) || value.is(ValueKind::map) || value.is(ValueKind::opaque);
  return is_text ? value.size() / kBytesPerUnit : has_size ? value.size() : 0;
}

Value Run::invoke(const DeclaredOverload& overload, const Value* arguments, std::size_t count) {
  std::uint64_t cost = overload.base_cost;
  if (overload.work == Work::linear) {
    for (std::size_t n = 0; n < count; ++n) cost = bounded_sum(cost, units_of(arguments[n]));
  } else if (overload.work == Work::product) {
    cost = bounded_sum(cost, bounded_product(arguments[0].size(), arguments[1].size()));
  }
  if (!context_.charge(cost)) return Value::error(context_.fatal());
  return overload.native(context_, arguments, overload.state);
}

void Run::match(const Instruction& i) {
  const Value& text = at(i.a);
  if (!text.is(ValueKind::string)) {
    to(i) = placed(as_error(text), i);
  } else if (context_.charge(text.size())) {
    to(i) = Value::of(program_.patterns[i.b].is_in(text.text()));
  }
}

void Run::loop_begin(const Instruction& i) {
  const Value range = at(i.a);
  Value* state = temporaries_ + i.to;
  if (!range.is(ValueKind::list) && !range.is(ValueKind::map)) {
    state[0] = placed(as_error(range), i);
    return jump(i.b);
  }
  switch (static_cast<LoopMacro>(i.count)) {
    case LoopMacro::all: state[0] = Value::of(true); break;
    case LoopMacro::exists: state[0] = Value::of(false); break;
    case LoopMacro::exists_one: state[0] = Value::of(std::int64_t{0}); break;
    case LoopMacro::filter:
    case LoopMacro::map: state[0] = Value::list(context_.take<Value>(range.size()), 0); break;
  }
  state[2] = range;
  state[3] = Value::of(std::int64_t{0});
}

void Run::loop_next(const Instruction& i) {
  Value* state = temporaries_ + i.to;
  const auto place = static_cast<std::size_t>(state[3].as_int());
  if (place == state[2].size()) return jump(i.b);
  if (!context_.charge(i.a)) return;
  state[1] = state[2].is(ValueKind::list) ? state[2].elements()[place] : state[2].entries()[place].key;
  state[3] = Value::of(static_cast<std::int64_t>(place + 1));
}

// The list was made with room for every element of the range.
void Run::append_to(Value& list, const Value& value) {
  auto* elements = const_cast<Value*>(list.elements().data());
  elements[list.size()] = value;
  list = Value::list(elements, list.size() + 1);
}

void Run::loop_step(const Instruction& i) {
  Value* state = temporaries_ + i.to;
  const Value& value = at(i.a);
  const bool is_wrong = i.op == Op::append ? value.is_error() : !value.is(ValueKind::boolean);
  if (is_wrong) {
    state[0] = placed(as_error(value), i);
    return jump(i.b);
  }
  if (i.op == Op::append) return append_to(state[0], value);
  if (!value.as_bool()) return;
  if (i.op == Op::keep_true) return append_to(state[0], state[1]);
  state[0] = Value::of(state[0].as_int() + 1);
}

}  // namespace

Value Machine::evaluate(const Program& program, std::span<const Value> inputs, std::uint64_t budget, const void* host) {
  spent_ = 0;
  memory_.clear();
  if (inputs.size() < program.environment->variables().size()) return Value::error(ErrorCode::unknown_name);
  if (temporaries_.size() < program.temporaries) temporaries_.resize(program.temporaries);
  Context context(memory_, budget, host);
  if (!context.charge(program.code.size())) return Value::error(ErrorCode::out_of_budget);
  const Value out = Run(program, inputs, temporaries_.data(), context).from(0);
  spent_ = context.spent();
  return out;
}

Value evaluate_constant(const Program& program, std::size_t begin, std::vector<Value>& temporaries, Arena& memory, std::uint64_t budget,
                        std::uint64_t& spent) {
  if (temporaries.size() < program.temporaries) temporaries.resize(program.temporaries);
  Context context(memory, budget, nullptr);
  const Value out = Run(program, {}, temporaries.data(), context).from(begin);
  spent = context.spent();
  return out;
}

}  // namespace holdfast::policy::cel
