// What both ends of the link between holdfastd and its signers have to agree on, beside the messages themselves.
#pragma once

#include <string_view>

namespace holdfast::link {

// Messages larger than this end the stream. A request is a transaction of at most 128 KiB and little else.
inline constexpr int kMaxMessageBytes = 256 * 1024;

// The server sends it with its first answer, so that a signer knows it was let in before anybody has asked it anything.
inline constexpr const char* kAttachedMetadata = "holdfast-attached";

// Behind it stands the signer's name, in the certificate with which it dials.
inline constexpr std::string_view kSignerSpiffePrefix = "spiffe://holdfast/signer/";

}  // namespace holdfast::link
