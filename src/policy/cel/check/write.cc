#include "policy/cel/check/write.h"

#include "base/bytes.h"
#include "base/hex.h"
#include "policy/cel/syntax/macros.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::policy::cel {
namespace {

std::string write_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out.append(1, '\\').append(1, c);
    else if (byte < 0x20 || byte == 0x7f) out.append(fmt::format("\\x{:02x}", byte));
    else out.append(1, c);
  }
  return out + '"';
}

std::string write_double(double number) {
  std::string out = fmt::format("{}", number);
  const bool is_plain = std::ranges::all_of(out, [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
  return is_plain ? out + ".0" : out;
}

struct LiteralWriter {
  std::string operator()(Null) const { return "null"; }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number) + "u"; }
  std::string operator()(double number) const { return write_double(number); }
  std::string operator()(const std::string& text) const { return write_text(text); }
  std::string operator()(const ByteString& bytes) const { return "b'" + to_hex(as_bytes(bytes.bytes)) + "'"; }
};

class Writer {
 public:
  Writer(const Resolved& from, const NameOfSlot& name_of) : from_(from), name_of_(name_of) {}

  std::string write(NodeId id, bool is_inner) {
    const Node& node = from_.ast.node(id);
    switch (node.kind) {
      case NodeKind::literal: return std::visit(LiteralWriter(), from_.ast.literal(node));
      case NodeKind::name:
      case NodeKind::select: return name(id);
      case NodeKind::presence: return fmt::format("has({}.{})", operand(node, 0), from_.ast.text(node));
      case NodeKind::call:
        if (from_.nodes[id].meaning.kind == Meaning::Kind::variable) return name(id);
        return call(node, is_inner);
      case NodeKind::member_call: return member_call(id);
      case NodeKind::list: return '[' + join(node, 0, ", ") + ']';
      case NodeKind::map: return map(node);
      case NodeKind::message: return fmt::format("{}{{{}}}", from_.ast.text(node), join(node, 0, ", "));
      case NodeKind::conditional: return wrap(fmt::format("{} ? {} : {}", operand(node, 0), operand(node, 1), operand(node, 2)), is_inner);
      case NodeKind::all_of: return wrap(join(node, 0, " && "), is_inner);
      case NodeKind::any_of: return wrap(join(node, 0, " || "), is_inner);
      case NodeKind::loop: return loop(id);
    }
    return {};
  }

 private:
  static std::string wrap(std::string text, bool is_inner) { return is_inner ? '(' + text + ')' : text; }
  std::string operand(const Node& node, std::size_t index) { return write(from_.ast.operand(node, index), true); }

  std::string join(const Node& node, std::size_t first, std::string_view between) {
    std::string out;
    for (std::size_t i = first; i < node.count; ++i) out.append(i == first ? "" : between).append(operand(node, i));
    return out;
  }

  std::string name(NodeId id) {
    const Node& node = from_.ast.node(id);
    const Meaning& meaning = from_.nodes[id].meaning;
    if (meaning.kind == Meaning::Kind::variable) return name_of_(meaning.index);
    // By how deep its loop stands: what people call it makes no difference.
    if (meaning.kind == Meaning::Kind::local) {
      const auto loop = std::ranges::find(loops_, meaning.index);
      return fmt::format("x{}", loop - loops_.begin());
    }
    if (node.kind == NodeKind::name || meaning.kind == Meaning::Kind::type) return namespace_of(id);
    return fmt::format("{}.{}", operand(node, 0), from_.ast.text(node));
  }

  std::string call(const Node& node, bool is_inner) {
    const std::string& function = from_.ast.text(node);
    if (node.count == 2 && function == "@in") return wrap(fmt::format("{} in {}", operand(node, 0), operand(node, 1)), is_inner);
    if (node.count == 2 && function == "_[_]") return fmt::format("{}[{}]", operand(node, 0), operand(node, 1));
    const bool is_binary = node.count == 2 && function.size() > 2 && function.starts_with('_') && function.ends_with('_');
    if (is_binary) {
      const std::string sign = function.substr(1, function.size() - 2);
      return wrap(fmt::format("{} {} {}", operand(node, 0), sign, operand(node, 1)), is_inner);
    }
    const bool is_sign = node.count == 1 && (function == "!_" || function == "-_");
    if (is_sign) return fmt::format("{}({})", function[0], write(from_.ast.operand(node, 0), false));
    return fmt::format("{}({})", function, join(node, 0, ", "));
  }

  std::string member_call(NodeId id) {
    const Node& node = from_.ast.node(id);
    const std::string of = from_.nodes[id].is_namespaced ? namespace_of(from_.ast.operand(node, 0)) : operand(node, 0);
    return fmt::format("{}.{}({})", of, from_.ast.text(node), join(node, 1, ", "));
  }

  std::string namespace_of(NodeId id) {
    const Node& node = from_.ast.node(id);
    if (node.kind != NodeKind::select) return from_.ast.text(node);
    return namespace_of(from_.ast.operand(node, 0)) + '.' + from_.ast.text(node);
  }

  std::string map(const Node& node) {
    std::string out = "{";
    for (std::size_t i = 0; i + 1 < node.count; i += 2) {
      out.append(i == 0 ? "" : ", ").append(operand(node, i)).append(": ").append(operand(node, i + 1));
    }
    return out + '}';
  }

  std::string loop(NodeId id) {
    const Node& node = from_.ast.node(id);
    std::string out = fmt::format("{}.{}(x{}", operand(node, 0), name_of(node.macro), loops_.size());
    loops_.push_back(id);
    for (std::size_t i = 1; i < node.count; ++i) out.append(", ").append(write(from_.ast.operand(node, i), false));
    loops_.pop_back();
    return out + ')';
  }

  const Resolved& from_;
  const NameOfSlot& name_of_;
  std::vector<NodeId> loops_;  // Around, outermost first.
};

}  // namespace

std::string write(const Resolved& from, NodeId node, const NameOfSlot& name_of) {
  return Writer(from, name_of).write(node, false);
}

}  // namespace holdfast::policy::cel
