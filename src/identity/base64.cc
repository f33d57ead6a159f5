#include "identity/base64.h"

#include <sodium.h>

namespace holdfast::identity {
namespace {

std::string write(ByteView bytes, int variant) {
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
  out.pop_back();  // The terminating zero that libsodium counts.
  return out;
}

std::optional<Bytes> read(std::string_view text, int variant) {
  if (text.empty()) return Bytes{};
  Bytes out(text.size() / 4 * 3 + 2);
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end, variant) != 0) return std::nullopt;
  out.resize(size);
  // libsodium 1.0.18 takes some bytes above 0x7f for a letter; there must be one spelling only.
  if (end != text.data() + text.size() || write(out, variant) != text) return std::nullopt;
  return out;
}

}  // namespace

std::string to_base64(ByteView bytes) { return write(bytes, sodium_base64_VARIANT_ORIGINAL); }
std::string to_base64url(ByteView bytes) { return write(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
std::optional<Bytes> from_base64(std::string_view text) { return read(text, sodium_base64_VARIANT_ORIGINAL); }
std::optional<Bytes> from_base64url(std::string_view text) { return read(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }

}  // namespace holdfast::identity
