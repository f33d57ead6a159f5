// The API keys: who may call, and as what. Public halves only; they come from the configuration.
#pragma once

#include "api/message/signature.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

enum class Role : std::uint8_t {
  exchange = 1,   // The exchange's back end: customers, addresses, withdrawals.
  operator_ = 2,  // A person at the risk desk: approvals, freezes, incidents.
  viewer = 4,     // Reads.
};
using Roles = std::uint8_t;  // A set of them.

constexpr Roles operator|(Role a, Role b) { return static_cast<Roles>(static_cast<Roles>(a) | static_cast<Roles>(b)); }
constexpr Roles only(Role role) { return static_cast<Roles>(role); }
inline constexpr Roles kEverybody = static_cast<Roles>((Role::exchange | Role::operator_) | only(Role::viewer));

std::string_view name(Role role);  // "operator"
std::string role_names(Roles roles);  // "exchange, operator"
std::optional<Role> role(std::string_view name);

struct ApiKey {
  std::string id;  // 1 to 64 printable ASCII characters: it stands in the journal as who did it.
  SigningKey key;
  Role role = Role::viewer;
  std::vector<std::string> duties{};  // Of an operator: the roles in which it reviews ("risk"), beside "operator".
};

bool is_key_id(std::string_view id);

}  // namespace holdfast::api
