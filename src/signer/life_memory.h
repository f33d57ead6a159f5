// Two things of a signer's life that bound what it may ever sign again. Pure; rebuilt from the records of its own journal.
//
//   forgot    its journal was lost and it was restored from a backup: what it has signed it does not know. It signs what moves money
//             to the cold address or nowhere (evacuations, burns, guard freezes), for ever: another signer takes its place.
//   retired   it signs nothing more, not even to save: its key has lost its place in the wallets, or somebody else may have it.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "signer.pb.h"

#include <cstdint>
#include <optional>

namespace holdfast::signer {

class LifeMemory {
 public:
  // corruption signer_record_malformed: forgot behind other records, or with a root of another size.
  Result<void> apply(const proto::SignerRecord::Forgot& fact, bool is_first);
  void apply(const proto::SignerRecord::Retired&) { retired_ = true; }

  bool forgot() const { return forgot_; }
  bool retired() const { return retired_; }
  bool may_spend() const { return !forgot_ && !retired_; }

 private:
  bool forgot_ = false;
  bool retired_ = false;
};

}  // namespace holdfast::signer
