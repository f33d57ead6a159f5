// A hostile holdfastd: every fraud it tries, one line each, is refused for its own reason, and nothing is signed.
#include "chain/evm/codec/rlp.h"
#include "signer/coin_test_world.h"
#include "signer/test_world.h"

#include <gtest/gtest.h>

#include <set>

namespace holdfast::signer::test {
namespace {

using proto::SignRequest;

struct Fraud {
  const char* what;
  Refusal refusal;
  Draft draft;
  std::vector<Draft> before = {};  // Signed first, in good faith.
};

template <class Spoil>
Draft spoilt(Draft draft, Spoil spoil) {
  spoil(draft);
  return draft;
}

// A call with any selector and arguments.
Bytes call(std::string_view signature, const AbiWriter& arguments) { return arguments.finish(selector_of(signature)); }

Bytes plus(Bytes data, std::size_t zeroes) {
  data.resize(data.size() + zeroes);
  return data;
}

Draft safe_calls(const Address20& to, Bytes data) {
  return spoilt(safe_coins(), [&](Draft& d) {
    d.safe.transaction.to = to;
    d.safe.transaction.value = {};
    d.safe.transaction.data = std::move(data);
  });
}

Draft token_call(const TokenTransfer& transfer) {
  return spoilt(safe_tokens(), [&](Draft& d) { d.safe.transaction.data = encode_transfer(transfer); });
}

Draft hot_calls(const Address20& to, Bytes data) {
  return spoilt(hot_tokens(), [&](Draft& d) {
    d.outer.to = to;
    d.outer.data = std::move(data);
  });
}

Draft at_nonce(Draft draft, std::uint64_t nonce) {
  return spoilt(std::move(draft), [&](Draft& d) {
    d.outer.nonce = nonce;
    d.request.set_safe_nonce(nonce);
  });
}

// The dearest transaction that the policy allows: 0.3 ETH, of the 0.5 ETH of a day.
Draft dear(Draft draft) {
  return spoilt(std::move(draft), [](Draft& d) {
    d.outer.gas = 3'000'000;
    d.outer.max_fee = gwei(100);
  });
}

Draft raw_bytes(std::string bytes) {
  return spoilt(hot_coins(), [&](Draft& d) { d.request.set_unsigned_transaction(std::move(bytes)); });
}

std::string unsigned_bytes(const Draft& draft) { return draft.finish().unsigned_transaction(); }

// The nine fields, each of them open to change.
std::string hand_made(ByteView to, ByteView access_list) {
  Bytes fields;
  append_rlp_uint64(fields, kChainId);
  append_rlp_uint64(fields, 9);
  append_rlp_uint64(fields, 1);
  append_rlp_uint64(fields, 1);
  append_rlp_uint64(fields, 21'000);
  append_rlp_string(fields, to);
  append_rlp_uint64(fields, 1);
  append_rlp_string(fields, {});
  append_rlp_list(fields, access_list);
  Bytes out = {2};
  append_rlp_list(out, fields);
  return raw(out);
}

Bytes one_access_entry() {
  Bytes entry, keys, list;
  append_rlp_string(entry, kToken.view());
  append_rlp_list(keys, {});
  entry.insert(entry.end(), keys.begin(), keys.end());
  append_rlp_list(list, entry);
  return list;
}

template <class Spoil>
Draft inner(Spoil spoil) {
  return spoilt(safe_coins(), [&](Draft& d) { spoil(d.safe.transaction); });
}

template <class Spoil>
Draft stated(Draft draft, Spoil spoil) {
  return spoilt(std::move(draft), [&](Draft& d) { spoil(*d.request.mutable_withdrawal()); });
}

std::vector<Fraud> about_the_money() {
  const auto thief = raw(kThief.view());
  return {
      {"Safe pays the thief", Refusal::recipient_differs, inner([](auto& t) { t.to = kThief; })},
      {"token goes to the thief", Refusal::recipient_differs, token_call({kThief, token_units(5'000'000)})},
      {"hot wallet pays the thief", Refusal::recipient_differs,
       spoilt(hot_coins(), [](Draft& d) { d.outer.to = kThief; })},
      {"hot wallet's token goes to the thief", Refusal::recipient_differs,
       hot_calls(kToken, encode_transfer({kThief, token_units(5'000'000)}))},
      {"stated recipient is another", Refusal::recipient_differs,
       stated(safe_coins(), [&](auto& w) { w.set_destination(thief); })},
      {"coins instead of tokens", Refusal::asset_differs,
       stated(safe_coins(), [](auto& w) { w.set_asset_contract(raw(kToken.view())); })},
      {"tokens instead of coins", Refusal::asset_differs,
       stated(safe_tokens(), [](auto& w) { w.clear_asset_contract(); })},
      {"one unit more", Refusal::amount_differs,
       inner([](auto& t) { t.value = (coins(2'000) + Amount::of(1)).to_word(); })},
      {"amount scaled by other decimals", Refusal::amount_differs,
       token_call({kCustomer, token_units(5'000'000'000'000)})},
      {"amount over every bound", Refusal::amount_differs, inner([](auto& t) { t.value.bytes.fill(0xff); })},
      {"token nobody listed", Refusal::asset_unknown,
       safe_calls(place(99), encode_transfer({kCustomer, coins(2'000)}))},
      {"asset without limits", Refusal::withdrawal_malformed,
       stated(safe_coins(), [](auto& w) { w.set_asset_contract(std::string(20, '\0')); })},
      {"more than one withdrawal may be", Refusal::over_withdrawal_limit, safe_coins(1, coins(10'001))},
      {"one more than the day allows",
       Refusal::over_day_limit,
       at_nonce(hot_coins(3, coins(5'001)), 30),
       {at_nonce(hot_coins(1, coins(10'000)), 10), at_nonce(hot_coins(2, coins(10'000)), 20)}},
      {"to the zero address", Refusal::destination_forbidden, safe_coins(1, coins(2'000), Address20{})},
      {"to the Safe itself", Refusal::destination_forbidden, safe_coins(1, coins(2'000), kSafe)},
      {"tokens to the token's contract", Refusal::destination_forbidden, safe_tokens(1, token_units(5), kToken)},
      {"to the cold wallet", Refusal::destination_forbidden, hot_coins(1, coins(2'000), kCold)},
      {"to the forwarders' factory", Refusal::destination_forbidden, hot_coins(1, coins(2'000), kFactory)},
  };
}

std::vector<Fraud> about_the_call() {
  AbiWriter spender;
  spender.address(kThief).word(Amount::max().to_word());
  AbiWriter from_safe;
  from_safe.address(kSafe).address(kThief).number(5);
  AbiWriter permit;
  permit.address(kSafe).address(kThief).word(Amount::max().to_word()).number(1).number(27).word({}).word({});
  AbiWriter swap;
  swap.address(address_of_secret(1)).address(address_of_secret(2)).address(kThief);
  AbiWriter owner_threshold;
  owner_threshold.address(kThief).number(1);
  AbiWriter one_address;
  one_address.address(kThief);
  AbiWriter no_guard;
  no_guard.address(Address20{});
  return {
      {"delegatecall to the thief's code", Refusal::delegatecall, inner([](auto& t) {
         t.operation = kSafeDelegateCall;
         t.to = kThief;
       })},
      {"swap of an owner", Refusal::call_unknown, safe_calls(kSafe, call("swapOwner(address,address,address)", swap))},
      {"one more owner", Refusal::call_unknown,
       safe_calls(kSafe, call("addOwnerWithThreshold(address,uint256)", owner_threshold))},
      {"removal of the guard", Refusal::call_unknown, safe_calls(kSafe, call("setGuard(address)", no_guard))},
      {"module enabled", Refusal::call_unknown, safe_calls(kSafe, call("enableModule(address)", one_address))},
      {"fallback handler set", Refusal::call_unknown,
       safe_calls(kSafe, call("setFallbackHandler(address)", one_address))},
      {"cold address moved", Refusal::call_unknown, safe_calls(kModule, call("setCold(address)", one_address))},
      {"unlimited approve", Refusal::call_unknown, safe_calls(kToken, call("approve(address,uint256)", spender))},
      {"increaseAllowance", Refusal::call_unknown,
       hot_calls(kToken, call("increaseAllowance(address,uint256)", spender))},
      {"transferFrom", Refusal::call_unknown,
       hot_calls(kToken, call("transferFrom(address,address,uint256)", from_safe))},
      {"permit", Refusal::call_unknown,
       safe_calls(kToken, call("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", permit))},
      {"call of a stranger's contract", Refusal::call_unknown, safe_calls(kThief, Bytes{1, 2, 3, 4})},
      {"coins with data for the payee", Refusal::call_unknown,
       inner([](auto& t) { t.data = {0xde, 0xad, 0xbe, 0xef}; })},
      {"trailing bytes behind transfer()", Refusal::call_malformed,
       safe_calls(kToken, plus(encode_transfer({kCustomer, token_units(5'000'000)}), 1))},
      {"dirty bytes above the recipient", Refusal::call_malformed,
       spoilt(hot_tokens(), [](Draft& d) { d.outer.data[4] = 1; })},
      {"trailing bytes behind execTransaction()", Refusal::call_malformed,
       spoilt(safe_coins(),
              [](Draft& d) {
                d.outer.data = plus(encode_exec_transaction(d.safe), 32);
                d.is_safe = false;
              })},
  };
}

std::vector<Fraud> about_the_safe_and_the_gas_wallet() {
  AbiWriter one_address;
  one_address.address(kThief);
  return {
      {"coins along with a token transfer", Refusal::value_unexpected,
       spoilt(safe_tokens(), [](Draft& d) { d.safe.transaction.value = word_of(1); })},
      {"hot wallet's coins along with a token transfer", Refusal::value_unexpected,
       spoilt(hot_tokens(), [](Draft& d) { d.outer.value = Amount::of(1); })},
      {"gas wallet's coins given to the Safe", Refusal::value_unexpected,
       spoilt(relayed(safe_coins()), [](Draft& d) { d.outer.value = coins(1); })},
      {"refund receiver set", Refusal::refund_set, inner([](auto& t) { t.refund_receiver = kThief; })},
      {"gas price to be refunded", Refusal::refund_set, inner([](auto& t) { t.gas_price = word_of(1); })},
      {"base gas to be refunded", Refusal::refund_set, inner([](auto& t) { t.base_gas = word_of(1); })},
      {"refund in a token", Refusal::refund_set, inner([](auto& t) { t.gas_token = kToken; })},
      {"a failing payment that keeps its nonce", Refusal::safe_tx_gas_zero, inner([](auto& t) { t.safe_tx_gas = {}; })},
      {"a payment that no block has room for", Refusal::safe_tx_gas_too_high,
       inner([](auto& t) { t.safe_tx_gas.bytes.fill(0xff); })},
      {"gas wallet sends its coins away", Refusal::target_unknown,
       account_draft(SignRequest::EVACUATION, kGas, kThief, coins(1), {})},
      {"owner's signature for a contract nobody knows", Refusal::target_unknown,
       spoilt(safe_coins(), [](Draft& d) { d.outer.to = kThief; })},
      {"sweep by another contract", Refusal::target_unknown, spoilt(sweep(), [](Draft& d) { d.outer.to = kThief; })},
      {"sweep of a token nobody listed", Refusal::asset_unknown,
       spoilt(sweep(), [](Draft& d) { d.outer.data = encode_flush({{deposit_salt(1, 1)}, {kThief}}); })},
      {"factory's hot wallet changed", Refusal::call_unknown,
       spoilt(sweep(), [&](Draft& d) { d.outer.data = call("setHotWallet(address)", one_address); })},
      {"evacuation whose nonce nobody can write down", Refusal::call_malformed,
       spoilt(module_evacuation(),
              [](Draft& d) {
                Evacuation other = evacuation();
                other.nonce.bytes.front() = 1;
                d.outer.data = encode_evacuation({other, {}});
              })},
      {"evacuation of what is not listed", Refusal::asset_unknown,
       spoilt(module_evacuation(),
              [](Draft& d) {
                Evacuation other = evacuation();
                other.assets.push_back(kThief);
                d.outer.data = encode_evacuation({other, {}});
              })},
  };
}

std::vector<Fraud> about_the_purpose() {
  return {
      {"evacuation to the thief", Refusal::evacuation_elsewhere, hot_evacuation(kThief)},
      {"evacuation of tokens to the thief", Refusal::evacuation_elsewhere,
       account_draft(SignRequest::EVACUATION, kHot, kToken, Amount::zero(), encode_transfer({kThief, token_units(1)}))},
      {"Safe's payment called an evacuation", Refusal::evacuation_elsewhere,
       spoilt(safe_coins(), [](Draft& d) { d.request.set_purpose(SignRequest::EVACUATION); })},
      {"Safe's payment to the cold address", Refusal::effect_differs,
       spoilt(safe_coins(1, coins(2'000), kCold), [](Draft& d) { d.request.set_purpose(SignRequest::EVACUATION); })},
      {"burn called an evacuation", Refusal::effect_differs,
       spoilt(safe_burn(), [](Draft& d) { d.request.set_purpose(SignRequest::EVACUATION); })},
      {"payment called a burn", Refusal::burn_moves_money,
       spoilt(safe_coins(), [](Draft& d) { d.request.set_purpose(SignRequest::BURN); })},
      {"burn that sends coins to itself", Refusal::burn_moves_money,
       spoilt(hot_burn(), [](Draft& d) { d.outer.value = coins(1); })},
      {"payment called a sweep", Refusal::effect_differs,
       spoilt(hot_coins(), [](Draft& d) { d.request.set_purpose(SignRequest::SWEEP); })},
      {"payment called a guard freeze", Refusal::effect_differs,
       spoilt(hot_coins(), [](Draft& d) { d.request.set_purpose(SignRequest::GUARD_FREEZE); })},
      {"evacuation called a withdrawal", Refusal::effect_differs,
       spoilt(module_evacuation(), [](Draft& d) { d.request.set_purpose(SignRequest::WITHDRAWAL); })},
      {"withdrawal without a withdrawal", Refusal::withdrawal_malformed,
       spoilt(safe_coins(), [](Draft& d) { d.request.clear_withdrawal(); })},
      {"withdrawal without an id", Refusal::withdrawal_malformed, stated(safe_coins(), [](auto& w) { w.set_id(0); })},
      {"withdrawal of nothing", Refusal::withdrawal_malformed, safe_coins(1, Amount::zero())},
      {"negative amount", Refusal::withdrawal_malformed, stated(safe_coins(), [](auto& w) { w.set_amount("-1"); })},
      {"approval expired", Refusal::approval_expired,
       stated(safe_coins(), [](auto& w) { w.set_approval_expires_ms(kNow.unix_ms); })},
      {"approval for ever", Refusal::approval_too_long,
       stated(safe_coins(), [](auto& w) { w.set_approval_expires_ms(INT64_MAX); })},
      {"evacuation after its deadline", Refusal::deadline_passed,
       spoilt(module_evacuation(),
              [](Draft& d) {
                Evacuation late = evacuation();
                late.deadline_s = word_of(1);
                d.outer.data = encode_evacuation({late, {}});
              })},
      {"evacuation to be kept for later", Refusal::deadline_too_far,
       spoilt(module_evacuation(),
              [](Draft& d) {
                Evacuation later = evacuation();
                later.deadline_s = word_of(static_cast<std::uint64_t>(kNow.unix_ms / kMsPerSecond) + 7201);
                d.outer.data = encode_evacuation({later, {}});
              })},
      {"guard freeze for ever", Refusal::deadline_too_far,
       spoilt(guard_freeze_draft(),
              [](Draft& d) { d.outer.data = encode_guard_freeze({{78, ~std::uint64_t{0}}, {}}); })},
      {"no purpose", Refusal::request_malformed, spoilt(safe_coins(), [](Draft& d) { d.request.clear_purpose(); })},
      {"a purpose of another version", Refusal::request_malformed,
       spoilt(safe_coins(), [](Draft& d) { d.request.set_purpose(static_cast<SignRequest::Purpose>(99)); })},
      {"no kind", Refusal::request_malformed, spoilt(safe_coins(), [](Draft& d) { d.request.clear_kind(); })},
  };
}

std::vector<Fraud> about_the_bytes() {
  const std::string good = unsigned_bytes(hot_coins());
  return {
      {"legacy transaction", Refusal::transaction_type_unsupported, raw_bytes("\xc9" + good.substr(1))},
      {"type 1 transaction", Refusal::transaction_type_unsupported, raw_bytes("\x01" + good.substr(1))},
      {"set-code transaction (type 4)", Refusal::transaction_type_unsupported, raw_bytes("\x04" + good.substr(1))},
      {"bytes behind the transaction", Refusal::transaction_malformed, raw_bytes(good + "x")},
      {"cut short", Refusal::transaction_malformed, raw_bytes(good.substr(0, good.size() - 1))},
      {"no bytes", Refusal::transaction_type_unsupported, raw_bytes("\x80")},
      {"contract creation", Refusal::contract_creation, raw_bytes(hand_made({}, {}))},
      {"access list", Refusal::access_list_present, raw_bytes(hand_made(kCustomer.view(), one_access_entry()))},
      {"other chain id inside", Refusal::chain_id_differs, spoilt(hot_coins(), [](Draft& d) { d.outer.chain_id = 1; })},
      {"unknown chain", Refusal::chain_unknown, spoilt(hot_coins(), [](Draft& d) { d.request.set_chain("eip155:1"); })},
      {"unknown account", Refusal::account_unknown,
       spoilt(hot_coins(), [](Draft& d) { d.request.set_account(raw(kThief.view())); })},
      {"owner's key used as an account", Refusal::account_unknown,
       spoilt(hot_coins(), [](Draft& d) { d.request.set_account(raw(address_of_secret(1).view())); })},
      {"no account", Refusal::account_unknown, spoilt(hot_coins(), [](Draft& d) { d.request.clear_account(); })},
      {"fee to enrich a miner", Refusal::fee_too_high,
       spoilt(hot_coins(), [](Draft& d) { d.outer.max_fee = gwei(101); })},
      {"tip to enrich a miner", Refusal::priority_fee_too_high,
       spoilt(hot_coins(), [](Draft& d) { d.outer.max_priority_fee = gwei(6); })},
      {"tip over the fee", Refusal::priority_fee_too_high,
       spoilt(hot_coins(),
              [](Draft& d) {
                d.outer.max_fee = gwei(1);
                d.outer.max_priority_fee = gwei(2);
              })},
      {"gas to enrich a miner", Refusal::gas_too_high, spoilt(hot_coins(), [](Draft& d) { d.outer.gas = 3'000'001; })},
      {"coins burnt as fees, one cheap call after the other",
       Refusal::over_fee_limit,
       dear(at_nonce(hot_burn(), 10)),
       {dear(at_nonce(hot_burn(), 9))}},
      {"signatures put in beforehand", Refusal::signatures_unexpected,
       spoilt(safe_coins(), [](Draft& d) { d.owners = {2, 3}; })},
      {"relay with one owner", Refusal::quorum_missing,
       spoilt(relayed(safe_coins()), [](Draft& d) { d.owners = {1}; })},
      {"relay with the same owner twice", Refusal::owner_signature_invalid,
       spoilt(relayed(safe_coins()), [](Draft& d) { d.owners = {2, 2}; })},
      {"relay with a stranger", Refusal::owner_signature_invalid,
       spoilt(relayed(safe_coins()), [](Draft& d) { d.owners = {2, 99}; })},
      {"relay of signatures for another nonce", Refusal::owner_signature_invalid,
       spoilt(relayed(safe_coins()),
              [](Draft& d) {
                d.outer.data = decode_unsigned(as_bytes(unsigned_bytes(d)))->data;
                d.is_safe = false;
                d.request.set_safe_nonce(6);
              })},
      {"relay with bytes behind the signatures", Refusal::owner_signature_invalid,
       spoilt(relayed(safe_coins()),
              [](Draft& d) {
                const auto carrier = decode_unsigned(as_bytes(unsigned_bytes(d)));
                auto padded = *decode_exec_transaction(carrier->data);
                padded.signatures.push_back(0);
                d.outer.data = encode_exec_transaction(padded);
                d.is_safe = false;
              })},
      {"relay of a stranger's evacuation", Refusal::owner_signature_invalid, relayed_evacuation(99)},
      {"relay of a stranger's guard freeze", Refusal::owner_signature_invalid, relayed_guard_freeze(99)},
  };
}

std::vector<Fraud> about_what_was_signed() {
  return {
      {"paid again at another Safe nonce",
       Refusal::withdrawal_bound_elsewhere,
       at_nonce(safe_coins(1), 6),
       {safe_coins(1)}},
      {"paid again at another account nonce",
       Refusal::withdrawal_bound_elsewhere,
       at_nonce(hot_coins(1), 10),
       {hot_coins(1)}},
      {"paid again out of another wallet", Refusal::withdrawal_bound_elsewhere, hot_coins(1), {safe_coins(1)}},
      {"paid again to another recipient",
       Refusal::withdrawal_changed,
       safe_coins(1, coins(2'000), kThief),
       {safe_coins(1)}},
      {"paid again with another amount", Refusal::withdrawal_changed, safe_coins(1, coins(2'001)), {safe_coins(1)}},
      {"paid again in another asset", Refusal::withdrawal_changed, safe_tokens(1), {safe_coins(1)}},
      {"two withdrawals at one nonce", Refusal::nonce_taken, safe_coins(2), {safe_coins(1)}},
      {"the same payment under another id", Refusal::nonce_taken, hot_coins(2), {hot_coins(1)}},
      {"withdrawal in the place of an evacuation", Refusal::nonce_taken, hot_coins(1), {hot_evacuation()}},
      {"withdrawal after its burn", Refusal::nonce_burned, safe_coins(1), {safe_coins(1), safe_burn()}},
      {"burn of a nonce that is years away", Refusal::nonce_too_far, at_nonce(safe_burn(), 1'006), {safe_coins(1)}},
      {"payment at such a nonce", Refusal::nonce_too_far, at_nonce(hot_coins(2), 1'010), {hot_coins(1)}},
      {"id of a withdrawal that is years away",
       Refusal::withdrawal_id_too_far,
       at_nonce(safe_coins(1'000'002), 6),
       {safe_coins(1)}},
      {"fee bump after its burn",
       Refusal::nonce_burned,
       spoilt(hot_coins(1), [](Draft& d) { d.outer.max_fee = gwei(60); }),
       {hot_coins(1), hot_burn()}},
  };
}

std::vector<Fraud> frauds() {
  std::vector<Fraud> all;
  for (auto& part : {about_the_money(), about_the_call(), about_the_safe_and_the_gas_wallet(), about_the_purpose(),
                     about_the_bytes(), about_what_was_signed()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

TEST(Fraud, each_is_refused_for_its_own_reason_and_nothing_is_signed) {
  for (const Fraud& fraud : frauds()) {
    SCOPED_TRACE(fraud.what);
    World world;
    for (const Draft& draft : fraud.before) {
      const auto reply = world.sign(draft);
      ASSERT_EQ(reply.refusal(), "") << reply.text();
    }
    world.announce(fraud.draft.finish());
    const std::size_t blocks = world.blocks();
    const std::uint64_t count = world.signer->memory().signed_count();

    const auto reply = world.sign(fraud.draft);
    EXPECT_EQ(reply.refusal(), name(fraud.refusal)) << reply.text();
    EXPECT_FALSE(reply.text().empty());
    EXPECT_EQ(reply.signature(), "");
    EXPECT_EQ(reply.digest(), "");
    EXPECT_EQ(world.blocks(), blocks);
    EXPECT_EQ(world.signer->memory().signed_count(), count);
  }
}

// Who says so is in authority_test, what is wrong with the journal in following_test. What stops in a freeze, and what does not, is in
// signer_test; as are a clock that is wrong and a journal
// that cannot be written. Those about coins are in coin_fraud_test, and a memory that is full in coin_memory_test.
TEST(Fraud, every_refusal_has_its_fraud) {
  std::set<Refusal> seen = coin_refusals();
  for (auto i = static_cast<std::size_t>(Refusal::withdrawal_unknown); i <= static_cast<std::size_t>(Refusal::approvals_missing); ++i) {
    seen.insert(static_cast<Refusal>(i));
  }
  seen.insert({Refusal::journal_not_followed, Refusal::journal_behind, Refusal::head_stale, Refusal::watch_silent});
  seen.insert({Refusal::retired, Refusal::memory_lost, Refusal::frozen, Refusal::clock_wrong, Refusal::journal_unavailable,
               Refusal::key_unavailable, Refusal::records_too_many});
  for (const Fraud& fraud : frauds()) seen.insert(fraud.refusal);
  for (std::size_t i = 0; i < kRefusalCount; ++i) {
    EXPECT_TRUE(seen.contains(static_cast<Refusal>(i))) << name(static_cast<Refusal>(i));
  }
}

}  // namespace
}  // namespace holdfast::signer::test
