// Fuzzes all text that comes from outside: signed notes, checkpoints and verifier keys. What is read must be written
// again as the very same text.
#include "base/check.h"
#include "journal/note.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::journal;
  const std::string_view text = as_text({data, size});

  if (const auto note = Note::parse(text)) {
    HF_CHECK(note->to_string() == text);
    if (const auto checkpoint = Checkpoint::from_text(note->text)) {
      HF_CHECK(note->text.starts_with(checkpoint->text()));
    }
  }
  if (const auto checkpoint = Checkpoint::from_text(text)) HF_CHECK(text.starts_with(checkpoint->text()));

  static const VerifierKey kKey =
      *VerifierKey::from_string("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  // No input can be a checkpoint by this key: its owner never signed one.
  HF_CHECK(!open_checkpoint(text, {&kKey, 1}));

  if (const auto key = VerifierKey::from_string(text)) HF_CHECK(key->to_string() == text);
  return 0;
}
