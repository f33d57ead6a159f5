#include "signer/enrolment.h"

#include "base/check.h"
#include "base/hex.h"
#include "chain/evm/codec/keccak.h"

#include <fmt/format.h>
#include <sodium.h>
#include <algorithm>
#include <array>

namespace holdfast::signer {
namespace {

constexpr std::string_view kTitle = "holdfast signer enrolment 1\n";
constexpr std::string_view kSignature = "signature ";
constexpr std::array<std::string_view, 9> kFields = {"name", "owner", "gas", "single_key", "seed", "keys_in", "xpub", "witness", "made"};

Failure malformed() { return refuse("enrolment_malformed", "not a signer's enrolment, or not whole"); }

// ERC-191, version 0x45: never the hash of a transaction, nor of what a Safe's owners sign.
Hash32 message_hash(std::string_view text) {
  return chain::evm::keccak256(as_bytes(fmt::format("\x19" "Ethereum Signed Message:\n{}{}", text.size(), text)));
}

bool is_printable(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// The lines between the title and the signature.
Result<EnrolmentFields> read_fields(std::string_view text) {
  EnrolmentFields out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const auto space = line.find(' ');
    if (end == std::string_view::npos || space == std::string_view::npos) return malformed();
    const auto field = line.substr(0, space), value = line.substr(space + 1);
    if (std::ranges::find(kFields, field) == kFields.end() || !is_printable(value)) return malformed();
    out.emplace_back(field, value);
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

Result<std::string> sign_enrolment(const EnrolmentFields& fields, const Keys& keys) {
  std::string text(kTitle);
  for (const auto& [field, value] : fields) {
    HF_CHECK(std::ranges::find(kFields, field) != kFields.end() && is_printable(value));
    text += fmt::format("{} {}\n", field, value);
  }
  const auto signature = keys.sign(keys.owner(), message_hash(text));
  if (!signature) return Failure(signature.error());
  return text + fmt::format("{}{}\n", kSignature, to_0x_hex(signature->view()));
}

Result<EnrolmentFields> check_enrolment(std::string_view document) {
  const auto at = document.rfind(kSignature);
  if (document.size() > kMaxEnrolmentBytes || !document.starts_with(kTitle) || at == std::string_view::npos || !document.ends_with('\n')) {
    return malformed();
  }
  const auto text = document.substr(0, at);
  const auto hex = document.substr(at + kSignature.size(), document.size() - at - kSignature.size() - 1);
  const auto signature = fixed_from_hex<65>(hex);
  if (!signature || !text.ends_with('\n') || text.size() < kTitle.size()) return malformed();
  auto fields = read_fields(text.substr(kTitle.size()));
  if (!fields) return fields;
  const auto is_owner = [](const auto& field) { return field.first == "owner"; };
  if (std::ranges::count_if(*fields, is_owner) != 1) return malformed();
  const auto owner = chain::evm::parse_address(std::ranges::find_if(*fields, is_owner)->second);
  if (!owner) return malformed();
  const auto by = chain::evm::recover(message_hash(text), *signature);
  if (!by || *by != *owner) return refuse("enrolment_not_signed", "the key that it names as its owner's has not signed it");
  return fields;
}

std::string enrolment_fingerprint(std::string_view document) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), as_bytes(document).data(), document.size());
  const std::string hex = to_hex(ByteView(hash).first(8));
  return fmt::format("{} {} {} {}", hex.substr(0, 4), hex.substr(4, 4), hex.substr(8, 4), hex.substr(12, 4));
}

}  // namespace holdfast::signer
