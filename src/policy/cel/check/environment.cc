#include "policy/cel/check/environment.h"

#include "base/check.h"
#include "policy/cel/functions/standard.h"

#include <algorithm>
#include <limits>

namespace holdfast::policy::cel {

namespace {

ValueKind kind_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::null_type: return ValueKind::null;
    case TypeKind::boolean: return ValueKind::boolean;
    case TypeKind::int64: return ValueKind::int64;
    case TypeKind::uint64: return ValueKind::uint64;
    case TypeKind::floating: return ValueKind::floating;
    case TypeKind::string: return ValueKind::string;
    case TypeKind::bytes: return ValueKind::bytes;
    case TypeKind::timestamp: return ValueKind::timestamp;
    case TypeKind::duration: return ValueKind::duration;
    case TypeKind::type: return ValueKind::type;
    case TypeKind::list: return ValueKind::list;
    case TypeKind::map: return ValueKind::map;
    case TypeKind::opaque: return ValueKind::opaque;
    case TypeKind::dyn:
    case TypeKind::parameter:
    case TypeKind::variable: break;
  }
  return ValueKind::null;
}

std::uint32_t unknowns_in(const TypeTable& table, TypeId id) {
  const Type& type = table.of(id);
  switch (type.kind) {
    case TypeKind::parameter: return type.number + 1;
    case TypeKind::list:
    case TypeKind::opaque: return unknowns_in(table, type.first);
    case TypeKind::map: return std::max(unknowns_in(table, type.first), unknowns_in(table, type.second));
    default: return 0;
  }
}

// What was not said is unbounded: a text, a list or a map of size 1 or less without parts was given no bound.
Bound completed(const TypeTable& table, TypeId id, Bound bound) {
  const Type& type = table.of(id);
  const bool is_said = bound.size > 1 || !bound.parts.empty();
  const auto part = [&](std::size_t index, TypeId of) {
    return completed(table, of, index < bound.parts.size() ? bound.parts[index] : Bound{});
  };
  const std::uint64_t size = is_said ? bound.size : kUnbounded;
  switch (type.kind) {
    case TypeKind::dyn:
    case TypeKind::parameter:
    case TypeKind::string:
    case TypeKind::bytes: return {size, std::move(bound.parts)};
    case TypeKind::list: return {size, {part(0, type.first)}};
    case TypeKind::map: return {size, {part(0, type.first), part(1, type.second)}};
    default: return bound;
  }
}

// Calls `found` with the name in the container, in what is around the container, and so on out; stops when it says true.
template <class Found>
void for_each_candidate(std::string_view container, std::string_view name, bool absolute, Found found) {
  while (!absolute && !container.empty()) {
    std::string candidate(container);
    candidate += '.';
    candidate += name;
    if (found(candidate)) return;
    const std::size_t dot = container.rfind('.');
    container = dot == std::string_view::npos ? std::string_view() : container.substr(0, dot);
  }
  found(name);
}

}  // namespace

std::string name_of_call(std::string_view function, std::size_t arguments, std::string_view last) {
  std::string out(function);
  out.append(arguments == 1 ? "(\"" : "(_, \"").append(last).append("\")");
  return out;
}

bool DeclaredOverload::takes(const Value* arguments, std::size_t count) const {
  if (count != fits.size()) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const Fit& fit = fits[i];
    if (fit.anything ? arguments[i].is_error() : arguments[i].kind() != fit.kind) return false;
    if (fit.anything) continue;
    if (fit.kind == ValueKind::opaque && arguments[i].opaque_type() != fit.opaque_type) return false;
  }
  return true;
}

Environment::Environment() {
  for (std::uint8_t kind = 1; kind <= static_cast<std::uint8_t>(TypeKind::map); ++kind) {
    add_type_name(std::string(name_of(static_cast<TypeKind>(kind))));
  }
  declare_standard(*this);
}

void Environment::add_type_name(std::string name) {
  const auto index = static_cast<std::uint32_t>(type_names_.size());
  HF_CHECK(meanings_.try_emplace(name, Meaning{Meaning::Kind::type, index}).second);
  type_names_.push_back(std::move(name));
}

std::uint32_t Environment::declare_variable(std::string name, TypeId type, Bound bound) {
  const auto slot = static_cast<std::uint32_t>(variables_.size());
  HF_CHECK(meanings_.try_emplace(name, Meaning{Meaning::Kind::variable, slot}).second);
  variables_.push_back({std::move(name), type, completed(types_, type, std::move(bound))});
  return slot;
}

std::uint16_t Environment::declare_type(std::string name, OpaqueEqual equal, bool has_parameter) {
  add_type_name(name);
  opaque_equals_.push_back(equal);
  const std::uint32_t number = types_.declare({std::move(name), has_parameter});
  HF_CHECK(number <= std::numeric_limits<std::uint16_t>::max());
  return static_cast<std::uint16_t>(number);
}

Fit Environment::fit_of(TypeId id) const {
  const Type& type = types_.of(id);
  if (type.kind == TypeKind::dyn || type.kind == TypeKind::parameter) return {true, ValueKind::null, 0};
  return {false, kind_of(type.kind), static_cast<std::uint16_t>(type.number)};
}

void Environment::declare_function(std::string_view name, Overload overload) {
  auto place = function_ids_.find(name);
  if (place == function_ids_.end()) {
    place = function_ids_.emplace(name, static_cast<FunctionId>(functions_.size())).first;
    functions_.push_back({std::string(name), {}});
  }
  DeclaredOverload declared{std::move(overload), place->second, {}};
  for (const TypeId each : declared.parameters) declared.fits.push_back(fit_of(each));
  for (const TypeId each : declared.parameters) declared.unknowns = std::max(declared.unknowns, unknowns_in(types_, each));
  declared.unknowns = std::max(declared.unknowns, unknowns_in(types_, declared.result));
  HF_CHECK(declared.unknowns <= kMaxTypeParameters);
  if (declared.growth == Growth::fixed) declared.result_bound = completed(types_, declared.result, std::move(declared.result_bound));
  functions_[place->second].overloads.push_back(static_cast<std::uint32_t>(overloads_.size()));
  overloads_.push_back(std::move(declared));
}

Meaning Environment::find(std::string_view name, bool absolute) const {
  Meaning out;
  for_each_candidate(container_, name, absolute, [&](std::string_view candidate) {
    const auto place = meanings_.find(candidate);
    if (place == meanings_.end()) return false;
    out = place->second;
    return true;
  });
  return out;
}

std::optional<FunctionId> Environment::find_function(std::string_view name, bool absolute) const {
  std::optional<FunctionId> out;
  for_each_candidate(container_, name, absolute, [&](std::string_view candidate) {
    const auto place = function_ids_.find(candidate);
    if (place == function_ids_.end()) return false;
    out = place->second;
    return true;
  });
  return out;
}

}  // namespace holdfast::policy::cel
