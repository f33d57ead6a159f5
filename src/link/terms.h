// What both ends of the link between holdfastd and its signers have to agree on, beside the messages themselves.
#pragma once

#include <string_view>

namespace holdfast::link {

// Messages larger than these end the stream. A signer's reply holds a signature for each input of a transaction. A request
// holds a transaction of coins with all that it spends, and evacuations to keep come many at once.
inline constexpr int kMaxMessageBytes = 256 * 1024;
inline constexpr int kMaxToSignerBytes = 8 * 1024 * 1024;

// The server sends it with its first answer, so that a signer knows it was let in before anybody has asked it anything.
inline constexpr const char* kAttachedMetadata = "holdfast-attached";

// Behind it stands the signer's name, in the certificate with which it dials.
inline constexpr std::string_view kSignerSpiffePrefix = "spiffe://holdfast/signer/";

}  // namespace holdfast::link
