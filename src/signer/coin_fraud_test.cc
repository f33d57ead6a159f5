// A hostile holdfastd asks for coins: every fraud it tries, one line each, is refused for its own reason, and nothing is
// signed or written.
#include "signer/coin_test_world.h"

#include <gtest/gtest.h>

#include <set>

namespace holdfast::signer::test {
namespace {

using namespace chain::utxo;
using proto::SignRequest;

struct CoinFraud {
  const char* what;
  Refusal refusal;
  CoinDraft draft;
  std::vector<CoinDraft> before = {};  // Signed first, in good faith.
};

template <class Spoil>
CoinDraft spoilt(CoinDraft draft, Spoil spoil) {
  spoil(draft);
  return draft;
}
template <class Spoil>
CoinDraft input0(CoinDraft draft, Spoil spoil) {
  return spoilt(std::move(draft), [&](CoinDraft& d) { spoil(d.psbt.inputs[0]); });
}
template <class Spoil>
CoinDraft change_of(CoinDraft draft, Spoil spoil) {
  return spoilt(std::move(draft), [&](CoinDraft& d) { spoil(d.psbt.outputs.back()); });
}
template <class Spoil>
CoinDraft stated(CoinDraft draft, Spoil spoil) {
  return spoilt(std::move(draft), [&](CoinDraft& d) { spoil(*d.request.mutable_batch(0)); });
}
CoinDraft raw_psbt(Bytes bytes) {
  return spoilt(payment(), [&](CoinDraft& d) { d.request.set_unsigned_transaction(raw(bytes)); });
}
CoinDraft as(CoinDraft draft, SignRequest::Purpose purpose) {
  return spoilt(std::move(draft), [&](CoinDraft& d) { d.request.set_purpose(purpose); });
}

// One withdrawal of this much, without change, for no fee worth speaking of.
CoinDraft large(std::uint64_t id, std::uint8_t number, std::int64_t value, std::int64_t fee = 2'000) {
  CoinDraft out = coin_draft(SignRequest::WITHDRAWAL);
  spend(out, coin(kQuorum, number, value + fee));
  pay(out, customer(77), value);
  withdraw(out, id, customer(77), value);
  return out;
}
// Three withdrawals of this much each, all new.
CoinDraft three_of(std::int64_t value) {
  CoinDraft out = coin_draft(SignRequest::WITHDRAWAL);
  spend(out, coin(kQuorum, 1, 3 * value + 2'000));
  for (std::uint64_t id = 1; id <= 3; ++id) {
    pay(out, customer(77), value);
    withdraw(out, id, customer(77), value);
  }
  return out;
}
CoinDraft to_script(const Bytes& script) {
  CoinDraft out = coin_draft(SignRequest::WITHDRAWAL);
  spend(out, coin(kQuorum, 1, kCoinValue));
  pay(out, script, kCoinValue - 3'000);
  withdraw(out, 1, script, kCoinValue - 3'000);
  return out;
}

std::vector<CoinFraud> about_the_request() {
  return {
      {"another wallet's name", Refusal::wallet_unknown, spoilt(payment(), [](auto& d) { d.request.set_wallet("other"); })},
      {"no wallet", Refusal::wallet_unknown, spoilt(payment(), [](auto& d) { d.request.clear_wallet(); })},
      {"a chain nobody configured", Refusal::chain_unknown,
       spoilt(payment(), [](auto& d) { d.request.set_chain("bip122:000000000019d6689c085ae165831e93"); })},
      {"authorise", Refusal::request_malformed,
       spoilt(payment(), [](auto& d) { d.request.set_kind(SignRequest::AUTHORISE); })},
      {"a sweep of coins", Refusal::request_malformed, as(payment(), SignRequest::SWEEP)},
      {"a guard freeze of coins", Refusal::request_malformed, as(payment(), SignRequest::GUARD_FREEZE)},
      {"a batch without end", Refusal::request_malformed, spoilt(payment(), [](auto& d) {
         for (std::uint64_t id = 3; id < 2'000; ++id) withdraw(d, id, customer(1), 1'000);
       })},
      {"no batch", Refusal::withdrawal_malformed, spoilt(payment(), [](auto& d) { d.request.clear_batch(); })},
      {"a withdrawal without id", Refusal::withdrawal_malformed, stated(payment(), [](auto& w) { w.set_id(0); })},
      {"one withdrawal twice", Refusal::withdrawal_malformed, stated(payment(), [](auto& w) { w.set_id(2); })},
      {"a withdrawal to nobody", Refusal::withdrawal_malformed, stated(payment(), [](auto& w) { w.clear_destination(); })},
      {"a withdrawal of nothing", Refusal::withdrawal_malformed, stated(payment(), [](auto& w) { w.set_amount("0"); })},
      {"a withdrawal of a token", Refusal::asset_differs,
       stated(payment(), [](auto& w) { w.set_asset_contract(raw(kToken.view())); })},
      {"an expired approval", Refusal::approval_expired,
       stated(payment(), [](auto& w) { w.set_approval_expires_ms(kNow.unix_ms); })},
      {"an approval for ever", Refusal::approval_too_long,
       stated(payment(), [](auto& w) { w.set_approval_expires_ms(INT64_MAX); })},
  };
}

Bytes good_bytes() { return write_psbt(payment().psbt, PsbtVersion::v2); }

// An outpoint, 64 bytes in all: CVE-2017-12842.
CoinDraft of_64_bytes() {
  return spoilt(payment(), [](CoinDraft& d) {
    d.psbt.outputs.resize(1);
    d.psbt.outputs[0].script = Bytes(4, 0x51);
  });
}

CoinDraft too_large() {
  CoinDraft out = coin_draft(SignRequest::CONSOLIDATION, kSingle);
  for (std::uint32_t i = 0; i < 2'500; ++i) {
    PsbtInput& input = out.psbt.inputs.emplace_back();
    input.previous.vout = i;
    input.sequence = kSequenceReplaceable;
  }
  change(out, 1'000'000);
  return out;
}

std::vector<CoinFraud> about_the_bytes() {
  Bytes cut = good_bytes();
  cut.pop_back();
  Bytes behind = good_bytes();
  behind.push_back(0);
  Bytes bomb = good_bytes();
  bomb.resize(5'000'000);
  return {
      {"no bytes of a PSBT", Refusal::psbt_malformed, raw_psbt(Bytes{1, 2, 3})},
      {"cut short", Refusal::psbt_malformed, raw_psbt(cut)},
      {"bytes behind it", Refusal::psbt_malformed, raw_psbt(behind)},
      {"version 0", Refusal::psbt_malformed, raw_psbt(write_psbt(payment().psbt, PsbtVersion::v0))},
      {"a bare transaction", Refusal::psbt_malformed, raw_psbt(encode(*payment().psbt.unsigned_transaction()))},
      {"a bomb", Refusal::transaction_too_large, raw_psbt(bomb)},
      {"more inputs than nodes relay", Refusal::transaction_too_large, too_large()},
      {"64 bytes", Refusal::psbt_malformed, of_64_bytes()},
      {"no outputs", Refusal::psbt_malformed, spoilt(payment(), [](auto& d) { d.psbt.outputs.clear(); })},
      {"version 1 of transactions", Refusal::transaction_type_unsupported,
       spoilt(payment(), [](auto& d) { d.psbt.transaction_version = 1; })},
      {"a locktime that is a time", Refusal::locktime_unsupported,
       spoilt(payment(), [](auto& d) { d.psbt.fallback_locktime = 1'700'000'000; })},
      {"an input that asks for a time", Refusal::locktime_unsupported,
       input0(payment(), [](auto& i) { i.required_time_locktime = 1'700'000'000; })},
      {"a final sequence", Refusal::sequence_unsupported, input0(payment(), [](auto& i) { i.sequence = kSequenceFinal; })},
      {"a relative locktime", Refusal::sequence_unsupported, input0(payment(), [](auto& i) { i.sequence = 144; })},
      {"a coin twice", Refusal::input_twice,
       spoilt(payment(), [](auto& d) { d.psbt.inputs.push_back(d.psbt.inputs[0]); })},
      {"signatures in it", Refusal::signatures_unexpected, input0(payment(), [](auto& i) {
         i.partial_signatures[i.derivations.begin()->first] = Bytes(71, 0x30);
       })},
      {"final witnesses in it", Refusal::signatures_unexpected,
       input0(payment(), [](auto& i) { i.final_witness = {Bytes{1}}; })},
  };
}

// What the segwit v0 amount lie needs: a witness UTXO alone, worth less than it says.
CoinDraft amount_lie(std::string_view wallet) {
  return input0(payment(1, 1, wallet), [](PsbtInput& i) { i.non_witness_utxo.reset(); });
}

std::vector<CoinFraud> about_the_inputs() {
  return {
      {"amount without proof", Refusal::utxo_missing, amount_lie(kQuorum)},
      {"amount without proof, single key", Refusal::utxo_missing, amount_lie(kSingle)},
      {"nothing shown at all", Refusal::utxo_missing,
       input0(payment(1, 1, kTaproot), [](auto& i) { i.witness_utxo.reset(); })},
      {"amount other than proved", Refusal::utxo_differs, input0(payment(), [](auto& i) { i.witness_utxo->value += 1; })},
      {"previous transaction made up", Refusal::utxo_differs,
       input0(payment(),
              [](auto& i) {
                i.non_witness_utxo->outputs[0].value += 1;
                i.witness_utxo.reset();
              })},
      {"output that is not there", Refusal::utxo_differs, input0(payment(), [](auto& i) { i.previous.vout = 9; })},
      {"Taproot coins worth more than there are", Refusal::utxo_differs,
       input0(payment(1, 1, kTaproot), [](auto& i) { i.witness_utxo->value = kMaxMoneyLitecoin; })},
      {"another wallet's coin", Refusal::input_foreign, spoilt(payment(), [](auto& d) { spend(d, coin(kSingle, 2, 10'000)); })},
      {"coin of a wallet under another's name", Refusal::input_foreign,
       spoilt(payment(), [](auto& d) { d.request.set_wallet(std::string(kSingle)); })},
      {"no derivation", Refusal::input_foreign, input0(payment(), [](auto& i) { i.derivations.clear(); })},
      {"derivation of another index", Refusal::input_foreign,
       input0(payment(), [](auto& i) { for (auto& [key, at] : i.derivations) at.path.back() += 1; })},
      {"derivation of another account", Refusal::input_foreign,
       input0(payment(), [](auto& i) { for (auto& [key, at] : i.derivations) at.path[2] += 1; })},
      {"hardened index", Refusal::input_foreign,
       input0(payment(), [](auto& i) { for (auto& [key, at] : i.derivations) at.path.back() |= kHardened; })},
      {"derivation of no steps", Refusal::input_foreign,
       input0(payment(), [](auto& i) { for (auto& [key, at] : i.derivations) at.path.clear(); })},
      {"a thief's key beside ours", Refusal::input_foreign, input0(payment(), [](auto& i) {
         i.derivations[derived(kSingle, 0, 0).keys[0].key] = {fingerprint(8), {1, 2}};
       })},
      {"our derivation twice", Refusal::input_foreign, input0(payment(), [](auto& i) {
         for (const auto& [key, at] : std::map(i.derivations)) {
           if (at.master == fingerprint(1)) i.derivations[derived(kSingle, 0, 0).keys[0].key] = at;
         }
       })},
      {"another witness script", Refusal::input_foreign,
       input0(payment(), [](auto& i) { i.witness_script = derived(kQuorum, 0, 4).witness_script; })},
      {"a redeem script", Refusal::input_foreign, input0(payment(), [](auto& i) { i.redeem_script = Bytes{0x51}; })},
      {"another leaf", Refusal::input_foreign, input0(payment(1, 1, kTaproot), [](auto& i) {
         auto& [control, leaf] = *i.tap_leaf_scripts.begin();
         leaf.front() ^= 1;
       })},
      {"another internal key", Refusal::input_foreign,
       input0(payment(1, 1, kTaproot), [](auto& i) { i.tap_internal_key = x_only(derived(kSingle, 0, 0).keys[0].key); })},
      {"another merkle root", Refusal::input_foreign,
       input0(payment(1, 1, kTaproot), [](auto& i) { i.tap_merkle_root = Hash32{}; })},
      {"SINGLE", Refusal::sighash_unsupported, input0(payment(), [](auto& i) { i.sighash_type = 3; })},
      {"NONE", Refusal::sighash_unsupported, input0(payment(), [](auto& i) { i.sighash_type = 2; })},
      {"ALL, and anyone may add", Refusal::sighash_unsupported, input0(payment(), [](auto& i) { i.sighash_type = 0x81; })},
      {"DEFAULT for segwit v0", Refusal::sighash_unsupported, input0(payment(), [](auto& i) { i.sighash_type = 0; })},
      {"SINGLE of Taproot", Refusal::sighash_unsupported,
       input0(payment(1, 1, kTaproot), [](auto& i) { i.sighash_type = 3; })},
  };
}

std::vector<CoinFraud> about_the_outputs() {
  const Bytes thief = customer(66);
  return {
      {"pays the thief", Refusal::recipient_differs, spoilt(payment(), [&](auto& d) { d.psbt.outputs[0].script = thief; })},
      {"states the thief", Refusal::recipient_differs, stated(payment(), [&](auto& w) { w.set_destination(raw(thief)); })},
      {"one satoshi more", Refusal::amount_differs, spoilt(payment(), [](auto& d) { d.psbt.outputs[0].value += 1; })},
      {"one satoshi less", Refusal::amount_differs, stated(payment(), [](auto& w) { w.set_amount("30000001"); })},
      {"more than there is", Refusal::amount_differs,
       stated(payment(), [](auto& w) { w.set_amount("170141183460469231731687303715884105727"); })},
      {"one output for two withdrawals", Refusal::recipient_differs, spoilt(payment(), [](auto& d) {
         withdraw(d, 3, customer(1), 30'000'000);
       })},
      {"a withdrawal left out of the statement", Refusal::output_unexpected,
       spoilt(payment(), [](auto& d) { d.request.mutable_batch()->RemoveLast(); })},
      {"an output for the thief", Refusal::output_unexpected, spoilt(payment(), [&](auto& d) { pay(d, thief, 1'000); })},
      {"change to the thief", Refusal::output_unexpected, change_of(payment(), [&](auto& o) {
         o.derivations.clear();
         o.witness_script.clear();
         o.script = thief;
       })},
      {"change that nobody claims", Refusal::output_unexpected, change_of(payment(), [](auto& o) { o.derivations.clear(); })},
      {"two change outputs", Refusal::output_unexpected, spoilt(payment(), [](auto& d) { change(d, 1'000, 8); })},
      {"change that is said to be ours", Refusal::change_differs, change_of(payment(), [&](auto& o) { o.script = thief; })},
      {"change at a look-alike derivation", Refusal::change_differs, change_of(payment(), [](auto& o) {
         for (auto& [key, at] : o.derivations) at.path[2] += 1;
       })},
      {"change of another index", Refusal::change_differs,
       change_of(payment(), [](auto& o) { for (auto& [key, at] : o.derivations) at.path.back() += 1; })},
      {"change to a customer's deposit script", Refusal::change_differs, change_of(payment(), [](auto& o) {
         const auto deposit = derived(kQuorum, 0, 5);
         o = PsbtOutput{};
         o.value = 10'000;
         o.script = deposit.script_pubkey;
         describe(o, deposit);
       })},
      {"change with another witness script", Refusal::change_differs,
       change_of(payment(), [](auto& o) { o.witness_script.push_back(0); })},
      {"change to another wallet", Refusal::change_differs, change_of(payment(), [](auto& o) {
         const auto other = derived(kSingle, 1, 5);
         const std::int64_t value = o.value;
         o = PsbtOutput{};
         o.value = value;
         o.script = other.script_pubkey;
         describe(o, other);
       })},
      {"change at the end of the world", Refusal::change_too_far,
       spoilt(payment(3, 2),
              [](auto& d) {
                const std::int64_t value = d.psbt.outputs.back().value;
                d.psbt.outputs.pop_back();
                change(d, value, 0x7fffffff);
              }),
       {payment()}},
      {"dust", Refusal::output_dust, change_of(payment(), [](auto& o) { o.value = 100; })},
      {"to the cold script", Refusal::destination_forbidden, to_script(coin_rules().cold_script)},
      {"to its own change", Refusal::destination_forbidden, stated(payment(), [](auto& w) {
         w.set_destination(raw(derived(kQuorum, 1, 7).script_pubkey));
       })},
      {"burnt in an OP_RETURN", Refusal::destination_forbidden, to_script(Bytes{0x6a, 0x01, 0x00})},
      {"to anyone who can spend", Refusal::destination_forbidden, to_script(Bytes{0x51})},
      {"to a witness version of the future", Refusal::destination_forbidden, to_script([] {
         Bytes out = p2tr_script(unspendable_internal_key());
         out[0] = 0x60;
         return out;
       }())},
      {"more out than in", Refusal::outputs_exceed_inputs, change_of(payment(), [](auto& o) { o.value = 40'000'001; })},
  };
}

std::vector<CoinFraud> about_fees_and_limits() {
  return {
      {"fee over max_fee", Refusal::fee_too_high, payment(1, 1, kQuorum, 1'000'001)},
      {"feerate over max_feerate", Refusal::feerate_too_high, payment(1, 1, kQuorum, 100'000)},
      {"a rescue that costs half", Refusal::fee_too_high, rescue(1, kQuorum, kCoinValue / 2 + 1)},
      {"a rescue over its feerate", Refusal::feerate_too_high, rescue(1, kQuorum, 200'000)},
      {"coins burnt as fees, one after the other",
       Refusal::over_fee_limit,
       to_itself(SignRequest::BURN, 100, kQuorum, 40'001),
       [] {
         std::vector<CoinDraft> out;
         for (std::uint8_t number = 0; number < 24; ++number) {
           out.push_back(to_itself(SignRequest::BURN, number, kQuorum, 40'000));
         }
         return out;
       }()},
      // Of Taproot's coins an amount may be lied about, for a signature that is worth nothing. Then the truth is told.
      {"a fee that was said to be less the first time",
       Refusal::over_fee_limit,
       to_itself(SignRequest::BURN, 100, kTaproot, 40'001),
       [] {
         std::vector<CoinDraft> out;
         for (std::uint8_t number = 0; number < 24; ++number) {
           out.push_back(to_itself(SignRequest::BURN, number, kTaproot, 40'000));
         }
         out.push_back(input0(to_itself(SignRequest::BURN, 100, kTaproot, 40'001),
                              [](auto& i) { i.witness_utxo->value -= 40'000; }));
         return out;
       }()},
      {"more than one withdrawal may be", Refusal::over_withdrawal_limit, large(1, 1, 100'000'001)},
      {"more at once than any day allows", Refusal::over_withdrawal_limit, three_of(83'333'334)},
      {"one more than the day allows",
       Refusal::over_day_limit,
       large(3, 3, 50'000'001),
       {large(1, 1, 100'000'000), large(2, 2, 100'000'000)}},
  };
}

std::vector<CoinFraud> about_the_purpose() {
  const Bytes thief = customer(66);
  return {
      {"evacuation to the thief", Refusal::evacuation_elsewhere, spoilt(rescue(), [&](auto& d) { d.psbt.outputs[0].script = thief; })},
      {"evacuation to its own change", Refusal::evacuation_elsewhere, as(burn_of_coin(), SignRequest::EVACUATION)},
      {"evacuation with an extra output", Refusal::evacuation_elsewhere, spoilt(rescue(), [&](auto& d) {
         d.psbt.outputs[0].value -= 10'000;
         pay(d, thief, 10'000);
       })},
      {"evacuation ground to dust", Refusal::output_unexpected, spoilt(rescue(), [&](auto& d) {
         d.psbt.outputs[0].value -= 10'000;
         pay(d, coin_rules().cold_script, 10'000);
       })},
      {"payment called an evacuation", Refusal::evacuation_elsewhere, as(payment(), SignRequest::EVACUATION)},
      {"payment called a burn", Refusal::burn_moves_money, as(payment(), SignRequest::BURN)},
      {"payment called a consolidation", Refusal::effect_differs, as(payment(), SignRequest::CONSOLIDATION)},
      {"evacuation called a burn", Refusal::burn_moves_money, as(rescue(), SignRequest::BURN)},
      {"burn into many small coins", Refusal::output_unexpected, spoilt(burn_of_coin(), [](auto& d) {
         d.psbt.outputs[0].value -= 10'000;
         change(d, 10'000, 8);
       })},
      {"no purpose", Refusal::request_malformed, spoilt(payment(), [](auto& d) { d.request.clear_purpose(); })},
  };
}

// The payment of withdrawals 1 and 2, out of another coin as well.
CoinDraft with_another_coin(std::uint8_t number) {
  return spoilt(payment(), [&](CoinDraft& d) { spend(d, coin(kQuorum, number, 10'000)); });
}

std::vector<CoinFraud> about_what_was_signed() {
  return {
      {"paid again from another coin", Refusal::coin_left_out, payment(1, 2), {payment(1, 1)}},
      {"paid again from a coin of another wallet", Refusal::coin_left_out, payment(1, 1, kTaproot), {payment(1, 1)}},
      {"paid again without the coin that a bump added", Refusal::coin_left_out, payment(1, 1, kQuorum, 9'000),
       {payment(1, 1), with_another_coin(2)}},
      {"paid again to another", Refusal::withdrawal_changed,
       spoilt(payment(),
              [](auto& d) {
                d.psbt.outputs[0].script = customer(66);
                d.request.mutable_batch(0)->set_destination(raw(customer(66)));
              }),
       {payment()}},
      {"paid again with another amount", Refusal::withdrawal_changed,
       spoilt(payment(),
              [](auto& d) {
                d.psbt.outputs[0].value = 29'000'000;
                d.request.mutable_batch(0)->set_amount("29000000");
              }),
       {payment()}},
      {"paid again with one more", Refusal::batch_changed,
       spoilt(payment(),
              [](auto& d) {
                pay(d, customer(3), 10'000);
                withdraw(d, 3, customer(3), 10'000);
                d.psbt.outputs[2].value -= 10'000;
              }),
       {payment()}},
      {"paid again alone", Refusal::batch_changed,
       spoilt(payment(),
              [](auto& d) {
                d.psbt.outputs.erase(d.psbt.outputs.begin() + 1);
                d.psbt.outputs[1].value += 20'000'000;
                d.request.mutable_batch()->RemoveLast();
              }),
       {payment()}},
      {"others paid from the same coin", Refusal::coin_taken, payment(3, 1), {payment(1, 1)}},
      {"others paid from a coin that a bump added", Refusal::coin_taken,
       spoilt(payment(3, 3), [](auto& d) { spend(d, coin(kQuorum, 2, 10'000)); }),
       {payment(1, 1), with_another_coin(2)}},
      {"a payment's coin consolidated", Refusal::coin_taken, to_itself(SignRequest::CONSOLIDATION), {payment()}},
      {"paid from a burnt coin", Refusal::coin_burned, payment(), {burn_of_coin()}},
      {"bumped after its burn", Refusal::coin_burned, payment(1, 1, kQuorum, 9'000), {payment(), burn_of_coin()}},
      {"the same again after its burn", Refusal::coin_burned, payment(), {payment(), burn_of_coin()}},
      {"burn hidden behind a consolidation", Refusal::coin_burned, payment(),
       {to_itself(SignRequest::CONSOLIDATION), burn_of_coin()}},
      {"an id that is years away", Refusal::withdrawal_id_too_far, payment(1'000'003, 2), {payment()}},
  };
}

std::vector<CoinFraud> frauds() {
  std::vector<CoinFraud> all;
  for (auto& part : {about_the_request(), about_the_bytes(), about_the_inputs(), about_the_outputs(),
                     about_fees_and_limits(), about_the_purpose(), about_what_was_signed()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

TEST(CoinFraud, each_is_refused_for_its_own_reason_and_nothing_is_signed) {
  for (const CoinFraud& fraud : frauds()) {
    SCOPED_TRACE(fraud.what);
    CoinWorld world;
    for (const CoinDraft& draft : fraud.before) {
      const auto reply = world.sign(draft);
      ASSERT_EQ(reply.refusal(), "") << reply.text();
    }
    // The memory of a signer that was started again is the same.
    for (int starts = fraud.before.empty() ? 1 : 0; starts < 2; ++starts) {
      world.announce(fraud.draft.finish());
      const std::size_t blocks = world.blocks();
      const std::uint64_t count = world.signer->memory().signed_count();
      const auto reply = world.sign(fraud.draft);
      EXPECT_EQ(reply.refusal(), name(fraud.refusal)) << reply.text();
      EXPECT_FALSE(reply.text().empty());
      EXPECT_EQ(reply.input_signatures_size(), 0);
      EXPECT_EQ(reply.signature(), "");
      EXPECT_EQ(reply.digest(), "");
      EXPECT_EQ(world.blocks(), blocks);
      EXPECT_EQ(world.signer->memory().signed_count(), count);
      if (starts == 0) world.reopen();
    }
  }
}

TEST(CoinFraud, every_refusal_about_coins_has_its_fraud) {
  std::set<Refusal> seen;
  for (const CoinFraud& fraud : frauds()) seen.insert(fraud.refusal);
  for (const Refusal refusal : coin_refusals()) EXPECT_TRUE(seen.contains(refusal)) << name(refusal);
}

TEST(CoinFraud, no_withdrawal_is_paid_on_two_kinds_of_chain) {
  CoinWorld world;
  ASSERT_EQ(world.sign(payment(1)).refusal(), "");
  EXPECT_EQ(world.sign(hot_coins(1)).refusal(), "withdrawal_bound_elsewhere");
  EXPECT_EQ(world.sign(safe_coins(2)).refusal(), "withdrawal_bound_elsewhere");
  ASSERT_EQ(world.sign(hot_coins(4)).refusal(), "");
  world.reopen();
  EXPECT_EQ(world.sign(payment(3, 2)).refusal(), "withdrawal_bound_elsewhere");
}

}  // namespace
}  // namespace holdfast::signer::test
