// Signed notes (c2sp.org/signed-note) and checkpoints (c2sp.org/tlog-checkpoint).
//
//   note        := text "\n" signature+           text ends in a newline
//   signature   := "— " name " " base64(key-hash[4] || bytes) "\n"
//   checkpoint  := origin "\n" size "\n" base64(root) "\n" { extension "\n" }*      (the text of the note)
//
// Anybody may add a signature to a note: a signature by an unknown key is passed over, never an error.
// Narrower than the standard: text and names are printable ASCII, where it allows all of UTF-8.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "journal/log_key.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::journal {

inline constexpr std::size_t kMaxNoteBytes = 64 << 10;
inline constexpr std::size_t kMaxNoteSignatures = 100;

struct NoteSignature {
  std::string name;
  KeyHash key_hash;
  Bytes bytes;
};

struct Note {
  std::string text;  // What is signed, with its final newline.
  std::vector<NoteSignature> signatures;

  // Nothing when the bytes are not a well-formed note with at least one signature.
  static std::optional<Note> parse(std::string_view note);
  std::string to_string() const;

  void sign(const LogKey& key);
  // Whether the key has signed. True once a signature of it holds and none of it is false.
  bool is_signed_by(const VerifierKey& key) const;
};

// The head of a log: what a journal signs after each block, and what a witness compares.
struct Checkpoint {
  std::string origin;  // The log's name; here always the name of its key.
  std::uint64_t size = 0;
  Hash32 root;

  // The text of the note. Sizes are decimal without leading zeros.
  std::string text() const;
  static std::optional<Checkpoint> from_text(std::string_view text);
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// The whole signed note, ready to be stored or published.
std::string sign_checkpoint(const Checkpoint& checkpoint, const LogKey& key);

// Reads a checkpoint that at least one of the keys has signed, and whose origin is that key's name.
//   refusal  checkpoint_malformed, checkpoint_not_signed (by none of these keys)
Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const VerifierKey> trusted);

}  // namespace holdfast::journal
