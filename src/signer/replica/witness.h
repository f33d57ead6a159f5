// What this signer knows of the other witnesses of holdfastd's journal: whether enough of them have cosigned, lately, heads of the
// same log that it has itself. Pure.
//
// The dead-man rule rests on it. Holdfastd relays the cosignatures; it can withhold them, but not make them. Held back, shown an
// old head, or shown another log than the others, a signer soon stands without a fresh cosignature of a head that it knows, and
// signs nothing that spends.
#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "journal/cosignature.h"
#include "signer/replica/replica.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast::signer {

struct WitnessRules {
  std::vector<journal::WitnessKey> others;  // Distinct; without this signer's own.
  std::size_t needed = 1;                   // So many of them have to have cosigned.
  std::int64_t max_age_ms = 30 * kMsPerSecond;
};

class Witnesses {
 public:
  explicit Witnesses(WitnessRules rules) : rules_(std::move(rules)), last_(rules_.others.size()) {}

  // A checkpoint that another witness cosigned, as holdfastd passed it on. What does not come from one of them, is dated over a
  // minute ahead, or is older than what is known is passed over.
  //   corruption journal_forked (a witness vouches for another log than ours), journal_malformed
  Result<void> hear(std::string_view note, const Replica& replica, Instant now);

  // The replica has grown: heads that were ahead of it may be known now.   corruption journal_forked
  Result<void> catch_up(const Replica& replica);

  // How many others have cosigned a head of ours within max_age.
  std::size_t fresh(Instant now) const;
  bool is_enough(Instant now) const { return fresh(now) >= rules_.needed; }
  const WitnessRules& rules() const { return rules_; }
  // The newest time at which each of the others vouched for a head of ours; in the order of the rules. 0: never.
  std::vector<Instant> seen() const;

 private:
  struct Last {
    Instant vouched;                 // For a head that is ours.
    std::optional<TreeHead> ahead;   // The newest that we have not reached.
    Instant ahead_at;
  };
  Result<void> judge(Last& last, const TreeHead& head, Instant at, const Replica& replica);

  WitnessRules rules_;
  std::vector<Last> last_;
};

}  // namespace holdfast::signer
