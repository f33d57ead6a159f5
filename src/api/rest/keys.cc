#include "api/rest/keys.h"

#include <algorithm>

namespace holdfast::api {
namespace {

constexpr Role kAllRoles[] = {Role::exchange, Role::operator_, Role::viewer};

}  // namespace

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

std::string role_names(Roles roles) {
  std::string out;
  for (const Role one : kAllRoles) {
    if ((roles & only(one)) != 0) out.append(out.empty() ? "" : ", ").append(name(one));
  }
  return out;
}

std::optional<Role> role(std::string_view text) {
  for (const Role one : kAllRoles) {
    if (name(one) == text) return one;
  }
  return {};
}

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace holdfast::api
