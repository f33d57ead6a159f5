#include "api/message/structured_field.h"

#include "base/overloaded.h"
#include "journal/base64.h"

#include <algorithm>

namespace holdfast::api {
namespace {

constexpr std::size_t kMaxIntegerDigits = 15;  // RFC 8941 section 3.3.1

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alpha(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_key_start(char c) { return is_lower(c) || c == '*'; }
bool is_key_rest(char c) { return is_key_start(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }
bool is_token_rest(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~:/").find(c) != std::string_view::npos;
}

// Reads from the front; every method that fails leaves the rest in no defined state.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<Dictionary> dictionary() {
    Dictionary members;
    skip(" ");
    while (!rest_.empty()) {
      auto key = this->key();
      if (!key || find(members, *key) || members.size() == kMaxFieldMembers) return {};
      auto value = member_value();
      if (!value) return {};
      members.push_back({std::move(*key), std::move(*value)});
      skip(" \t");
      if (rest_.empty()) return members;
      if (!take(',')) return {};
      skip(" \t");
      if (rest_.empty()) return {};  // A comma at the end.
    }
    return members;
  }

 private:
  void skip(std::string_view blanks) { rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size())); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  template <class Accept>
  std::string_view take_while(Accept accept) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), accept);
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::optional<std::string> key() {
    if (rest_.empty() || !is_key_start(rest_.front())) return {};
    return std::string(take_while(is_key_rest));
  }

  std::optional<std::variant<Item, InnerList>> member_value() {
    if (!take('=')) {  // A bare key means true.
      auto parameters = this->parameters();
      if (!parameters) return {};
      return Item{true, std::move(*parameters)};
    }
    if (!rest_.empty() && rest_.front() == '(') {
      auto list = inner_list();
      if (!list) return {};
      return std::move(*list);
    }
    auto item = this->item();
    if (!item) return {};
    return std::move(*item);
  }

  std::optional<InnerList> inner_list() {
    InnerList list;
    if (!take('(')) return {};
    for (;;) {
      skip(" ");
      if (take(')')) break;
      auto item = this->item();
      if (!item || list.items.size() == kMaxListItems) return {};
      list.items.push_back(std::move(*item));
      if (rest_.empty() || (rest_.front() != ' ' && rest_.front() != ')')) return {};
    }
    auto parameters = this->parameters();
    if (!parameters) return {};
    list.parameters = std::move(*parameters);
    return list;
  }

  std::optional<Item> item() {
    auto value = bare_item();
    if (!value) return {};
    auto parameters = this->parameters();
    if (!parameters) return {};
    return Item{std::move(*value), std::move(*parameters)};
  }

  std::optional<std::vector<Parameter>> parameters() {
    std::vector<Parameter> parameters;
    while (take(';')) {
      skip(" ");
      auto key = this->key();
      const auto same = [&](const Parameter& known) { return known.key == *key; };
      if (!key || parameters.size() == kMaxParameters || std::any_of(parameters.begin(), parameters.end(), same))
        return {};
      BareItem value = true;
      if (take('=')) {
        auto read = bare_item();
        if (!read) return {};
        value = std::move(*read);
      }
      parameters.push_back({std::move(*key), std::move(value)});
    }
    return parameters;
  }

  std::optional<BareItem> bare_item() {
    if (rest_.empty()) return {};
    const char c = rest_.front();
    if (c == '"') return string();
    if (c == ':') return byte_sequence();
    if (c == '?') return boolean();
    if (c == '-' || is_digit(c)) return integer();
    if (is_alpha(c) || c == '*') return Token{std::string(take_while(is_token_rest))};
    return {};
  }

  std::optional<BareItem> integer() {
    const bool negative = take('-');
    const std::string_view digits = take_while(is_digit);
    if (digits.empty() || digits.size() > kMaxIntegerDigits || (!rest_.empty() && rest_.front() == '.')) return {};
    std::int64_t value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    return negative ? -value : value;
  }

  std::optional<BareItem> string() {
    std::string text;
    take('"');
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return text;
      if (c < ' ' || c > '~') return {};
      if (c != '\\') {
        text.push_back(c);
      } else {
        if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\\')) return {};
        text.push_back(rest_.front());
        rest_.remove_prefix(1);
      }
    }
    return {};
  }

  std::optional<BareItem> byte_sequence() {
    take(':');
    const auto end = rest_.find(':');
    if (end == std::string_view::npos) return {};
    auto bytes = journal::from_base64(rest_.substr(0, end));
    if (!bytes) return {};
    rest_.remove_prefix(end + 1);
    return std::move(*bytes);
  }

  std::optional<BareItem> boolean() {
    take('?');
    if (take('1')) return true;
    if (take('0')) return false;
    return {};
  }

  std::string_view rest_;
};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

std::string to_field_text(const BareItem& item) {
  return std::visit(
      Overloaded{[](std::int64_t value) { return std::to_string(value); },
                 [](const std::string& text) { return quoted(text); }, [](const Token& token) { return token.text; },
                 [](const Bytes& bytes) { return ':' + journal::to_base64(bytes) + ':'; },
                 [](bool value) { return std::string(value ? "?1" : "?0"); }},
      item);
}

void append_parameters(std::string& out, const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters) {
    out.append(";").append(parameter.key);
    if (parameter.value != BareItem(true)) out.append("=").append(to_field_text(parameter.value));
  }
}

}  // namespace

std::optional<Dictionary> parse_dictionary(std::string_view text) {
  if (text.size() > kMaxFieldBytes) return {};
  return Reader(text).dictionary();
}

const DictionaryMember* find(const Dictionary& dictionary, std::string_view key) {
  const auto found =
      std::find_if(dictionary.begin(), dictionary.end(), [&](const auto& one) { return one.key == key; });
  return found == dictionary.end() ? nullptr : &*found;
}

std::string to_field_text(const Item& item) {
  std::string out = to_field_text(item.value);
  append_parameters(out, item.parameters);
  return out;
}

std::string to_field_text(const InnerList& list) {
  std::string out = "(";
  for (const Item& item : list.items) {
    if (out.size() > 1) out.push_back(' ');
    out.append(to_field_text(item));
  }
  out.push_back(')');
  append_parameters(out, list.parameters);
  return out;
}

}  // namespace holdfast::api
