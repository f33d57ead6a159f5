// What an expression says, as a tree in one array: nodes name each other by index, and children stand before their parents.
//
// Macros are nodes of their own (presence, loop), && and || have as many operands as were written in a row, and every other
// operator is a call of a function of the name that CEL's specification gives it: `_+_`, `_<_`, `@in`, `_[_]`, `!_`, `-_`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast::policy::cel {

using NodeId = std::uint32_t;

struct Null {
  friend bool operator==(Null, Null) = default;
};
struct ByteString {
  std::string bytes;
  friend bool operator==(const ByteString&, const ByteString&) = default;
};
using Literal = std::variant<Null, bool, std::int64_t, std::uint64_t, double, std::string, ByteString>;

enum class NodeKind : std::uint8_t {
  literal,      // text: index into literals
  name,         // text: the name; absolute: written with a dot before it
  select,       // operand . text
  presence,     // has(operand . text)
  call,         // text(operands...)
  member_call,  // operand . text(operands...)
  list,         // [operands...]
  map,          // {key: value, key: value}: operands in this order
  message,      // text{...}: understood, and refused later: there are no messages here
  conditional,  // operand ? operand : operand
  all_of,       // operand && operand && ...
  any_of,       // operand || operand || ...
  loop,         // range . macro(text, ...): range, then as `macro` says
};

enum class LoopMacro : std::uint8_t {
  all,         // range, predicate
  exists,      // range, predicate
  exists_one,  // range, predicate
  filter,      // range, predicate
  map,         // range, transform; or range, predicate, transform
};

struct Node {
  NodeKind kind = NodeKind::literal;
  LoopMacro macro = LoopMacro::all;  // Only of a loop.
  bool absolute = false;             // Only of a name.
  std::uint16_t height = 1;          // Of the tree below, this node included.
  std::uint32_t at = 0;              // Byte offset of what an error message should point at.
  std::uint32_t text = 0;            // Index into texts, or into literals.
  std::uint32_t first = 0;           // Operands are operands[first, first + count).
  std::uint32_t count = 0;
};

struct Ast {
  std::string source;
  std::vector<Node> nodes;
  std::vector<NodeId> operands;
  std::vector<std::string> texts;
  std::vector<Literal> literals;
  NodeId root = 0;

  const Node& node(NodeId id) const { return nodes[id]; }
  NodeId operand(const Node& of, std::size_t index) const { return operands[of.first + index]; }
  const std::string& text(const Node& of) const { return texts[of.text]; }
  const Literal& literal(const Node& of) const { return literals[of.text]; }
};

}  // namespace holdfast::policy::cel
