// Coins against a node that says what it was told: what a real one on regtest cannot be made to say.
#include "base/check.h"
#include "chain/utxo/codec/block.h"
#include "chain/utxo/codec/sighash.h"
#include "chain/utxo/codec/signature.h"
#include "chain/utxo/node/testing/scripted_node.h"
#include "signer/coin_test_world.h"
#include "signer/eyes/coin_prover.h"
#include "signer/eyes/coin_use.h"
#include "signer/eyes/coin_watcher.h"

#include <gtest/gtest.h>

namespace holdfast::signer::test {
namespace {

namespace utxo = chain::utxo;

const CoinChainRule& own_rules() {
  static const Policy kept = [] {
    Policy out = coin_policy();
    if (!find_own_keys(out, coin_keys())) die("the keys are not the policy's");
    return out;
  }();
  return kept.coin_chains.front();
}

struct World {
  World() : rule(own_rules()) {
    // The genesis block's id stands where the node's first block is.
    node.add(0, *utxo::id_from_display(regtest().genesis));
    for (std::uint64_t height = 1; height <= 20; ++height) {
      Hash32 hash;
      hash.bytes[0] = static_cast<std::uint8_t>(height);
      hash.bytes[1] = 1;
      node.add(height, hash);
    }
    settings.depth = 6;
    settings.max_behind_ms = kMsPerDay;
  }

  Instant now() const { return node.headers.at(node.best_chain.back()).time; }
  std::string prove(const DepositClaim& claim) {
    CoinProver prover(node, rule, settings);
    const Verdict verdict = (*prover.prove(std::vector{claim}, now())).front();
    return verdict.proof == Proof::proven ? "proven" : std::string(verdict.reason);
  }
  DepositClaim claim(std::uint64_t height) const {
    DepositClaim out{std::string(kCoinChain), derived(kQuorum, 0, 3).script_pubkey, {}, Amount::of(5'000), {}, 1, height, {}};
    out.txid.bytes.fill(9);
    return out;
  }

  utxo::ScriptedNode node;
  CoinChainRule rule;
  NodeSettings settings;
};

// A block of one transaction, whose id is the merkle root.
Bytes block_of(const utxo::Transaction& transaction) {
  Bytes out(utxo::kBlockHeaderBytes);
  std::ranges::copy(txid_of(transaction).bytes, out.begin() + 36);
  out.push_back(1);
  const Bytes raw = encode(transaction);
  out.insert(out.end(), raw.begin(), raw.end());
  return out;
}

TEST(coin_prover, a_node_that_has_no_such_block_accuses_nobody) {
  World x;
  x.node.pruned.insert(x.node.best_chain[10]);
  EXPECT_EQ(x.prove(x.claim(10)), "node_lacks");
  EXPECT_EQ(x.prove(x.claim(9)), "node_down");  // Bytes that are no block.
}

TEST(coin_prover, what_is_dated_too_late_is_looked_for_among_the_unspent) {
  World x;
  const TestCoin paid = coin(kQuorum, 7, 5'000);
  x.node.blocks[x.node.best_chain[9]] = block_of(paid.previous);
  DepositClaim claim = x.claim(9);
  claim.txid = txid_of(paid.previous);
  claim.position = 0;
  EXPECT_EQ(x.prove(claim), "proven");
  claim.position = 1;
  EXPECT_EQ(x.prove(claim), "nothing_there");
  claim.position = 0;
  claim.height = 10;  // There is another one.
  x.node.blocks[x.node.best_chain[10]] = block_of(coin(kQuorum, 8, 5'000).previous);
  EXPECT_EQ(x.prove(claim), "no_such_transaction");
  auto& unspent = x.node.outputs[{claim.txid, 0}];
  unspent.output = paid.previous.outputs[0];
  unspent.confirmations = 12;  // In block 9 of 20.
  EXPECT_EQ(x.prove(claim), "proven");
  claim.amount += Amount::of(1);
  EXPECT_EQ(x.prove(claim), "other_amount");
  claim.amount = Amount::of(5'000);
  unspent.confirmations = 10;  // In block 11: later than it is said.
  EXPECT_EQ(x.prove(claim), "other_block");
  unspent.confirmations = 0;
  EXPECT_EQ(x.prove(claim), "no_such_transaction");
}

TEST(coin_prover, says_what_is_wrong_with_the_node) {
  World x;
  EXPECT_EQ(x.prove(x.claim(15)), "not_final");
  EXPECT_EQ(x.prove(x.claim(21)), "node_behind");
  x.settings.depth = 21;
  EXPECT_EQ(x.prove(x.claim(10)), "not_final");
  x.node.failure = Error{ErrorKind::fault, "node_unavailable", "down"};
  EXPECT_EQ(x.prove(x.claim(10)), "node_down");
  x.node.failure.reset();
  x.node.about.initial_download = true;
  EXPECT_EQ(x.prove(x.claim(10)), "node_behind");
}

TEST(coin_watcher, the_own_key_is_told_in_every_kind_of_wallet) {
  World x;
  CoinWatcher watcher(x.node, x.rule, x.settings, [](const Hash32&) { return false; }, {}, {});
  // Each wallet's coin comes, unconfirmed, and is spent by a witness of this form.
  const auto spend = [&](std::string_view wallet, std::uint8_t number, std::vector<Bytes> witness) {
    const TestCoin spent = coin(wallet, number, 50'000);
    x.node.offer(spent.previous);
    utxo::Transaction theft;
    theft.inputs = {{outpoint(spent), {}, utxo::kSequenceFinal, std::move(witness)}};
    theft.outputs = {{40'000, customer(number)}};
    x.node.offer(theft);
    std::string out;
    for (bool done = false; !done;) {
      const auto round = watcher.look(x.now());
      if (!round) return std::string(round.error().code);
      for (const Sighting& sighting : round->sightings) out += sighting.wallet + ":" + std::string(sighting.what) + " ";
      done = round->caught_up;
    }
    return out;
  };
  const Bytes any(64, 1);
  const utxo::DerivedOutput taproot = derived(kTaproot, 0, 3), quorum = derived(kQuorum, 0, 3);
  EXPECT_EQ(spend(kSingle, 1, {any, Bytes(33, 2)}), "single:coins_signed ");
  EXPECT_EQ(spend(kQuorum, 2, {{}, any, any, quorum.witness_script}), "quorum:coins_spent ");  // No signature of the own key.
  const auto keys = *utxo::parse_multi_a(taproot.leaf_script);
  const auto own_place = [&] {
    for (const auto& key : taproot.keys) {
      if (key.master != fingerprint(1)) continue;
      return static_cast<std::size_t>(std::ranges::find(keys.keys, utxo::x_only(key.key)) - keys.keys.begin());
    }
    return std::size_t{99};
  }();
  ASSERT_LT(own_place, 3u);
  std::vector<Bytes> with(3, any), without(3, any);
  with[2 - (own_place + 1) % 3].clear();
  without[2 - own_place].clear();
  for (auto* witness : {&with, &without}) {
    witness->push_back(taproot.leaf_script);
    witness->push_back(taproot.control_block);
  }
  EXPECT_EQ(spend(kTaproot, 3, with), "taproot:coins_signed ");
  EXPECT_EQ(spend(kTaproot, 4, without), "taproot:coins_spent ");
}

TEST(coin_use, the_own_signature_is_found_by_verifying_it) {
  const CoinWalletRule& own = *own_rules().wallet(kQuorum);
  const TestCoin spent = coin(kQuorum, 1, 50'000);
  utxo::Transaction transaction;
  transaction.inputs = {{outpoint(spent), {}, utxo::kSequenceFinal, {}}};
  transaction.outputs = {{40'000, customer(1)}};
  const std::vector<utxo::TxOut> outputs = {{50'000, spent.output.script_pubkey}};
  const utxo::SighashCache cache(transaction, outputs);
  const auto signature_of = [&](std::uint8_t seed, std::uint8_t type) {
    const Hash32 digest = cache.v0(0, spent.output.witness_script, type);
    const auto key = *utxo::derive(master(seed), *utxo::parse_path("48h/1h/0h/2h/0/3"));
    Bytes out = *utxo::sign_ecdsa(key.key, digest);
    out.push_back(type);
    return out;
  };
  const CoinScripts::Place place{0, 0, 3};
  const auto signer = [&](std::vector<Bytes> signatures, std::optional<std::int64_t> amount) {
    transaction.inputs[0].witness = std::move(signatures);
    transaction.inputs[0].witness.push_back(spent.output.witness_script);
    return signer_of(own, place, transaction, 0, amount);
  };
  EXPECT_EQ(signer({{}, signature_of(1, 1), signature_of(2, 1)}, 50'000), CoinSigner::own_key);
  EXPECT_EQ(signer({{}, signature_of(2, 1), signature_of(3, 1)}, 50'000), CoinSigner::others);
  EXPECT_EQ(signer({{}, signature_of(2, 1), signature_of(1, 0x81)}, 50'000), CoinSigner::own_key);  // Of any type.
  EXPECT_EQ(signer({{}, signature_of(1, 1), signature_of(2, 1)}, {}), CoinSigner::untold);
  EXPECT_EQ(signer({{}, signature_of(1, 1), signature_of(2, 1)}, 49'999), CoinSigner::others);
}

TEST(coin_scripts, are_derived_a_gap_ahead) {
  CoinScripts scripts(coin_rules());
  std::uint32_t handed_out = 10;
  const CoinReach reach = [&](std::string_view, std::uint32_t) { return handed_out; };
  while (!scripts.extend(reach)) {}
  const auto knows = [&](std::uint32_t index) { return scripts.find(derived(kQuorum, 1, index).script_pubkey).has_value(); };
  EXPECT_TRUE(knows(0));
  EXPECT_TRUE(knows(10 + CoinScripts::kGap - 1));
  EXPECT_FALSE(knows(10 + CoinScripts::kGap));
  scripts.found_at({0, 1, 100});
  while (!scripts.extend(reach)) {}
  EXPECT_TRUE(knows(100 + CoinScripts::kGap));
  EXPECT_FALSE(knows(101 + CoinScripts::kGap));
  handed_out = 4'000;
  EXPECT_FALSE(scripts.extend(reach));  // Not all of them at once.
  const auto place = scripts.find(derived(kTaproot, 0, 7).script_pubkey);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->wallet, 1u);
  EXPECT_EQ(place->branch, 0u);
  EXPECT_EQ(place->index, 7u);
}

}  // namespace
}  // namespace holdfast::signer::test
