#include "policy/cel/testing/textproto.h"

#include "policy/cel/syntax/utf8.h"

#include <charconv>

namespace holdfast::policy::cel {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' || c == '+';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool message(TextMessage& out, char end) {
    for (;;) {
      skip_blank();
      if (at_ == text_.size()) return end == '\0';
      if (text_[at_] == end) {
        ++at_;
        return true;
      }
      if (!field(out)) return false;
      skip_blank();
      if (peek() == ',' || peek() == ';') ++at_;
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blank() {
    while (at_ < text_.size()) {
      if (peek() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool field(TextMessage& out) {
    TextField field;
    const std::size_t begin = at_;
    if (peek() == '[') {
      const std::size_t close = text_.find(']', at_);
      if (close == std::string_view::npos) return false;
      field.name = text_.substr(at_, close + 1 - at_);
      at_ = close + 1;
    } else {
      field.name = word();
    }
    if (field.name.empty()) return false;
    skip_blank();
    if (peek() == ':') ++at_;
    skip_blank();
    if (peek() == '{') {
      ++at_;
      field.is_message = true;
      if (!message(field.message, '}')) return false;
    } else if (peek() == '"' || peek() == '\'') {
      if (!strings(field.scalar)) return false;
    } else {
      field.scalar = word();
      if (field.scalar.empty()) return false;
    }
    field.source = text_.substr(begin, at_ - begin);
    out.fields.push_back(std::move(field));
    return true;
  }

  std::string word() {
    const std::size_t begin = at_;
    while (is_word(peek())) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // One after the other they are one.
  bool strings(std::string& out) {
    while (peek() == '"' || peek() == '\'') {
      const char quote = text_[at_++];
      while (peek() != quote) {
        if (at_ == text_.size()) return false;
        if (peek() == '\\') {
          ++at_;
          if (!escape(out)) return false;
        } else {
          out.push_back(text_[at_++]);
        }
      }
      ++at_;
      skip_blank();
    }
    return true;
  }

  bool escape(std::string& out) {
    const char c = peek();
    constexpr std::string_view kLetters = "abfnrtv\\?\"'";
    constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\?\"'";
    if (const std::size_t place = kLetters.find(c); place != std::string_view::npos) {
      out.push_back(kMeant[place]);
      ++at_;
      return true;
    }
    if (c >= '0' && c <= '7') return number(out, 0, 3, 8, false);
    if (c == 'x' || c == 'X') return number(out, 1, 2, 16, false);
    if (c == 'u') return number(out, 1, 4, 16, true);
    return c == 'U' && number(out, 1, 8, 16, true);
  }

  bool number(std::string& out, std::size_t skip, std::size_t longest, int base, bool is_code_point) {
    at_ += skip;
    const std::string_view digits = text_.substr(at_, longest);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc()) return false;
    at_ += static_cast<std::size_t>(end - digits.data());
    if (is_code_point) {
      append_utf8(out, value);
    } else {
      out.push_back(static_cast<char>(value));
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const TextMessage* TextMessage::message(std::string_view name) const {
  for (const TextField& each : fields) {
    if (each.is_message && each.name == name) return &each.message;
  }
  return nullptr;
}

std::vector<const TextMessage*> TextMessage::messages(std::string_view name) const {
  std::vector<const TextMessage*> out;
  for (const TextField& each : fields) {
    if (each.is_message && each.name == name) out.push_back(&each.message);
  }
  return out;
}

std::optional<std::string> TextMessage::scalar(std::string_view name) const {
  for (const TextField& each : fields) {
    if (!each.is_message && each.name == name) return each.scalar;
  }
  return std::nullopt;
}

std::optional<TextMessage> read_textproto(std::string_view text) {
  TextMessage out;
  if (!Reader(text).message(out, '\0')) return std::nullopt;
  return out;
}

}  // namespace holdfast::policy::cel
