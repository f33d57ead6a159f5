// The texts that people and customers sign, one builder each: everybody who checks a signature writes the text anew.
//
//   text := first line, then lines "key: value", each ended by "\n"
//
// No value begins a line of its own: bytes outside of printable ASCII, and '%', are written %XX (upper case). So two
// different things never have the same text, and a text shows nothing that is not in it. A value has 1 to 256 bytes before
// that (a key 160): anything else is refused with text_field_invalid; an expiry that is no whole second of the years 1970 to
// 9999 with text_expiry_invalid.
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/result.h"
#include "identity/credential.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::identity {

inline constexpr std::size_t kMaxFieldBytes = 256;

// What a customer wants paid. Signed by a key of the customer that is in force.
//
//   Holdfast withdrawal v1 / exchange / customer / request / asset / amount / destination / expires
struct WithdrawalIntent {
  std::string exchange;     // The journal's origin name: "holdfast.example/journal".
  std::string customer;     // The reference that the exchange gave to the customer.
  FixedBytes<16> request;   // The withdrawal's request id: what makes it one payment and no other.
  std::string asset;        // CAIP-19
  Amount amount;            // Base units.
  std::string destination;  // As people write it on that chain, with its checksum.
  Instant expires;          // UTC, whole seconds.
};
Result<std::string> withdrawal_intent(const WithdrawalIntent& intent);

// That a key speaks for a customer from now on. Signed by a key of the same customer that is in force already.
//
//   Holdfast key v1 / exchange / customer / key
struct KeyEnrolment {
  std::string exchange;
  std::string customer;
  Credential key;
};
Result<std::string> key_enrolment(const KeyEnrolment& enrolment);

// That an operator approves a withdrawal. Signed by the operator's own key.
//
//   Holdfast decision v1 / exchange / decision / withdrawal / customer / request / asset / amount / destination / by
struct WithdrawalDecision {
  std::string exchange;
  std::uint64_t withdrawal = 0;
  std::string customer;
  FixedBytes<16> request;
  std::string asset;
  Amount amount;
  std::string destination;
  std::string by;  // The operator's name.
};
Result<std::string> withdrawal_decision(const WithdrawalDecision& decision);

// "2023-09-12T13:20:00Z"; nothing for what is no whole second of the years 1970 to 9999.
std::string write_second(Instant at);
// The same and nothing else.
std::optional<Instant> read_second(std::string_view text);

}  // namespace holdfast::identity
