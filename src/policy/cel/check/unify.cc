#include "policy/cel/check/unify.h"

namespace holdfast::policy::cel {

namespace {

bool may_be_key(TypeKind kind) {
  return kind == TypeKind::boolean || kind == TypeKind::int64 || kind == TypeKind::uint64 || kind == TypeKind::string ||
         kind == TypeKind::dyn;
}

}  // namespace

TypeId Unifier::make(bool is_key) {
  const auto number = static_cast<std::uint32_t>(unknowns_.size());
  unknowns_.push_back({kOpen, is_key});
  return types_.variable(number);
}

void Unifier::change(std::uint32_t number, Unknown to) {
  trail_.push_back({number, unknowns_[number]});
  unknowns_[number] = to;
}

void Unifier::undo(std::size_t mark) {
  for (; trail_.size() > mark; trail_.pop_back()) unknowns_[trail_.back().number] = trail_.back().before;
}

TypeId Unifier::find(TypeId id) const {
  for (;;) {
    const Type& type = types_.of(id);
    if (type.kind != TypeKind::variable || unknowns_[type.number].decided == kOpen) return id;
    id = unknowns_[type.number].decided;
  }
}

bool Unifier::unify(TypeId left, TypeId right) {
  const std::size_t before = mark();
  if (join(left, right)) return true;
  undo(before);
  return false;
}

bool Unifier::decide(TypeId variable, TypeId to) {
  const std::uint32_t number = types_.of(variable).number;
  const Type& other = types_.of(to);
  if (unknowns_[number].is_key) {
    if (other.kind == TypeKind::variable) {
      change(other.number, {kOpen, true});
    } else if (!may_be_key(other.kind)) {
      return false;
    }
  }
  if (occurs(variable, to)) return false;
  change(number, {to, unknowns_[number].is_key});
  return true;
}

bool Unifier::join(TypeId left, TypeId right) {
  left = find(left);
  right = find(right);
  if (left == right) return true;
  const Type& a = types_.of(left);
  const Type& b = types_.of(right);
  if (a.kind == TypeKind::variable && b.kind == TypeKind::variable) {
    return a.number < b.number ? decide(right, left) : decide(left, right);  // To the older one: chains stay short.
  }
  if (a.kind == TypeKind::variable) return decide(left, right);
  if (b.kind == TypeKind::variable) return decide(right, left);
  if (a.kind == TypeKind::dyn || b.kind == TypeKind::dyn) return true;
  if (a.kind != b.kind || a.number != b.number) return false;
  switch (a.kind) {
    case TypeKind::list:
    case TypeKind::opaque: return join(a.first, b.first);
    case TypeKind::map: return join(a.first, b.first) && join(a.second, b.second);
    default: return true;
  }
}

bool Unifier::occurs(TypeId variable, TypeId in) const {
  in = find(in);
  if (in == variable) return true;
  const Type& type = types_.of(in);
  switch (type.kind) {
    case TypeKind::list:
    case TypeKind::opaque: return occurs(variable, type.first);
    case TypeKind::map: return occurs(variable, type.first) || occurs(variable, type.second);
    default: return false;
  }
}

TypeId Unifier::instantiate(TypeId id, const Parameters& parameters) {
  const Type type = types_.of(id);
  switch (type.kind) {
    case TypeKind::parameter: return parameters[type.number];
    case TypeKind::list: return types_.list(instantiate(type.first, parameters));
    case TypeKind::map: {
      const TypeId key = instantiate(type.first, parameters);
      return types_.map(key, instantiate(type.second, parameters));
    }
    case TypeKind::opaque: return types_.opaque(type.number, instantiate(type.first, parameters));
    default: return id;
  }
}

TypeId Unifier::finish(TypeId id) {
  id = find(id);
  if (id < finished_.size() && finished_[id] != kOpen) return finished_[id];
  const Type type = types_.of(id);
  TypeId out = id;
  switch (type.kind) {
    case TypeKind::variable: out = types::kDyn; break;
    case TypeKind::list: out = types_.list(finish(type.first)); break;
    case TypeKind::opaque: out = types_.opaque(type.number, finish(type.first)); break;
    case TypeKind::map: {
      const TypeId key = finish(type.first);
      out = types_.map(key, finish(type.second));
      break;
    }
    default: break;
  }
  if (id >= finished_.size()) finished_.resize(types_.size(), kOpen);
  return finished_[id] = out;
}

}  // namespace holdfast::policy::cel
