#include "policy/cel/check/resolve.h"

namespace holdfast::policy::cel {

namespace {

class Resolver {
 public:
  Resolver(Ast ast, const Environment& environment) : environment_(environment), out_{std::move(ast), {}} {
    out_.nodes.resize(out_.ast.nodes.size());
  }

  Resolved run() {
    visit(out_.ast.root);
    return std::move(out_);
  }

 private:
  struct Dotted {
    std::string name;
    bool absolute = false;
  };

  const Node& node(NodeId id) const { return out_.ast.node(id); }

  // a.b.c as one name, unless `a` is the variable of a loop around it.
  std::optional<Dotted> dotted(NodeId id) const {
    const Node& here = node(id);
    if (here.kind == NodeKind::name) {
      if (!here.absolute && find_local(out_.ast.text(here))) return std::nullopt;
      return Dotted{out_.ast.text(here), here.absolute};
    }
    if (here.kind != NodeKind::select) return std::nullopt;
    auto out = dotted(out_.ast.operand(here, 0));
    if (!out) return out;
    out->name += '.';
    out->name += out_.ast.text(here);
    return out;
  }

  std::optional<NodeId> find_local(std::string_view name) const {
    for (auto loop = locals_.rbegin(); loop != locals_.rend(); ++loop) {
      if (out_.ast.text(node(*loop)) == name) return *loop;
    }
    return std::nullopt;
  }

  void visit(NodeId id) {
    const Node& here = node(id);
    switch (here.kind) {
      case NodeKind::name: return name(id);
      case NodeKind::select: return select(id);
      case NodeKind::call: return call(id);
      case NodeKind::member_call: return member_call(id);
      case NodeKind::loop: {
        visit(out_.ast.operand(here, 0));
        locals_.push_back(id);
        operands(id, 1);
        locals_.pop_back();
        return;
      }
      case NodeKind::literal:
      case NodeKind::presence:
      case NodeKind::list:
      case NodeKind::map:
      case NodeKind::message:
      case NodeKind::conditional:
      case NodeKind::all_of:
      case NodeKind::any_of: return operands(id, 0);
    }
  }

  void operands(NodeId id, std::size_t from) {
    for (std::size_t i = from; i < node(id).count; ++i) visit(out_.ast.operand(node(id), i));
  }

  void name(NodeId id) {
    const Node& here = node(id);
    const auto local = here.absolute ? std::nullopt : find_local(out_.ast.text(here));
    out_.nodes[id].meaning =
        local ? Meaning{Meaning::Kind::local, *local} : environment_.find(out_.ast.text(here), here.absolute);
  }

  void select(NodeId id) {
    if (const auto whole = dotted(id)) {
      out_.nodes[id].meaning = environment_.find(whole->name, whole->absolute);
      if (out_.nodes[id].meaning.kind != Meaning::Kind::none) return;
    }
    operands(id, 0);
  }

  // The last operand, where it is a text that is written down.
  const std::string* last_text(const Node& here) const {
    if (here.count == 0) return nullptr;
    const Node& last = node(out_.ast.operand(here, here.count - 1));
    return last.kind == NodeKind::literal ? std::get_if<std::string>(&out_.ast.literal(last)) : nullptr;
  }

  void call(NodeId id) {
    const Node& here = node(id);
    Resolution& out = out_.nodes[id];
    if (const std::string* last = last_text(here)) {
      const std::string name = name_of_call(out_.ast.text(here), here.count, *last);
      if (here.count == 1) out.meaning = environment_.find(name, here.absolute);
      if (out.meaning.kind != Meaning::Kind::none) return;
      out.function = environment_.find_function(name, here.absolute);
    }
    if (!out.function) out.function = environment_.find_function(out_.ast.text(here), here.absolute);
    operands(id, 0);
  }

  void member_call(NodeId id) {
    const Node& here = node(id);
    if (const auto space = dotted(out_.ast.operand(here, 0))) {
      out_.nodes[id].function = environment_.find_function(space->name + '.' + out_.ast.text(here), space->absolute);
      if (out_.nodes[id].function) {
        out_.nodes[id].is_namespaced = true;
        return operands(id, 1);
      }
    }
    out_.nodes[id].function = environment_.find_function(out_.ast.text(here), true);
    operands(id, 0);
  }

  const Environment& environment_;
  Resolved out_;
  std::vector<NodeId> locals_;  // Loops around, innermost last.
};

}  // namespace

Resolved resolve(Ast ast, const Environment& environment) { return Resolver(std::move(ast), environment).run(); }

}  // namespace holdfast::policy::cel
