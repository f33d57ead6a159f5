#include "apps/cli/journal_tool.h"

#include "api/text/event_json.h"
#include "api/text/view.h"
#include "apps/cli/print.h"
#include "base/check.h"
#include "base/hex.h"
#include "custody/custody.h"
#include "engine/record.h"
#include "journal/cosignature.h"
#include "journal/journal.h"
#include "journal/sqlite_storage.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>

namespace holdfast::cli {
namespace {

using RecordSeen = std::function<void(std::uint64_t index, ByteView record, const custody::Event& event)>;

std::filesystem::path file_of(const JournalPlace& place) {
  std::error_code failed;
  const std::filesystem::path path(place.journal);
  return std::filesystem::is_directory(path, failed) ? path / "journal.db" : path;
}

Result<journal::VerifierKey> read_verifier(const JournalPlace& place) {
  const std::string path =
      place.verifier.empty() ? (file_of(place).parent_path() / "journal.vkey").string() : place.verifier;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  const auto key = journal::VerifierKey::from_string(line);
  if (!key) return refuse("verifier_missing", path + " holds no verifier key; name its file with --verifier");
  return *key;
}

struct Opened {
  std::unique_ptr<journal::SqliteStorage> storage;
  journal::VerifierKey verifier;
};

Result<Opened> open(const JournalPlace& place) {
  auto storage = journal::SqliteStorage::open_snapshot(file_of(place).string());
  if (!storage) return std::unexpected(storage.error());
  auto verifier = read_verifier(place);
  if (!verifier) return std::unexpected(verifier.error());
  return Opened{std::move(*storage), std::move(*verifier)};
}

Result<journal::Replayed> read(journal::Storage& storage, const journal::VerifierKey& verifier, const RecordSeen& seen,
                               const journal::ReplayOptions& options) {
  return journal::replay(
      storage, {&verifier, 1},
      [&](std::uint64_t index, ByteView record) -> Result<void> {
        const auto event = engine::decode(record);
        if (!event)
          return corruption(event.error().code, "record " + std::to_string(index) + ": " + event.error().text);
        seen(index, record, *event);
        return {};
      },
      options);
}

Result<journal::Replayed> read_all(Opened& opened, const RecordSeen& seen, bool every_signature = false) {
  journal::ReplayOptions options;
  options.every_signature = every_signature;
  return read(*opened.storage, opened.verifier, seen, options);
}

// Replays the whole, folding every event into a state.
Result<journal::Replayed> fold(Opened& opened, custody::State& state, const RecordSeen& seen,
                               bool every_signature = false) {
  const auto apply_and_see = [&](std::uint64_t index, ByteView record, const custody::Event& event) {
    custody::apply(state, event);
    seen(index, record, event);
  };
  return read_all(opened, apply_and_see, every_signature);
}

// --- Witnesses ----------------------------------------------------------------------------------------------------

struct Cosigned {
  journal::WitnessKey witness;
  std::optional<journal::Checkpoint> head;  // None: it has cosigned nothing that could be found.
  std::uint64_t at_s = 0;
  bool is_ours = false;                     // Known once the journal was read.
};

Result<std::vector<journal::WitnessKey>> read_witness_keys(const std::string& path) {
  std::ifstream in(path);
  std::vector<journal::WitnessKey> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const auto key = journal::WitnessKey::from_string(line);
    if (!key) return refuse("witness_keys_missing", path + ": \"" + line + "\" is no witness key");
    out.push_back(*key);
  }
  if (out.empty()) return refuse("witness_keys_missing", path + " holds no witness key; `holdfast-signer status` of each signer shows its own");
  return out;
}

// Of all the notes in the folder the newest that this witness cosigned for the journal of this name.
Cosigned newest_of(const journal::WitnessKey& witness, const std::vector<journal::Note>& notes, const std::string& origin) {
  Cosigned out{witness, {}, 0, false};
  for (const journal::Note& note : notes) {
    const auto at = journal::cosigned_at(note, witness);
    const auto head = journal::Checkpoint::from_text(note.text);
    if (!at || *at < out.at_s || !head || head->origin != origin) continue;
    out.head = head;
    out.at_s = *at;
  }
  return out;
}

Result<std::vector<Cosigned>> read_witnesses(const JournalPlace& place, const WitnessPlace& from, const std::string& origin) {
  if (from.keys.empty()) return std::vector<Cosigned>{};
  const auto keys = read_witness_keys(from.keys);
  if (!keys) return Failure(keys.error());
  const std::filesystem::path folder = from.notes.empty() ? file_of(place).parent_path() / "witnesses" : std::filesystem::path(from.notes);
  std::vector<journal::Note> notes;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() != ".note") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    if (auto note = journal::Note::parse(std::string{std::istreambuf_iterator<char>(in), {}})) notes.push_back(std::move(*note));
  }
  std::vector<Cosigned> out;
  for (const journal::WitnessKey& key : *keys) out.push_back(newest_of(key, notes, origin));
  return out;
}

Json witness_json(const Cosigned& one, std::uint64_t size) {
  if (!one.head) return {{"witness", one.witness.name}, {"cosigned", "nothing that is here"}};
  return {{"witness", one.witness.name},
          {"cosigned", one.head->size},
          {"at", api::to_rfc3339({static_cast<std::int64_t>(one.at_s) * kMsPerSecond})},
          {"behind", size >= one.head->size ? size - one.head->size : 0},
          {"this_journal", one.is_ours}};
}

Failure out_of_range(std::uint64_t index, std::uint64_t size) {
  return refuse("index_out_of_range",
                "there is no record " + std::to_string(index) + "; the journal has " + std::to_string(size));
}

Json hashes_json(const journal::Proof& proof) {
  Json list = Json::array();
  for (const Hash32& hash : proof) list.push_back(to_hex(hash.view()));
  return list;
}

}  // namespace

Result<void> verify_journal(const Settings& settings, const JournalPlace& place, bool every_signature, const WitnessPlace& from) {
  // What they cosigned is read before the journal, which may grow meanwhile.
  const auto verifier = read_verifier(place);
  if (!verifier) return std::unexpected(verifier.error());
  auto witnesses = read_witnesses(place, from, verifier->name);
  if (!witnesses) return std::unexpected(witnesses.error());
  auto opened = open(place);
  if (!opened) return std::unexpected(opened.error());
  custody::State state;
  journal::Frontier tree;
  const auto replayed = fold(*opened, state, [&](std::uint64_t, ByteView record, const custody::Event&) {
    if (witnesses->empty()) return;
    tree.append(journal::leaf_hash(record));
    for (Cosigned& one : *witnesses) {
      const bool here = one.head && one.head->size == tree.size();
      one.is_ours = one.is_ours || (here && one.head->root == tree.root());
    }
  }, every_signature);
  if (!replayed) return std::unexpected(replayed.error());
  custody::check(state);  // Ends the process when a law is broken.
  const std::uint64_t size = replayed->tree.size();
  Json head{{"journal", file_of(place).string()},
            {"records", size},
            {"root", to_hex(replayed->tree.root().view())},
            {"signed_by", opened->verifier.name},
            {"customers", state.customers.size()},
            {"deposits", state.deposits.size()},
            {"withdrawals", state.withdrawals.size()},
            {"spends", state.spends.size()},
            {"verdict", "whole: hashes, signature, records and laws hold"}};
  Json cosigned = Json::array();
  for (const Cosigned& one : *witnesses) cosigned.push_back(witness_json(one, size));
  if (settings.json) {
    head["checkpoint"] = replayed->checkpoint;
    if (!from.keys.empty()) head["witnesses"] = cosigned;
  }
  print_thing(settings, head);
  if (!settings.json) {
    print_text('\n' + replayed->checkpoint);
    for (const Json& one : cosigned) {
      print_text("");
      print_thing(settings, one);
    }
  }
  // Of a head that lies ahead of this copy nothing can be told: it may be older than what the witness saw.
  for (const Cosigned& one : *witnesses) {
    if (!one.head || one.is_ours) continue;
    if (one.head->size > size) return corruption("journal_behind", one.witness.name + " has seen " + std::to_string(one.head->size) + " records");
    return corruption("journal_forked", one.witness.name + " has cosigned another journal at " + std::to_string(one.head->size) + " records");
  }
  return {};
}

Result<void> each_event(const JournalPlace& place, const std::function<void(const custody::Event&)>& see) {
  auto opened = open(place);
  if (!opened) return std::unexpected(opened.error());
  const auto replayed = read_all(*opened, [&](std::uint64_t, ByteView, const custody::Event& event) { see(event); });
  if (!replayed) return std::unexpected(replayed.error());
  return {};
}

Result<JournalTail> JournalTail::open(const JournalPlace& place) {
  auto verifier = read_verifier(place);
  if (!verifier) return std::unexpected(verifier.error());
  return JournalTail(place, std::move(*verifier));
}

Result<void> JournalTail::read_on(const std::function<void(const custody::Event&)>& see) {
  auto storage = journal::SqliteStorage::open_snapshot(file_of(place_).string());
  if (!storage) return std::unexpected(storage.error());
  journal::ReplayOptions options;
  options.from = seen_;
  auto replayed = read(**storage, verifier_, [&](std::uint64_t, ByteView, const custody::Event& event) { see(event); }, options);
  if (!replayed) return std::unexpected(replayed.error());
  seen_ = std::move(replayed->tree);
  return {};
}

Result<void> show_journal(const Settings& settings, const JournalPlace& place, std::uint64_t from,
                          std::uint64_t limit) {
  auto opened = open(place);
  if (!opened) return std::unexpected(opened.error());
  custody::State state;
  std::vector<std::pair<std::uint64_t, custody::Event>> wanted;
  const auto replayed = fold(*opened, state, [&](std::uint64_t index, ByteView, const custody::Event& event) {
    if (index >= from && wanted.size() < limit) wanted.emplace_back(index, event);
  });
  if (!replayed) return std::unexpected(replayed.error());
  if (wanted.empty()) return out_of_range(from, replayed->tree.size());
  const api::Directory directory(state);
  for (const auto& [index, event] : wanted) print_event(settings, api::event_json(index, event, directory));
  return {};
}

Result<void> prove_record(const Settings& settings, const JournalPlace& place, std::uint64_t index) {
  auto opened = open(place);
  if (!opened) return std::unexpected(opened.error());
  custody::State state;
  Bytes record;
  Json event;
  const auto replayed = fold(*opened, state, [&](std::uint64_t at, ByteView bytes, const custody::Event& one) {
    if (at != index) return;
    record = to_bytes(bytes);
    event = api::event_json(at, one, api::Directory(state));
  });
  if (!replayed) return std::unexpected(replayed.error());
  const std::uint64_t size = replayed->tree.size();
  if (index >= size) return out_of_range(index, size);
  const auto proof = journal::prove_inclusion(*opened->storage, index, size);
  if (!proof) return std::unexpected(proof.error());
  const Hash32 leaf = journal::leaf_hash(record);
  HF_CHECK(journal::verify_inclusion(leaf, index, size, *proof, replayed->tree.root()));
  Json json{{"index", index},
            {"size", size},
            {"record", to_hex(record)},
            {"event", std::move(event)},
            {"leaf", to_hex(leaf.view())},
            {"path", hashes_json(*proof)},
            {"root", to_hex(replayed->tree.root().view())},
            {"checkpoint", replayed->checkpoint}};
  Settings as_json = settings;
  as_json.json = true;  // A proof is for programs.
  print_thing(as_json, json);
  return {};
}

}  // namespace holdfast::cli
