// A signer's eyes on a real litecoind or bitcoind: deposits proven, frauds refused, thefts seen before they are mined.
#include "base/hex.h"
#include "chain/utxo/testing/coin_world.h"
#include "chain/utxo/wallet/address.h"
#include "signer/eyes/coin_prover.h"
#include "signer/eyes/coin_watcher.h"
#include "signer/eyes/deposit_addresses.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>

namespace holdfast::signer::test {
namespace {

using namespace chain::utxo;

struct Setup {
  chain::utxo::Coin coin;
  HotKind hot;
};

class coin_eyes : public testing::TestWithParam<Setup> {
 protected:
  void SetUp() override {
    if (!CoreNode::program(GetParam().coin)) GTEST_SKIP() << "no node of this kind";
    world = std::make_unique<CoinWorld>(GetParam().coin, GetParam().hot);
    node = std::make_unique<RpcNode>(world->core.settings());
    rule.caip2 = world->network.caip2;
    rule.network = &world->network;
    rule.wallets = {wallet_of(world->hot, CoinWalletKind::multisig, world->owners[0]),
                    wallet_of(world->single, CoinWalletKind::single_key, world->single_key)};
    settings.chain = rule.caip2;
    settings.depth = 2;
    settings.max_behind_ms = kMsPerDay;
  }

  CoinWalletRule wallet_of(custody::WalletId id, CoinWalletKind kind, const ExtendedSecretKey& master) {
    const custody::Wallet& wallet = world->books.state.wallets.at(id);
    CoinWalletRule out{wallet.name, kind, *Descriptor::parse(wallet.output_descriptor, world->network), OwnKey{}};
    out.own->id = hash160(neuter(master)->key.view());
    for (std::uint32_t branch = 0; branch < 2; ++branch) {
      out.own->parents[branch] = *parse_path("48h/1h/0h/2h");
      out.own->parents[branch].push_back(branch);
    }
    return out;
  }

  Instant now() { return node->best()->time; }

  DepositClaim newest_claim() const {
    const custody::Deposit& deposit = world->books.state.deposits.at({world->books.state.deposits.size()});
    return {rule.caip2, to_bytes(deposit.address.view()), {}, deposit.amount, deposit.txid, deposit.position, deposit.height, {}};
  }
  Verdict prove(const DepositClaim& claim) {
    CoinProver prover(*node, rule, settings);
    const auto out = prover.prove(std::vector{claim}, now());
    if (!out) die(out.error().text.c_str());
    return out->front();
  }

  std::unique_ptr<CoinWatcher> watcher(std::optional<BlockMark> from = {}) {
    return std::make_unique<CoinWatcher>(*node, rule, settings, [this](const Hash32& txid) { return signed_txids.contains(txid); },
                                         [](std::string_view, std::uint32_t) { return 10u; }, from);
  }
  std::string look(CoinWatcher& watch) {
    std::string out;
    for (;;) {
      const auto round = watch.look(now());
      if (!round) return fmt::format("{} {}", round.error().code, round.error().text);
      for (const Sighting& sighting : round->sightings) {
        out += fmt::format("{}{}:{}@{}{}", out.empty() ? "" : " ", sighting.wallet, sighting.what, name(sighting.kind),
                           sighting.height ? "+" : "");
      }
      newest = *round;
      if (round->caught_up) return out;
    }
  }

  // A payment out of the hot wallet, signed by these owners and given to the node.
  Txid pay(const std::vector<std::size_t>& owners) {
    world->request(5'000'000, world->core.new_address());
    world->plan();
    custody::SpendId payment;
    for (const custody::Spend& spend : world->books.state.spends) {
      if (spend.purpose == custody::Purpose::withdrawal) payment = spend.id;
    }
    const chain::FeeQuote fees{Amount::of(2'000), {}};
    const auto attempt = world->sign(payment, fees, owners);
    if (!attempt) die(attempt.error().text.c_str());
    world->books.submit(custody::AddAttempt{payment, *attempt});
    last_raw = attempt->raw;
    return attempt->txid;
  }
  void broadcast() {
    const auto sent = world->builder.broadcast(last_raw);
    if (!sent) die(sent.error().text.c_str());
  }

  std::unique_ptr<CoinWorld> world;
  std::unique_ptr<RpcNode> node;  // A connection of its own, as a signer has.
  CoinChainRule rule;
  NodeSettings settings;
  std::set<Hash32> signed_txids;
  Round newest;
  Bytes last_raw;
};

TEST_P(coin_eyes, proves_a_deposit_when_it_is_final_and_no_fraud) {
  world->deposit("1.5");
  world->mine();
  const DepositClaim claim = newest_claim();
  EXPECT_EQ(prove(claim).reason, "not_final");
  world->mine(2);
  EXPECT_EQ(prove(claim).proof, Proof::proven);
  EXPECT_TRUE(is_wallet_script(rule.wallets[0], world->books.state.wallets.at(world->hot).next_receive - 1, claim.address));
  EXPECT_FALSE(is_wallet_script(rule.wallets[0], 7, claim.address));
  EXPECT_FALSE(is_wallet_script(rule.wallets[1], world->books.state.wallets.at(world->hot).next_receive - 1, claim.address));
  const std::tuple<const char*, std::function<void(DepositClaim&)>, const char*> frauds[] = {
      {"more", [](DepositClaim& c) { c.amount += Amount::of(1); }, "other_amount"},
      {"another customer's", [](DepositClaim& c) { c.address.back() ^= 1; }, "other_recipient"},
      {"out of nothing", [](DepositClaim& c) { c.txid.bytes[0] ^= 1; }, "no_such_transaction"},
      {"a block earlier", [](DepositClaim& c) { --c.height; }, "other_block"},
      {"of no output", [](DepositClaim& c) { c.position = 77; }, "nothing_there"},
      {"of a token", [](DepositClaim& c) { c.asset_contract = {1}; }, "claim_malformed"},
      {"of nothing", [](DepositClaim& c) { c.amount = {}; }, "claim_malformed"},
      {"of nobody", [](DepositClaim& c) { c.address.clear(); }, "claim_malformed"},
  };
  for (const auto& [what, spoil, reason] : frauds) {
    DepositClaim fraud = claim;
    spoil(fraud);
    EXPECT_EQ(prove(fraud).reason, reason) << what;
    EXPECT_EQ(prove(fraud).proof, Proof::false_claim) << what;
  }
  // holdfastd dates what was there before its first block to that block.
  world->mine(2);
  DepositClaim dated = claim;
  dated.height += 2;
  EXPECT_EQ(prove(dated).proof, Proof::proven);
  dated.amount += Amount::of(1);
  EXPECT_EQ(prove(dated).reason, "other_amount");
}

TEST_P(coin_eyes, a_deposit_that_a_reorg_took_is_never_proven) {
  world->deposit("1");
  world->mine();
  const DepositClaim claim = newest_claim();
  world->mine(2);
  EXPECT_EQ(prove(claim).proof, Proof::proven);
  const auto block = **node->header_at(claim.height);
  world->core.call("invalidateblock", fmt::format(R"(["{}"])", display(block.hash)));
  for (int i = 0; i < 4; ++i) world->core.mine_block_of({});  // The deposit stays out.
  EXPECT_EQ(prove(claim).reason, "no_such_transaction");
  EXPECT_EQ(prove(claim).proof, Proof::false_claim);
}

TEST_P(coin_eyes, a_payment_that_this_signer_signed_is_no_alarm) {
  world->fund("1");
  const auto watch = watcher();
  EXPECT_EQ(look(*watch), "");
  signed_txids.insert(pay({0, 2}));
  broadcast();
  EXPECT_EQ(look(*watch), "");
  world->core.mine();
  EXPECT_EQ(look(*watch), "");
}

TEST_P(coin_eyes, a_copied_key_is_seen_before_it_is_mined) {
  world->fund("1");
  const auto watch = watcher();
  EXPECT_EQ(look(*watch), "");
  pay({0, 2});
  broadcast();
  EXPECT_EQ(look(*watch), "hot:coins_signed@own_key_misused");
  EXPECT_EQ(look(*watch), "");
  world->core.mine();
  EXPECT_EQ(look(*watch), "hot:coins_signed@own_key_misused+");
}

TEST_P(coin_eyes, the_other_two_may_have_signed_without_this_one) {
  world->fund("1");
  const auto watch = watcher();
  EXPECT_EQ(look(*watch), "");
  pay({1, 2});
  broadcast();
  EXPECT_EQ(look(*watch), "hot:coins_spent@unknown_spend");
  world->core.mine();
  EXPECT_EQ(look(*watch), "hot:coins_spent@unknown_spend+");
}

TEST_P(coin_eyes, a_theft_that_was_mined_while_nobody_watched) {
  world->fund("1");
  look(*watcher());
  const BlockMark before = newest.seen;
  pay({0, 1});
  broadcast();
  world->core.mine(12);
  const auto watch = watcher(before);  // It has never seen the coin.
  EXPECT_EQ(look(*watch), "hot:coins_signed@own_key_misused+");
  const auto late = watcher();
  EXPECT_EQ(look(*late), "");
}

TEST_P(coin_eyes, goes_over_reorgs) {
  const auto watch = watcher();
  look(*watch);
  world->core.mine(2);
  look(*watch);
  const auto block = **node->header_at(newest.seen.height);
  world->core.call("invalidateblock", fmt::format(R"(["{}"])", display(block.hash)));
  world->core.mine(2);
  EXPECT_EQ(look(*watch), "");
  EXPECT_EQ(newest.undone, 1u);
}

TEST_P(coin_eyes, says_what_is_wrong_with_the_node) {
  const auto watch = watcher();
  EXPECT_EQ(watch->look(now() + kMsPerDay + 1).error().code, "node_behind");
  const CoinChainRule right = rule;
  rule.network = *network_by_name("bitcoin-main");
  EXPECT_EQ(watch->look(now()).error().code, "wrong_chain");
  const DepositClaim any{rule.caip2, {1}, {}, Amount::of(1), {}, 0, 1, {}};
  EXPECT_EQ(prove(any).reason, "wrong_chain");
  rule.network = right.network;
  RpcNode nobody({{"http://127.0.0.1:1", {}}, {}, false});
  CoinWatcher blind(nobody, rule, settings, [](const Hash32&) { return false; }, {}, {});
  EXPECT_EQ(blind.look(now()).error().code, "node_down");
}

INSTANTIATE_TEST_SUITE_P(nodes, coin_eyes,
                         testing::Values(Setup{chain::utxo::Coin::litecoin, HotKind::p2wsh},
                                         Setup{chain::utxo::Coin::litecoin, HotKind::taproot},
                                         Setup{chain::utxo::Coin::bitcoin, HotKind::p2wsh}));

}  // namespace
}  // namespace holdfast::signer::test
