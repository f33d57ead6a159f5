// Random honest requests about coins are signed, and their signatures are good. Whatever one byte of a PSBT or one part of a
// statement is changed to, the request is refused or the same transaction is signed with the same effect. And whatever is
// asked for in whatever order: judged from what was signed alone, no withdrawal can be paid twice.
#include "signer/coin_test_world.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

namespace holdfast::signer::test {
namespace {

using namespace chain::utxo;
using proto::SignRequest;

std::string_view wallet_of(int choice) { return choice == 0 ? kQuorum : choice == 1 ? kTaproot : kSingle; }

CoinDraft random_payment() {
  CoinDraft out = coin_draft(SignRequest::WITHDRAWAL, wallet_of(*rc::gen::inRange(0, 3)));
  const auto inputs = *rc::gen::inRange(1, 4);
  const auto payments = *rc::gen::inRange(1, 5);
  std::int64_t left = 0;
  for (int i = 0; i < inputs; ++i) {
    const auto value = *rc::gen::inRange<std::int64_t>(1'000'000, 30'000'000);
    const auto branch = *rc::gen::inRange<std::uint32_t>(0, 2);
    spend(out, coin(out.request.wallet(), static_cast<std::uint8_t>(i), value, branch, *rc::gen::inRange<std::uint32_t>(0, 50)));
    left += value;
  }
  left -= 4'000;  // The fee: at least 1, at most 40 satoshi a byte of any of these.
  for (int i = 0; i < payments; ++i) {
    const auto value = *rc::gen::inRange<std::int64_t>(1'000, left / (payments + 1));
    pay(out, customer(static_cast<std::uint8_t>(i)), value);
    withdraw(out, static_cast<std::uint64_t>(i + 1), customer(static_cast<std::uint8_t>(i)), value);
    left -= value;
  }
  change(out, left, *rc::gen::inRange<std::uint32_t>(0, 1'000));
  std::rotate(out.psbt.outputs.begin(), out.psbt.outputs.begin() + *rc::gen::inRange(0, payments + 1), out.psbt.outputs.end());
  return out;
}

TEST(CoinProperty, honest_requests_are_signed_well) {
  EXPECT_TRUE(rc::check([] {
    const CoinDraft draft = random_payment();
    const auto answer = check_announced(Memory(), draft.finish(), kNow);
    RC_ASSERT(answer.has_value());
    proto::SignReply reply;
    const auto signatures = coin_keys().sign_inputs(*answer->coins);
    for (const Bytes& signature : signatures.value()) reply.add_input_signatures(raw(signature));
    Psbt psbt = draft.psbt;
    RC_ASSERT(take_signatures(psbt, reply));
  }));
}

// The transaction that a request's bytes describe, if they do.
std::optional<Transaction> transaction_of(const SignRequest& request) {
  const auto psbt = read_psbt(as_bytes(request.unsigned_transaction()));
  if (!psbt) return std::nullopt;
  const auto transaction = psbt->unsigned_transaction();
  return transaction ? std::optional(*transaction) : std::nullopt;
}

TEST(CoinProperty, what_is_changed_is_refused_or_has_the_same_effect) {
  EXPECT_TRUE(rc::check([] {
    const CoinDraft draft = random_payment();
    const SignRequest good = draft.finish();
    const Transaction meant = *transaction_of(good);
    for (int tries = 0; tries < 40; ++tries) {
      std::string bytes = good.unsigned_transaction();
      const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
      bytes[at] = static_cast<char>(bytes[at] ^ *rc::gen::inRange(1, 256));
      SignRequest spoilt = good;
      spoilt.set_unsigned_transaction(bytes);
      const auto answer = check_announced(Memory(), spoilt, kNow);
      if (!answer) continue;
      // What no signature or statement is about: a sequence, the height from when on it may be mined, what is not read. It
      // pays the same scripts the same amounts out of the same coins; of Taproot's only the network can tell which they are,
      // and takes the signature for none but those of the stated script and amount.
      const Transaction signed_one = *transaction_of(spoilt);
      RC_ASSERT(answer->digest == txid_of(signed_one));
      RC_ASSERT(signed_one.outputs.size() == meant.outputs.size());
      for (std::size_t i = 0; i < meant.outputs.size(); ++i) {
        RC_ASSERT(signed_one.outputs[i].script == meant.outputs[i].script);
        const PsbtOutput& stated = draft.psbt.outputs[i];
        const bool is_change = !stated.derivations.empty() || !stated.tap_derivations.empty();  // its value is the fee's matter
        if (!is_change) RC_ASSERT(signed_one.outputs[i].value == meant.outputs[i].value);
      }
      RC_ASSERT(signed_one.inputs.size() == meant.inputs.size());
      const bool proved = draft.request.wallet() != kTaproot;
      for (std::size_t i = 0; proved && i < meant.inputs.size(); ++i) {
        RC_ASSERT(signed_one.inputs[i].previous == meant.inputs[i].previous);
      }
    }
  }));
}

// Any of a few withdrawals out of any of a few coins, with any fee.
CoinDraft any_request(bool& restart) {
  const int shape = *rc::gen::weightedElement<int>({{12, 0}, {2, 1}, {2, 2}, {1, 3}, {1, 4}});
  restart = shape == 4;
  if (shape == 1) return burn_of_coin(*rc::gen::inRange<std::uint8_t>(1, 5));
  if (shape == 2) return to_itself(SignRequest::CONSOLIDATION, *rc::gen::inRange<std::uint8_t>(1, 5));
  if (shape == 3) return rescue(*rc::gen::inRange<std::uint8_t>(1, 5));
  const auto first = *rc::gen::inRange<std::uint8_t>(1, 5);
  CoinDraft out = payment(2 * *rc::gen::inRange<std::uint64_t>(0, 3) + 1, first, kQuorum, *rc::gen::inRange<std::int64_t>(2'000, 9'000));
  const auto second = *rc::gen::inRange<std::uint8_t>(1, 5);
  if (*rc::gen::inRange(0, 2) == 0 && second != first) {
    spend(out, coin(kQuorum, second, kCoinValue));
    out.psbt.outputs.back().value += kCoinValue;
  }
  return out;
}

// What an outsider reads off the signed transactions.
class CoinAuditor {
 public:
  void saw(const CoinDraft& draft) {
    std::set<OutPoint> coins;
    for (const PsbtInput& input : draft.psbt.inputs) coins.insert(input.previous);
    if (draft.request.purpose() == SignRequest::BURN) burned_.insert(coins.begin(), coins.end());
    if (draft.request.purpose() != SignRequest::WITHDRAWAL) return;
    for (const OutPoint& coin : coins) RC_ASSERT(!burned_.contains(coin));
    for (const auto& paid : draft.request.batch()) {
      for (const auto& before : payments_[paid.id()]) {
        RC_ASSERT(std::ranges::any_of(coins, [&](const OutPoint& coin) { return before.contains(coin); }));
      }
      payments_[paid.id()].push_back(coins);
    }
  }

 private:
  std::set<OutPoint> burned_;
  std::map<std::uint64_t, std::vector<std::set<OutPoint>>> payments_;
};

TEST(CoinProperty, no_withdrawal_can_be_paid_twice_whatever_is_asked) {
  const bool holds = rc::check([] {
    std::vector<proto::SignerRecord> journal;
    Memory memory;
    CoinAuditor auditor;
    std::size_t signatures = 0;
    for (int step = 0; step < 20; ++step) {
      bool restart = false;
      const CoinDraft draft = any_request(restart);
      if (restart) {
        memory = Memory();
        for (const auto& record : journal) RC_ASSERT(memory.apply(record).has_value());
      }
      const auto answer = check_announced(memory, draft.finish(), kNow);
      if (!answer) continue;
      ++signatures;
      auditor.saw(draft);
      if (answer->recorded) continue;
      proto::SignerRecord& record = journal.emplace_back();
      record.set_at_ms(kNow.unix_ms);
      *record.mutable_signed_() = answer->record;
      RC_ASSERT(memory.apply(record).has_value());
    }
    RC_CLASSIFY(signatures > 5);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace holdfast::signer::test
