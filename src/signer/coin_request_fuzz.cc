// Any bytes as a sign request about coins: check() never crashes, and what it lets through is what it was said to be.
#include "signer/checks.h"

#include "signer/coin_test_world.h"

#include <google/protobuf/stubs/logging.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace holdfast;
using namespace holdfast::signer;
using proto::SignRequest;

void expect_honest(const SignRequest& request, const ToSign& answer) {
  HF_CHECK(answer.coins.has_value());
  const auto transaction = answer.coins->unsigned_transaction();
  HF_CHECK(transaction.has_value() && txid_of(*transaction) == answer.digest);
  HF_CHECK(answer.record.outpoints_size() == static_cast<int>(transaction->inputs.size()));
  const Bytes& cold = test::coin_rules().cold_script;
  std::size_t payments = 0;
  for (const auto& output : transaction->outputs) {
    const bool is_paid = std::ranges::any_of(request.batch(), [&](const auto& paid) {
      return paid.destination() == as_text(output.script) && Amount::from_string(paid.amount()) == Amount::of(output.value);
    });
    if (request.purpose() == SignRequest::EVACUATION) HF_CHECK(output.script == cold);
    if (request.purpose() == SignRequest::WITHDRAWAL && is_paid) ++payments;
  }
  if (request.purpose() == SignRequest::WITHDRAWAL) {
    HF_CHECK(payments == static_cast<std::size_t>(request.batch_size()));
    HF_CHECK(transaction->outputs.size() <= payments + 1);
  }
  Memory memory;
  proto::SignerRecord wrapped;
  *wrapped.mutable_signed_() = answer.record;
  HF_CHECK(memory.apply(wrapped).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const google::protobuf::LogSilencer quiet;
  SignRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  request.set_chain(std::string(test::kCoinChain));  // What names another chain is sign_request_fuzz's.
  const auto answer = test::check_announced(Memory(), request, test::kNow);
  if (answer) expect_honest(request, *answer);
  return 0;
}
