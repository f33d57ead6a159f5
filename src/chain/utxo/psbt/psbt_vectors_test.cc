#include "chain/utxo/psbt/input_form.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/psbt/sign_input.h"
#include "chain/utxo/psbt/testing/read_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::chain::utxo {
namespace {

using nlohmann::json;

constexpr Fingerprint kMaster{{0xd9, 0x0c, 0x6a, 0x4f}};  // Of BIP 174's examples.

Psbt must_read(const json& text) {
  auto psbt = read_psbt_base64(text.get<std::string>());
  EXPECT_TRUE(psbt) << psbt.error().code << ": " << psbt.error().text << "\n" << text;
  return psbt ? *psbt : Psbt{};
}

void refuses_and_reads(const json& vectors) {
  ASSERT_GT(vectors["invalid"].size(), 0U);
  for (const json& one : vectors["invalid"]) {
    const auto psbt = read_psbt_base64(one["psbt"].get<std::string>());
    EXPECT_FALSE(psbt) << one;
    if (!psbt) {
      EXPECT_EQ(psbt.error().kind, ErrorKind::refusal);
    }
  }
  ASSERT_GT(vectors["valid"].size(), 0U);
  for (const json& one : vectors["valid"]) {
    const Psbt psbt = must_read(one["psbt"]);
    const auto again = read_psbt(write_psbt(psbt));
    ASSERT_TRUE(again) << one["what"];
    EXPECT_TRUE(*again == psbt) << one["what"];
  }
}

TEST(PsbtVectors, Bip174) { refuses_and_reads(read_vectors("bip174.json")); }
TEST(PsbtVectors, Bip370) { refuses_and_reads(read_vectors("bip370.json")); }
TEST(PsbtVectors, Bip371) { refuses_and_reads(read_vectors("bip371.json")); }

TEST(PsbtVectors, Bip370Locktimes) {
  const json vectors = read_vectors("bip370.json");
  ASSERT_EQ(vectors["locktimes"].size(), 10U);
  for (const json& one : vectors["locktimes"]) {
    const auto psbt = read_psbt_base64(one["psbt"].get<std::string>());
    if (one["locktime"].is_null()) {
      ASSERT_FALSE(psbt);
      EXPECT_EQ(psbt.error().code, "psbt_locktime");
      continue;
    }
    ASSERT_TRUE(psbt) << one["what"];
    const auto transaction = psbt->unsigned_transaction();
    ASSERT_TRUE(transaction) << one["what"];
    EXPECT_EQ(transaction->locktime, one["locktime"].get<std::uint32_t>()) << one["what"];
    const auto as_v0 = read_psbt(write_psbt(*psbt, PsbtVersion::v0));
    ASSERT_TRUE(as_v0);
    EXPECT_EQ(txid_of(*as_v0->unsigned_transaction()), txid_of(*transaction));
  }
}

// What BIP 174's signer checks would fail on.
TEST(PsbtVectors, ASignerRefuses) {
  const json vectors = read_vectors("bip174.json");
  ASSERT_EQ(vectors["refused_by_signer"].size(), 4U);
  for (const json& one : vectors["refused_by_signer"]) {
    const auto digests = digests_for(must_read(one["psbt"]), kMaster);
    ASSERT_FALSE(digests) << one["why"];
    const std::string_view code = digests.error().code;
    EXPECT_TRUE(code == "psbt_script_differs" || code == "psbt_utxo_missing") << one["why"] << code;
  }
}

TEST(PsbtVectors, AnUpdaterAdds) {
  const json vectors = read_vectors("bip174.json");
  Psbt psbt = must_read(vectors["updater"][1]["psbt"]);
  for (PsbtInput& input : psbt.inputs) input.sighash_type = 1;
  EXPECT_TRUE(psbt == must_read(vectors["updater"][1]["result"]));
}

bool sign_with(Psbt& psbt, const Secret& key) {
  const auto own = public_key_of(key);
  const auto digests = digests_for(psbt, kMaster);
  if (!own || !digests) return false;
  for (const InputDigest& of : *digests) {
    if (of.key != *own) continue;
    auto signature = sign_ecdsa(key, of.digest);
    if (!signature) return false;
    signature->push_back(of.sighash_type);
    return add_signature(psbt, of, *signature).has_value();
  }
  return false;
}

// Every signature in `with` holds, by our digests.
void all_hold(const Psbt& psbt) {
  const auto view = SigningView::of(psbt);
  ASSERT_TRUE(view);
  for (std::size_t i = 0; i < psbt.inputs.size(); ++i) {
    const auto form = (*view)->form(i);
    ASSERT_TRUE(form) << form.error().code;
    for (const auto& [key, signature] : psbt.inputs[i].partial_signatures) {
      EXPECT_TRUE((*view)->ecdsa_holds(i, (*view)->ecdsa_digest(i, *form), key, signature));
    }
  }
}

std::vector<PublicKey33> signers(const PsbtInput& input) {
  std::vector<PublicKey33> keys;
  for (const auto& [key, signature] : input.partial_signatures) keys.push_back(key);
  return keys;
}

// The examples were signed without grinding for a low r, so their bytes may differ from ours where both are right.
TEST(PsbtVectors, ASignerSigns) {
  std::size_t signed_cases = 0;
  const json vectors = read_vectors("bip174.json");
  for (const json& one : vectors["signer"]) {
    Psbt psbt = must_read(one["psbt"]);
    const Psbt expected = must_read(one["result"]);
    if (psbt.inputs.front().derivations.empty() || psbt.inputs.front().derivations.begin()->second.master != kMaster) continue;
    if (psbt == expected) continue;  // Those that a signer refuses.
    for (const json& key : one["keys"]) EXPECT_TRUE(sign_with(psbt, Secret::copy_of(bytes_in(key)))) << one;
    ASSERT_EQ(psbt.inputs.size(), expected.inputs.size());
    for (std::size_t i = 0; i < psbt.inputs.size(); ++i) {
      EXPECT_EQ(signers(psbt.inputs[i]), signers(expected.inputs[i])) << one;
    }
    all_hold(psbt);
    all_hold(expected);
    ++signed_cases;
  }
  EXPECT_GE(signed_cases, 2U);
}

TEST(PsbtVectors, ACombinerJoins) {
  const json vectors = read_vectors("bip174.json");
  for (const json& one : vectors["combiner"]) {
    const auto joined = combine(must_read(one["parts"][0]), must_read(one["parts"][1]));
    ASSERT_TRUE(joined) << joined.error().text;
    EXPECT_TRUE(*joined == must_read(one["result"]));
  }
}

TEST(PsbtVectors, AFinalizerCompletesAndAnExtractorExtracts) {
  const json vectors = read_vectors("bip174.json");
  const auto final_one = finalize(must_read(vectors["finalizer"][0]["psbt"]));
  ASSERT_TRUE(final_one) << final_one.error().text;
  EXPECT_TRUE(*final_one == must_read(vectors["finalizer"][0]["result"]));
  const auto transaction = extract(must_read(vectors["extractor"][0]["psbt"]));
  ASSERT_TRUE(transaction);
  EXPECT_EQ(to_hex(encode(*transaction)), vectors["extractor"][0]["result"].get<std::string>());
}

}  // namespace
}  // namespace holdfast::chain::utxo
