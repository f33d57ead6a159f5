// An event as the feed shows it. The type names are a promise: they never change their meaning (docs/api/events.md).
//
// Left out on purpose: raw signed transactions and owners' signatures. They are in the journal, for who may read that.
#pragma once

#include "api/text/view.h"
#include "custody/events.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::api {

// "withdrawal.requested"
std::string_view event_type(const custody::EventBody& body);
// All there are.
std::span<const std::string_view> event_types();

//   {"index": 7, "at": "2023-09-12T13:20:00.000Z", "type": "deposit.credited", "data": {"deposit": 3}}
Json event_json(std::uint64_t index, const custody::Event& event, const Directory& directory);

}  // namespace holdfast::api
