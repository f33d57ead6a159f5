#include "signer/host_config.h"

namespace holdfast::signer {
namespace {

using config::TomlReader;

std::string resolved(const std::filesystem::path& folder, const std::string& path) {
  return (folder / path).lexically_normal().string();
}

// Blanks at the end cannot be told from the field's filling.
bool fits_token_field(const std::string& text, std::size_t most) { return text.size() <= most && text.back() != ' '; }

void read_token(TomlReader& in, const std::filesystem::path& folder, HostConfig& out) {
  constexpr std::size_t kLabelBytes = 32;
  constexpr std::size_t kSerialBytes = 16;
  TokenPlace place{resolved(folder, in.text("module")), in.text("token"), {}};
  if (!place.label.empty() && !fits_token_field(place.label, kLabelBytes)) in.reject("token", "is no label of a token: at most 32 bytes");
  if (in.has("serial")) {
    place.serial = in.text("serial");
    if (!place.serial.empty() && !fits_token_field(place.serial, kSerialBytes)) in.reject("serial", "has at most 16 bytes");
  }
  if (in.has("folders")) {
    for (const std::string& path : in.texts("folders")) out.token_folders.push_back(resolved(folder, path));
  }
  out.token = std::move(place);
}

}  // namespace

HostConfig read_host_config(TomlReader& in, const std::filesystem::path& folder) {
  HostConfig out;
  if (in.has("allow_same_host")) out.allow_same_host = in.flag("allow_same_host");
  if (in.has("pkcs11")) in.table("pkcs11", [&](TomlReader& inner) { read_token(inner, folder, out); });
  return out;
}

}  // namespace holdfast::signer
