// To whom the conductor hands the evacuations that lie ready, and when.
#include "engine/conductor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace holdfast::engine {
namespace {

using namespace custody;

class TestClock final : public Clock {
 public:
  Instant time{1'700'000'000'000};
  Instant now() override { return time; }
};

class TestView final : public chain::StateView {
 public:
  State state;
  void read(const std::function<void(const State&)>& look) const override { look(state); }
};

class NoSubmitter final : public Submitter {
 public:
  std::vector<Outcome> submit(std::span<const Command> commands) override { return std::vector<Outcome>(commands.size()); }
};

class TestLink final : public SignerLink {
 public:
  std::vector<std::string> attached;
  std::vector<Incoming> incoming;
  std::map<std::string, std::vector<proto::KeepEvacuations>> handed;
  void send(std::string_view signer, const proto::ToSigner& message) override {
    if (message.has_keep_evacuations()) handed[std::string(signer)].push_back(message.keep_evacuations());
  }
  std::vector<Incoming> poll() override { return std::exchange(incoming, {}); }
  std::vector<std::string> connected() const override { return attached; }
};

Bytes raw(std::uint64_t coin, std::size_t level) { return {static_cast<std::uint8_t>(coin), static_cast<std::uint8_t>(level)}; }

class HandingOut : public testing::Test {
 protected:
  HandingOut() {
    State& s = view_.state;
    Chain chain;
    chain.id = {1};
    chain.caip2 = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328";
    chain.family = ChainFamily::coins;
    s.chains.add({1}, chain);
    Wallet hot;
    hot.id = {1};
    hot.chain = {1};
    hot.kind = WalletKind::multisig;
    hot.name = "hot";
    s.wallets.add({1}, hot);
    for (const char* name : {"one", "two", "three"}) {
      Signer signer;
      signer.id = s.signers.next_id();
      signer.name = name;
      s.signers.add(signer.id, signer);
    }
    add_coin(500'000);
    add_coin(900'000);
  }

  // With its reserve, complete at every level.
  void add_coin(std::uint64_t amount) {
    State& s = view_.state;
    Coin coin;
    coin.id = s.coins.next_id();
    coin.wallet = {1};
    coin.amount = Amount::of(static_cast<std::int64_t>(amount));
    coin.branch = 1;
    coin.index = static_cast<std::uint32_t>(coin.id.value + 10);
    s.coins.add(coin.id, coin);
    Spend reserve;
    reserve.id = s.spends.next_id();
    reserve.wallet = {1};
    reserve.purpose = Purpose::reserve;
    reserve.state = SpendState::signed_;
    reserve.money.amount = coin.amount;
    reserve.inputs = {coin.id};
    for (std::size_t level = 0; level < chain::kReserveLevels; ++level) {
      Attempt attempt;
      attempt.txid.bytes[0] = static_cast<std::uint8_t>(coin.id.value);
      attempt.txid.bytes[1] = static_cast<std::uint8_t>(level);
      attempt.raw = raw(coin.id.value, level);
      reserve.attempts.push_back(attempt);
    }
    s.spends.add(reserve.id, reserve);
    s.open_spends.insert(reserve.id);
  }

  void step(std::int64_t after_ms = 5'000) {
    clock_.time = clock_.time + after_ms;
    conductor_.step();
  }
  void says_it_keeps(const std::string& signer) {
    proto::FromSigner message;
    message.mutable_evacuations_kept()->set_chain(view_.state.chains.at({1}).caip2);
    message.mutable_evacuations_kept()->set_wallet("hot");
    link_.incoming.push_back({signer, message});
  }
  void attaches(const std::string& signer) {
    proto::FromSigner message;
    message.mutable_hello()->set_name(signer);
    link_.incoming.push_back({signer, message});
    if (std::ranges::find(link_.attached, signer) == link_.attached.end()) link_.attached.push_back(signer);
  }

  TestClock clock_;
  TestView view_;
  TestLink link_;
  NoSubmitter submitter_;
  Conductor conductor_{submitter_, view_, link_, clock_, {}, {}};
};

TEST_F(HandingOut, gives_all_of_them_and_says_what_each_spends) {
  attaches("one");
  step();
  ASSERT_EQ(link_.handed["one"].size(), 1u);
  const auto& message = link_.handed["one"].front();
  EXPECT_EQ(message.wallet(), "hot");
  ASSERT_EQ(message.evacuations_size(), 2 * static_cast<int>(chain::kReserveLevels));
  const auto& dearest = message.evacuations(0);  // Of the most valuable coin first.
  EXPECT_EQ(dearest.transaction(), as_text(raw(2, 0)));
  ASSERT_EQ(dearest.coins_size(), 1);
  EXPECT_EQ(dearest.coins(0).amount(), "900000");
  EXPECT_EQ(dearest.coins(0).branch(), 1u);
  EXPECT_EQ(dearest.coins(0).index(), 12u);
}

TEST_F(HandingOut, a_signer_that_was_away_is_given_what_came_about_meanwhile) {
  attaches("one");
  attaches("two");
  step();
  says_it_keeps("one");
  says_it_keeps("two");
  step();
  EXPECT_TRUE(link_.handed["three"].empty());
  attaches("three");
  step();
  ASSERT_EQ(link_.handed["three"].size(), 1u);
  EXPECT_EQ(link_.handed["three"].front().SerializeAsString(), link_.handed["one"].front().SerializeAsString());
  EXPECT_EQ(link_.handed["one"].size(), 1u);
}

TEST_F(HandingOut, goes_on_until_it_is_kept_and_begins_anew_with_each_hello) {
  attaches("one");
  step();
  step();
  EXPECT_EQ(link_.handed["one"].size(), 2u);
  says_it_keeps("one");
  step();
  step();
  EXPECT_EQ(link_.handed["one"].size(), 2u);
  attaches("one");  // Again: it may have lost them.
  step();
  EXPECT_EQ(link_.handed["one"].size(), 3u);
}

TEST_F(HandingOut, follows_the_coins_that_come_and_go) {
  attaches("one");
  step();
  says_it_keeps("one");
  step();
  add_coin(700'000);
  step();
  ASSERT_EQ(link_.handed["one"].size(), 2u);
  EXPECT_EQ(link_.handed["one"].back().evacuations_size(), 3 * static_cast<int>(chain::kReserveLevels));
  says_it_keeps("one");
  view_.state.coins.at({2}).state = CoinState::spent;
  step();
  ASSERT_EQ(link_.handed["one"].size(), 3u);
  EXPECT_EQ(link_.handed["one"].back().evacuations_size(), 2 * static_cast<int>(chain::kReserveLevels));
}

}  // namespace
}  // namespace holdfast::engine
