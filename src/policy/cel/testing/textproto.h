// Reads protobuf's text format as a tree, without any schema. For test data only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::policy::cel {

struct TextField;

struct TextMessage {
  std::vector<TextField> fields;

  const TextMessage* message(std::string_view name) const;  // The first of that name; null: none.
  std::vector<const TextMessage*> messages(std::string_view name) const;
  std::optional<std::string> scalar(std::string_view name) const;  // Text without its quotes and escapes.
};

struct TextField {
  std::string name;
  bool is_message = false;
  std::string scalar;
  TextMessage message;
  std::string_view source;  // As written.
};

// Nothing: not in the text format. `text` outlives the tree.
std::optional<TextMessage> read_textproto(std::string_view text);

}  // namespace holdfast::policy::cel
