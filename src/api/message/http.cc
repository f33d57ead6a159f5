#include "api/message/http.h"

namespace holdfast::api {
namespace {

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::string_view RequestHead::path() const {
  const std::string_view path = std::string_view(target).substr(0, target.find('?'));
  return path.empty() ? std::string_view("/") : path;
}

std::string_view RequestHead::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::optional<std::string> RequestHead::header(std::string_view name) const {
  std::optional<std::string> joined;
  for (const Header& header : headers) {
    if (header.name != name) continue;
    if (joined) joined->append(", ");
    if (!joined) joined.emplace();
    joined->append(trim(header.value));
  }
  return joined;
}

bool RequestHead::has_body() const {
  if (header("transfer-encoding")) return true;
  const auto length = header("content-length");
  return length && *length != "0";
}

}  // namespace holdfast::api
