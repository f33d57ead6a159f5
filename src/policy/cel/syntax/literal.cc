#include "policy/cel/syntax/literal.h"

#include "policy/cel/syntax/utf8.h"

#include <charconv>
#include <limits>

namespace holdfast::policy::cel {

namespace {

constexpr std::uint64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

std::optional<std::uint64_t> to_unsigned(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// The power of ten of the first digit that is not zero: tells too large from too small.
bool is_small(std::string_view digits) {
  const std::size_t exponent_at = std::min(digits.find_first_of("eE"), digits.size());
  const std::string_view mantissa = digits.substr(0, exponent_at);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  const bool before_point = first < point;
  const std::int64_t place = before_point ? static_cast<std::int64_t>(point - first) : -static_cast<std::int64_t>(first - point);
  std::string_view exponent = digits.substr(std::min(exponent_at + 1, digits.size()));
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t power = 0;
  const auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
  if (read.ec == std::errc::result_out_of_range) return exponent.starts_with('-');
  return place + power < 0;
}

class Unescaper {
 public:
  Unescaper(std::string_view body, std::uint32_t at, bool bytes) : body_(body), begin_(at), bytes_(bytes) {}

  Parsed<std::string> run() {
    while (at_ < body_.size()) {
      if (body_[at_] != '\\') {
        out_.push_back(body_[at_++]);
        continue;
      }
      ++at_;
      if (!escape()) return reject("cel_syntax", begin_ + static_cast<std::uint32_t>(at_) - 1, "no such escape");
    }
    return std::move(out_);
  }

 private:
  bool escape() {
    if (at_ == body_.size()) return false;
    const char c = body_[at_];
    constexpr std::string_view kLetters = "abfnrtv\\?\"'`";
    constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\?\"'`";
    if (const std::size_t place = kLetters.find(c); place != std::string_view::npos) {
      out_.push_back(kMeant[place]);
      ++at_;
      return true;
    }
    switch (c) {
      case 'x':
      case 'X': return number(1, 2, 16);
      case 'u': return !bytes_ && number(1, 4, 16);
      case 'U': return !bytes_ && number(1, 8, 16);
      case '0':
      case '1':
      case '2':
      case '3': return number(0, 3, 8);
      default: return false;
    }
  }

  bool number(std::size_t skip, std::size_t length, int base) {
    const std::string_view digits = body_.substr(std::min(at_ + skip, body_.size()), length);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (digits.size() != length || error != std::errc() || end != digits.data() + length) return false;
    if (!bytes_ && !is_scalar_value(value)) return false;
    if (bytes_) {
      out_.push_back(static_cast<char>(value));
    } else {
      append_utf8(out_, value);
    }
    at_ += skip + length;
    return true;
  }

  std::string_view body_;
  std::uint32_t begin_;
  bool bytes_;
  std::size_t at_ = 0;
  std::string out_;
};

Parsed<Literal> quoted(const Token& token, bool bytes) {
  std::string_view text = token.text;
  const std::size_t prefix = text.find_first_of("'\"");
  const bool raw = text.substr(0, prefix).find_first_of("rR") != std::string_view::npos;
  text.remove_prefix(prefix);
  const std::size_t width = text.size() >= 6 && text[1] == text[0] && text[2] == text[0] ? 3 : 1;
  const std::string_view body = text.substr(width, text.size() - 2 * width);
  std::string out(body);
  if (!raw) {
    auto unescaped = Unescaper(body, token.at + static_cast<std::uint32_t>(prefix + width), bytes).run();
    if (!unescaped) return Rejection(unescaped.error());
    out = std::move(*unescaped);
  }
  if (bytes) return Literal(ByteString{std::move(out)});
  return Literal(std::move(out));
}

Parsed<Literal> integer(const Token& token, bool negative) {
  const auto magnitude = to_unsigned(token.text);
  if (!magnitude || *magnitude > kMaxInt + (negative ? 1 : 0)) return reject("cel_syntax", token.at, "larger than an int can be");
  return Literal(static_cast<std::int64_t>(negative ? 0 - *magnitude : *magnitude));
}

}  // namespace

std::optional<double> to_double(std::string_view digits) {
  double out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (end != digits.data() + digits.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return is_small(digits) ? std::optional(0.0) : std::nullopt;
  return error == std::errc() ? std::optional(out) : std::nullopt;
}

Parsed<Literal> literal_of(const Token& token, bool negative) {
  switch (token.kind) {
    case TokenKind::keyword_null: return Literal(Null{});
    case TokenKind::keyword_true: return Literal(true);
    case TokenKind::keyword_false: return Literal(false);
    case TokenKind::string: return quoted(token, false);
    case TokenKind::bytes: return quoted(token, true);
    case TokenKind::integer: return integer(token, negative);
    case TokenKind::unsigned_integer: {
      const auto value = to_unsigned(token.text.substr(0, token.text.size() - 1));
      if (!value) return reject("cel_syntax", token.at, "larger than a uint can be");
      return Literal(*value);
    }
    case TokenKind::floating: {
      const auto value = to_double(token.text);
      if (!value) return reject("cel_syntax", token.at, "larger than a double can be");
      return Literal(negative ? -*value : *value);
    }
    default: return reject("cel_syntax", token.at, "no literal");
  }
}

}  // namespace holdfast::policy::cel
