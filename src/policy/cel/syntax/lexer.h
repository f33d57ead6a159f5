// Cuts an expression into tokens, one at a time.
#pragma once

#include "policy/cel/syntax/problem.h"

namespace holdfast::policy::cel {

enum class TokenKind : std::uint8_t {
  end, identifier, quoted_identifier, keyword_in, keyword_true, keyword_false, keyword_null, integer, unsigned_integer,
  floating, string, bytes,
  left_paren, right_paren, left_bracket, right_bracket, left_brace, right_brace, dot, comma, colon, question,
  plus, minus, star, slash, percent, bang, equal, not_equal, less, less_equal, greater, greater_equal, both, either,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t at = 0;
  std::string_view text;  // As written; of a quoted identifier without its quotes.
};

class Lexer {
 public:
  // `text` is UTF-8, shorter than 4 GiB, and outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  Parsed<Token> next();

 private:
  void skip_blank();
  Token take(TokenKind kind, std::size_t length);
  Parsed<Token> symbol();
  Parsed<Token> number();
  Parsed<Token> quoted_name();
  Parsed<Token> quoted(std::size_t prefix, bool raw, bool bytes);
  Parsed<Token> word();
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  std::size_t digits(std::size_t from) const;
  Rejection wrong(std::string what, std::size_t ahead = 0) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

// Words that may not be a variable's name. They may name a field or a member function.
bool is_reserved(std::string_view word);

}  // namespace holdfast::policy::cel
