// Whatever is read is written in a form that reads back as the same.
#include "api/message/signature.h"
#include "api/message/structured_field.h"
#include "base/check.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (const auto dictionary = api::parse_dictionary(text)) {
    std::string again;
    for (const auto& member : *dictionary) {
      again.append(again.empty() ? "" : ", ").append(member.key).append("=");
      again.append(std::visit([](const auto& value) { return api::to_field_text(value); }, member.value));
    }
    HF_CHECK(again.size() > api::kMaxFieldBytes || api::parse_dictionary(again) == dictionary);
  }
  const auto half = text.find('\n');
  api::RequestHead head{"POST", "/v1/withdrawals?x=1", {{"host", "Example.com"}}, false};
  head.headers.push_back({"signature-input", std::string(text.substr(0, half))});
  head.headers.push_back({"signature", half == std::string_view::npos ? "" : std::string(text.substr(half + 1))});
  const auto claim = api::read_signature(head);
  HF_CHECK(claim || !claim.error().code.empty());
  return 0;
}
