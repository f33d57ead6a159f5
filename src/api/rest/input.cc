#include "api/rest/input.h"

#include "base/printable.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace holdfast::api {
namespace {

using E = EdgeProblem;
namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kSmallBodyBytes = 8 << 10;

// A parsed body. Small ones share one parser per thread, which keeps its buffers; a large one brings its own and gives
// the memory back: a parser holds some ten times the size of what it has parsed.
class Document {
 public:
  Answer<dom::object> parse(std::string_view body) {
    thread_local dom::parser shared;
    dom::parser& parser = body.size() > kSmallBodyBytes ? own_.emplace() : shared;
    dom::object object;
    const bool ready = parser.allocate(std::max<std::size_t>(body.size(), 1), kMaxDepth) == simdjson::SUCCESS;
    if (!ready) return refused(E::internal);
    if (body.empty() || parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) {
      return refused(E::json_malformed);
    }
    return object;
  }

 private:
  std::optional<dom::parser> own_;
};

bool is_clean_text(std::string_view text, std::size_t max = kMaxTextBytes) {
  return !text.empty() && text.size() <= max && std::none_of(text.begin(), text.end(), is_control);
}

Refused field_problem(E code, std::string_view name, std::string_view text) {
  return refused(code, std::string(name.substr(0, kMaxTextBytes)).append(": ").append(text));
}

bool is_clean_file(std::string_view text) {
  const auto is_bad = [](char c) { return is_control(c) && c != '\n' && c != '\t' && c != '\r'; };
  return !text.empty() && text.size() <= kMaxFileBytes && std::none_of(text.begin(), text.end(), is_bad);
}

Answer<FieldValue> read_value(const Field& field, const dom::element& element) {
  if (field.kind == FieldKind::file) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS || !is_clean_file(text)) {
      return field_problem(E::field_invalid, field.name, "must be a text of 1 to 262144 bytes without control characters but ends of lines");
    }
    return std::string(text);
  }
  if (field.kind == FieldKind::blob) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS || !is_clean_text(text, kMaxBlobBytes)) {
      return field_problem(E::field_invalid, field.name, "must be a text of 1 to 4096 bytes without control characters");
    }
    return std::string(text);
  }
  if (field.kind == FieldKind::object) {
    if (!element.is_object()) return field_problem(E::field_invalid, field.name, "must be an object");
    return std::string(simdjson::minify(element));
  }
  if (field.kind == FieldKind::text) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS || !is_clean_text(text)) {
      return field_problem(E::field_invalid, field.name, "must be a text of 1 to 256 bytes without control characters");
    }
    return std::string(text);
  }
  std::int64_t number = 0;
  if (element.get(number) != simdjson::SUCCESS || number < 0) {
    return field_problem(E::field_invalid, field.name, "must be a whole number, not negative");
  }
  return static_cast<std::uint64_t>(number);
}

Answer<Fields> read_fields(const dom::object& object, std::span<const Field> fields) {
  std::vector<FieldValue> values(fields.size());
  for (const auto& [key, element] : object) {
    const std::string_view name = key;
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.name == name; });
    if (field == fields.end()) return field_problem(E::field_unknown, name, "is no field of this request");
    FieldValue& value = values[static_cast<std::size_t>(field - fields.begin())];
    if (value.index() != 0) return field_problem(E::field_unknown, name, "stands twice");
    auto read = read_value(*field, element);
    if (!read) return std::unexpected(read.error());
    value = std::move(*read);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].required && values[i].index() == 0)
      return field_problem(E::field_missing, fields[i].name, "is missing");
  }
  return Fields(std::move(values));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return {};
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return {};
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

}  // namespace

Answer<Fields> read_object(std::string_view body, std::span<const Field> fields) {
  Document document;
  const auto object = document.parse(body);
  if (!object) return std::unexpected(object.error());
  return read_fields(*object, fields);
}

Answer<std::vector<Answer<Fields>>> read_batch(std::string_view body, std::string_view name,
                                               std::span<const Field> fields) {
  Document document;
  const auto object = document.parse(body);
  if (!object) return std::unexpected(object.error());
  std::optional<dom::array> array;
  for (const auto& [key, element] : *object) {
    dom::array value;
    if (std::string_view(key) != name || array)
      return field_problem(E::field_unknown, key, "is no field of this request");
    if (element.get(value) != simdjson::SUCCESS) return field_problem(E::field_invalid, name, "must be an array");
    array = value;
  }
  if (!array) return field_problem(E::field_missing, name, "is missing");
  if (array->size() == 0 || array->size() > kMaxBatch) return refused(E::batch_size_wrong);
  std::vector<Answer<Fields>> out;
  out.reserve(array->size());
  for (const dom::element element : *array) {
    dom::object item;
    if (element.get(item) == simdjson::SUCCESS) {
      out.push_back(read_fields(item, fields));
    } else {
      out.push_back(field_problem(E::field_invalid, name, "must hold objects"));
    }
  }
  return out;
}

Answer<Query> Query::parse(std::string_view query, std::span<const std::string_view> known) {
  Query out;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return refused(E::parameter_invalid, "A query is name=value, joined by &.");
    const std::string_view name = part.substr(0, equals);
    auto value = percent_decode(part.substr(equals + 1));
    if (!value || !is_clean_text(*value))
      return refused(E::parameter_invalid, "A query parameter's value cannot be read.");
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return refused(E::parameter_invalid, "There is no such query parameter here.");
    }
    if (out.text(name)) return refused(E::parameter_invalid, "A query parameter stands twice.");
    out.parameters_.emplace_back(name, std::move(*value));
  }
  return out;
}

const std::string* Query::text(std::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name) return &value;
  }
  return nullptr;
}

Answer<std::optional<std::uint64_t>> Query::number(std::string_view name, std::uint64_t low, std::uint64_t high) const {
  const std::string* value = text(name);
  if (!value) return std::nullopt;
  const auto number = parse_number(*value);
  if (!number || *number < low || *number > high) {
    return refused(E::parameter_invalid, std::string(name) + " must be a whole number from " + std::to_string(low) +
                                             " to " + std::to_string(high) + ".");
  }
  return number;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool digits = !text.empty() && text[0] != '-' && (text[0] != '0' || text.size() == 1);
  if (error != std::errc{} || end != text.data() + text.size() || !digits) return {};
  return static_cast<std::uint64_t>(number);
}

Answer<void> check_idempotency_key(std::string_view key) {
  const bool good = !key.empty() && key.size() <= kMaxIdempotencyKey &&
                    std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!good) return refused(E::idempotency_key_malformed);
  return {};
}

}  // namespace holdfast::api
