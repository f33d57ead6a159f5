// Proofs of control: what is signed, and everything that is not.
#include "signer/control_proof.h"

#include "chain/utxo/psbt/bip322.h"
#include "signer/coin_test_world.h"

#include <gtest/gtest.h>

#include <functional>

namespace holdfast::signer::test {
namespace {

constexpr std::string_view kMessage = "Exchange Ltd. for its auditors\nblock 812345 00000000000000000001";

utxo::Psbt asked(std::string_view wallet, std::uint32_t branch = 0, std::uint32_t index = 3, std::string_view message = kMessage) {
  return utxo::bip322_to_sign(message, derived(wallet, branch, index));
}
std::string_view refusal(const utxo::Psbt& psbt) {
  const auto proof = explain_control_proof(own_coin_policy(), psbt);
  return proof ? "" : proof.error().code;
}
KeyRing ring(std::uint8_t seed) { return *KeyRing::of(secret(static_cast<std::uint8_t>(20 + seed)), {}, entropy(seed)); }

class EachWallet : public testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(ControlProof, EachWallet, testing::Values(kQuorum, kTaproot, kSingle),
                         [](const auto& wallet) { return std::string(wallet.param); });

TEST_P(EachWallet, is_proven_by_its_signers) {
  for (const auto& [branch, index] : {std::pair{0U, 0U}, {0U, 77U}, {1U, 5U}}) {
    const utxo::Psbt psbt = asked(GetParam(), branch, index);
    const auto proof = explain_control_proof(own_coin_policy(), psbt);
    ASSERT_TRUE(proof) << proof.error().code;
    EXPECT_EQ(proof->wallet->name, GetParam());
    EXPECT_EQ(proof->message, kMessage);
    EXPECT_EQ((std::pair{proof->branch, proof->index}), (std::pair{branch, index}));
    auto joined = *sign_control_proof(*proof, coin_keys());
    // The second signer is given what the first one wrote, and read it from bytes.
    if (GetParam() != kSingle) {
      const auto seen = *utxo::read_psbt(utxo::write_psbt(joined));
      joined = *sign_control_proof(*explain_control_proof(own_coin_policy(), seen), ring(3));
    }
    const auto signature = utxo::bip322_simple(*utxo::finalize(joined));
    ASSERT_TRUE(signature);
    const Bytes script = derived(GetParam(), branch, index).script_pubkey;
    EXPECT_TRUE(utxo::bip322_verify(kMessage, script, *signature));
    EXPECT_EQ(utxo::bip322_verify("another", script, *signature).error().code, "signature_wrong");
  }
}

TEST_P(EachWallet, is_not_proven_by_a_stranger) {
  const auto proof = explain_control_proof(own_coin_policy(), asked(GetParam()));
  EXPECT_EQ(sign_control_proof(*proof, ring(5)).error().code, "key_missing");
}

TEST_P(EachWallet, signs_no_coin_however_it_is_dressed) {
  // A coin of the wallet, all of it to a thief: as it is, then in ever more of a proof's clothes.
  const TestCoin stolen = coin(GetParam(), 1, kCoinValue);
  utxo::Psbt psbt = payment(1, 1, GetParam()).psbt;
  EXPECT_EQ(refusal(psbt), "proof_message_missing");
  psbt.unknown = asked(GetParam()).unknown;
  EXPECT_EQ(refusal(psbt), "proof_output_count");
  psbt.outputs.resize(1);
  EXPECT_EQ(refusal(psbt), "proof_pays");
  psbt.outputs = asked(GetParam()).outputs;
  EXPECT_EQ(refusal(psbt), "proof_transaction_differs");
  psbt.transaction_version = 0;
  psbt.fallback_locktime = 0;
  psbt.inputs[0].sequence = 0;
  EXPECT_EQ(refusal(psbt), "proof_amount");  // As a real transaction that gives it all to the miner.
  psbt.inputs[0].non_witness_utxo.reset();
  psbt.inputs[0].witness_utxo->value = 0;
  EXPECT_EQ(refusal(psbt), "proof_outpoint_differs");
  EXPECT_EQ(psbt.inputs[0].previous, outpoint(stolen));
}

struct Row {
  std::string_view code;
  std::function<void(utxo::Psbt&)> spoil;
};

TEST(ControlProof, is_refused_for_whatever_differs) {
  const Row table[] = {
      {"proof_message_missing", [](utxo::Psbt& psbt) { psbt.unknown.clear(); }},
      {"proof_outpoint_differs", [](utxo::Psbt& psbt) { psbt.unknown.begin()->second.push_back('!'); }},
      {"proof_message_unreadable", [](utxo::Psbt& psbt) { psbt = asked(kQuorum, 0, 3, "all is well\x1b[2K\rpay the thief"); }},
      {"proof_message_unreadable", [](utxo::Psbt& psbt) { psbt = asked(kQuorum, 0, 3, ""); }},
      {"proof_message_unreadable",
       [](utxo::Psbt& psbt) { psbt = asked(kQuorum, 0, 3, std::string(kMaxProofMessageBytes + 1, 'a')); }},
      {"proof_input_count", [](utxo::Psbt& psbt) { psbt.inputs.push_back(psbt.inputs[0]); psbt.inputs[1].previous.vout = 1; }},
      {"proof_input_count", [](utxo::Psbt& psbt) { psbt.inputs.clear(); }},
      {"proof_output_count", [](utxo::Psbt& psbt) { psbt.outputs.push_back(psbt.outputs[0]); }},
      {"proof_output_count", [](utxo::Psbt& psbt) { psbt.outputs.clear(); }},
      {"proof_pays", [](utxo::Psbt& psbt) { psbt.outputs[0].value = 1; }},
      {"proof_pays", [](utxo::Psbt& psbt) { psbt.outputs[0].script = customer(6); }},
      {"proof_pays", [](utxo::Psbt& psbt) { psbt.outputs[0].script.push_back(0x51); }},
      {"proof_transaction_differs", [](utxo::Psbt& psbt) { psbt.transaction_version = 1; }},
      {"proof_transaction_differs", [](utxo::Psbt& psbt) { psbt.transaction_version = 2; }},
      {"proof_transaction_differs", [](utxo::Psbt& psbt) { psbt.fallback_locktime = 850'000; }},
      {"proof_transaction_differs", [](utxo::Psbt& psbt) { psbt.inputs[0].required_height_locktime = 9; }},
      {"proof_transaction_differs", [](utxo::Psbt& psbt) { psbt.inputs[0].sequence = 1; }},
      {"proof_sighash", [](utxo::Psbt& psbt) { psbt.inputs[0].sighash_type = 0x81; }},
      {"proof_sighash", [](utxo::Psbt& psbt) { psbt.inputs[0].sighash_type = 0x02; }},
      {"proof_sighash", [](utxo::Psbt& psbt) { psbt.inputs[0].sighash_type = 0x00; }},  // Taproot's alone.
      {"proof_index_missing", [](utxo::Psbt& psbt) { psbt.inputs[0].derivations.clear(); }},
      {"proof_index_missing", [](utxo::Psbt& psbt) { psbt.inputs[0].derivations.begin()->second.path.back() = 4; }},
      {"proof_index_missing", [](utxo::Psbt& psbt) { psbt.inputs[0].derivations.begin()->second.path.clear(); }},
      {"proof_index_too_high", [](utxo::Psbt& psbt) { psbt = asked(kQuorum, 0, kMaxProofIndex + 1); }},
      {"proof_script_foreign",
       [](utxo::Psbt& psbt) {
         for (auto& [key, derivation] : psbt.inputs[0].derivations) derivation.path.back() = 4;
       }},
      {"proof_script_foreign", [](utxo::Psbt& psbt) { psbt.inputs[0].witness_utxo->script = customer(6); }},
      {"proof_amount", [](utxo::Psbt& psbt) { psbt.inputs[0].witness_utxo->value = 1; }},
      {"proof_outpoint_differs", [](utxo::Psbt& psbt) { psbt.inputs[0].previous.vout = 1; }},
      {"proof_outpoint_differs", [](utxo::Psbt& psbt) { psbt.inputs[0].previous.txid.bytes[0] ^= 1; }},
      {"psbt_utxo_missing", [](utxo::Psbt& psbt) { psbt.inputs[0].witness_utxo.reset(); }},
  };
  ASSERT_EQ(refusal(asked(kQuorum)), "");
  for (const Row& row : table) {
    utxo::Psbt psbt = asked(kQuorum);
    row.spoil(psbt);
    EXPECT_EQ(refusal(psbt), row.code) << "row " << &row - table;
  }
  EXPECT_EQ(refusal(asked(kQuorum, 0, kMaxProofIndex)), "");
}

TEST(ControlProof, of_a_wallet_that_is_not_in_the_policy_is_refused) {
  const auto foreign = *descriptor("wpkh(" + key_text(7, "84h/1h/0h") + ")").derive(0, 3);
  EXPECT_EQ(refusal(utxo::bip322_to_sign(kMessage, foreign)), "proof_script_foreign");
}

// Lies about scripts lead nowhere: what is signed has been derived.
TEST(ControlProof, believes_nothing_that_is_stated_of_scripts) {
  utxo::Psbt psbt = asked(kTaproot);
  psbt.inputs[0].tap_leaf_scripts.begin()->second[5] ^= 1;
  psbt.inputs[0].tap_internal_key.reset();
  const auto proof = explain_control_proof(own_coin_policy(), psbt);
  ASSERT_TRUE(proof) << proof.error().code;
  EXPECT_EQ(proof->to_sign, asked(kTaproot));
}

TEST(ControlProof, tells_what_a_terminal_would_hide) {
  for (const std::string_view text : {"", "plain\ntwo lines", "B\xc3\xb6rse", "\xe4\xba\xa4\xe6\x98\x93", "\xf0\x9f\x94\x92"}) {
    EXPECT_TRUE(is_readable(text)) << text;
  }
  using namespace std::string_view_literals;
  const std::string_view table[] = {"\0"sv, "\t", "\r", "\x1b[1A", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\x8b", "\xef\xbb\xbf",
                                    "\xff", "\xc3", "\xc3(", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                    "\xf0\x80\x80\x80", "\xf3\xa0\x81\x81"};
  for (const std::string_view text : table) EXPECT_FALSE(is_readable(text)) << "row " << &text - table;
}

}  // namespace
}  // namespace holdfast::signer::test
