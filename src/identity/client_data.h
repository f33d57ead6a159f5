// What the browser says it had signed: CollectedClientData of W3C WebAuthn Level 2, section 5.8.1.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>

namespace holdfast::identity {

struct ClientData {
  std::string type;       // "webauthn.get"
  std::string challenge;  // base64url
  std::string origin;     // "https://exchange.example"
  bool cross_origin = false;
};

// Members that are not named here are passed over, as the standard demands.
// proof_client_data_malformed: no JSON object, over kMaxClientData, a member missing, of the wrong type, or there twice.
Result<ClientData> read_client_data(ByteView json);

}  // namespace holdfast::identity
