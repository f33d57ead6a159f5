#include "journal/note.h"

#include "base/check.h"
#include "journal/base64.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace holdfast::journal {
namespace {

constexpr std::string_view kSignatureMark = "\xe2\x80\x94 ";  // An em dash and a blank.

bool is_note_text(std::string_view text) {
  const auto allowed = [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; };
  return !text.empty() && text.back() == '\n' && std::all_of(text.begin(), text.end(), allowed);
}

// Takes the next line off the text, without its newline. Nothing at the end, or when the last line has no newline.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kSignatureMark)) return std::nullopt;
  line.remove_prefix(kSignatureMark.size());
  const std::size_t name_end = line.find(' ');
  if (name_end == std::string_view::npos) return std::nullopt;
  const std::string_view name = line.substr(0, name_end);
  const auto bytes = from_base64(line.substr(name_end + 1));
  if (!is_key_name(name) || !bytes || bytes->size() <= KeyHash::kSize) return std::nullopt;
  const ByteView view(*bytes);
  return NoteSignature{std::string(name), KeyHash::from(view.first(KeyHash::kSize)),
                       to_bytes(view.subspan(KeyHash::kSize))};
}

std::optional<std::uint64_t> parse_size(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool leading_zero = digits.size() > 1 && digits.front() == '0';
  if (error != std::errc{} || end != digits.data() + digits.size() || leading_zero) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Note> Note::parse(std::string_view note) {
  if (note.size() > kMaxNoteBytes) return std::nullopt;
  const std::size_t blank_line = note.rfind("\n\n");
  if (blank_line == std::string_view::npos) return std::nullopt;
  Note out;
  out.text = note.substr(0, blank_line + 1);
  if (!is_note_text(out.text)) return std::nullopt;
  for (std::string_view rest = note.substr(blank_line + 2); !rest.empty();) {
    const auto line = take_line(rest);
    if (!line || out.signatures.size() == kMaxNoteSignatures) return std::nullopt;
    auto signature = parse_signature(*line);
    if (!signature) return std::nullopt;
    out.signatures.push_back(*std::move(signature));
  }
  if (out.signatures.empty()) return std::nullopt;
  return out;
}

std::string Note::to_string() const {
  std::string out = text + "\n";
  for (const NoteSignature& signature : signatures) {
    Bytes bytes = to_bytes(signature.key_hash.view());
    bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
    out += fmt::format("{}{} {}\n", kSignatureMark, signature.name, to_base64(bytes));
  }
  return out;
}

void Note::sign(const LogKey& key) {
  HF_CHECK(is_note_text(text) && signatures.size() < kMaxNoteSignatures);
  const Signature signature = key.sign(as_bytes(text));
  signatures.push_back({key.name(), key.verifier().hash(), to_bytes(signature.view())});
}

bool Note::is_signed_by(const VerifierKey& key) const {
  bool found = false;
  for (const NoteSignature& signature : signatures) {
    if (signature.name != key.name || signature.key_hash != key.hash()) continue;
    if (signature.bytes.size() != Signature::kSize) return false;
    if (!key.verify(as_bytes(text), Signature::from(signature.bytes))) return false;
    found = true;
  }
  return found;
}

std::string Checkpoint::text() const {
  return fmt::format("{}\n{}\n{}\n", origin, size, to_base64(root.view()));
}

std::optional<Checkpoint> Checkpoint::from_text(std::string_view text) {
  if (!is_note_text(text)) return std::nullopt;
  const auto origin = take_line(text);
  const auto digits = take_line(text);
  const auto root_text = take_line(text);
  if (!origin || origin->empty() || !digits || !root_text) return std::nullopt;
  const auto size = parse_size(*digits);
  const auto root = from_base64(*root_text);
  if (!size || !root || root->size() != Hash32::kSize) return std::nullopt;
  while (!text.empty()) {
    if (take_line(text)->empty()) return std::nullopt;  // Extension lines are passed over, but never blank.
  }
  return Checkpoint{std::string(*origin), *size, Hash32::from(*root)};
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const LogKey& key) {
  Note note{.text = checkpoint.text(), .signatures = {}};
  note.sign(key);
  return note.to_string();
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const VerifierKey> trusted) {
  const auto parsed = Note::parse(note);
  auto checkpoint = parsed ? Checkpoint::from_text(parsed->text) : std::nullopt;
  if (!checkpoint) return refuse("checkpoint_malformed", "this is not a checkpoint of c2sp.org/tlog-checkpoint");
  const auto vouches = [&](const VerifierKey& key) {
    return key.name == checkpoint->origin && parsed->is_signed_by(key);
  };
  if (!std::any_of(trusted.begin(), trusted.end(), vouches)) {
    return refuse("checkpoint_not_signed", fmt::format("the checkpoint of '{}' at size {} has no valid signature by a "
                                                       "trusted key", checkpoint->origin, checkpoint->size));
  }
  return *std::move(checkpoint);
}

}  // namespace holdfast::journal
