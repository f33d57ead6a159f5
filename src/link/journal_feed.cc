#include "link/journal_feed.h"

#include "journal/block.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <utility>

namespace holdfast::link {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeadPause = 2s;
constexpr std::size_t kMaxUnderWay = std::size_t{4} << 20;   // Sent to a signer and not acknowledged: beyond one block.
constexpr std::size_t kMaxBlocksUnderWay = 1'000;            // Far fewer than the link keeps for a signer before it drops.
constexpr std::size_t kMaxPartBytes = std::size_t{1} << 20;  // Of the records of one message; one record may be as long.
constexpr std::size_t kMaxNoteBytes = std::size_t{4} << 10;

std::string text(ByteView bytes) { return std::string(as_text(bytes)); }

// In pieces where it is long: no message is longer than the link takes.
void send_block(engine::SignerLink& link, const std::string& signer, const journal::BlockView& block) {
  std::uint64_t index = block.first_index;
  ByteView rest = block.records;
  while (!rest.empty()) {
    journal::RecordReader reader(rest);
    std::size_t bytes = 0;
    std::uint64_t count = 0;
    while (bytes < rest.size()) {
      const auto record = reader.next();
      if (!record) return;  // Damaged: whoever reads the journal next says so.
      const auto end = static_cast<std::size_t>(record->data() + record->size() - rest.data());
      if (count > 0 && end > kMaxPartBytes) break;
      bytes = end;
      ++count;
    }
    proto::ToSigner message;
    message.mutable_journal()->set_first_index(index);
    message.mutable_journal()->set_records(text(rest.first(bytes)));
    if (bytes == rest.size()) message.mutable_journal()->set_checkpoint(std::string(block.checkpoint));
    link.send(signer, message);
    rest = rest.subspan(bytes);
    index += count;
  }
}

}  // namespace

void JournalFeed::heard(const std::string& signer, const proto::FromSigner& message) {
  {
    const std::lock_guard lock(mutex_);
    if (message.has_hello()) hellos_[signer] = message.hello().journal_size();
    if (message.has_followed()) followed_[signer] = message.followed().size();
    if (message.has_cosigned() && message.cosigned().note().size() <= kMaxNoteBytes) new_notes_[signer] = message.cosigned().note();
  }
  changed_.notify_one();
}

void JournalFeed::committed(std::uint64_t size) {
  size_ = size;
  {
    const std::lock_guard lock(mutex_);
    grown_ = true;
  }
  changed_.notify_one();
}

void JournalFeed::run(std::stop_token stop, engine::SignerLink& link) {
  auto head_at = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, stop, head_at, [&] { return grown_ || !hellos_.empty() || !followed_.empty() || !new_notes_.empty(); });
      grown_ = false;
    }
    take_in(link);
    while (stream(link) && !stop.stop_requested()) {
    }
    relay(link);
    if (std::chrono::steady_clock::now() < head_at) continue;
    send_head(link);
    head_at = std::chrono::steady_clock::now() + kHeadPause;
  }
}

// Who has come, who has gone, and what those who are here have got.
void JournalFeed::take_in(const engine::SignerLink& link) {
  std::map<std::string, std::uint64_t> hellos;
  std::map<std::string, std::uint64_t> followed;
  {
    const std::lock_guard lock(mutex_);
    hellos.swap(hellos_);
    followed.swap(followed_);
  }
  for (const auto& [signer, size] : hellos) readers_[signer] = Reader{.next = size, .under_way = {}, .bytes_under_way = 0};
  for (const auto& [signer, size] : followed) {
    const auto found = readers_.find(signer);
    if (found == readers_.end()) continue;
    Reader& reader = found->second;
    while (!reader.under_way.empty() && reader.under_way.begin()->first <= size) {
      reader.bytes_under_way -= reader.under_way.begin()->second;
      reader.under_way.erase(reader.under_way.begin());
    }
  }
  const auto attached = link.connected();
  std::erase_if(readers_, [&](const auto& entry) { return std::ranges::find(attached, entry.first) == attached.end(); });
}

// One helping for each. True while somebody may take more.
bool JournalFeed::stream(engine::SignerLink& link) {
  bool more = false;
  for (auto& [signer, reader] : readers_) {
    const auto sent = send_blocks(link, signer, reader);
    if (sent) {
      more = *sent || more;
      continue;
    }
    if (std::exchange(last_fault_, std::string(sent.error().code)) != sent.error().code) {
      spdlog::error("the journal is not streamed to {}: {}", signer, sent.error().text);
    }
  }
  return more;
}

// True when it stopped for another's turn, and not because there is no more or the signer has enough.
Result<bool> JournalFeed::send_blocks(engine::SignerLink& link, const std::string& signer, Reader& reader) {
  std::size_t helping = 0;
  bool has_more = false;
  const auto read = storage_.read(reader.next, [&](const journal::StoredBlock& stored) -> Result<void> {
    const bool has_enough = reader.bytes_under_way >= kMaxUnderWay || reader.under_way.size() >= kMaxBlocksUnderWay;
    if (stored.torn || has_enough) return fault("helping_over");
    has_more = helping >= kMaxUnderWay;
    if (has_more) return fault("helping_over");
    const std::uint64_t end = stored.block.first_index + stored.block.count;
    send_block(link, signer, stored.block);
    helping += stored.block.records.size();
    reader.bytes_under_way += stored.block.records.size();
    reader.under_way[end] += stored.block.records.size();
    reader.next = end;
    return {};
  });
  if (!read && read.error().code != "helping_over") return Failure(read.error());
  return has_more;
}

void JournalFeed::send_head(engine::SignerLink& link) {
  const auto checkpoint = storage_.last_checkpoint();
  if (!checkpoint || checkpoint->empty()) return;
  proto::ToSigner message;
  message.mutable_head()->set_checkpoint(*checkpoint);
  for (const auto& [signer, reader] : readers_) link.send(signer, message);
}

void JournalFeed::relay(engine::SignerLink& link) {
  std::map<std::string, std::string> fresh;
  {
    const std::lock_guard lock(mutex_);
    fresh.swap(new_notes_);
  }
  for (const auto& [from, note] : fresh) keep(from, note);
  for (auto& [signer, reader] : readers_) {
    for (const auto& [from, note] : reader.is_new ? notes_ : fresh) {
      if (from == signer) continue;
      proto::ToSigner message;
      message.mutable_cosigned()->set_note(note);
      link.send(signer, message);
    }
    reader.is_new = false;
  }
}

// The file is replaced as a whole, so that whoever reads it never sees half a note.
void JournalFeed::keep(const std::string& signer, const std::string& note) {
  notes_[signer] = note;
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  const std::string path = folder_ + "/" + signer + ".note";
  std::ofstream(path + ".new", std::ios::binary) << note;
  std::filesystem::rename(path + ".new", path, failed);
  if (failed) spdlog::warn("{}: {}", path, failed.message());
}

}  // namespace holdfast::link
