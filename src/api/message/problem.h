// Everything the API can say no with, as RFC 9457 problem details. docs/api/problems.md lists them all; a lint
// compares.
//
//   {"type": "urn:holdfast:problem:funds_insufficient", "title": "Funds insufficient", "status": 422,
//    "detail": "what is wrong here and how to mend it", "instance": "/v1/withdrawals"}
//
// Programs match on `type`, which never changes its meaning.
#pragma once

#include "base/result.h"
#include "custody/refusal.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::api {

// What is refused before custody is asked. Custody's own refusals are problems as well.
enum class EdgeProblem : std::uint8_t {
  request_malformed = 1,
  request_timeout,
  uri_too_long,
  header_too_large,
  body_too_large,
  content_type_unsupported,
  content_encoding_unsupported,
  route_unknown,
  method_not_allowed,
  parameter_invalid,
  json_malformed,
  field_missing,
  field_unknown,
  field_invalid,
  batch_size_wrong,
  signature_missing,
  signature_malformed,
  signature_incomplete,
  signature_expired,
  signature_key_unknown,
  signature_wrong,
  content_digest_wrong,
  request_replayed,
  role_not_allowed,
  idempotency_key_missing,
  idempotency_key_malformed,
  amount_malformed,
  amount_too_precise,
  amount_too_large,
  asset_ambiguous,
  address_malformed,
  address_checksum_wrong,
  address_of_other_chain,
  addresses_exhausted,
  deposit_unknown,
  cursor_ahead,
  feed_unavailable,
  too_many_requests,
  too_many_connections,
  too_many_streams,
  decision_wrong,
  internal,
};

struct Problem {
  std::string_view code;
  int status = 500;
  std::string detail;
};

// Without a text of its own, the detail is the code's general one.
Problem problem(EdgeProblem code, std::string detail = {});
// Precondition: not Refusal::none.
Problem problem(custody::Refusal refusal, std::string detail = {});

std::string_view name(EdgeProblem code);

// The body of the answer. `instance` is the request's path.
std::string to_json(const Problem& problem, std::string_view instance);

inline constexpr std::string_view kProblemContentType = "application/problem+json";
inline constexpr std::string_view kProblemPrefix = "urn:holdfast:problem:";

// A value, or the problem to answer with.
template <class T>
using Answer = Result<T, Problem>;
using Refused = std::unexpected<Problem>;
inline Refused refused(EdgeProblem code, std::string detail = {}) { return Refused(problem(code, std::move(detail))); }
inline Refused refused(custody::Refusal refusal, std::string detail = {}) { return Refused(problem(refusal, std::move(detail))); }

}  // namespace holdfast::api
