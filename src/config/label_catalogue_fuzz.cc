// Any text as a catalogue: what is taken is within its bounds and says all that its kind needs.
#include "base/bytes.h"
#include "base/check.h"
#include "config/label_catalogue.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto catalogue = config::read_catalogue(as_text({data, size}), "fuzz");
  if (!catalogue) {
    HF_CHECK(catalogue.error().code == "catalogue_wrong" && catalogue.error().text.starts_with("fuzz:"));
    return 0;
  }
  HF_CHECK(catalogue->lists.size() <= config::kListsMax);
  for (const auto& entry : catalogue->lists) {
    HF_CHECK(!entry.file.empty() && !entry.origin.source.empty() && !entry.origin.licence.empty());
    HF_CHECK(entry.currency.empty() == (entry.kind != config::ListKind::ofac));
    HF_CHECK(entry.chain.empty() == (entry.kind != config::ListKind::etherscan));
    HF_CHECK(entry.origin.day || entry.kind == config::ListKind::tagpack || entry.kind == config::ListKind::hacks);
  }
  return 0;
}
