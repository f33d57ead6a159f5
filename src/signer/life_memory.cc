#include "signer/life_memory.h"

namespace holdfast::signer {

Result<void> LifeMemory::apply(const proto::SignerRecord::Forgot& fact, bool is_first) {
  if (!is_first || fact.root().size() != Hash32::kSize) {
    return corruption("signer_record_malformed", "a record of the signer's journal says, where it cannot be, that it has forgotten");
  }
  forgot_ = true;
  return {};
}

}  // namespace holdfast::signer
