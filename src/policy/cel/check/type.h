// Types, each once: two types are equal when their ids are.
//
//   type = bool / int / uint / double / string / bytes / timestamp / duration / null_type / type / dyn
//        / list(type) / map(key, value) / a domain's own (money, set(string))
//        / parameter                     A, B in the declaration of a function
//        / variable                      not known yet; only while an expression is checked
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast::policy::cel {

enum class TypeKind : std::uint8_t {
  dyn, null_type, boolean, int64, uint64, floating, string, bytes, timestamp, duration, type, list, map, opaque, parameter,
  variable,
};

using TypeId = std::uint32_t;

inline constexpr std::uint32_t kMaxTypeParameters = 4;  // Of one declaration.

struct Type {
  TypeKind kind = TypeKind::dyn;
  std::uint32_t number = 0;  // Which opaque type, parameter or variable.
  TypeId first = 0;          // Element, or key; an opaque type's parameter.
  TypeId second = 0;         // Value.
  friend bool operator==(const Type&, const Type&) = default;
};

// The simple ones have fixed ids.
namespace types {
inline constexpr TypeId kDyn = 0;
inline constexpr TypeId kNull = 1;
inline constexpr TypeId kBool = 2;
inline constexpr TypeId kInt = 3;
inline constexpr TypeId kUint = 4;
inline constexpr TypeId kDouble = 5;
inline constexpr TypeId kString = 6;
inline constexpr TypeId kBytes = 7;
inline constexpr TypeId kTimestamp = 8;
inline constexpr TypeId kDuration = 9;
inline constexpr TypeId kType = 10;
}  // namespace types

// A domain's own type. Values of it are made and read by the domain's own functions only.
struct OpaqueType {
  std::string name;
  bool has_parameter = false;  // set(string), say.
};

class TypeTable {
 public:
  TypeTable();

  TypeId list(TypeId element);
  TypeId map(TypeId key, TypeId value);
  TypeId parameter(std::uint32_t number);  // 0 is A, 1 is B.
  TypeId variable(std::uint32_t number);
  TypeId opaque(std::uint32_t number, TypeId parameter = types::kDyn);
  std::uint32_t declare(OpaqueType type) {
    opaques_.push_back(std::move(type));
    return static_cast<std::uint32_t>(opaques_.size() - 1);
  }

  const Type& of(TypeId id) const { return types_[id]; }
  const OpaqueType& opaque_of(std::uint32_t number) const { return opaques_[number]; }
  std::size_t opaque_count() const { return opaques_.size(); }
  std::size_t size() const { return types_.size(); }

  // For messages: "list(map(string, int))".
  std::string name(TypeId id) const;

 private:
  TypeId intern(const Type& type);
  void append_name(std::string& out, TypeId id) const;

  struct Hash {
    std::size_t operator()(const Type& type) const;
  };

  std::vector<Type> types_;
  std::unordered_map<Type, TypeId, Hash> ids_;
  std::vector<OpaqueType> opaques_;
};

// What type() gives: "int", "google.protobuf.Timestamp", "list".
std::string_view name_of(TypeKind kind);

}  // namespace holdfast::policy::cel
