// What an expression may name: variables with their types and the largest size each can have, functions with their overloads,
// types of the domain. Made once; any number of expressions are then checked and compiled against it.
//
// An environment is not changed while programs made from it are in use. The order of declaration gives variables their slots.
#pragma once

#include "policy/cel/check/bound.h"
#include "policy/cel/check/type.h"
#include "policy/cel/run/compare.h"
#include "policy/cel/run/context.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace holdfast::policy::cel {

struct Variable {
  std::string name;
  TypeId type = types::kDyn;
  Bound bound;
};

// What a call costs beside one unit: `base`, and units that grow with its arguments.
enum class Work : std::uint8_t {
  fixed,    // Nothing more.
  linear,   // A unit for each 16 bytes of text, for each element and each entry of all arguments (not of what is inside them).
  product,  // The first argument's size times the second's, in bytes.
};

// How large the result can be.
enum class Growth : std::uint8_t { fixed, as_first, sum };

struct Overload {
  std::string id;                   // For messages: "contains_string".
  bool is_member = false;           // x.f(y): x is the first parameter.
  std::vector<TypeId> parameters;
  TypeId result = types::kDyn;
  Native native = nullptr;          // Null: an operator that the machine knows itself.
  const void* state = nullptr;
  bool is_pure = true;              // The same arguments give the same result: may be computed beforehand.
  std::uint64_t base_cost = 0;
  Work work = Work::fixed;
  Growth growth = Growth::fixed;
  Bound result_bound;               // When growth is fixed.
};

// What one argument has to be when a call is made.
struct Fit {
  bool anything = false;
  ValueKind kind = ValueKind::null;
  std::uint16_t opaque_type = 0;
};

struct DeclaredOverload : Overload {
  std::uint32_t function = 0;
  std::vector<Fit> fits;
  std::uint32_t unknowns = 0;  // How many of the parameters A, B, ... its types name.

  bool takes(const Value* arguments, std::size_t count) const;  // Never an error.
};

using FunctionId = std::uint32_t;

struct Function {
  std::string name;
  std::vector<std::uint32_t> overloads;
};

// What a name can mean.
struct Meaning {
  enum class Kind : std::uint8_t { none, local, variable, type };
  Kind kind = Kind::none;
  std::uint32_t index = 0;  // The loop's node; the variable's slot; the type.
};

// How a call is called whose last argument is a text that is written down: f("x") is `f("x")`, f(a, b, "x") is `f(_, "x")`. What is
// declared under such a name is meant before what is called `f`: a variable, or a function. So types can depend on such a text.
std::string name_of_call(std::string_view function, std::size_t arguments, std::string_view last);

class Environment {
 public:
  // With CEL's own types, operators and functions; see functions/standard.h for one without.
  Environment();

  TypeTable& types() { return types_; }
  const TypeTable& types() const { return types_; }

  // Names are looked up inside of it first: in a.b, x means a.b.x, else a.x, else x.
  void set_container(std::string container) { container_ = std::move(container); }
  const std::string& container() const { return container_; }

  // Each name once, find() tells which are taken; dots are allowed. The slot of the variable.
  std::uint32_t declare_variable(std::string name, TypeId type, Bound bound = {});
  // The number of the type, for types().opaque() and Value::opaque(). The name becomes a type's value in expressions. `equal` takes
  // constant time; null: the checker refuses to compare values of it.
  std::uint16_t declare_type(std::string name, OpaqueEqual equal, bool has_parameter = false);
  void declare_function(std::string_view name, Overload overload);

  const std::vector<Variable>& variables() const { return variables_; }
  const Variable& variable(std::uint32_t slot) const { return variables_[slot]; }
  const Function& function(FunctionId id) const { return functions_[id]; }
  const DeclaredOverload& overload(std::uint32_t id) const { return overloads_[id]; }
  std::span<const OpaqueEqual> opaque_equals() const { return opaque_equals_; }
  std::string_view type_name(std::uint32_t index) const { return type_names_[index]; }

  // In the container. `absolute`: written with a dot before it, so outside of any.
  Meaning find(std::string_view name, bool absolute) const;
  std::optional<FunctionId> find_function(std::string_view name, bool absolute) const;

 private:
  Fit fit_of(TypeId type) const;
  void add_type_name(std::string name);

  TypeTable types_;
  std::string container_;
  std::vector<Variable> variables_;
  std::vector<Function> functions_;
  std::vector<DeclaredOverload> overloads_;
  std::vector<OpaqueEqual> opaque_equals_;
  std::vector<std::string> type_names_;
  std::map<std::string, Meaning, std::less<>> meanings_;
  std::map<std::string, FunctionId, std::less<>> function_ids_;
};

}  // namespace holdfast::policy::cel
