// The gate: lets a request in when a known key signed it, just now, for the first time.
//
// A replay is noticed by its nonce, which is remembered for as long as its signature is fresh. After a restart nothing
// is remembered, so whatever was signed before the start is refused. Memory is bounded: a key that sends more than
// kMaxNoncesPerKey within the window is slowed down, the other keys are not.
#pragma once

#include "api/message/http.h"
#include "api/message/problem.h"
#include "api/rest/keys.h"
#include "base/instant.h"

#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace holdfast::api {

inline constexpr std::int64_t kSignatureWindowS = 60;  // To both sides of the clock.
inline constexpr std::size_t kMaxNoncesPerKey = 2'000'000;

// The nonces of one key, by the second at which they say they were made. Not for several threads.
class NonceMemory {
 public:
  enum class Verdict : std::uint8_t { fresh, replayed, full };

  NonceMemory(std::int64_t start_s, std::size_t bound) : floor_(start_s), bound_(bound) {}
  // The oldest second that is still remembered whole; nothing older may be admitted.
  std::int64_t floor() const { return floor_; }
  // Precondition: floor() <= created_s <= floor() + 2 * window + 1.
  Verdict admit(std::int64_t created_s, std::string_view nonce);
  void forget_before(std::int64_t second);

 private:
  std::int64_t floor_;
  std::size_t bound_;
  std::size_t count_ = 0;
  std::deque<std::unordered_set<std::string>> seconds_;  // The first is of second floor_.
};

class Gate {
 public:
  // Precondition: ids are unique. Nothing signed before `start` gets in.
  Gate(const std::vector<ApiKey>& keys, Instant start, std::size_t nonces_per_key = kMaxNoncesPerKey);

  // signature_missing, signature_malformed, signature_incomplete, signature_key_unknown, signature_expired,
  // signature_wrong, request_replayed, too_many_requests
  Answer<const ApiKey*> admit(const RequestHead& head, Instant now);

 private:
  struct Known {
    Known(const ApiKey& api_key, std::int64_t start_s, std::size_t bound) : key(api_key), nonces(start_s, bound) {}
    ApiKey key;
    std::mutex mutex;
    NonceMemory nonces;
  };
  std::unordered_map<std::string, std::unique_ptr<Known>> keys_;
};

}  // namespace holdfast::api
