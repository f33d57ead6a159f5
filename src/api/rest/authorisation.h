// What customers and operators sign: the exact texts, and whether they did. Signatures are checked here, on the API's own
// threads; custody asks only whether the key may speak (custody/customer_keys.cc).
#pragma once

#include "api/rest/call.h"
#include "api/rest/input.h"
#include "identity/credential.h"
#include "identity/texts.h"

#include <string>

namespace holdfast::api {

//   {"key": 3, "expires_at": "2030-01-01T00:00:00Z", "signature": "..."}                        of an Ed25519 key
//   and "authenticator_data", "client_data_json" beside the signature                           of a passkey
// All bytes in base64url without padding. `json` is the object as FieldKind::object gives it.
//   field_missing, field_unknown, field_invalid, json_malformed
Answer<custody::Authorisation> read_authorisation(std::string_view json);
// The same without expires_at: what an enrolment is signed with.
Answer<custody::Authorisation> read_enrolment_proof(std::string_view json);

// The text that the customer signs. Its customer and asset must exist.
//   customer_unknown, authorisation_invalid (a name that can stand in no text)
Answer<std::string> intent_text(const Call& call, const custody::RequestWithdrawal& wanted, Instant expires);
Answer<std::string> enrolment_text(const Call& call, custody::CustomerId customer, const identity::Credential& key);
// The text that an operator signs to approve.   withdrawal_unknown, decision_wrong
Answer<std::string> decision_text(const Call& call, custody::WithdrawalId withdrawal);

// Whether the key of this customer signed the text. What custody refuses by itself (no key, an unknown one) passes.
//   authorisation_invalid (the detail begins with the reason of identity/verify.h)
Answer<void> check_proof(const Call& call, custody::CustomerId customer, const custody::Authorisation& by, const std::string& text);
// Of a request for a withdrawal.
Answer<void> check_authorisation(const Call& call, const custody::RequestWithdrawal& wanted);

// The signature of an operator's own API key over decision_text, if the body has one, to be kept beside the decision.
//   decision_wrong
Answer<std::optional<custody::RecordSignature>> read_decision(const Call& call);

}  // namespace holdfast::api
