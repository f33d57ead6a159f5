#include "policy/cel/syntax/parser.h"

#include "policy/cel/syntax/lexer.h"
#include "policy/cel/syntax/literal.h"
#include "policy/cel/syntax/macros.h"
#include "policy/cel/syntax/utf8.h"

#include <optional>

namespace holdfast::policy::cel {

namespace {

using Ids = std::vector<NodeId>;
using ParsedNode = Parsed<NodeId>;
using ParsedIds = Parsed<Ids>;

constexpr int kEitherLevel = 0;
constexpr int kBothLevel = 1;

struct Operator {
  int level;
  std::string_view function;
};

std::optional<Operator> operator_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::either: return Operator{kEitherLevel, ""};
    case TokenKind::both: return Operator{kBothLevel, ""};
    case TokenKind::less: return Operator{2, "_<_"};
    case TokenKind::less_equal: return Operator{2, "_<=_"};
    case TokenKind::greater: return Operator{2, "_>_"};
    case TokenKind::greater_equal: return Operator{2, "_>=_"};
    case TokenKind::equal: return Operator{2, "_==_"};
    case TokenKind::not_equal: return Operator{2, "_!=_"};
    case TokenKind::keyword_in: return Operator{2, "@in"};
    case TokenKind::plus: return Operator{3, "_+_"};
    case TokenKind::minus: return Operator{3, "_-_"};
    case TokenKind::star: return Operator{4, "_*_"};
    case TokenKind::slash: return Operator{4, "_/_"};
    case TokenKind::percent: return Operator{4, "_%_"};
    default: return std::nullopt;
  }
}

bool is_literal(TokenKind kind) {
  switch (kind) {
    case TokenKind::integer:
    case TokenKind::unsigned_integer:
    case TokenKind::floating:
    case TokenKind::string:
    case TokenKind::bytes:
    case TokenKind::keyword_true:
    case TokenKind::keyword_false:
    case TokenKind::keyword_null: return true;
    default: return false;
  }
}

class Parser {
 public:
  Parser(std::string_view source, const ParseLimits& limits) : limits_(limits), lexer_(source) {
    ast_.source = source;
  }

  Parsed<Ast> run() {
    if (auto begun = advance(); !begun) return Rejection(begun.error());
    const auto root = expression();
    if (!root) return Rejection(root.error());
    if (token_.kind != TokenKind::end) return reject("cel_syntax", token_.at, "the expression should end here");
    ast_.root = *root;
    return std::move(ast_);
  }

 private:
  // --- tokens

  Parsed<bool> advance() {
    auto next = lexer_.next();
    if (!next) return Rejection(next.error());
    token_ = *next;
    return true;
  }

  Parsed<bool> accept(TokenKind kind) {
    if (token_.kind != kind) return false;
    return advance();
  }

  Parsed<bool> expect(TokenKind kind, std::string_view what) {
    if (token_.kind != kind) return reject("cel_syntax", token_.at, std::string(what) + " is missing here");
    return advance();
  }

  // --- nodes

  ParsedNode add(Node node, const Ids& operands) {
    if (ast_.nodes.size() >= limits_.max_nodes) return reject("cel_too_large", node.at, "the expression has too many parts");
    node.first = static_cast<std::uint32_t>(ast_.operands.size());
    node.count = static_cast<std::uint32_t>(operands.size());
    for (const NodeId each : operands) {
      node.height = std::max(node.height, static_cast<std::uint16_t>(ast_.node(each).height + 1));
    }
    if (node.height > limits_.max_depth) return too_deep(node.at);
    ast_.operands.insert(ast_.operands.end(), operands.begin(), operands.end());
    ast_.nodes.push_back(node);
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }

  ParsedNode add(NodeKind kind, std::uint32_t at, std::string_view text, const Ids& operands, bool absolute = false) {
    Node node;
    node.kind = kind;
    node.at = at;
    node.absolute = absolute;
    node.text = static_cast<std::uint32_t>(ast_.texts.size());
    ast_.texts.emplace_back(text);
    return add(node, operands);
  }

  static Rejection too_deep(std::uint32_t at) { return reject("cel_too_deep", at, "the expression is nested too deeply"); }

  // --- the grammar, from the top

  ParsedNode expression() {
    if (depth_ >= limits_.max_depth) return too_deep(token_.at);
    ++depth_;
    auto out = conditional();
    --depth_;
    return out;
  }

  ParsedNode conditional() {
    const auto condition = binary(kEitherLevel);
    if (!condition || token_.kind != TokenKind::question) return condition;
    const std::uint32_t at = token_.at;
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    const auto yes = binary(kEitherLevel);
    if (!yes) return yes;
    if (const auto ok = expect(TokenKind::colon, "the ':' of '?'"); !ok) return Rejection(ok.error());
    const auto no = expression();
    if (!no) return no;
    return add(NodeKind::conditional, at, "", {*condition, *yes, *no});
  }

  // Operators of this level and of those that bind more tightly.
  ParsedNode binary(int level) {
    auto left = unary();
    while (left) {
      const auto found = operator_of(token_.kind);
      if (!found || found->level < level) return left;
      if (found->function.empty()) {
        left = junction(found->level, *left);
        continue;
      }
      const std::uint32_t at = token_.at;
      if (const auto ok = advance(); !ok) return Rejection(ok.error());
      const auto right = binary(found->level + 1);
      if (!right) return right;
      left = add(NodeKind::call, at, found->function, {*left, *right});
    }
    return left;
  }

  // All operands of one row of && or of ||.
  ParsedNode junction(int level, NodeId first) {
    const TokenKind sign = token_.kind;
    const std::uint32_t at = token_.at;
    Ids operands{first};
    while (token_.kind == sign) {
      if (const auto ok = advance(); !ok) return Rejection(ok.error());
      const auto next = binary(level + 1);
      if (!next) return next;
      operands.push_back(*next);
    }
    return add(level == kEitherLevel ? NodeKind::any_of : NodeKind::all_of, at, "", operands);
  }

  ParsedNode unary() {
    std::vector<Token> signs;
    while (token_.kind == TokenKind::bang || token_.kind == TokenKind::minus) {
      if (!signs.empty() && signs.back().kind != token_.kind) return reject("cel_syntax", token_.at, "! and - do not mix");
      signs.push_back(token_);
      if (const auto ok = advance(); !ok) return Rejection(ok.error());
    }
    const bool number = token_.kind == TokenKind::integer || token_.kind == TokenKind::floating;
    const bool negative = number && !signs.empty() && signs.back().kind == TokenKind::minus;
    auto out = member(negative);
    if (negative) signs.pop_back();
    for (; out && !signs.empty(); signs.pop_back()) {
      out = add(NodeKind::call, signs.back().at, signs.back().kind == TokenKind::bang ? "!_" : "-_", {*out});
    }
    return out;
  }

  ParsedNode member(bool negative) {
    auto out = primary(negative);
    while (out) {
      const std::uint32_t at = token_.at;
      if (token_.kind == TokenKind::dot) {
        out = selection(*out);
      } else if (token_.kind == TokenKind::left_bracket) {
        if (const auto ok = advance(); !ok) return Rejection(ok.error());
        const auto index = expression();
        if (!index) return index;
        if (const auto ok = expect(TokenKind::right_bracket, "']'"); !ok) return Rejection(ok.error());
        out = add(NodeKind::call, at, "_[_]", {*out, *index});
      } else if (token_.kind == TokenKind::left_brace && is_qualified_name(*out)) {
        out = message(*out);
      } else {
        return out;
      }
    }
    return out;
  }

  ParsedNode selection(NodeId operand) {
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    const Token name = token_;
    if (name.kind != TokenKind::identifier && name.kind != TokenKind::quoted_identifier) {
      return reject("cel_syntax", name.at, "a name should follow the dot");
    }
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    if (token_.kind != TokenKind::left_paren || name.kind == TokenKind::quoted_identifier) {
      return add(NodeKind::select, name.at, name.text, {operand});
    }
    auto arguments = call_arguments();
    if (!arguments) return Rejection(arguments.error());
    if (const auto macro = loop_macro_of(name.text, arguments->size())) return loop(*macro, name, operand, *arguments);
    arguments->insert(arguments->begin(), operand);
    return add(NodeKind::member_call, name.at, name.text, *arguments);
  }

  ParsedNode loop(LoopMacro macro, const Token& name, NodeId range, const Ids& arguments) {
    const Node& variable = ast_.node(arguments[0]);
    if (variable.kind != NodeKind::name || variable.absolute) {
      return reject("cel_syntax", variable.at, "the first argument of " + std::string(name.text) + " has to be a plain name");
    }
    Node node;
    node.kind = NodeKind::loop;
    node.macro = macro;
    node.at = name.at;
    node.text = variable.text;
    Ids operands{range};
    operands.insert(operands.end(), arguments.begin() + 1, arguments.end());
    return add(node, operands);
  }

  ParsedNode primary(bool negative) {
    const Token token = token_;
    if (is_literal(token.kind)) return literal(negative);
    switch (token.kind) {
      case TokenKind::left_paren: return parenthesis();
      case TokenKind::left_bracket: return list();
      case TokenKind::left_brace: return map();
      case TokenKind::dot:
      case TokenKind::identifier: return name();
      case TokenKind::end: return reject("cel_syntax", token.at, "the expression ends too early");
      case TokenKind::quoted_identifier: return reject("cel_syntax", token.at, "a quoted name only names a field, behind a dot");
      default: return reject("cel_syntax", token.at, "a value should stand here");
    }
  }

  ParsedNode literal(bool negative) {
    auto value = literal_of(token_, negative);
    if (!value) return Rejection(value.error());
    Node node;
    node.at = token_.at;
    node.text = static_cast<std::uint32_t>(ast_.literals.size());
    ast_.literals.push_back(std::move(*value));
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    return add(node, {});
  }

  ParsedNode parenthesis() {
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    const auto inner = expression();
    if (!inner) return inner;
    if (const auto ok = expect(TokenKind::right_paren, "')'"); !ok) return Rejection(ok.error());
    return inner;
  }

  ParsedNode name() {
    const std::uint32_t at = token_.at;
    const auto absolute = accept(TokenKind::dot);
    if (!absolute) return Rejection(absolute.error());
    const Token word = token_;
    if (word.kind != TokenKind::identifier) return reject("cel_syntax", word.at, "a name should stand here");
    if (is_reserved(word.text)) return reject("cel_syntax", word.at, "'" + std::string(word.text) + "' is a reserved word");
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    if (token_.kind != TokenKind::left_paren) return add(NodeKind::name, at, word.text, {}, *absolute);
    const auto arguments = call_arguments();
    if (!arguments) return Rejection(arguments.error());
    if (word.text == "has" && arguments->size() == 1 && !*absolute) return presence(word, arguments->front());
    return add(NodeKind::call, at, word.text, *arguments, *absolute);
  }

  ParsedNode presence(const Token& word, NodeId of) {
    if (ast_.node(of).kind != NodeKind::select) {
      return reject("cel_syntax", ast_.node(of).at, "has() asks for a field: has(x.field)");
    }
    Node node = ast_.node(of);
    node.kind = NodeKind::presence;
    node.at = word.at;
    return add(node, {ast_.operand(ast_.node(of), 0)});
  }

  ParsedNode list() {
    const std::uint32_t at = token_.at;
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    auto items = expressions(TokenKind::right_bracket, "']'");
    return items ? add(NodeKind::list, at, "", *items) : ParsedNode(Rejection(items.error()));
  }

  ParsedNode map() {
    const std::uint32_t at = token_.at;
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    Ids items;
    while (token_.kind != TokenKind::right_brace) {
      const auto key = expression();
      if (!key) return key;
      if (const auto ok = expect(TokenKind::colon, "the ':' behind a key"); !ok) return Rejection(ok.error());
      const auto value = expression();
      if (!value) return value;
      items.insert(items.end(), {*key, *value});
      const auto more = accept(TokenKind::comma);
      if (!more) return Rejection(more.error());
      if (!*more) break;
    }
    if (const auto ok = expect(TokenKind::right_brace, "'}'"); !ok) return Rejection(ok.error());
    return add(NodeKind::map, at, "", items);
  }

  // Only its values are kept: there are no messages.
  ParsedNode message(NodeId type) {
    const std::uint32_t at = ast_.node(type).at;
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    Ids values;
    while (token_.kind != TokenKind::right_brace) {
      if (token_.kind != TokenKind::identifier && token_.kind != TokenKind::quoted_identifier) {
        return reject("cel_syntax", token_.at, "a field's name should stand here");
      }
      if (const auto ok = advance(); !ok) return Rejection(ok.error());
      if (const auto ok = expect(TokenKind::colon, "the ':' behind a field"); !ok) return Rejection(ok.error());
      const auto value = expression();
      if (!value) return value;
      values.push_back(*value);
      const auto more = accept(TokenKind::comma);
      if (!more) return Rejection(more.error());
      if (!*more) break;
    }
    if (const auto ok = expect(TokenKind::right_brace, "'}'"); !ok) return Rejection(ok.error());
    return add(NodeKind::message, at, ast_.text(ast_.node(type)), values);
  }

  bool is_qualified_name(NodeId id) const {
    while (ast_.node(id).kind == NodeKind::select) id = ast_.operand(ast_.node(id), 0);
    return ast_.node(id).kind == NodeKind::name;
  }

  ParsedIds call_arguments() {
    if (const auto ok = advance(); !ok) return Rejection(ok.error());
    return expressions(TokenKind::right_paren, "')'", false);
  }

  ParsedIds expressions(TokenKind end, std::string_view what, bool may_trail = true) {
    Ids out;
    while (token_.kind != end) {
      const auto one = expression();
      if (!one) return Rejection(one.error());
      out.push_back(*one);
      const auto more = accept(TokenKind::comma);
      if (!more) return Rejection(more.error());
      if (!*more) break;
      if (!may_trail && token_.kind == end) return reject("cel_syntax", token_.at, "one more argument is missing here");
    }
    if (const auto ok = expect(end, what); !ok) return Rejection(ok.error());
    return out;
  }

  ParseLimits limits_;
  Lexer lexer_;
  Token token_;
  Ast ast_;
  std::size_t depth_ = 0;
};

}  // namespace

Parsed<Ast> parse(std::string_view source, const ParseLimits& limits) {
  if (source.size() > limits.max_bytes) return reject("cel_too_large", 0, "the expression is too long");
  if (!is_utf8(source)) return reject("cel_not_utf8", 0, "the expression is not UTF-8");
  return Parser(source, limits).run();
}

}  // namespace holdfast::policy::cel
