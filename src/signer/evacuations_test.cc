// Which complete evacuations a signer keeps, and which it does not.
#include "signer/evacuations.h"

#include "signer/coin_test_world.h"

#include <gtest/gtest.h>

#include <functional>

namespace holdfast::signer::test {
namespace {

class MemoryStore final : public EvacuationStore {
 public:
  std::vector<CoinEvacuation> now;
  bool fails = false;
  bool damaged = false;
  Result<void> replace(std::string_view, std::string_view, std::span<const CoinEvacuation> evacuations) override {
    if (fails) return fault("disk_full");
    now.assign(evacuations.begin(), evacuations.end());
    return {};
  }
  Result<std::vector<CoinEvacuation>> kept(std::string_view, std::string_view) override {
    if (damaged) return corruption("evacuations_damaged");
    return now;
  }
};

constexpr std::uint32_t kIndex = 3;  // Of coin().

// Signed by these seeds' keys: 2 and 3 are the other signers'.
CoinEvacuation complete(CoinDraft draft, std::initializer_list<std::uint8_t> seeds = {2, 3}) {
  for (const std::uint8_t seed : seeds) HF_CHECK(utxo::sign_psbt(draft.psbt, master(seed)).has_value());
  CoinEvacuation out{encode(*utxo::extract(*utxo::finalize(draft.psbt))), {}};
  for (const utxo::PsbtInput& input : draft.psbt.inputs) out.coins.push_back({Amount::of(input.witness_utxo->value), 0, kIndex});
  return out;
}
// With a change to the transaction behind the signatures.
CoinEvacuation altered(CoinEvacuation of, const std::function<void(utxo::Transaction&)>& change) {
  utxo::Transaction transaction = *utxo::decode_transaction(of.raw);
  change(transaction);
  of.raw = encode(transaction);
  return of;
}

// Where one of the input's signatures stands: in the first item that is not empty.
Bytes& signature_in(utxo::Transaction& transaction, std::size_t input = 0) {
  auto& witness = transaction.inputs[input].witness;
  return *std::ranges::find_if(witness, [](const Bytes& item) { return !item.empty(); });
}

proto::KeepEvacuations message(const std::vector<CoinEvacuation>& evacuations, std::string_view wallet = kQuorum) {
  proto::KeepEvacuations out;
  out.set_chain(std::string(kCoinChain));
  out.set_wallet(std::string(wallet));
  for (const CoinEvacuation& each : evacuations) {
    auto& one = *out.add_evacuations();
    one.set_transaction(raw(each.raw));
    for (const SpentCoin& coin : each.coins) {
      auto& stated = *one.add_coins();
      stated.set_amount(coin.amount.to_string());
      stated.set_branch(coin.branch);
      stated.set_index(coin.index);
    }
  }
  return out;
}

class EachEvacuated : public testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(Evacuations, EachEvacuated, testing::Values(kQuorum, kTaproot),
                         [](const auto& wallet) { return std::string(wallet.param); });

// It was away: its journal knows nothing of them.
TEST_P(EachEvacuated, are_kept_by_a_signer_that_has_signed_none) {
  CoinWorld world;
  MemoryStore store;
  const std::vector<CoinEvacuation> both = {complete(rescue(1, GetParam())), complete(rescue(2, GetParam()))};
  EXPECT_EQ(world.signer->keep(message(both, GetParam()), store)->transactions(), 2u);
  EXPECT_EQ(store.now, both);
  world.reopen();
  EXPECT_EQ(world.signer->keep(message({both[1]}, GetParam()), store)->transactions(), 1u);
  EXPECT_EQ(store.now, std::vector{both[1]});
  EXPECT_EQ(world.blocks(), 0u);  // Keeping is not signing.
}

TEST_P(EachEvacuated, hold_with_any_two_of_three) {
  for (const auto& [one, two] : {std::pair{1, 2}, {1, 3}, {2, 3}}) {
    const auto seeds = {static_cast<std::uint8_t>(one), static_cast<std::uint8_t>(two)};
    const auto checked = check_evacuation(coin_rules(), *coin_rules().wallet(GetParam()), complete(rescue(1, GetParam()), seeds));
    ASSERT_TRUE(checked) << checked.error().text;
    EXPECT_EQ(checked->fee, Amount::of(40'000));
  }
}

TEST_P(EachEvacuated, of_several_coins_are_checked_in_each) {
  CoinDraft draft = coin_draft(proto::SignRequest::EVACUATION, GetParam());
  for (std::uint8_t number = 1; number <= 3; ++number) spend(draft, coin(GetParam(), number, kCoinValue));
  pay(draft, coin_rules().cold_script, 3 * kCoinValue - 90'000);
  const auto good = complete(draft);
  const CoinWalletRule& wallet = *coin_rules().wallet(GetParam());
  EXPECT_EQ(check_evacuation(coin_rules(), wallet, good)->fee, Amount::of(90'000));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto bad = altered(good, [&](utxo::Transaction& t) { signature_in(t, i) = signature_in(t, (i + 1) % 3); });
    EXPECT_EQ(check_evacuation(coin_rules(), wallet, bad).error().code, "evacuation_unsigned");
  }
}

struct Row {
  std::string_view code;
  CoinEvacuation evacuation;
};

TEST_P(EachEvacuated, that_are_not_good_are_refused) {
  const CoinWalletRule& wallet = *coin_rules().wallet(GetParam());
  const CoinEvacuation good = complete(rescue(1, GetParam()));
  const auto with = [&](const std::function<void(CoinEvacuation&)>& change) {
    CoinEvacuation out = good;
    change(out);
    return out;
  };
  CoinDraft elsewhere = rescue(1, GetParam());
  elsewhere.psbt.outputs[0].script = customer(9);
  CoinDraft split = rescue(1, GetParam());
  split.psbt.outputs[0].value -= 10'000;
  pay(split, coin_rules().cold_script, 10'000);
  const Row table[] = {
      {"evacuation_malformed", with([](CoinEvacuation& e) { e.raw.pop_back(); })},
      {"evacuation_malformed", with([](CoinEvacuation& e) { e.raw.clear(); })},
      {"evacuation_malformed", with([](CoinEvacuation& e) { e.coins.clear(); })},
      {"evacuation_malformed", with([](CoinEvacuation& e) { e.coins.push_back(e.coins[0]); })},
      {"evacuation_malformed", with([](CoinEvacuation& e) { e.coins[0].amount = Amount::max(); })},
      {"evacuation_elsewhere", complete(elsewhere)},
      {"evacuation_elsewhere", complete(split)},
      {"evacuation_elsewhere", complete(to_itself(proto::SignRequest::BURN, 1, GetParam()))},
      {"evacuation_foreign", with([](CoinEvacuation& e) { e.coins[0].branch = 2; })},
      {"evacuation_foreign", with([](CoinEvacuation& e) { e.coins[0].index = utxo::kHardened; })},
      {"evacuation_fee", complete(rescue(1, GetParam(), kCoinValue / 2 + 1))},
      {"evacuation_fee", complete(rescue(1, GetParam(), 200'000))},  // More than 600 sat/vB.
      {"evacuation_fee", with([](CoinEvacuation& e) { e.coins[0].amount = Amount::of(kCoinValue - 40'001); })},
      // An amount that is not what was signed; another script; another coin; fewer signatures than the quorum has.
      {"evacuation_unsigned", with([](CoinEvacuation& e) { e.coins[0].amount = Amount::of(kCoinValue - 1); })},
      {"evacuation_unsigned", with([](CoinEvacuation& e) { e.coins[0].index = kIndex + 1; })},
      {"evacuation_unsigned", with([](CoinEvacuation& e) { e.coins[0].branch = 1; })},
      {"evacuation_unsigned", altered(good, [](auto& t) { t.inputs[0].previous.txid.bytes[0] ^= 1; })},
      {"evacuation_unsigned", altered(good, [](auto& t) { t.locktime = 1; })},
      {"evacuation_unsigned", altered(good, [](auto& t) { t.outputs[0].value -= 1; })},
      {"evacuation_unsigned", altered(good, [](auto& t) { t.inputs[0].witness.clear(); })},
      {"evacuation_unsigned", altered(good, [](auto& t) { t.inputs[0].witness = {Bytes{1}}; })},
      {"evacuation_unsigned", altered(good, [](auto& t) { signature_in(t) = {}; })},
      {"evacuation_unsigned", altered(good, [](auto& t) { t.inputs[0].witness.back().back() ^= 1; })},
      {"evacuation_unsigned", altered(good, [](auto& t) { t.inputs[0].script_sig = {0x51}; })},
  };
  ASSERT_TRUE(check_evacuation(coin_rules(), wallet, good));
  for (const Row& row : table) {
    const auto checked = check_evacuation(coin_rules(), wallet, row.evacuation);
    ASSERT_FALSE(checked) << "row " << &row - table;
    EXPECT_EQ(checked.error().code, row.code) << "row " << &row - table << ": " << checked.error().text;
  }
}

TEST(Evacuations, of_another_wallet_are_not_kept) {
  const CoinEvacuation other = complete(rescue(1, kTaproot));
  EXPECT_EQ(check_evacuation(coin_rules(), *coin_rules().wallet(kQuorum), other).error().code, "evacuation_unsigned");
}

TEST(Evacuations, that_cost_what_this_signer_itself_would_sign_are_kept) {
  CoinChainRule chain = coin_rules();
  for (const std::string_view wallet : {kQuorum, kTaproot}) {
    const CoinDraft draft = rescue(1, wallet, 50'000);
    const auto effect = explain_coins(own_coin_policy().coin_chains[0], *own_coin_policy().coin_chains[0].wallet(wallet),
                                      as_bytes(draft.finish().unsigned_transaction()));
    chain.rescue_max_feerate = (50'000 + effect->vsize - 1) / effect->vsize;
    EXPECT_TRUE(check_evacuation(chain, *chain.wallet(wallet), complete(draft)));
    --chain.rescue_max_feerate;
    EXPECT_EQ(check_evacuation(chain, *chain.wallet(wallet), complete(draft)).error().code, "evacuation_fee");
  }
}

TEST(Evacuations, that_are_good_are_kept_and_the_others_left_out) {
  CoinWorld world;
  MemoryStore store;
  const CoinEvacuation good = complete(rescue(1));
  const CoinEvacuation unsigned_one = altered(complete(rescue(2)), [](auto& t) { t.inputs[0].witness.clear(); });
  EXPECT_EQ(world.signer->keep(message({unsigned_one, good, complete(rescue(9, kTaproot))}), store)->transactions(), 1u);
  EXPECT_EQ(store.now, std::vector{good});
}

struct SetRow {
  std::string_view code;
  proto::KeepEvacuations message;
};

TEST(Evacuations, that_cannot_be_kept_leave_those_from_before) {
  CoinWorld world;
  MemoryStore store;
  const CoinEvacuation good = complete(rescue(1));
  ASSERT_TRUE(world.signer->keep(message({good}), store).has_value());
  auto other_chain = message({good});
  other_chain.set_chain("bip122:other");
  auto no_amount = message({complete(rescue(2))});
  no_amount.mutable_evacuations(0)->mutable_coins(0)->set_amount("much");
  const SetRow table[] = {
      {"wallet_unknown", other_chain},
      {"wallet_unknown", message({good}, "../quorum")},
      {"evacuations_none", message({})},
      {"evacuations_none", no_amount},
      {"evacuations_none", message({altered(good, [](auto& t) { t.inputs[0].witness.clear(); })})},
      {"evacuations_too_many", message({good, {Bytes(kMaxKeptBytes), {}}})},
      {"evacuations_too_many", message(std::vector(kMaxKeptEvacuations + 1, CoinEvacuation{{1}, {}}))},
      {"evacuation_twice", message({good, good})},
  };
  for (const SetRow& row : table) {
    const auto kept = world.signer->keep(row.message, store);
    ASSERT_FALSE(kept.has_value()) << row.code;
    EXPECT_EQ(kept.error().code, row.code);
    EXPECT_EQ(store.now, std::vector{good});
  }
  store.fails = true;
  EXPECT_EQ(world.signer->keep(message({good}), store).error().code, "disk_full");
}

TEST(Evacuations, are_of_todays_cold_script_also_when_they_were_kept_before) {
  CoinWorld world;
  MemoryStore store;
  const CoinEvacuation good = complete(rescue(1));
  ASSERT_TRUE(world.signer->keep(message({good}), store));
  Policy moved = coin_policy();
  moved.coin_chains[0].cold_script = customer(5);
  world.reopen(moved);
  EXPECT_EQ(world.signer->keep(message({good}), store).error().code, "evacuations_none");
}

// The store's word that one is good is only taken for exactly that one.
TEST(Evacuations, kept_before_vouch_for_themselves_alone) {
  CoinWorld world;
  MemoryStore store;
  const CoinEvacuation good = complete(rescue(1));
  const CoinEvacuation bad = altered(good, [](auto& t) { signature_in(t)[10] ^= 1; });
  ASSERT_TRUE(world.signer->keep(message({good}), store));
  EXPECT_EQ(world.signer->keep(message({bad}), store).error().code, "evacuations_none");
  store.damaged = true;
  EXPECT_EQ(world.signer->keep(message({good}), store)->transactions(), 1u);
}

}  // namespace
}  // namespace holdfast::signer::test
