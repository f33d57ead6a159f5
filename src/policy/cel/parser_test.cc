#include "policy/cel/syntax/parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace holdfast::policy::cel {
namespace {

std::string code_of(std::string_view source) {
  const auto ast = parse(source);
  return ast ? "accepted" : std::string(ast.error().code);
}

// The tree with all its parentheses.
std::string written(const Ast& ast, NodeId id) {
  const Node& node = ast.node(id);
  std::string out(node.kind == NodeKind::literal ? "#" : ast.text(node));
  if (node.kind == NodeKind::all_of) out = "&&";
  if (node.kind == NodeKind::any_of) out = "||";
  if (node.kind == NodeKind::conditional) out = "?:";
  if (node.count == 0) return out;
  out += '(';
  for (std::size_t i = 0; i < node.count; ++i) out += (i > 0 ? " " : "") + written(ast, ast.operand(node, i));
  return out + ')';
}

std::string tree(std::string_view source) {
  const auto ast = parse(source);
  return ast ? written(*ast, ast->root) : explain(source, ast.error());
}

TEST(parser, knows_what_binds_first) {
  EXPECT_EQ(tree("a || b && c == d + e * -f"), "||(a &&(b _==_(c _+_(d _*_(e -_(f))))))");
  EXPECT_EQ(tree("a - b - c"), "_-_(_-_(a b) c)");
  EXPECT_EQ(tree("a ? b : c ? d : e"), "?:(a b ?:(c d e))");
  EXPECT_EQ(tree("a && b && c || d && e"), "||(&&(a b c) &&(d e))");
  EXPECT_EQ(tree("!a.b[c].d(e)"), "!_(d(_[_](b(a) c) e))");
  EXPECT_EQ(tree("a in b == c"), "_==_(@in(a b) c)");
  EXPECT_EQ(tree("-1 - -1"), "_-_(# #)");
  EXPECT_EQ(tree("--1"), "-_(#)");
  EXPECT_EQ(tree("has(a.b) && l.map(x, x > 1, x)"), "&&(b(a) x(l _>_(x #) x))");
}

TEST(parser, says_where_it_stumbled) {
  const std::string_view source = "amount > 1000 &&\n  (age < 24";
  const auto ast = parse(source);
  ASSERT_FALSE(ast);
  EXPECT_EQ(ast.error().code, "cel_syntax");
  EXPECT_EQ(explain(source, ast.error()), "2:12: ')' is missing here\n |   (age < 24\n |            ^");
}

TEST(parser, counts_columns_in_code_points_and_cuts_long_lines) {
  const std::string wide = "'\u03c0\u03ad\u03bd\u03c4\u03b5' + ?";
  EXPECT_EQ(explain(wide, parse(wide).error()), "1:11: a value should stand here\n | '\u03c0\u03ad\u03bd\u03c4\u03b5' + ?\n |           ^");
  const std::string longer = std::string(5'000, '1') + "x" + std::string(5'000, ' ');
  EXPECT_LT(explain(longer, parse(longer).error()).size(), 400U);
}

TEST(parser, refuses_what_is_no_expression) {
  for (const std::string_view source :
       {"", " // nothing", "1 +", "a b", "a.", ".1.2", "a..b", "'open", "\"a\nb\"", "'''a''", "'\\q'", "'\\ud800'", "b'\\u0041'", "'\\x4'",
        "'\\400'", "1u2", "0x", "1e", "1e999", "9223372036854775808", "-9223372036854775809", "18446744073709551616u", "f(1,)", "{1}",
        "{1: 2", "[1", "if", "a.in", "a.null", "`a`", "a.``", "has(a)", "l.all(1, true)", "l.map(.x, x)", "!-a", "a ? b", "a = b", "a & b",
        "x.`a\nb`", "{'a': 1,, }", "T{1: 2}", "\x01"}) {
    EXPECT_EQ(code_of(source), "cel_syntax") << source;
  }
}

TEST(parser, accepts_the_odd_but_right) {
  for (const std::string_view source :
       {".a", ".a.b(c)", "a.if", "a.while(1)", "x.`a-b/c.d`", "[1,]", "{1: 2,}", "T{}", "a.B{c: 1, `d-e`: 2,}", "R'\\q'", "rb'\\xff'",
        "BR\"\"\"a\"b\"\"\"", "0xFFu", "1e5", ".5", "1.5E-3", "-9223372036854775808", "a // b\n", "l.all(x)", "l.all(x, y, z)", "all(x, y)"}) {
    EXPECT_EQ(code_of(source), "accepted") << source;
  }
}

TEST(parser, bounds_what_it_takes) {
  EXPECT_EQ(code_of(std::string(10'000'000, '(')), "cel_too_large");
  EXPECT_EQ(code_of(std::string(60'000, '(')), "cel_too_deep");
  EXPECT_EQ(code_of(std::string(60'000, '[')), "cel_too_deep");
  EXPECT_EQ(code_of(std::string(60'000, '!') + "a"), "cel_too_deep");
  EXPECT_EQ(code_of("a" + std::string(300, '.') + "b"), "cel_syntax");
  std::string sum = "1";
  for (int i = 0; i < 300; ++i) sum += "+1";
  EXPECT_EQ(code_of(sum), "cel_too_deep");
  std::string row = "a";
  for (int i = 0; i < 5'000; ++i) row += "&&a";
  EXPECT_EQ(code_of(row), "accepted") << "a row of && is one node, however long";
  std::string many = "[1";
  for (int i = 0; i < 25'000; ++i) many += ",1";
  EXPECT_EQ(code_of(many + "]"), "cel_too_large");
}

TEST(parser, refuses_what_is_no_text) {
  for (const std::string_view source : {"'\xff'", "'\xc0\x80'", "'\xed\xa0\x80'", "'\xf4\x90\x80\x80'", "'\xe2\x82'", "a\xc3"}) {
    EXPECT_EQ(code_of(source), "cel_not_utf8");
    EXPECT_NE(explain(source, parse(source).error()).find("1:1"), std::string::npos);
  }
}

}  // namespace
}  // namespace holdfast::policy::cel
