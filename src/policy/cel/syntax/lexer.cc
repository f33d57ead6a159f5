#include "policy/cel/syntax/lexer.h"

#include <algorithm>
#include <array>

namespace holdfast::policy::cel {

namespace {

constexpr std::array<std::string_view, 17> kReserved{"as",     "break",     "const", "continue", "else", "for",
                                                     "function", "if",      "import", "let",     "loop", "package",
                                                     "namespace", "return", "var",   "void",     "while"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_quote(char c) { return c == '"' || c == '\''; }
constexpr bool is_one_of(char c, char lower, char upper) { return c == lower || c == upper; }

struct Symbol {
  std::string_view text;
  TokenKind kind;
};

constexpr std::array<Symbol, 25> kSymbols{{
    {"==", TokenKind::equal},        {"!=", TokenKind::not_equal},   {"<=", TokenKind::less_equal},
    {">=", TokenKind::greater_equal}, {"&&", TokenKind::both},       {"||", TokenKind::either},
    {"(", TokenKind::left_paren},    {")", TokenKind::right_paren},  {"[", TokenKind::left_bracket},
    {"]", TokenKind::right_bracket}, {"{", TokenKind::left_brace},   {"}", TokenKind::right_brace},
    {".", TokenKind::dot},           {",", TokenKind::comma},        {":", TokenKind::colon},
    {"?", TokenKind::question},      {"+", TokenKind::plus},         {"-", TokenKind::minus},
    {"*", TokenKind::star},          {"/", TokenKind::slash},        {"%", TokenKind::percent},
    {"!", TokenKind::bang},          {"<", TokenKind::less},         {">", TokenKind::greater},
    {"", TokenKind::end},
}};

TokenKind kind_of_word(std::string_view word) {
  if (word == "in") return TokenKind::keyword_in;
  if (word == "true") return TokenKind::keyword_true;
  if (word == "false") return TokenKind::keyword_false;
  return word == "null" ? TokenKind::keyword_null : TokenKind::identifier;
}

}  // namespace

bool is_reserved(std::string_view word) { return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end(); }

Rejection Lexer::wrong(std::string what, std::size_t ahead) const {
  return reject("cel_syntax", static_cast<std::uint32_t>(at_ + ahead), std::move(what));
}

Token Lexer::take(TokenKind kind, std::size_t length) {
  const Token token{kind, static_cast<std::uint32_t>(at_), text_.substr(at_, length)};
  at_ += length;
  return token;
}

void Lexer::skip_blank() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
      ++at_;
    } else if (c == '/' && peek(1) == '/') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

Parsed<Token> Lexer::next() {
  skip_blank();
  if (at_ == text_.size()) return take(TokenKind::end, 0);
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (is_quote(c)) return quoted(0, false, false);
  if (c == '`') return quoted_name();
  if (is_letter(c)) return word();
  return symbol();
}

Parsed<Token> Lexer::symbol() {
  const std::string_view rest = text_.substr(at_);
  for (const Symbol& each : kSymbols) {
    if (!each.text.empty() && rest.starts_with(each.text)) return take(each.kind, each.text.size());
  }
  return wrong("no expression has this character");
}

std::size_t Lexer::digits(std::size_t from) const {
  std::size_t length = 0;
  while (is_digit(peek(from + length))) ++length;
  return length;
}

Parsed<Token> Lexer::number() {
  TokenKind kind = TokenKind::integer;
  std::size_t length = 0;
  if (peek() == '0' && is_one_of(peek(1), 'x', 'X')) {
    length = 2;
    while (is_hex(peek(length))) ++length;
    if (length == 2) return wrong("0x needs digits behind it");
  } else {
    length = digits(0);
    if (peek(length) == '.' && is_digit(peek(length + 1))) {
      kind = TokenKind::floating;
      length += 1 + digits(length + 1);
    }
    if (is_one_of(peek(length), 'e', 'E')) {
      const std::size_t sign = is_one_of(peek(length + 1), '+', '-') ? 1 : 0;
      const std::size_t exponent = digits(length + 1 + sign);
      if (exponent == 0) return wrong("the exponent needs digits", length);
      kind = TokenKind::floating;
      length += 1 + sign + exponent;
    }
  }
  if (kind == TokenKind::integer && is_one_of(peek(length), 'u', 'U')) {
    kind = TokenKind::unsigned_integer;
    ++length;
  }
  if (is_letter(peek(length)) || is_digit(peek(length))) return wrong("a number ends here, and a letter follows", length);
  return take(kind, length);
}

Parsed<Token> Lexer::quoted_name() {
  std::size_t length = 1;
  for (; peek(length) != '`'; ++length) {
    const char c = peek(length);
    if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != '/' && c != ' ') {
      return wrong("a quoted name has letters, digits and ._-/ and ends with `", length);
    }
  }
  if (length == 1) return wrong("a quoted name may not be empty");
  Token token = take(TokenKind::quoted_identifier, length + 1);
  token.text = token.text.substr(1, length - 1);
  return token;
}

Parsed<Token> Lexer::quoted(std::size_t prefix, bool raw, bool bytes) {
  const TokenKind kind = bytes ? TokenKind::bytes : TokenKind::string;
  const char quote = peek(prefix);
  const bool triple = peek(prefix + 1) == quote && peek(prefix + 2) == quote;
  const std::size_t width = triple ? 3 : 1;
  std::size_t length = prefix + width;
  while (at_ + length < text_.size()) {
    const char c = peek(length);
    if (c == quote && (!triple || (peek(length + 1) == quote && peek(length + 2) == quote))) return take(kind, length + width);
    if (!triple && (c == '\n' || c == '\r')) return wrong("the line ends inside of a string", length);
    length += c == '\\' && !raw ? 2 : 1;
  }
  return wrong("a string begins here and does not end");
}

Parsed<Token> Lexer::word() {
  std::size_t prefix = 0;
  bool raw = false;
  bool bytes = false;
  for (; prefix < 2; ++prefix) {
    if (!raw && is_one_of(peek(prefix), 'r', 'R')) {
      raw = true;
    } else if (!bytes && is_one_of(peek(prefix), 'b', 'B')) {
      bytes = true;
    } else {
      break;
    }
  }
  if (prefix > 0 && is_quote(peek(prefix))) return quoted(prefix, raw, bytes);
  std::size_t length = 0;
  while (is_letter(peek(length)) || is_digit(peek(length))) ++length;
  return take(kind_of_word(text_.substr(at_, length)), length);
}

}  // namespace holdfast::policy::cel
