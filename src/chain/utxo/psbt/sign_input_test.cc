#include "chain/utxo/psbt/sign_input.h"

#include "chain/utxo/psbt/testing/test_wallets.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

Fingerprint master_of(std::uint8_t owner) { return fingerprint_of(neuter(test_master(owner))->key); }

std::size_t sign_as(Psbt& psbt, std::uint8_t owner) {
  const auto added = sign_psbt(psbt, test_master(owner));
  EXPECT_TRUE(added) << added.error().code << ": " << added.error().text;
  return added.value_or(0);
}

template <class T>
std::string_view code_of(const Result<T>& result) {
  return result ? "" : result.error().code;
}

std::string_view digests_code(const Psbt& psbt) { return code_of(digests_for(psbt, master_of(1))); }

class EveryWallet : public testing::TestWithParam<TestWallet> {};

TEST_P(EveryWallet, IsCompleteWithTheThresholdAndNotBefore) {
  const TestWallet& wallet = GetParam();
  Psbt psbt = test_psbt(wallet);
  for (std::uint8_t owner = 1; owner <= wallet.owners; ++owner) {
    const auto before = finalize(psbt);
    EXPECT_EQ(before.has_value(), owner > wallet.threshold);
    if (!before) {
      EXPECT_EQ(before.error().code, "psbt_incomplete");
      EXPECT_EQ(before.error().text,
                "input 0 has " + std::to_string(owner - 1) + " of " + std::to_string(wallet.threshold) + " signatures");
    }
    EXPECT_EQ(sign_as(psbt, owner), 2U);
    EXPECT_EQ(sign_as(psbt, owner), 0U);  // There is nothing left to sign for it.
  }
  const auto complete = finalize(psbt);
  ASSERT_TRUE(complete);
  const auto transaction = extract(*complete);
  ASSERT_TRUE(transaction);
  EXPECT_EQ(txid_of(*transaction), txid_of(*psbt.unsigned_transaction()));
  EXPECT_TRUE(transaction->has_witness());
  // The descriptor's estimate covers what it really takes.
  Transaction bare = *transaction;
  for (TxIn& input : bare.inputs) input.witness.clear();
  const std::size_t marker = 2;
  EXPECT_LE(weight_of(*transaction), weight_of(bare) + marker + 2 * wallet.derive(0, 7).satisfaction_weight);
}

TEST_P(EveryWallet, ItsSizeIsKnownBeforeItIsSigned) {
  const TestWallet& wallet = GetParam();
  Psbt psbt = test_psbt(wallet);
  const auto estimate = estimate_vsize(psbt);
  ASSERT_TRUE(estimate);
  for (std::uint8_t owner = 1; owner <= wallet.threshold; ++owner) {
    sign_as(psbt, owner);
    EXPECT_EQ(estimate_vsize(psbt), estimate);  // However many are still missing.
  }
  const auto complete = finalize(psbt);
  ASSERT_TRUE(complete);
  EXPECT_EQ(estimate_vsize(*complete), vsize_of(*extract(*complete)));
  // A signature's R or S may be a byte or two shorter.
  const std::size_t signatures = psbt.inputs.size() * wallet.threshold;
  EXPECT_GE(*estimate, vsize_of(*extract(*complete)));
  EXPECT_LE(*estimate, vsize_of(*extract(*complete)) + signatures / 2 + 1);
  psbt.inputs[0].witness_script.clear();
  psbt.inputs[0].redeem_script.clear();
  psbt.inputs[0].witness_utxo.reset();
  psbt.inputs[0].non_witness_utxo.reset();
  EXPECT_FALSE(estimate_vsize(psbt));
}

TEST_P(EveryWallet, SignsTheSameAfterATripThroughBytes) {
  Psbt psbt = test_psbt(GetParam());
  for (const PsbtVersion version : {PsbtVersion::v0, PsbtVersion::v2}) {
    auto travelled = read_psbt(write_psbt(psbt, version));
    ASSERT_TRUE(travelled);
    Psbt direct = psbt;
    EXPECT_EQ(sign_as(*travelled, 1), 2U);
    EXPECT_EQ(sign_as(direct, 1), 2U);
    travelled->version = direct.version;
    EXPECT_TRUE(*travelled == direct);
  }
}

TEST_P(EveryWallet, SignsNothingForAStranger) {
  Psbt psbt = test_psbt(GetParam());
  EXPECT_EQ(sign_as(psbt, 99), 0U);
  // Nor when somebody says that the keys are the stranger's: they do not come out of its seed.
  for (PsbtInput& input : psbt.inputs) {
    for (auto& [key, derivation] : input.derivations) derivation.master = master_of(99);
    for (auto& [key, derivation] : input.tap_derivations) derivation.derivation.master = master_of(99);
  }
  EXPECT_EQ(sign_as(psbt, 99), 0U);
}

TEST_P(EveryWallet, ASpoiltSignatureCountsForNothing) {
  const TestWallet& wallet = GetParam();
  Psbt psbt = test_psbt(wallet);
  for (std::uint8_t owner = 1; owner <= wallet.threshold; ++owner) sign_as(psbt, owner);
  ASSERT_TRUE(finalize(psbt));
  PsbtInput& input = psbt.inputs[1];
  if (!input.partial_signatures.empty()) input.partial_signatures.begin()->second[20] ^= 1;
  if (!input.tap_script_signatures.empty()) input.tap_script_signatures.begin()->second[20] ^= 1;
  if (input.tap_key_signature) input.tap_key_signature->at(20) ^= 1;
  EXPECT_EQ(code_of(finalize(psbt)), "psbt_incomplete");
  std::size_t signed_again = 0;
  for (std::uint8_t owner = 1; owner <= wallet.threshold; ++owner) signed_again += sign_as(psbt, owner);
  EXPECT_EQ(signed_again, 1U);
  EXPECT_TRUE(finalize(psbt));
}

TEST_P(EveryWallet, RefusesWhatIsNotShown) {
  const Psbt psbt = test_psbt(GetParam());
  Psbt hidden = psbt;
  hidden.inputs[1].witness_utxo.reset();
  EXPECT_EQ(digests_code(hidden), "psbt_utxo_missing");
  for (const std::uint32_t type : {2U, 3U, 0x81U, 0x101U}) {
    Psbt other_type = psbt;
    other_type.inputs[0].sighash_type = type;
    EXPECT_EQ(digests_code(other_type), "psbt_sighash") << type;
  }
  Psbt other_transaction = psbt;
  other_transaction.inputs[0].non_witness_utxo = Transaction{.inputs = {TxIn{}}, .outputs = {*psbt.inputs[0].witness_utxo}};
  EXPECT_EQ(digests_code(other_transaction), "psbt_utxo_differs");
}

TEST_P(EveryWallet, RefusesScriptsThatDoNotLeadToWhatIsSpent) {
  const Psbt psbt = test_psbt(GetParam());
  const DerivedOutput other = GetParam().derive(0, 9);
  Psbt swapped = psbt;
  swapped.inputs[0].witness_utxo->script = other.script_pubkey;
  const bool is_plain_key = psbt.inputs[0].witness_script.empty() && !psbt.inputs[0].tap_internal_key;
  if (is_plain_key) {
    EXPECT_TRUE(digests_for(swapped, master_of(1))->size() == 1);  // The key shown is not the one that is spent.
  } else {
    EXPECT_EQ(digests_code(swapped), "psbt_script_differs");
  }
  Psbt wrapped = psbt;
  wrapped.inputs[0].redeem_script = {0x51};
  EXPECT_EQ(digests_code(wrapped), "psbt_script_differs");
}

TEST_P(EveryWallet, AddsOnlyASignatureThatHolds) {
  Psbt psbt = test_psbt(GetParam());
  const auto digests = digests_for(psbt, master_of(1));
  ASSERT_TRUE(digests);
  ASSERT_EQ(digests->size(), 2U);
  Psbt donor = psbt;
  sign_as(donor, 1);
  const PsbtInput& other = donor.inputs[1];  // Of another input: it holds, but not here.
  Bytes signature;
  if (!other.partial_signatures.empty()) signature = other.partial_signatures.begin()->second;
  if (!other.tap_script_signatures.empty()) signature = other.tap_script_signatures.begin()->second;
  if (other.tap_key_signature) signature = *other.tap_key_signature;
  EXPECT_EQ(code_of(add_signature(psbt, digests->at(0), signature)), "signature_wrong");
  EXPECT_EQ(code_of(add_signature(psbt, digests->at(0), {})), "signature_wrong");
  InputDigest beyond = digests->at(0);
  beyond.input = 2;
  EXPECT_EQ(code_of(add_signature(psbt, beyond, signature)), "signature_wrong");
  EXPECT_TRUE(psbt == test_psbt(GetParam()));
  EXPECT_TRUE(add_signature(psbt, digests->at(1), signature));
}

INSTANTIATE_TEST_SUITE_P(SignInput, EveryWallet, testing::ValuesIn(test_wallets()), [](const auto& wallet) {
  std::string name = wallet.param.name;
  std::ranges::replace(name, ' ', '_');
  return name;
});

TEST(SignInput, TaprootSignsAllWhenItIsAskedTo) {
  for (const TestWallet& wallet : test_wallets()) {
    Psbt psbt = test_psbt(wallet);
    if (psbt.inputs[0].tap_derivations.empty()) continue;
    psbt.inputs[0].sighash_type = 1;
    for (std::uint8_t owner = 1; owner <= wallet.threshold; ++owner) sign_as(psbt, owner);
    const PsbtInput& input = psbt.inputs[0];
    const Bytes& signature = input.tap_key_signature ? *input.tap_key_signature : input.tap_script_signatures.begin()->second;
    EXPECT_EQ(signature.size(), 65U);
    EXPECT_TRUE(finalize(psbt)) << wallet.name;
  }
}

TEST(SignInput, ALeafsControlBlockHasToLeadToTheOutput) {
  const Psbt psbt = test_psbt(test_wallets()[4]);
  const auto [control, script] = *psbt.inputs[0].tap_leaf_scripts.begin();
  for (std::size_t at = 0; at < control.size(); at += 8) {
    Psbt changed = psbt;
    Bytes other = control;
    other[at] ^= 1;
    changed.inputs[0].tap_leaf_scripts = {{other, script}};
    EXPECT_EQ(digests_code(changed), "psbt_script_differs") << at;
  }
  Psbt longer = psbt;
  Bytes path = control;
  path.resize(path.size() + 32);
  longer.inputs[0].tap_leaf_scripts = {{path, script}};
  EXPECT_EQ(digests_code(longer), "psbt_script_differs");
  Psbt other_root = psbt;
  other_root.inputs[0].tap_merkle_root->bytes[3] ^= 1;
  EXPECT_EQ(digests_code(other_root), "psbt_script_differs");
}

TEST(SignInput, ManySignaturesMoreThanNeededAreLeftOut) {
  const TestWallet wallet = test_wallets()[5];
  Psbt psbt = test_psbt(wallet);
  for (std::uint8_t owner = 1; owner <= wallet.owners; ++owner) sign_as(psbt, owner);
  const auto complete = finalize(psbt);
  ASSERT_TRUE(complete);
  const auto& witness = complete->inputs[0].final_witness;
  ASSERT_EQ(witness.size(), 7U);
  EXPECT_EQ(std::ranges::count_if(witness, [](const Bytes& item) { return item.size() == 64; }), 3);
  EXPECT_EQ(std::ranges::count_if(witness, [](const Bytes& item) { return item.empty(); }), 2);
}

TEST(SignInput, SigningForbidsToAddInputsAndOutputs) {
  Psbt psbt = test_psbt(test_wallets()[0]);
  psbt.version = PsbtVersion::v2;
  psbt.modifiable = 0x07;
  sign_as(psbt, 1);
  EXPECT_EQ(psbt.modifiable, 0x04);
}

TEST(Combine, RefusesAnotherTransaction) {
  const Psbt psbt = test_psbt(test_wallets()[1]);
  Psbt other = psbt;
  other.outputs[0].value -= 1;
  EXPECT_EQ(code_of(combine(psbt, other)), "psbt_other_transaction");
  Psbt other_time = psbt;
  other_time.inputs[0].required_height_locktime = 5;
  EXPECT_EQ(code_of(combine(psbt, other_time)), "psbt_other_transaction");
}

TEST(Extract, RefusesWhatIsNotFinal) {
  EXPECT_EQ(code_of(extract(test_psbt(test_wallets()[0]))), "psbt_incomplete");
  EXPECT_EQ(code_of(extract(Psbt{})), "psbt_incomplete");
}

}  // namespace
}  // namespace holdfast::chain::utxo
