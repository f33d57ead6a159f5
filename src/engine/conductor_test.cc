// What the conductor gives to signers and to the node, when, and what it makes of what they say.
#include "engine/conductor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

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
  std::map<std::string, proto::SignRequest> asked;  // The newest question.
  void send(std::string_view signer, const proto::ToSigner& message) override {
    if (message.has_sign()) asked[std::string(signer)] = message.sign();
    if (message.has_keep_evacuations()) handed[std::string(signer)].push_back(message.keep_evacuations());
  }
  std::vector<Incoming> poll() override { return std::exchange(incoming, {}); }
  std::vector<std::string> connected() const override { return attached; }
};

Bytes raw(std::uint64_t coin, std::size_t level) { return {static_cast<std::uint8_t>(coin), static_cast<std::uint8_t>(level)}; }

// A hot wallet of coins on one chain, and three signers.
class Conducting : public testing::Test {
 protected:
  Conducting() {
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
  }

  TestClock clock_;
  TestView view_;
  TestLink link_;
  NoSubmitter submitter_;
};

class HandingOut : public Conducting {
 protected:
  HandingOut() {
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

// A chain of coins that builds whatever it is asked for, and a node that takes what it is told to take.
class TestBuilder final : public chain::Builder {
 public:
  std::set<Bytes> taken_by_node;
  std::vector<Bytes> offered;

  Result<chain::FeeQuote> quote() override { return chain::FeeQuote{Amount::of(1'000), Amount::zero()}; }
  chain::FeeQuote bump(const chain::FeeQuote& previous, const chain::FeeQuote&) const override { return previous; }
  Result<Bytes> build(const State&, const Spend&, const chain::FeeQuote&) const override { return Bytes{1}; }
  Result<Command> complete(const State&, const Spend&, ByteView, const std::vector<chain::SignerAnswer>&, std::size_t,
                           Instant) const override {
    return refuse("quorum_missing");
  }
  Result<void> broadcast(ByteView raw) override {
    offered.push_back(to_bytes(raw));
    return taken_by_node.contains(to_bytes(raw)) ? Result<void>() : fault("inputs_missing", "gone");
  }
};

// A payment of two coins, of which the second joined it later.
class Paying : public Conducting {
 protected:
  Paying() {
    State& s = view_.state;
    s.progress.resize(1);
    Asset coin;
    coin.id = {1};
    coin.chain = {1};
    s.assets.add({1}, coin);
    link_.attached = {"one", "two", "three"};
    for (std::uint64_t id = 1; id <= 2; ++id) {
      Coin input;
      input.id = {id};
      input.wallet = {1};
      input.amount = Amount::of(1'000);
      s.coins.add(input.id, input);
    }
    Spend payment;
    payment.id = {1};
    payment.wallet = {1};
    payment.purpose = Purpose::withdrawal;
    payment.state = SpendState::planned;
    payment.money.asset = {1};
    payment.inputs = {{1}, {2}};
    payment.in_all_attempts = 1;
    s.spends.add({1}, payment);
    s.open_spends.insert({1});
    conductor_.listen([&](const std::string& signer, SpendId, const std::string& code) { told_.emplace_back(signer, code); });
  }

  Spend& payment() { return view_.state.spends.at({1}); }

  void step(std::int64_t after_ms = 100) {
    clock_.time = clock_.time + after_ms;
    conductor_.step();
  }

  void refuses(const std::string& signer, const std::string& code) {
    proto::FromSigner message;
    message.mutable_reply()->set_spend(1);
    message.mutable_reply()->set_request(link_.asked.at("one").request());
    message.mutable_reply()->set_refusal(code);
    link_.incoming.push_back({signer, message});
  }

  TestBuilder builder_;
  Conductor conductor_{submitter_, view_, link_, clock_, {{{1}, &builder_}}, {}};
  std::vector<std::pair<std::string, std::string>> told_;
};

TEST_F(Paying, a_refusal_is_told_once_and_its_signer_is_heard_no_more) {
  step();
  refuses("one", "over_withdrawal_limit");
  for (int i = 0; i < 100; ++i) refuses("one", "reason_" + std::string(static_cast<std::size_t>(i), 'x'));
  refuses("two", "NOT A CODE\n");
  refuses("stranger_to_this", "frozen");
  step();
  EXPECT_EQ(told_, (std::vector<std::pair<std::string, std::string>>{{"one", "over_withdrawal_limit"}, {"two", "no_code"}}));
}

TEST_F(Paying, whoever_invents_reasons_at_each_question_fills_no_log) {
  for (int round = 0; round < 50; ++round) {
    step(60'000);
    for (const char* signer : {"one", "two", "three"}) refuses(signer, std::string(static_cast<std::size_t>(round) + 1, 'x'));
  }
  step();
  EXPECT_EQ(told_.size(), 16U);
}

TEST_F(Paying, what_is_over_a_days_limit_is_asked_again_and_what_is_refused_for_good_is_not) {
  step();
  const std::uint64_t first = link_.asked.at("one").request();
  refuses("one", "over_day_limit");
  refuses("two", "over_day_limit");
  step();
  step(20'000);
  EXPECT_GT(link_.asked.at("one").request(), first);
}

// A coin that joined later may go away for good, in a reorganisation: the attempt without it is still good.
TEST_F(Paying, an_older_attempt_is_sent_where_the_newest_spends_what_is_gone) {
  payment().state = SpendState::signed_;
  for (std::uint8_t n = 1; n <= 3; ++n) payment().attempts.push_back({TxId{{n}}, Bytes{n}, Amount::of(n), Amount::of(n), clock_.time});
  builder_.taken_by_node = {Bytes{2}};
  step();
  EXPECT_EQ(builder_.offered, (std::vector<Bytes>{{3}, {2}}));
}

TEST_F(Paying, that_never_grew_offers_nothing_older) {
  payment().state = SpendState::signed_;
  payment().in_all_attempts = 2;
  for (std::uint8_t n = 1; n <= 2; ++n) payment().attempts.push_back({TxId{{n}}, Bytes{n}, Amount::of(n), Amount::of(n), clock_.time});
  step();
  EXPECT_EQ(builder_.offered, (std::vector<Bytes>{{2}}));
}

}  // namespace
}  // namespace holdfast::engine
