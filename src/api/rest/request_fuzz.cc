// From the bytes of a body to custody's command: whatever comes in, it is a problem with a name, or a command within
// bounds that custody can decide on.
#include "api/rest/handlers.h"
#include "api/rest/routes.h"
#include "base/check.h"
#include "custody/custody.h"

using namespace holdfast;

namespace {

const custody::State& installation() {
  static const custody::State state = [] {
    custody::State s;
    custody::Address contract(as_bytes("01234567890123456789"));
    const custody::Command commands[] = {
        custody::RegisterChain{{{}, "eip155:31337", 2}},
        custody::RegisterAsset{{{}, {1}, "ETH", 18, {}, Amount::zero(), Amount::max(), Amount::zero(), 0}},
        custody::RegisterAsset{{{}, {1}, "USDC", 6, contract, Amount::zero(), Amount::max(), Amount::zero(), 0}},
        custody::CreateCustomer{"ann"}};
    for (const custody::Command& command : commands) {
      custody::Events events;
      HF_CHECK(custody::decide(s, command, {1}, events) == custody::Refusal::none);
      for (const custody::Event& event : events) custody::apply(s, event);
    }
    return s;
  }();
  return state;
}

void check_fields(const api::Answer<api::Fields>& fields, std::string_view key) {
  static const api::Directory directory(installation());
  if (!fields) {
    HF_CHECK(fields.error().status >= 400 && !fields.error().code.empty());
    return;
  }
  const auto command = api::read_withdrawal(*fields, directory, "key", key);
  if (!command) {
    HF_CHECK(command.error().status >= 400 && !command.error().code.empty());
    return;
  }
  HF_CHECK(installation().assets.find(command->asset) && command->destination.view().size() == 20);
  custody::Events events;
  HF_CHECK(custody::decide(installation(), *command, {1}, events) != custody::Refusal::none);  // Nobody has money here.
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  check_fields(api::read_object(text, api::kWithdrawalFields), "k");
  if (const auto batch = api::read_batch(text, "withdrawals", api::kBatchFields)) {
    for (const auto& item : *batch) check_fields(item, item ? item->text(api::kBatchKey) : "");
  }
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::string_view path = line.substr(0, line.find('?'));
  if (const auto matched = api::match("GET", path)) HF_CHECK(matched->route != nullptr);
  static constexpr std::string_view kKnown[] = {"limit", "after", "before"};
  const auto query = api::Query::parse(line.size() > path.size() ? line.substr(path.size() + 1) : "", kKnown);
  if (query) {
    const auto page = api::Page::of(*query);
    HF_CHECK(!page || (page->limit >= 1 && page->limit <= api::Page::kMaxLimit));
  }
  return 0;
}
