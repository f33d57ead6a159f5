// A session with one token of a PKCS#11 module, and what a signer does in it. Inside of the token's side only.
//
// Everything may fail with fault token_unavailable: the token is gone, or its session is. Then open another session.
#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "signer/keys/pkcs11_module.h"
#include "signer/keys/token_keys.h"

#include <array>
#include <optional>
#include <vector>

namespace holdfast::signer::pkcs11 {

// An attribute with its value in place.
struct Attribute {
  CK_ATTRIBUTE_TYPE type;
  Bytes value;

  static Attribute flag(CK_ATTRIBUTE_TYPE type, bool on) { return {type, {static_cast<std::uint8_t>(on ? CK_TRUE : CK_FALSE)}}; }
  static Attribute number(CK_ATTRIBUTE_TYPE type, CK_ULONG number);
  static Attribute bytes(CK_ATTRIBUTE_TYPE type, ByteView bytes) { return {type, to_bytes(bytes)}; }
};

class Session {
 public:
  // Finds the token by label, and serial number where one is given.
  // fault token_missing; refusal token_twice (two of this label: name the serial)
  static Result<std::unique_ptr<Session>> open(std::shared_ptr<Module> module, const TokenPlace& place, bool writes);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // refusal pin_wrong, pin_locked, pin_last_try (one more wrong one locks the token: not tried), pin_not_set
  Result<void> log_in(const Secret& pin);

  Result<std::vector<CK_OBJECT_HANDLE>> find(std::vector<Attribute> wanted);
  Result<Bytes> read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  Result<void> destroy(CK_OBJECT_HANDLE object);

  struct Pair {
    CK_OBJECT_HANDLE public_key;
    CK_OBJECT_HANDLE private_key;
  };
  // A new key pair of secp256k1 that stays in the token.
  Result<Pair> generate(std::vector<Attribute> public_part, std::vector<Attribute> private_part);
  // r || s, 64 bytes, as the token gives them.
  Result<std::array<std::uint8_t, 64>> sign(CK_OBJECT_HANDLE key, const Hash32& digest);

 private:
  Session(std::shared_ptr<Module> module, CK_SLOT_ID slot, CK_SESSION_HANDLE session)
      : module_(std::move(module)), slot_(slot), session_(session) {}

  std::shared_ptr<Module> module_;
  CK_SLOT_ID slot_;
  CK_SESSION_HANDLE session_;
};

// Of secp256k1, as CKA_EC_PARAMS has it: the DER of 1.3.132.0.10.
Attribute secp256k1_parameters();
// What CKA_EC_POINT says: a DER octet string around 0x04 || x || y; some modules leave the octet string out. Empty: neither.
std::optional<chain::evm::PublicKey> point_of(ByteView value);

}  // namespace holdfast::signer::pkcs11
