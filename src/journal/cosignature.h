// Cosignatures of a witness (c2sp.org/tlog-cosignature, version 1): "at this time the newest head that I had seen of this log
// was this one, and it extends every head that I cosigned before".
//
//   message   := "cosignature/v1\n" "time " seconds "\n" text of the checkpoint
//   signature := time[8, big-endian] || Ed25519 signature[64], in a note's signature line, under a key hash of type 0x04
#pragma once

#include "journal/note.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::journal {

// The public half of a witness's key. As VerifierKey, but of type 0x04, so that neither can be taken for the other.
struct WitnessKey {
  std::string name;
  PublicKey key;

  // "name+1a2b3c4d+base64(0x04 || key)"
  std::string to_string() const;
  static std::optional<WitnessKey> from_string(std::string_view text);
  static WitnessKey of(const LogKey& key) { return {key.name(), key.verifier().key}; }

  KeyHash hash() const { return key_hash(name, 0x04, key); }
  friend bool operator==(const WitnessKey&, const WitnessKey&) = default;
};

// Adds the witness's cosignature to a note that holds a checkpoint.
void cosign(Note& note, const LogKey& witness, std::uint64_t unix_seconds);

// When the witness cosigned the note: the newest of its times. None when it did not, or when one of its cosignatures is false.
std::optional<std::uint64_t> cosigned_at(const Note& note, const WitnessKey& witness);

}  // namespace holdfast::journal
