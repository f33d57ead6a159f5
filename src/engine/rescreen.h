// Re-screening: what lists say now of everybody who was paid, or who paid, when lists have changed.
//
// Everybody is looked up, not only who is new on a list: what was said before stands in the state, so a crash half way through loses
// nothing, and doing it twice reports nothing twice.
#pragma once

#include "chain/port.h"
#include "engine/engine.h"

#include <functional>
#include <string>
#include <string_view>

namespace holdfast::engine {

struct RescreenPorts {
  // Categories with commas that people have to look at; empty: none. Called some hundred thousand times a second.
  std::function<std::string(std::string_view caip2, const custody::Address& address)> alarming;
  std::function<std::string(std::string_view caip2, const custody::Address& address)> address_text;
};

// Reports each address that lists say something alarming of, with what went there and what came from there. Who waits to be paid there
// counts as well. Reads some thousand withdrawals at a time, so nobody waits for it. Returns how many it reported.
std::size_t rescreen(const chain::StateView& view, Submitter& submitter, const RescreenPorts& ports);

}  // namespace holdfast::engine
