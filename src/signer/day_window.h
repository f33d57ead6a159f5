// Sums over the last 24 hours: of what was signed, and of what the network may take for it. Times never run backward.
#pragma once

#include "base/amount.h"
#include "base/instant.h"

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace holdfast::signer {

// Amounts that count for a day from when they were added.
class DayWindow {
 public:
  Amount total(Instant now) const {
    Amount out = total_;
    for (const Entry& entry : entries_) {
      if (now - entry.at < kMsPerDay) break;
      out -= entry.amount;
    }
    return out;
  }
  // False, and nothing is added, when the sum would be over every amount.
  bool add(Amount amount, Instant now) {
    while (!entries_.empty() && now - entries_.front().at >= kMsPerDay) {
      total_ -= entries_.front().amount;
      entries_.pop_front();
    }
    const auto sum = Amount::sum(total_, amount);
    if (!sum) return false;
    total_ = *sum;
    entries_.push_back({now, amount});
    return true;
  }

 private:
  struct Entry {
    Instant at;
    Amount amount;
  };
  std::deque<Entry> entries_;  // By time.
  Amount total_;
};

// The highest fee of each key (a nonce, a coin) counts, for a day from when it became as high: of all transactions that
// use the same key only one can be mined.
template <class Key>
class DayFees {
 public:
  // The sum, once each of the keys carries `each`. The keys are distinct. None: more than any amount.
  std::optional<Amount> total_with(std::span<const Key> keys, Amount each, Instant now) const {
    Amount counted = total_;
    for (const auto& [at, key] : raisings_) {
      if (counts(at, now)) break;
      const auto fee = by_key_.find(key);
      if (fee != by_key_.end() && fee->second.at == at) counted -= fee->second.highest;
    }
    std::optional<Amount> out = counted;
    for (const Key& key : keys) {
      const auto before = by_key_.find(key);
      const bool known = before != by_key_.end() && counts(before->second.at, now);
      const Amount highest = known ? before->second.highest : Amount::zero();
      if (out && each > highest) out = Amount::sum(*out, each - highest);
    }
    return out;
  }

  // False, and nothing is raised, when the sum would be over every amount.
  bool raise(const Key& key, Amount amount, Instant now) {
    forget_before(now);
    const auto [fee, is_new] = by_key_.try_emplace(key);
    if (!is_new && amount <= fee->second.highest) return true;
    const auto sum = Amount::sum(total_ - fee->second.highest, amount);
    if (!sum) return false;
    total_ = *sum;
    // What is bumped counts from now: it is now that it became as dear.
    if (is_new || fee->second.at != now) raisings_.emplace_back(now, key);
    fee->second = {now, amount};
    return true;
  }

 private:
  struct Fee {
    Instant at;
    Amount highest;
  };
  static bool counts(Instant at, Instant now) { return now - at < kMsPerDay; }

  void forget_before(Instant now) {
    while (!raisings_.empty() && !counts(raisings_.front().first, now)) {
      const auto [at, key] = raisings_.front();
      raisings_.pop_front();
      const auto fee = by_key_.find(key);
      if (fee == by_key_.end() || fee->second.at != at) continue;
      total_ -= fee->second.highest;
      by_key_.erase(fee);
    }
  }

  std::map<Key, Fee> by_key_;                      // Not older than a day.
  std::deque<std::pair<Instant, Key>> raisings_;  // By time; the last of a key is the one that counts.
  Amount total_;
};

}  // namespace holdfast::signer
