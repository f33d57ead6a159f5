// Any text as name tags: what is taken is found again, and is no more than its bounds.
#include "base/check.h"
#include "labels/import_etherscan.h"
#include "labels/label_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string_view text = as_text({data, size});
  const auto list = labels::import_etherscan("eip155:1", text, {"fuzz", "none", std::nullopt});
  if (!list) return 0;
  HF_CHECK(list->refused.size() <= labels::kEtherscanEntriesMax);
  const auto set = labels::LabelSet::build(list->labels);
  for (const auto& label : list->labels) {
    HF_CHECK(label.confidence <= 100 && !set.find(label.chain, label.address).empty());
  }
  return 0;
}
