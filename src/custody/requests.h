// Which withdrawal a request led to: every request that ever was, so that none is done twice.
#pragma once

#include "custody/types.h"

#include <vector>

namespace holdfast::custody {

// Many small tables in place of a large one: when one has to grow, nobody waits for millions of entries to move.
class Requests {
 public:
  WithdrawalId find(const RequestId& request) const;  // None: it is new.
  WithdrawalId at(const RequestId& request) const;    // Precondition: it is known.
  void add(const RequestId& request, WithdrawalId withdrawal);
  void clear() { *this = {}; }

  // Whatever the order in which they came.
  friend bool operator==(const Requests& a, const Requests& b);

 private:
  struct Entry {
    RequestId request;
    WithdrawalId withdrawal;  // None: the place is free.
  };
  struct Shard {
    std::size_t place(const RequestId& request) const;  // Where it is, or would be.
    void grow();

    std::vector<Entry> places = std::vector<Entry>(4);  // A power of two, at most three quarters full.
    std::size_t used = 0;
  };
  static constexpr std::size_t kShards = 256;
  static std::size_t shard_of(const RequestId& request);

  std::vector<Shard> shards_ = std::vector<Shard>(kShards);
};

}  // namespace holdfast::custody
