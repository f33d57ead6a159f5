// The age program (age-encryption.org/v1), which encrypts and opens backups: a process of its own, run without a shell and with an
// empty environment, that gets the data on its standard input.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace holdfast::signer::app {

inline constexpr const char* kAgeProgram = "/usr/bin/age";

// To each of the recipients: any one of their identities opens it.
//   refusal recipient_invalid (each is like "age1..."), recipients_missing
//   fault   age_missing, age_failed (with its last words)
Result<Bytes> age_encrypt(const std::vector<std::string>& recipients, ByteView data);

// With the identity in the file; age asks on the terminal where that is itself under a passphrase. At most `max_size` bytes.
//   refusal backup_not_opened (another identity, or not what age wrote)
//   fault   age_missing, age_failed
Result<Bytes> age_decrypt(const std::string& identity, ByteView data, std::size_t max_size);

}  // namespace holdfast::signer::app
