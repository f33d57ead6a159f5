// Any text as a list of any currency: what is taken is of its chain and is found again; each line counts at most once.
#include "base/check.h"
#include "labels/import_ofac.h"
#include "labels/label_set.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string_view text = as_text({data, size});
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  for (const std::string_view currency : {"ETH", "USDT", "XBT", "LTC", "XMR"}) {
    const auto list = labels::import_ofac(currency, text, {"fuzz", "none", std::nullopt});
    HF_CHECK(list && list->labels.size() + list->refused.size() + list->not_ours <= lines);
    const auto set = labels::LabelSet::build(list->labels);
    for (const auto& label : list->labels) HF_CHECK(!set.find(label.chain, label.address).empty());
  }
  return 0;
}
