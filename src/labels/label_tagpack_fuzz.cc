// Any text as a TagPack: no more labels than tags may be, and each one is found again.
#include "base/check.h"
#include "labels/import_tagpack.h"
#include "labels/label_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto pack = labels::import_tagpack(as_text({data, size}), {"fuzz", "none", std::nullopt});
  if (!pack) return 0;
  HF_CHECK(pack->labels.size() + pack->refused.size() + pack->not_ours <= labels::kPackTagsMax);
  const auto set = labels::LabelSet::build(pack->labels);
  for (const auto& label : pack->labels) {
    HF_CHECK(label.confidence <= 100 && !set.find(label.chain, label.address).empty());
  }
  return 0;
}
