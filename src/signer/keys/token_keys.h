// A signer's EVM keys in a PKCS#11 token (an HSM): made inside, never extractable. The token signs what it is told; the judgement
// over it is the signer's, as ever.
//
// PKCS#11 v2.40: CKM_ECDSA over the 32 bytes of the digest gives r || s. s is made low and the recovery id found here, and each
// signature is verified before it is given out. A token has no keys derived from seeds (BIP 32): a signer's seed stays in its
// key file, and is given in here.
//
// An object is labelled "holdfast:NAME:ROLE:N"; CKA_ID, 16 random bytes, ties the halves of a pair together.
#pragma once

#include "signer/keys/key_file.h"
#include "signer/keys/keys.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::signer {

// Which token, of which module.
struct TokenPlace {
  std::string module;  // Path of the vendor's library.
  std::string label;
  std::string serial;  // Empty: there is one token of this label.
};

// How many keys of each kind a signer has made for it, beside the owner key.
struct TokenWish {
  unsigned gas = 0;
  unsigned single_key = 0;
};

// Makes the keys of the signer `name` inside of the token. All or none.
//   refusal token_keys_exist (the token has keys of a signer of this name), pin_wrong, pin_locked, pin_last_try, pin_not_set,
//           token_twice
//   fault   token_module_not_loaded, token_missing, token_unavailable
Result<std::vector<KeyEntry>> create_token_keys(const TokenPlace& place, const std::string& name, const TokenWish& wish,
                                                const Secret& pin);

// The keys' addresses, the owner's first; needs no PIN. They are proved only by TokenKeys::open.
// Errors as above, and refusal token_keys_missing, token_keys_malformed.
Result<std::vector<KeyEntry>> list_token_keys(const TokenPlace& place, const std::string& name);

// Destroys them all, for ever; how many objects there were. Errors as of create_token_keys.
Result<std::size_t> destroy_token_keys(const TokenPlace& place, const std::string& name, const Secret& pin);

class TokenKeys final : public Keys {
 public:
  // Signs once with each key, so that what stands in the token is what it says. Keeps the PIN, in locked memory, to open
  // another session when one is lost; a PIN that was refused is never tried again.
  // Errors as of list_token_keys, and refusal token_key_exposed (a private key may leave the token, or has).
  static Result<std::unique_ptr<TokenKeys>> open(const TokenPlace& place, const std::string& name, Secret pin,
                                                 std::optional<SeedKeys> seed);
  ~TokenKeys() override;

  chain::evm::Address20 owner() const override;
  std::vector<chain::evm::Address20> accounts() const override;
  // refusal key_missing, pin_wrong and so on; fault token_unavailable, token_missing, token_signature_wrong. Safe to use from
  // many threads; one signature at a time.
  Result<chain::evm::Signature> sign(const chain::evm::Address20& key, const Hash32& digest) const override;
  std::optional<chain::utxo::Hash20> seed_id() const override;
  Result<chain::utxo::ExtendedPublicKey> public_key(const chain::utxo::KeyPath& path) const override;
  Result<std::vector<Bytes>> sign_inputs(const chain::utxo::Psbt& psbt) const override;

 private:
  class Connection;
  TokenKeys(std::unique_ptr<Connection> connection, std::optional<SeedKeys> seed);

  std::unique_ptr<Connection> connection_;
  std::optional<SeedKeys> seed_;
};

}  // namespace holdfast::signer
