// Joins a signer with its own eyes: hands the journal's deposits to those who look on the chain, and takes in what they saw.
//
//   proven          the deposit counts
//   false claim     alarm; it never counts
//   own key misused, wallet changed    freeze and alarm, whether holdfastd is there or not
//   unknown spend   freeze and alarm, unless the journal tells of it within a grace time
//   a look          the chain's heartbeat: without a fresh one the signer signs nothing there that spends
//
// The eyes work on threads of their own; the signer is touched by nobody but round(), on the thread that signs.
#pragma once

#include "signer/eyes/eyes_thread.h"
#include "signer/signer.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace holdfast::signer {

// What this signer has signed, for threads that must not touch it. It is told before a signature leaves.
class SignedDigests {
 public:
  void add(const Hash32& digest) {
    const std::lock_guard lock(mutex_);
    digests_.insert(digest);
  }
  bool contains(const Hash32& digest) const {
    const std::lock_guard lock(mutex_);
    return digests_.contains(digest);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_set<Hash32, FixedBytesHash<32>> digests_;
};

// How far the scripts of wallets of coins were handed out, for the same threads.
class HandedOut {
 public:
  using Key = std::pair<std::string, std::uint32_t>;  // Chain and wallet, and the branch.
  void set(const std::string& chain, const std::string& wallet, std::uint32_t branch, std::uint32_t count) {
    const std::lock_guard lock(mutex_);
    counts_[{chain + " " + wallet, branch}] = count;
  }
  std::uint32_t get(const std::string& chain, std::string_view wallet, std::uint32_t branch) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find({chain + " " + std::string(wallet), branch});
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<Key, std::uint32_t> counts_;
};

class Lookout final : public EyesListener {
 public:
  static constexpr std::int64_t kGraceMs = 60 * kMsPerSecond;    // Of a spend that the journal has not told of yet.
  static constexpr std::int64_t kAskAgainMs = 2 * kMsPerSecond;  // About a deposit that could not be told.

  // Opens the eyes of each chain of the signer's policy that has a node in `nodes`. `folder` is where it is kept how far each chain was
  // looked at. Everything must outlive it but the settings.
  Lookout(Signer& signer, Clock& clock, const std::vector<NodeSettings>& nodes, std::filesystem::path folder);
  ~Lookout() override;

  // What is to be told to holdfastd.
  std::vector<proto::Alarm> round(Signer& signer);

  void on_round(const std::string& chain, const Round& round) override;
  void on_fault(const std::string& chain, const Error& error) override;
  void on_verdicts(const std::string& chain, const std::vector<DepositClaim>& claims, const std::vector<Verdict>& verdicts) override;

 private:
  struct Asked {
    std::uint64_t deposit = 0;
    Hash32 fingerprint;
    std::string chain;
    DepositClaim claim;
  };
  struct Told {  // By the eyes, since the last round.
    std::vector<std::pair<std::string, Sighting>> sightings;
    std::vector<std::pair<Hash32, Verdict>> verdicts;  // By the claim's key.
    std::map<std::string, Round> rounds;               // The last of each chain, without its sightings.
  };
  struct Unknown {
    Sighting sighting;
    Instant since;
  };

  void take_claims(const Signer& signer, std::vector<BookedDeposit> deposits);
  std::string why_foreign(const Signer& signer, const BookedDeposit& deposit) const;
  void ask_again(Instant now);
  void heed(Signer& signer, const std::vector<std::pair<Hash32, Verdict>>& verdicts, Instant now);
  void heed(Signer& signer, const std::string& chain, const Sighting& sighting, Instant now);
  void look_at_unknown(Signer& signer, Instant now);
  void freeze(Signer& signer, std::string_view code, const std::string& text);
  void alarm(std::string_view code, const std::string& text);
  void tell_reach(const Signer& signer);
  void keep_mark(const std::string& chain, const BlockMark& mark) const;
  std::optional<BlockMark> kept_mark(const std::string& chain) const;

  Clock& clock_;
  std::filesystem::path folder_;
  std::shared_ptr<SignedDigests> signed_ = std::make_shared<SignedDigests>();
  std::shared_ptr<HandedOut> handed_out_ = std::make_shared<HandedOut>();
  std::map<Hash32, Asked> asked_;           // By deposit_key of the claim.
  std::map<Hash32, Instant> later_;         // Of these, those to be asked again, and when.
  std::vector<Unknown> unknown_;
  std::vector<proto::Alarm> alarms_;
  std::mutex mutex_;
  Told told_;                               // Under the lock, as is
  std::map<std::string, std::string> faults_;  // the last fault of each chain, said once.
  std::map<std::string, std::unique_ptr<EyesThread>> eyes_;  // The last: their threads call the above.
};

}  // namespace holdfast::signer
