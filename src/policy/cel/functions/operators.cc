// The declarations of CEL's operators. They, and type(), have no bodies here: the machine does them (run/operate.h).
#include "policy/cel/check/environment.h"
#include "policy/cel/functions/standard.h"

#include <array>

namespace holdfast::policy::cel {

namespace {

using namespace types;

void declare(Environment& environment, std::string_view name, std::string id, std::vector<TypeId> parameters, TypeId result,
             Work work = Work::fixed, Growth growth = Growth::fixed) {
  Overload overload;
  overload.id = std::move(id);
  overload.parameters = std::move(parameters);
  overload.result = result;
  overload.work = work;
  overload.growth = growth;
  environment.declare_function(name, std::move(overload));
}

void declare_arithmetic(Environment& environment) {
  struct Numbers {
    std::string name;
    TypeId type;
  };
  const std::array<Numbers, 3> numbers{{{"int64", kInt}, {"uint64", kUint}, {"double", kDouble}}};
  for (const auto& [name, type] : numbers) {
    declare(environment, "_+_", "add_" + name, {type, type}, type);
    declare(environment, "_-_", "subtract_" + name, {type, type}, type);
    declare(environment, "_*_", "multiply_" + name, {type, type}, type);
    declare(environment, "_/_", "divide_" + name, {type, type}, type);
    if (type != kDouble) declare(environment, "_%_", "modulo_" + name, {type, type}, type);
    if (type != kUint) declare(environment, "-_", "negate_" + name, {type}, type);
  }
  declare(environment, "_+_", "add_timestamp_duration", {kTimestamp, kDuration}, kTimestamp);
  declare(environment, "_+_", "add_duration_timestamp", {kDuration, kTimestamp}, kTimestamp);
  declare(environment, "_+_", "add_duration_duration", {kDuration, kDuration}, kDuration);
  declare(environment, "_-_", "subtract_timestamp_timestamp", {kTimestamp, kTimestamp}, kDuration);
  declare(environment, "_-_", "subtract_timestamp_duration", {kTimestamp, kDuration}, kTimestamp);
  declare(environment, "_-_", "subtract_duration_duration", {kDuration, kDuration}, kDuration);
}

void declare_order(Environment& environment) {
  struct Sign {
    std::string_view name;
    std::string id;
  };
  const std::array<Sign, 4> signs{{{"_<_", "less"}, {"_<=_", "less_equals"}, {"_>_", "greater"}, {"_>=_", "greater_equals"}}};
  for (const auto& [name, id] : signs) {
    for (const TypeId type : {kInt, kUint, kDouble, kBool, kString, kBytes, kTimestamp, kDuration}) {
      const Work work = type == kString || type == kBytes ? Work::linear : Work::fixed;
      declare(environment, name, id + "_" + environment.types().name(type), {type, type}, kBool, work);
    }
    for (const TypeId left : {kInt, kUint, kDouble}) {
      for (const TypeId right : {kInt, kUint, kDouble}) {
        if (left == right) continue;
        declare(environment, name, id + "_" + environment.types().name(left) + "_" + environment.types().name(right), {left, right},
                kBool);
      }
    }
  }
}

}  // namespace

void declare_operators(Environment& environment) {
  TypeTable& table = environment.types();
  const TypeId a = table.parameter(0);
  const TypeId b = table.parameter(1);
  const TypeId list = table.list(a);
  const TypeId map = table.map(a, b);
  declare(environment, "!_", "logical_not", {kBool}, kBool);
  declare_arithmetic(environment);
  declare(environment, "_+_", "add_string", {kString, kString}, kString, Work::linear, Growth::sum);
  declare(environment, "_+_", "add_bytes", {kBytes, kBytes}, kBytes, Work::linear, Growth::sum);
  declare(environment, "_+_", "add_list", {list, list}, list, Work::linear, Growth::sum);
  declare(environment, "type", "type", {a}, kType);
  declare(environment, "_==_", "equals", {a, a}, kBool);
  declare(environment, "_!=_", "not_equals", {a, a}, kBool);
  declare_order(environment);
  declare(environment, "@in", "in_list", {a, list}, kBool);
  declare(environment, "@in", "in_map", {a, map}, kBool);
  declare(environment, "_[_]", "index_list", {list, kInt}, a);
  declare(environment, "_[_]", "index_map", {map, a}, b);
}

void declare_standard(Environment& environment) {
  declare_operators(environment);
  declare_conversions(environment);
  declare_text(environment);
  declare_time(environment);
}

}  // namespace holdfast::policy::cel
