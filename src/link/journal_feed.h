// Streams holdfastd's journal to its signers, each from where it stands, and passes on what they cosign: every signer hears of every
// other witness. What each of them cosigned last is kept as a file that anybody can check (c2sp.org/tlog-cosignature).
//
// It reads the journal by a connection of its own and sends what is durable there, so no signer ever sees what a crash could undo.
#pragma once

#include "engine/signer_link.h"
#include "journal/storage.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace holdfast::link {

class JournalFeed {
 public:
  // Storage must outlive it. `folder` is where NAME.note goes for each witness; it is made when it is not there.
  JournalFeed(journal::Storage& storage, std::string folder) : storage_(storage), folder_(std::move(folder)) {}

  // What a signer says that is about the journal: hello, followed, cosigned. From any thread; quick.
  void heard(const std::string& signer, const proto::FromSigner& message);
  // The journal has so many durable records. From any thread; quick.
  void committed(std::uint64_t size);
  std::uint64_t size() const { return size_; }

  // Until it is told to stop.
  void run(std::stop_token stop, engine::SignerLink& link);

 private:
  // A signer that is attached.
  struct Reader {
    std::uint64_t next = 0;        // To be sent.
    std::map<std::uint64_t, std::size_t> under_way;  // Bytes sent up to this size, and not acknowledged.
    std::size_t bytes_under_way = 0;
    bool is_new = true;            // Has not heard of the other witnesses yet.
  };
  void take_in(const engine::SignerLink& link);
  bool stream(engine::SignerLink& link);
  Result<bool> send_blocks(engine::SignerLink& link, const std::string& signer, Reader& reader);
  void send_head(engine::SignerLink& link);
  void relay(engine::SignerLink& link);
  void keep(const std::string& signer, const std::string& note);

  journal::Storage& storage_;
  const std::string folder_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool grown_ = false;
  std::atomic<std::uint64_t> size_ = 0;
  std::map<std::string, std::uint64_t> hellos_;        // Since the last round: where they stand.
  std::map<std::string, std::uint64_t> followed_;      // Likewise: what they have.
  std::map<std::string, std::string> new_notes_;       // Likewise: what they cosigned.

  // Of the running thread alone.
  std::map<std::string, Reader> readers_;
  std::map<std::string, std::string> notes_;
  std::string last_fault_;
};

}  // namespace holdfast::link
