// What people sign with their own keys: customers' keys and intents, operators' decisions. Each text is written here, from
// what was fetched, and shown before it is signed: nobody signs what somebody else has written.
#pragma once

#include "apps/cli/session.h"

#include <cstdint>
#include <string>

namespace holdfast::cli {

struct KeyToEnrol {
  std::uint64_t customer = 0;
  std::string key;          // "ed25519:...", "webauthn:..."
  std::string name;
  std::uint64_t by = 0;     // Of a further key: the customer's key that signs for it,
  std::string signing_key;  // and its file, as keygen makes it.
};

Result<void> list_customer_keys(const Settings& settings, std::uint64_t customer);
Result<void> add_customer_key(const Settings& settings, const KeyToEnrol& wanted);
Result<void> remove_customer_key(const Settings& settings, std::uint64_t key);

// Fetches the withdrawal, writes the decision, shows it, signs it with the API key's own and sends it.
//   refusal answer_malformed (holdfastd tells of it what can stand in no decision), and those of Session::call
Result<void> approve_withdrawal(const Settings& settings, std::uint64_t withdrawal);

// Signs a text that is one of a customer's own (docs/formats/signed-texts.md), from a file: for tests and small exchanges.
//   refusal text_wrong    and those of read_key
Result<void> sign_text_file(const Settings& settings, const std::string& text_file, const std::string& key_file);

}  // namespace holdfast::cli
