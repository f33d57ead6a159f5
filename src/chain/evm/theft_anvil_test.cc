// Thefts against a real EVM node: what the pool watch and the follower see of them, and what can still be saved.
#include "chain/evm/codec/safe.h"
#include "chain/evm/testing/exchange_world.h"

#include <gtest/gtest.h>

namespace holdfast::chain::evm {
namespace {

TEST(rescue, a_stolen_key_is_outrun_by_its_own_nonce) {
  ExchangeWorld world;
  world.anvil.send(4, world.single_address, milliether(10));
  world.anvil.send(4, world.token_contract, {}, mint_call(world.single_address, milliether(10)));
  world.mine();
  // The thief's transaction, signed with the true key.
  const FeeQuote fees = *world.builder.quote();
  Eip1559Transaction theft{kAnvilChainId, 0, fees.priority_fee, fees.max_fee, 21'000, kStranger, milliether(9), {}};
  const Signature signature = *sign(world.single_key, signing_hash(theft));
  ASSERT_TRUE(world.builder.broadcast(encode_signed({theft, signature})));
  const auto reports = *world.pool.watch();
  ASSERT_EQ(reports.size(), 1U);
  world.books.submit(reports);
  EXPECT_TRUE(world.books.state.platform_frozen());
  const custody::ForeignSpend foreign = world.books.state.foreign_spends.at({world.single, 0});
  EXPECT_EQ(foreign.max_fee, fees.max_fee);
  // Ours takes its place.
  world.books.submit(custody::PlanEvacuation{{1}, world.single, {{world.eth, milliether(10)}}});
  const custody::SpendId id{world.books.state.spends.size()};
  const FeeQuote higher = world.builder.bump({foreign.max_fee, foreign.priority_fee}, fees);
  const custody::Attempt made = world.attempt(id, higher);
  world.books.submit(custody::AddAttempt{id, made});
  ASSERT_TRUE(world.builder.broadcast(made.raw));
  world.mine();
  EXPECT_TRUE(world.spend(id).success);
  EXPECT_GT(world.balance(world.cold, world.eth), milliether(9));
  EXPECT_LT(world.balance(world.single, world.eth), milliether(1));
  EXPECT_EQ(*world.node.balances(world.node.head()->hash, {{kStranger, {}}}), std::vector<std::optional<Amount>>(1, Amount::zero()));
  EXPECT_EQ(world.books.state.incidents.size(), 1U);
}

TEST(rescue, one_owner_evacuates_the_safe_whoever_relays_it) {
  for (const bool relayed : {false, true}) {
    ExchangeWorld world;
    world.fund_hot();
    world.books.now = world.node.head()->time;  // The order to the module expires by the chain's clock.
    world.books.submit(custody::OpenIncident{custody::IncidentCause::operator_report, world.hot, "test"});
    world.books.submit(custody::PlanEvacuation{{1}, world.hot, {{world.eth, milliether(50)}, {world.token, milliether(50)}}});
    const custody::SpendId id{world.books.state.spends.size()};
    world.authorise(id);
    if (relayed) {
      world.books.submit(custody::AssignGas{id, world.gas});
      const Bytes unsigned_transaction = *world.builder.build(world.books.state, world.spend(id), *world.builder.quote());
      world.anvil.send(6, world.module, {}, decode_unsigned(unsigned_transaction)->data);
    } else {
      world.sign_and_broadcast(id);
    }
    EXPECT_TRUE(world.pool.watch()->empty());
    world.mine();
    EXPECT_TRUE(world.spend(id).success);
    EXPECT_EQ(world.balance(world.hot, world.eth), Amount::zero());
    EXPECT_EQ(world.balance(world.cold, world.eth), milliether(50));
    EXPECT_EQ(world.balance(world.cold, world.token), milliether(50));
    EXPECT_EQ(world.books.state.incidents.size(), 1U);
  }
}

// A Safe transaction that nobody asked for, signed by so many owners.
Bytes theft_of(const ExchangeWorld& world, std::size_t owners) {
  ExecTransaction call{{.to = kStranger, .value = milliether(1).to_word()}, {}};
  const std::uint64_t nonce = world.books.state.wallets.at(world.hot).next_nonce;
  const Hash32 hash = safe_transaction_hash(kAnvilChainId, world.hot_address, call.transaction, nonce);
  std::vector<SafeOwnerSignature> signatures;
  for (std::size_t i = 0; i < owners; ++i) {
    signatures.push_back({*address_of_key(world.owners[i]), world.owner_signature(i, hash)});
  }
  call.signatures = join_owner_signatures(std::move(signatures));
  return encode_exec_transaction(call);
}

TEST(leaks, a_true_owner_signature_is_an_incident_and_garbage_is_noise) {
  ExchangeWorld world;
  world.fund_hot();
  Bytes garbage = theft_of(world, 2);
  garbage[4 + 31] ^= 1;  // Another payee than what was signed.
  world.anvil.send(6, world.hot_address, {}, garbage);
  world.anvil.send(6, world.hot_address, {}, Bytes(68, 1));
  world.anvil.send(6, world.hot_address, Amount::of(1));
  EXPECT_TRUE(world.pool.watch()->empty());
  world.mine();
  EXPECT_TRUE(world.at_peace());

  world.anvil.send(6, world.hot_address, {}, theft_of(world, 1));
  const auto reports = *world.pool.watch();
  ASSERT_EQ(reports.size(), 1U);
  const auto& report = std::get<custody::ReportForeignSpend>(reports[0]);
  EXPECT_EQ(report.cause, custody::IncidentCause::leaked_owner);
  EXPECT_EQ(report.wallet, world.hot);
  // One signature is no quorum: it reverts, and is told from the block all the same when the pool was not seen.
  world.mine();
  ASSERT_EQ(world.books.state.incidents.size(), 1U);
  EXPECT_EQ(world.books.state.incidents.at({1}).cause, custody::IncidentCause::leaked_owner);
  EXPECT_EQ(world.balance(world.hot, world.eth), milliether(50) + Amount::of(1));
}

TEST(leaks, a_theft_by_quorum_is_a_loss) {
  ExchangeWorld world;
  world.fund_hot();
  world.anvil.send(6, world.hot_address, {}, theft_of(world, 2));
  world.mine();
  ASSERT_EQ(world.books.state.incidents.size(), 1U);
  EXPECT_EQ(world.balance(world.hot, world.eth), milliether(49));
  EXPECT_TRUE(world.books.state.platform_frozen());
}

TEST(leaks, an_owner_never_sends) {
  ExchangeWorld world;
  const Address20 owner = *address_of_key(world.owners[0]);
  world.anvil.send(6, owner, milliether(1));
  world.mine();
  const FeeQuote fees = *world.builder.quote();
  Eip1559Transaction sent{kAnvilChainId, 0, fees.priority_fee, fees.max_fee, 21'000, kStranger, Amount::of(1), {}};
  const Signature signature = *sign(world.owners[0], signing_hash(sent));
  ASSERT_TRUE(world.builder.broadcast(encode_signed({sent, signature})));
  EXPECT_EQ(world.pool.watch()->size(), 1U);
  world.mine();
  EXPECT_EQ(world.books.state.incidents.at({1}).cause, custody::IncidentCause::leaked_owner);
}

}  // namespace
}  // namespace holdfast::chain::evm
