// Which complete evacuations a signer keeps, and which it does not.
#include "signer/evacuations.h"

#include "signer/coin_test_world.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

class MemoryStore final : public EvacuationStore {
 public:
  std::vector<Bytes> now;
  bool fails = false;
  Result<void> replace(std::string_view, std::string_view, std::span<const Bytes> transactions) override {
    if (fails) return fault("disk_full");
    now.assign(transactions.begin(), transactions.end());
    return {};
  }
  Result<std::vector<Bytes>> kept(std::string_view, std::string_view) override { return now; }
};

// As it would be with all signatures.
utxo::Transaction complete(const CoinDraft& draft) {
  utxo::Transaction out = *draft.psbt.unsigned_transaction();
  for (utxo::TxIn& input : out.inputs) input.witness = {Bytes{1}};
  return out;
}

proto::KeepEvacuations message(const std::vector<utxo::Transaction>& transactions) {
  proto::KeepEvacuations out;
  out.set_chain(std::string(kCoinChain));
  out.set_wallet(std::string(kQuorum));
  for (const auto& transaction : transactions) out.add_transactions(raw(encode(transaction)));
  return out;
}

TEST(Evacuations, keeps_those_it_signed_also_after_a_restart) {
  CoinWorld world;
  MemoryStore store;
  ASSERT_EQ(world.sign(rescue(1)).refusal(), "");
  ASSERT_EQ(world.sign(rescue(2)).refusal(), "");
  const auto both = message({complete(rescue(1)), complete(rescue(2))});
  EXPECT_EQ(world.signer->keep(both, store)->transactions(), 2u);
  world.reopen();
  const auto one = message({complete(rescue(2))});
  EXPECT_EQ(world.signer->keep(one, store)->transactions(), 1u);
  EXPECT_EQ(raw(store.now.at(0)), one.transactions(0));
}

struct Row {
  std::string_view code;
  proto::KeepEvacuations message;
};

TEST(Evacuations, keeps_nothing_else_and_then_those_from_before) {
  CoinWorld world;
  MemoryStore store;
  for (const CoinDraft& draft : {rescue(1), rescue(2, kTaproot), burn_of_coin(3)}) ASSERT_EQ(world.sign(draft).refusal(), "");
  const auto good = complete(rescue(1));
  ASSERT_TRUE(world.signer->keep(message({good}), store).has_value());
  auto other_chain = message({good});
  other_chain.set_chain("bip122:other");
  auto other_wallet = message({good});
  other_wallet.set_wallet("../quorum");
  auto cut = message({good});
  cut.mutable_transactions(0)->pop_back();
  auto huge = message({good});
  huge.add_transactions(std::string(kMaxKeptBytes, '\0'));
  auto unsigned_one = good;
  unsigned_one.inputs[0].witness.clear();
  const Row table[] = {
      {"wallet_unknown", other_chain},
      {"wallet_unknown", other_wallet},
      {"evacuations_none", message({})},
      {"evacuations_too_many", huge},
      {"evacuation_malformed", cut},
      {"evacuation_twice", message({good, good})},
      {"evacuation_unsigned", message({unsigned_one})},
      {"evacuations_none", message({complete(rescue(9))})},
      {"evacuations_none", message({complete(rescue(2, kTaproot))})},
      {"evacuations_none", message({complete(burn_of_coin(3))})},
  };
  for (const Row& row : table) {
    const auto kept = world.signer->keep(row.message, store);
    ASSERT_FALSE(kept.has_value()) << row.code;
    EXPECT_EQ(kept.error().code, row.code);
    EXPECT_EQ(store.now.size(), 1u);
  }
  Policy moved = coin_policy();
  moved.coin_chains[0].cold_script = customer(5);
  world.reopen(moved);
  EXPECT_EQ(world.signer->keep(message({good}), store).error().code, "evacuation_elsewhere");
  world.reopen();
  store.fails = true;
  EXPECT_EQ(world.signer->keep(message({good}), store).error().code, "disk_full");
}

}  // namespace
}  // namespace holdfast::signer::test
