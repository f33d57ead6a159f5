// What a new signer says of itself, for the operators to compare and to put into the configurations of the others: a text, signed by
// its owner key as an Ethereum message (ERC-191, version 0x45), so that other tools can check it too.
//
//   document  = "holdfast signer enrolment 1" LF *( field " " value LF ) "signature " 0x-hex-65 LF
//   field     = name | owner | gas | single_key | seed | keys_in | xpub | witness | made
//
// The signature covers all lines in front of its own. It proves that whoever wrote the document holds the owner key; that it is the
// signer's, and not a thief's, people have to find out: by comparing its fingerprint over another way than the document came.
#pragma once

#include "base/result.h"
#include "signer/keys/keys.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::signer {

inline constexpr std::size_t kMaxEnrolmentBytes = 64 << 10;

using EnrolmentFields = std::vector<std::pair<std::string, std::string>>;

// With the owner's signature behind. The fields hold no line breaks; `owner` is among them. Errors of Keys::sign.
Result<std::string> sign_enrolment(const EnrolmentFields& fields, const Keys& keys);

// Refuses enrolment_malformed, and enrolment_not_signed (another key than the one it names as its owner's).
Result<EnrolmentFields> check_enrolment(std::string_view document);

// The first 16 digits of the SHA-256 of a document, in four groups: short enough to be read out.
std::string enrolment_fingerprint(std::string_view document);

}  // namespace holdfast::signer
