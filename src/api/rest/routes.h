// The table of routes: every path that is served, what answers it, and which roles may call it. docs/api/openapi.json
// tells the same; a test compares.
#pragma once

#include "api/rest/handlers.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::api {

// What answers a route that is more than a handler.
enum class Special : std::uint8_t { none, stream, metrics, health };

struct Route {
  std::string_view method;
  std::string_view path;  // "/v1/withdrawals/{id}/cancel": at most one {id}, a number.
  Roles roles = 0;        // 0: open to anybody.
  Handler handler = nullptr;
  Special special = Special::none;
};

std::span<const Route> routes();

struct Matched {
  const Route* route = nullptr;
  std::uint64_t id = 0;
};

// route_unknown; method_not_allowed (the detail names the methods there are)
Answer<Matched> match(std::string_view method, std::string_view path);

}  // namespace holdfast::api
