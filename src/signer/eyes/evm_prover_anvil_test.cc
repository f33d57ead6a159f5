// Deposits proven from a real node: what holdfastd honestly found is proven, and no fraud is.
#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/deposits.h"
#include "signer/eyes/deposit_addresses.h"
#include "signer/eyes/testing/evm_eyes.h"

#include <gtest/gtest.h>

#include <functional>

namespace holdfast::signer::test {
namespace {

Bytes call_address(std::string_view signature, const Address20& address) {
  return AbiWriter().address(address).finish(selector_of(signature));
}

std::string reasons(const std::vector<Verdict>& verdicts) {
  std::string out;
  for (const Verdict& verdict : verdicts) {
    out += (out.empty() ? "" : " ") + std::string(verdict.proof == Proof::proven ? "proven" : verdict.reason);
  }
  return out;
}

// One deposit of every kind, in one block, and a second one behind it.
struct Deposits {
  Deposits() : fakes(world.anvil.deploy(3, "FakeDeposits")) {
    const Bytes arguments = AbiWriter().bytes({}).bytes({}).number(18).number(500).finish();
    fee_token = world.anvil.deploy(3, "FeeToken", arguments);
    world.books.submit(custody::RegisterAsset{{{}, world.chain, "FEE", 18, to_custody(fee_token), {}, {}, {}, 0}});
    for (std::uint64_t i = 1; i <= 8; ++i) to.push_back(world.deposit_address(i));
    world.anvil.send(4, fee_token, {}, mint_call(world.anvil.account(4), milliether(100)));
    world.mine();
    world.anvil.send(4, to[0], milliether(1));
    world.anvil.send(4, fakes, milliether(2), call_address("payInternally(address)", to[1]));
    world.anvil.send(4, fakes, milliether(3), call_address("payBySelfDestruct(address)", to[2]));
    const Bytes many = AbiWriter()
                           .addresses({to[3], to[0]})
                           .words({milliether(4).to_word(), milliether(5).to_word()})
                           .finish(selector_of("payMany(address[],uint256[])"));
    world.anvil.send(4, fakes, milliether(9), many);
    world.anvil.send(4, world.token_contract, {}, mint_call(to[4], milliether(6)));
    world.anvil.send(4, fee_token, {}, encode_transfer({to[5], milliether(100)}));
    failed = world.anvil.send(4, fakes, milliether(10), call_address("nothing(address)", to[6]));
    undone = world.anvil.send(4, fakes, milliether(10), call_address("payThenUndo(address)", to[6]));
    world.mine();
    world.mine();
  }

  ExchangeWorld world;
  Address20 fakes, fee_token;
  std::vector<Address20> to;
  Hash32 failed, undone;
};

const DepositClaim& of_kind(const std::vector<DepositClaim>& claims, const std::function<bool(const DepositClaim&)>& is) {
  const auto found = std::ranges::find_if(claims, is);
  HF_CHECK(found != claims.end());
  return *found;
}
bool is_plain(const DepositClaim& claim) { return claim.asset_contract.empty() && claim.position < kInternalPosition; }
bool is_internal(const DepositClaim& claim) { return claim.asset_contract.empty() && claim.position >= kInternalPosition; }

TEST(evm_prover, proves_what_an_honest_follower_found) {
  Deposits x;
  EvmEyes eyes(x.world);
  const auto claims = eyes.claims();
  ASSERT_EQ(claims.size(), 7U);
  EXPECT_EQ(reasons(eyes.prove(claims)), "proven proven proven proven proven proven proven");
  for (const DepositClaim& claim : claims) EXPECT_EQ(reasons(eyes.prove({claim})), "proven");  // One alone, too.
  // What the fee of the token left, and not what was sent.
  const auto& fee = of_kind(claims, [&](const auto& claim) { return claim.asset_contract == to_bytes(x.fee_token.view()); });
  EXPECT_EQ(fee.amount, milliether(95));
}

TEST(evm_prover, proves_a_deposit_that_was_flushed_in_its_own_block) {
  ExchangeWorld world;
  EvmEyes eyes(world);
  const Address20 to = world.deposit_address(1);
  world.anvil.send(4, to, milliether(20));
  world.anvil.send(4, world.token_contract, {}, mint_call(to, milliether(7)));
  world.anvil.send(5, world.factory, {}, encode_flush({{deposit_salt(world.customer.value, 1)}, {world.token_contract}}));
  world.mine();
  world.mine();
  const auto left = *eyes.own_node.balances(eyes.own_node.head()->hash, {{to, {}}, {to, world.token_contract}});
  EXPECT_TRUE(left[0]->is_zero() && left[1]->is_zero());
  const auto claims = eyes.claims();
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(reasons(eyes.prove(claims)), "proven proven");
}

struct Fraud {
  const char* what;
  std::function<void(const Deposits&, DepositClaim&)> spoil;
  const char* reason;
};

TEST(evm_prover, refuses_each_fraud_with_its_reason) {
  Deposits x;
  EvmEyes eyes(x.world);
  const auto claims = eyes.claims();
  const DepositClaim plain = of_kind(claims, is_plain);
  const Fraud frauds[] = {
      {"more", [](const Deposits&, DepositClaim& c) { c.amount += Amount::of(1); }, "other_amount"},
      {"less", [](const Deposits&, DepositClaim& c) { c.amount -= Amount::of(1); }, "other_amount"},
      {"to another customer", [](const Deposits& d, DepositClaim& c) { c.address = to_bytes(d.to[7].view()); }, "other_recipient"},
      {"out of nothing", [](const Deposits&, DepositClaim& c) { c.txid.bytes[0] ^= 1; }, "no_such_transaction"},
      {"a block earlier", [](const Deposits&, DepositClaim& c) { --c.height; }, "other_block"},
      {"at another place", [](const Deposits&, DepositClaim& c) { c.position += 1; }, "nothing_there"},
      {"from somebody else", [](const Deposits& d, DepositClaim& c) { c.from = to_bytes(d.to[7].view()); }, "other_sender"},
      {"as a token", [](const Deposits& d, DepositClaim& c) { c.asset_contract = to_bytes(d.fee_token.view()); }, "nothing_there"},
      {"twice, as what nobody claims", [](const Deposits&, DepositClaim& c) { c.position = kUnclaimedPosition, c.amount = milliether(6); }, "other_amount"},
      {"of a failed transaction", [](const Deposits& d, DepositClaim& c) { c.txid = d.failed, c.address = to_bytes(d.to[6].view()); }, "transaction_failed"},
      {"of what was undone inside", [](const Deposits& d, DepositClaim& c) {
         c.txid = d.undone, c.address = to_bytes(d.to[6].view()), c.position = kInternalPosition; }, "nothing_there"},
      {"of no address", [](const Deposits&, DepositClaim& c) { c.address.pop_back(); }, "claim_malformed"},
      {"of no contract", [](const Deposits&, DepositClaim& c) { c.asset_contract = {1}; }, "claim_malformed"},
      {"of no sender", [](const Deposits&, DepositClaim& c) { c.from = {1}; }, "claim_malformed"},
      {"of nothing", [](const Deposits&, DepositClaim& c) { c.amount = {}; }, "claim_malformed"},
  };
  for (const Fraud& fraud : frauds) {
    DepositClaim claim = plain;
    fraud.spoil(x, claim);
    const Verdict verdict = eyes.prove_one(claim);
    EXPECT_EQ(verdict.proof, Proof::false_claim) << fraud.what;
    EXPECT_EQ(verdict.reason, fraud.reason) << fraud.what;
  }
}

TEST(evm_prover, refuses_frauds_with_tokens) {
  Deposits x;
  EvmEyes eyes(x.world);
  const auto claims = eyes.claims();
  const DepositClaim token = of_kind(claims, [&](const auto& c) { return c.asset_contract == to_bytes(x.world.token_contract.view()); });
  const DepositClaim fee = of_kind(claims, [&](const auto& c) { return c.asset_contract == to_bytes(x.fee_token.view()); });
  const auto reason = [&](DepositClaim claim, auto&& spoil) {
    spoil(claim);
    return std::string(eyes.prove_one(claim).reason);
  };
  EXPECT_EQ(reason(fee, [](DepositClaim& c) { c.amount = milliether(100); }), "other_amount");  // What the log says.
  EXPECT_EQ(reason(token, [](DepositClaim& c) { c.amount += Amount::of(1); }), "other_amount");
  EXPECT_EQ(reason(token, [&](DepositClaim& c) { c.address = to_bytes(x.to[7].view()); }), "other_recipient");
  EXPECT_EQ(reason(token, [&](DepositClaim& c) { c.asset_contract = to_bytes(x.fee_token.view()); }), "other_asset");
  EXPECT_EQ(reason(token, [](DepositClaim& c) { c.position = 9'999; }), "nothing_there");
  EXPECT_EQ(reason(token, [](DepositClaim& c) { c.position = kInternalPosition; }), "nothing_there");
}

TEST(evm_prover, a_fake_token_and_a_lying_one_prove_nothing) {
  ExchangeWorld world;
  EvmEyes eyes(world);
  const Address20 fakes = world.anvil.deploy(3, "FakeDeposits");
  const Address20 to = world.deposit_address(1);
  const Bytes fake = AbiWriter().address(fakes).address(to).amount(milliether(10)).finish(selector_of("logFakeTransfer(address,address,uint256)"));
  const Hash32 txid = world.anvil.send(4, fakes, {}, fake);
  world.mine();
  world.mine();
  const auto receipt = **eyes.own_node.receipt(txid);
  DepositClaim claim{eyes.rule.caip2, to_bytes(to.view()), to_bytes(world.token_contract.view()), milliether(10), txid,
                     receipt.logs.at(0).index, receipt.height};
  EXPECT_EQ(eyes.prove_one(claim).reason, "other_asset");  // The log is there, of another contract.
  claim.asset_contract = to_bytes(fakes.view());           // And that one has no balances.
  EXPECT_EQ(eyes.prove_one(claim).reason, "node_lacks");
  EXPECT_EQ(eyes.prove_one(claim).proof, Proof::not_yet);
}

TEST(evm_prover, waits_for_its_own_depth) {
  ExchangeWorld world;
  EvmEyes eyes(world);
  eyes.settings.depth = 3;
  world.anvil.send(4, world.deposit_address(1), milliether(1));
  world.mine();
  world.mine();
  ASSERT_EQ(world.available(world.eth), milliether(1));  // holdfastd is content with one block.
  const DepositClaim claim = eyes.claims().front();
  EXPECT_EQ(eyes.prove_one(claim).reason, "not_final");
  world.anvil.mine();
  EXPECT_EQ(eyes.prove_one(claim).reason, "not_final");
  world.anvil.mine();
  EXPECT_EQ(eyes.prove_one(claim).proof, Proof::proven);
  eyes.settings.depth = 1'000'000;
  EXPECT_EQ(eyes.prove_one(claim).reason, "not_final");
  eyes.settings.depth.reset();  // The node's finalized tag, 64 blocks behind.
  EXPECT_EQ(eyes.prove_one(claim).reason, "not_final");
  world.anvil.mine(70);
  EXPECT_EQ(eyes.prove_one(claim).proof, Proof::proven);
}

TEST(evm_prover, a_deposit_that_a_reorg_took_is_never_proven) {
  ExchangeWorld world;
  EvmEyes eyes(world);
  eyes.settings.depth = 2;
  world.anvil.send(4, world.deposit_address(1), milliether(3));
  world.mine();
  const DepositClaim claim = eyes.claims().front();
  world.anvil.reorg(1);
  EXPECT_EQ(eyes.prove_one(claim).reason, "not_final");
  world.anvil.mine(3);
  const Verdict verdict = eyes.prove_one(claim);
  EXPECT_EQ(verdict.proof, Proof::false_claim);
  EXPECT_EQ(verdict.reason, "no_such_transaction");
}

TEST(evm_prover, a_deposit_that_was_final_and_is_undone_all_the_same_is_a_false_one) {
  ExchangeWorld world;
  EvmEyes eyes(world);
  world.anvil.send(4, world.deposit_address(1), milliether(3));
  world.mine();
  world.mine();
  const DepositClaim claim = eyes.claims().front();
  EXPECT_EQ(eyes.prove_one(claim).proof, Proof::proven);
  world.anvil.reorg(2);
  world.anvil.mine(2);
  EXPECT_EQ(eyes.prove_one(claim).proof, Proof::false_claim);
}

TEST(evm_prover, nodes_that_trace_and_nodes_that_do_not_never_count_twice) {
  Deposits x;
  EvmEyes eyes(x.world);
  const auto claims = eyes.claims();
  eyes.settings.trace = false;
  EXPECT_EQ(eyes.prove_one(of_kind(claims, is_plain)).proof, Proof::proven);
  EXPECT_EQ(eyes.prove_one(of_kind(claims, is_internal)).reason, "trace_missing");
  eyes.settings.trace = true;
  // The same coins, told as a node without a trace tells them: all that one address got beside plain payments.
  DepositClaim untraced = of_kind(claims, is_plain);
  untraced.position = kUnclaimedPosition;
  untraced.amount = milliether(5);
  untraced.from.clear();
  const auto block = **eyes.own_node.block((**eyes.own_node.header_at(untraced.height)).hash);
  untraced.txid = block.transactions.back().hash;
  EXPECT_EQ(eyes.prove_one(untraced).reason, "seen_otherwise");
  EXPECT_EQ(eyes.prove_one(untraced).proof, Proof::not_yet);
  eyes.settings.trace = false;
  EXPECT_EQ(eyes.prove_one(untraced).proof, Proof::proven);
}

TEST(evm_prover, a_node_that_cannot_be_asked_proves_nothing_and_accuses_nobody) {
  ExchangeWorld world;
  EvmEyes eyes(world);
  world.anvil.send(4, world.deposit_address(1), milliether(3));
  world.mine();
  world.mine();
  const DepositClaim claim = eyes.claims().front();
  const auto reason = [&](EvmProver& prover, Instant now) { return std::string((*prover.prove(std::vector{claim}, now)).front().reason); };
  EvmProver right(eyes.own_node, eyes.rule, eyes.settings);
  EXPECT_EQ(reason(right, eyes.now()), "");
  EXPECT_EQ(reason(right, eyes.now() + kMsPerDay + 1), "node_behind");
  ChainRule other = eyes.rule;
  other.chain_id = 1;
  EvmProver wrong(eyes.own_node, other, eyes.settings);
  EXPECT_EQ(reason(wrong, eyes.now()), "wrong_chain");
  other = eyes.rule;
  other.factory = {};
  EvmProver unknown(eyes.own_node, other, eyes.settings);
  EXPECT_EQ(reason(unknown, eyes.now()), "factory_unknown");
  JsonRpcNode nobody("http://127.0.0.1:1");
  EvmProver down(nobody, eyes.rule, eyes.settings);
  EXPECT_EQ(reason(down, eyes.now()), "node_down");
  DepositClaim ahead = claim;
  ahead.height += 100;
  EXPECT_EQ(eyes.prove_one(ahead).reason, "node_behind");
  ahead.chain = "eip155:1";
  EXPECT_EQ(right.prove(std::vector{ahead}, eyes.now()).error().code, "chain_differs");
  EXPECT_EQ(right.prove(std::vector(kMaxClaims + 1, claim), eyes.now()).error().code, "claims_too_many");
}

TEST(evm_prover, deposit_addresses_follow_from_the_factory) {
  ExchangeWorld world;
  EXPECT_EQ(implementation_of(world.factory), world.implementation);
  const Address20 address = world.deposit_address(7);
  const Hash32 salt = deposit_salt(world.customer.value, 7);
  EXPECT_TRUE(is_forwarder(world.factory, world.implementation, salt, address.view()));
  EXPECT_FALSE(is_forwarder(world.factory, world.implementation, deposit_salt(world.customer.value, 8), address.view()));
  EXPECT_FALSE(is_forwarder(world.module, world.implementation, salt, address.view()));
  EXPECT_FALSE(is_forwarder(world.factory, world.module, salt, address.view()));
  EXPECT_FALSE(is_forwarder(world.factory, world.implementation, salt, address.view().first(19)));
  EXPECT_FALSE(is_forwarder({}, world.implementation, salt, forwarder_address({}, world.implementation, salt).view()));
}

}  // namespace
}  // namespace holdfast::signer::test
