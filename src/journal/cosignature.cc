#include "journal/cosignature.h"

#include "base/check.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::journal {
namespace {

constexpr std::uint8_t kCosignature = 0x04;
constexpr std::size_t kTimeSize = 8;

std::string message_of(const Note& note, std::uint64_t unix_seconds) {
  return fmt::format("cosignature/v1\ntime {}\n{}", unix_seconds, note.text);
}

}  // namespace

std::string WitnessKey::to_string() const { return typed_key_text(name, kCosignature, key); }

std::optional<WitnessKey> WitnessKey::from_string(std::string_view text) {
  const auto read = read_typed_key(text, kCosignature);
  return read ? std::optional(WitnessKey{read->first, read->second}) : std::nullopt;
}

void cosign(Note& note, const LogKey& witness, std::uint64_t unix_seconds) {
  HF_CHECK(note.signatures.size() < kMaxNoteSignatures);
  const Signature signature = witness.sign(as_bytes(message_of(note, unix_seconds)));
  Bytes bytes;
  for (std::size_t i = 0; i < kTimeSize; ++i) bytes.push_back(static_cast<std::uint8_t>(unix_seconds >> (8 * (kTimeSize - 1 - i))));
  bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
  note.signatures.push_back({witness.name(), WitnessKey::of(witness).hash(), std::move(bytes)});
}

std::optional<std::uint64_t> cosigned_at(const Note& note, const WitnessKey& witness) {
  const VerifierKey verifier{witness.name, witness.key};
  std::optional<std::uint64_t> newest;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != witness.name || signature.key_hash != witness.hash()) continue;
    if (signature.bytes.size() != kTimeSize + Signature::kSize) return std::nullopt;
    std::uint64_t time = 0;
    for (std::size_t i = 0; i < kTimeSize; ++i) time = time << 8 | signature.bytes[i];
    const auto bytes = Signature::from(ByteView(signature.bytes).subspan(kTimeSize));
    if (!verifier.verify(as_bytes(message_of(note, time)), bytes)) return std::nullopt;
    newest = std::max(newest.value_or(0), time);
  }
  return newest;
}

}  // namespace holdfast::journal
