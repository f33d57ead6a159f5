#include "policy/cel/check/type.h"

namespace holdfast::policy::cel {

namespace {

constexpr std::size_t kMaxNameBytes = 200;  // Of a type in a message.

}  // namespace

TypeTable::TypeTable() {
  for (std::uint8_t kind = 0; kind <= static_cast<std::uint8_t>(TypeKind::type); ++kind) {
    intern({static_cast<TypeKind>(kind), 0, 0, 0});
  }
}

std::size_t TypeTable::Hash::operator()(const Type& type) const {
  std::uint64_t out = static_cast<std::uint64_t>(type.kind);
  for (const std::uint64_t each : {type.number, type.first, type.second}) out = (out ^ each) * 0x9e3779b97f4a7c15ULL ^ out >> 29;
  return out;
}

TypeId TypeTable::intern(const Type& type) {
  const auto [place, is_new] = ids_.try_emplace(type, static_cast<TypeId>(types_.size()));
  if (is_new) types_.push_back(type);
  return place->second;
}

TypeId TypeTable::list(TypeId element) { return intern({TypeKind::list, 0, element, 0}); }
TypeId TypeTable::map(TypeId key, TypeId value) { return intern({TypeKind::map, 0, key, value}); }
TypeId TypeTable::parameter(std::uint32_t number) { return intern({TypeKind::parameter, number, 0, 0}); }
TypeId TypeTable::variable(std::uint32_t number) { return intern({TypeKind::variable, number, 0, 0}); }
TypeId TypeTable::opaque(std::uint32_t number, TypeId parameter) { return intern({TypeKind::opaque, number, parameter, 0}); }

std::string TypeTable::name(TypeId id) const {
  std::string out;
  append_name(out, id);
  return out;
}

void TypeTable::append_name(std::string& out, TypeId id) const {
  if (out.size() > kMaxNameBytes) return;
  const Type& type = types_[id];
  switch (type.kind) {
    case TypeKind::list:
      out += "list(";
      append_name(out, type.first);
      break;
    case TypeKind::map:
      out += "map(";
      append_name(out, type.first);
      out += ", ";
      append_name(out, type.second);
      break;
    case TypeKind::opaque:
      out += opaques_[type.number].name;
      if (!opaques_[type.number].has_parameter) return;
      out += '(';
      append_name(out, type.first);
      break;
    case TypeKind::parameter: out += static_cast<char>('A' + type.number % 26); return;
    case TypeKind::timestamp: out += "timestamp"; return;
    case TypeKind::duration: out += "duration"; return;
    default: out += name_of(type.kind); return;
  }
  out += ')';
}

std::string_view name_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::dyn: return "dyn";
    case TypeKind::null_type: return "null_type";
    case TypeKind::boolean: return "bool";
    case TypeKind::int64: return "int";
    case TypeKind::uint64: return "uint";
    case TypeKind::floating: return "double";
    case TypeKind::string: return "string";
    case TypeKind::bytes: return "bytes";
    case TypeKind::timestamp: return "google.protobuf.Timestamp";
    case TypeKind::duration: return "google.protobuf.Duration";
    case TypeKind::type: return "type";
    case TypeKind::list: return "list";
    case TypeKind::map: return "map";
    case TypeKind::opaque: return "opaque";
    case TypeKind::parameter: return "parameter";
    case TypeKind::variable: return "unknown";
  }
  return "";
}

}  // namespace holdfast::policy::cel
