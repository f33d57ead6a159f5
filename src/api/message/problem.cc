#include "api/message/problem.h"

#include "base/check.h"

#include <nlohmann/json.hpp>

#include <array>

namespace holdfast::api {
namespace {

struct Row {
  EdgeProblem code;
  int status;
  std::string_view name;
  std::string_view text;
};

using E = EdgeProblem;
constexpr std::array kRows = {
    Row{E::request_malformed, 400, "request_malformed", "This is no HTTP/1.1 request that can be read."},
    Row{E::request_timeout, 408, "request_timeout", "The request did not arrive whole in time; send it again."},
    Row{E::uri_too_long, 414, "uri_too_long", "The request's target is longer than 2048 bytes."},
    Row{E::header_too_large, 431, "header_too_large", "The request's header is larger than 16 KiB."},
    Row{E::body_too_large, 413, "body_too_large", "The body is larger than 1 MiB; send less in one request."},
    Row{E::content_type_unsupported, 415, "content_type_unsupported",
        "Send the body as Content-Type: application/json."},
    Row{E::content_encoding_unsupported, 415, "content_encoding_unsupported",
        "Send the body without Content-Encoding."},
    Row{E::route_unknown, 404, "route_unknown", "There is nothing here; docs/api/openapi.json lists every path."},
    Row{E::method_not_allowed, 405, "method_not_allowed", "This path has other methods; see Allow."},
    Row{E::parameter_invalid, 400, "parameter_invalid", "A query parameter is unknown or not of its form."},
    Row{E::json_malformed, 400, "json_malformed", "The body is not one JSON object in UTF-8."},
    Row{E::field_missing, 422, "field_missing", "A field is missing."},
    Row{E::field_unknown, 422, "field_unknown", "A field is not known here, or stands twice."},
    Row{E::field_invalid, 422, "field_invalid", "A field is of the wrong type or out of its bounds."},
    Row{E::batch_size_wrong, 422, "batch_size_wrong", "A batch holds 1 to 1000 withdrawals."},
    Row{E::signature_missing, 401, "signature_missing",
        "Sign the request: RFC 9421, tag \"holdfast\" (docs/api/signing.md)."},
    Row{E::signature_malformed, 401, "signature_malformed",
        "Signature-Input or Signature cannot be read (RFC 9421, RFC 8941)."},
    Row{E::signature_incomplete, 401, "signature_incomplete", "The signature does not cover all that it must."},
    Row{E::signature_expired, 401, "signature_expired",
        "The signature was made too long ago, or in the future; check the clock and sign anew."},
    Row{E::signature_key_unknown, 401, "signature_key_unknown", "No API key has this keyid."},
    Row{E::signature_wrong, 401, "signature_wrong", "The signature does not hold for this request and key."},
    Row{E::content_digest_wrong, 401, "content_digest_wrong",
        "Content-Digest does not hold for the body (RFC 9530, sha-256)."},
    Row{E::request_replayed, 401, "request_replayed",
        "This nonce was used before; sign every request with a fresh one."},
    Row{E::role_not_allowed, 403, "role_not_allowed", "The role of this API key may not do that."},
    Row{E::idempotency_key_missing, 400, "idempotency_key_missing",
        "Send an Idempotency-Key, and the same one when you ask again."},
    Row{E::idempotency_key_malformed, 400, "idempotency_key_malformed",
        "An idempotency key is 1 to 128 printable ASCII characters."},
    Row{E::amount_malformed, 422, "amount_malformed", "An amount is a decimal text in whole coins, such as \"1.5\"."},
    Row{E::amount_too_precise, 422, "amount_too_precise", "The amount has more decimal places than the asset."},
    Row{E::amount_too_large, 422, "amount_too_large", "The amount is over 2^127 - 1 base units."},
    Row{E::asset_ambiguous, 422, "asset_ambiguous",
        "Several assets have this symbol; name it by its id (GET /v1/assets)."},
    Row{E::address_malformed, 422, "address_malformed", "This is no address."},
    Row{E::address_checksum_wrong, 422, "address_checksum_wrong",
        "The address does not match its checksum; it is mistyped."},
    Row{E::address_of_other_chain, 422, "address_of_other_chain",
        "This is an address of another chain than the asset's."},
    Row{E::addresses_exhausted, 409, "addresses_exhausted",
        "The customer has as many deposit addresses on this chain as one may have, or the number skips one."},
    Row{E::deposit_unknown, 404, "deposit_unknown", "No such deposit."},
    Row{E::cursor_ahead, 409, "cursor_ahead",
        "The cursor is past the journal's head: it came from another journal, or this one was restored."},
    Row{E::feed_unavailable, 503, "feed_unavailable", "The journal cannot be read just now; ask again."},
    Row{E::too_many_requests, 429, "too_many_requests",
        "This key sends more than can be checked against replay; slow down."},
    Row{E::too_many_connections, 503, "too_many_connections",
        "Too many connections are open; reuse them, and ask again."},
    Row{E::too_many_streams, 503, "too_many_streams", "Too many event streams are open; use GET /v1/events."},
    Row{E::decision_wrong, 422, "decision_wrong",
        "The decision's signature is not by your key over the withdrawal as it stands here; fetch it again, look, and sign anew."},
    Row{E::internal, 500, "internal", "Holdfast could not answer; ask again with the same idempotency key."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i + 1) return false;
  }
  return kRows.back().code == E::internal;
}
static_assert(in_order(), "one row for each EdgeProblem, in the enum's order");

const Row& row(EdgeProblem code) { return kRows.at(static_cast<std::size_t>(code) - 1); }

int status(custody::Refusal refusal) {
  using R = custody::Refusal;
  switch (refusal) {
    case R::none:
      break;
    case R::customer_unknown:
    case R::withdrawal_unknown:
    case R::wallet_unknown:
    case R::spend_unknown:
    case R::incident_unknown:
    case R::freeze_unknown:
    case R::coin_unknown:
    case R::policy_unknown:
    case R::case_unknown:
    case R::customer_key_unknown:
      return 404;
    case R::registration_conflict:
    case R::address_taken:
    case R::wallet_short:
    case R::wallet_compromised:
    case R::frozen:
    case R::state_wrong:
    case R::already_done:
    case R::approval_expired:
    case R::nonce_wrong:
    case R::block_not_next:
    case R::block_unknown:
    case R::coin_not_spendable:
    case R::coin_reserved:
    case R::coin_not_final:
    case R::change_wrong:
    case R::review_not_wanted:
    case R::reviewed_already:
    case R::policy_locked:
    case R::policy_outdated:
    case R::proposer_approves:
    case R::case_closed:
    case R::case_full:
    case R::too_many_proposals:
    case R::price_jumps:
    case R::price_unknown:
    case R::authorisation_expired:
    case R::customer_key_removed:
    case R::customer_key_known:
    case R::too_many_customer_keys:
      return 409;
    case R::amount_not_positive:
    case R::amount_over_limit:
    case R::amount_under_limit:
    case R::amount_overflows:
    case R::asset_unknown:
    case R::chain_unknown:
    case R::signer_unknown:
    case R::destination_is_own_address:
    case R::destination_forbidden:
    case R::funds_insufficient:
    case R::wallet_kind_wrong:
    case R::idempotency_key_reused:
    case R::fee_bump_too_small:
    case R::policy_wrong:
    case R::price_wrong:
    case R::authorisation_missing:
    case R::authorisation_invalid:
    case R::customer_key_wrong:
    case R::alarm_wrong:
      return 422;
  }
  HF_CHECK(false);  // A refusal without a status.
  return 500;
}

std::string title(std::string_view code) {
  std::string text(code);
  for (char& c : text) c = c == '_' ? ' ' : c;
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

std::string_view name(EdgeProblem code) { return row(code).name; }

Problem problem(EdgeProblem code, std::string detail) {
  const Row& known = row(code);
  return {known.name, known.status, detail.empty() ? std::string(known.text) : std::move(detail)};
}

Problem problem(custody::Refusal refusal, std::string detail) {
  return {custody::name(refusal), status(refusal), detail.empty() ? std::string(custody::explain(refusal)) : std::move(detail)};
}

std::string to_json(const Problem& problem, std::string_view instance) {
  nlohmann::ordered_json json;
  json["type"] = std::string(kProblemPrefix).append(problem.code);
  json["title"] = title(problem.code);
  json["status"] = problem.status;
  json["detail"] = problem.detail;
  json["instance"] = instance;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace holdfast::api
