#include "api/rest/keys.h"

#include <algorithm>

namespace holdfast::api {

std::string_view name(Role role) {
  switch (role) {
    case Role::exchange:
      return "exchange";
    case Role::operator_:
      return "operator";
    case Role::viewer:
      return "viewer";
  }
  return "unknown";
}

std::optional<Role> role(std::string_view text) {
  for (const Role one : {Role::exchange, Role::operator_, Role::viewer}) {
    if (name(one) == text) return one;
  }
  return {};
}

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace holdfast::api
