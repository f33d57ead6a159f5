// Looks into a journal file by itself, without holdfastd: read-only, also while holdfastd writes to it.
#pragma once

#include "apps/cli/session.h"
#include "custody/events.h"

#include "journal/note.h"
#include "journal/replay.h"

#include <cstdint>
#include <functional>
#include <string>

namespace holdfast::cli {

struct JournalPlace {
  std::string journal;  // A file, or holdfastd's data folder with journal.db in it.
  std::string
      verifier;  // File with the journal's public key ("name+hash+base64"); empty: journal.vkey beside the journal.
};

// Who was there: witnesses of the journal, and what they cosigned of it (c2sp.org/tlog-cosignature).
struct WitnessPlace {
  std::string keys;   // File with the witnesses' keys, one a line, from the signers themselves; empty: nobody is asked for.
  std::string notes;  // Folder with their NAME.note; empty: `witnesses` beside the journal.
};

// Checks everything: every record's hash up to the signed checkpoint; that each record can be read; that the fold of
// all of them obeys custody's laws. Prints the head; and of each witness the newest head that it cosigned, when, and whether that is a
// head of this journal.
//   refusal    verifier_missing, witness_keys_missing, and the errors of journal::replay and engine::decode
//   corruption journal_forked (a witness has cosigned what is not in this journal)
Result<void> verify_journal(const Settings& settings, const JournalPlace& place, bool every_signature, const WitnessPlace& witnesses);

// Every event of the journal, in order, on a journal that was checked as by verify_journal(), but for the laws.
Result<void> each_event(const JournalPlace& place, const std::function<void(const custody::Event&)>& see);

// Reads a journal on while holdfastd writes to it. Between two calls it holds nothing of it open, so it keeps nobody from
// anything.
class JournalTail {
 public:
  //   refusal verifier_missing
  static Result<JournalTail> open(const JournalPlace& place);

  // Each event behind those that were seen, up to the journal's present end, which a signed checkpoint vouches for.
  //   the errors of each_event(): of what was shown before such a one nothing is worth anything
  Result<void> read_on(const std::function<void(const custody::Event&)>& see);
  std::uint64_t size() const { return seen_.size(); }

 private:
  JournalTail(JournalPlace place, journal::VerifierKey verifier) : place_(std::move(place)), verifier_(std::move(verifier)) {}

  JournalPlace place_;
  journal::VerifierKey verifier_;
  journal::Frontier seen_;
};

// Prints the records from `from` on, at most `limit`. Errors as above, and refusal index_out_of_range.
Result<void> show_journal(const Settings& settings, const JournalPlace& place, std::uint64_t from, std::uint64_t limit);

// Prints a proof that a record is in the journal: the record, its leaf hash, the path to the root and the signed
// checkpoint. It was checked before it is printed.   Errors as above, and refusal index_out_of_range
Result<void> prove_record(const Settings& settings, const JournalPlace& place, std::uint64_t index);

}  // namespace holdfast::cli
