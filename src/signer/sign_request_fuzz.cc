// Any bytes as a sign request: check() never crashes, and what it lets through is what it was said to be.
#include "signer/checks.h"

#include "signer/test_world.h"

#include <google/protobuf/stubs/logging.h>
#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::signer;

void expect_honest(const proto::SignRequest& request, const ToSign& answer) {
  const auto& record = answer.record;
  HF_CHECK(record.purpose() == request.purpose());
  HF_CHECK(record.chain() == request.chain());
  if (request.purpose() == proto::SignRequest::WITHDRAWAL) {
    HF_CHECK(record.destination() == request.withdrawal().destination());
    HF_CHECK(record.amount() == request.withdrawal().amount());
    HF_CHECK(record.asset_contract() == request.withdrawal().asset_contract());
  }
  if (request.purpose() == proto::SignRequest::EVACUATION && !record.destination().empty()) {
    HF_CHECK(record.destination() == test::raw(test::kCold.view()));
  }
  Memory memory;
  proto::SignerRecord wrapped;
  *wrapped.mutable_signed_() = record;
  HF_CHECK(memory.apply(wrapped).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const google::protobuf::LogSilencer quiet;
  static const Policy policy = test::policy();
  static const Address20 owner = test::address_of_secret(1);
  proto::SignRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  const Memory empty;
  test::Exchange exchange;
  exchange.announce(request);
  const auto answer = check(policy, owner, empty, exchange.books(test::kNow), request, test::kNow);
  if (answer) expect_honest(request, *answer);
  return 0;
}
