#include "journal/base64.h"

#include <sodium.h>

namespace holdfast::journal {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), kVariant);
  out.pop_back();  // The terminating zero that libsodium counts.
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.empty()) return Bytes{};
  if (text.size() % 4 != 0) return std::nullopt;
  Bytes out(text.size() / 4 * 3);
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end, kVariant) != 0) {
    return std::nullopt;
  }
  out.resize(size);
  // libsodium 1.0.18 takes some bytes above 0x7f for '/'; there must be one spelling only.
  if (end != text.data() + text.size() || to_base64(out) != text) return std::nullopt;
  return out;
}

}  // namespace holdfast::journal
