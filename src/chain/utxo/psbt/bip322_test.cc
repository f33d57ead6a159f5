#include "chain/utxo/psbt/bip322.h"

#include "chain/utxo/psbt/sign_input.h"
#include "chain/utxo/psbt/testing/read_vectors.h"
#include "chain/utxo/psbt/testing/test_wallets.h"
#include "chain/utxo/wallet/address.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

using nlohmann::json;

const Network& bitcoin_main() { return **network_by_name("bitcoin-main"); }

Bytes script_of(const json& address) {
  auto script = script_of_address(bitcoin_main(), address.get<std::string>());
  EXPECT_TRUE(script) << address;
  return script.value_or(Bytes{});
}

std::string_view verdict(std::string_view message, ByteView script, std::string_view signature) {
  const auto judged = bip322_verify(message, script, signature);
  return judged ? "" : judged.error().code;
}

TEST(Bip322, VectorsOfHashes) {
  const json vectors = read_vectors("bip322.json");
  ASSERT_EQ(vectors["hashes"].size(), 3U);
  for (const json& one : vectors["hashes"]) {
    const std::string message = one["message"];
    EXPECT_EQ(to_hex(bip322_message_hash(message).view()), one["message_hash"].get<std::string>());
    DerivedOutput output;
    output.script_pubkey = script_of(one["address"]);
    EXPECT_EQ(display(txid_of(bip322_to_spend(message, output.script_pubkey))), one["to_spend"].get<std::string>());
    const auto to_sign = bip322_to_sign(message, output).unsigned_transaction();
    ASSERT_TRUE(to_sign);
    EXPECT_EQ(display(txid_of(*to_sign)), one["to_sign"].get<std::string>());
  }
}

TEST(Bip322, VectorsThatHold) {
  const json vectors = read_vectors("bip322.json");
  ASSERT_GT(vectors["valid"].size(), 10U);
  for (const json& one : vectors["valid"]) {
    EXPECT_EQ(verdict(one["message"].get<std::string>(), script_of(one["address"]), one["signature"].get<std::string>()), "") << one;
  }
}

TEST(Bip322, VectorsThatDoNot) {
  const json vectors = read_vectors("bip322.json");
  ASSERT_GT(vectors["invalid"].size(), 10U);
  for (const json& one : vectors["invalid"]) {
    EXPECT_EQ(verdict(one["message"].get<std::string>(), script_of(one["address"]), one["signature"].get<std::string>()),
              one["refusal"].get<std::string>())
        << one;
  }
}

// The BIP gives two signatures each: with a low r, as ours, and without.
TEST(Bip322, SignsToTheBytesOfTheVectors) {
  const json vectors = read_vectors("bip322.json");
  std::size_t same = 0;
  for (const json& one : vectors["valid"]) {
    if (!one.contains("keys")) continue;
    const Secret key = Secret::copy_of(bytes_in(one["keys"][0]));
    const auto text = "wpkh(" + to_hex(public_key_of(key)->view()) + ")";
    const auto output = Descriptor::parse(text, bitcoin_main())->derive(0, 0);
    ASSERT_TRUE(output);
    Psbt psbt = bip322_to_sign(one["message"].get<std::string>(), *output);
    const auto digests = digests_for(psbt, output->keys[0].master);
    ASSERT_TRUE(digests && digests->size() == 1);
    Bytes signature = *sign_ecdsa(key, digests->at(0).digest);
    signature.push_back(1);
    ASSERT_TRUE(add_signature(psbt, digests->at(0), signature));
    same += bip322_simple(*finalize(psbt)).value() == one["signature"].get<std::string>();
  }
  EXPECT_EQ(same, 2U);
}

TEST(Bip322, EveryWalletSignsAndProves) {
  for (const TestWallet& wallet : test_wallets()) {
    const DerivedOutput output = wallet.derive(0, 3);
    auto psbt = read_psbt(write_psbt(bip322_to_sign("we hold it", output)));
    ASSERT_TRUE(psbt) << wallet.name;
    EXPECT_FALSE(bip322_simple(*psbt));
    for (std::uint8_t owner = 1; owner <= wallet.threshold; ++owner) ASSERT_EQ(sign_psbt(*psbt, test_master(owner)).value(), 1U);
    const auto complete = finalize(*psbt);
    ASSERT_TRUE(complete) << wallet.name;
    const std::string simple = bip322_simple(*complete).value();
    const std::string full = bip322_full(*complete).value();
    for (const std::string& signature : {simple, full, simple.substr(3), full.substr(3)}) {
      EXPECT_EQ(verdict("we hold it", output.script_pubkey, signature), "") << wallet.name << signature;
      EXPECT_EQ(verdict("we hold it.", output.script_pubkey, signature), "signature_wrong") << wallet.name;
      EXPECT_EQ(verdict("we hold it", wallet.derive(0, 4).script_pubkey, signature), "signature_wrong") << wallet.name;
    }
  }
}

TEST(Bip322, AFullOneMayNotSendAnything) {
  const TestWallet wallet = test_wallets()[0];
  const DerivedOutput output = wallet.derive(0, 3);
  const auto signed_text = [&](const auto& change) {
    Psbt psbt = bip322_to_sign("x", output);
    change(psbt);
    EXPECT_TRUE(sign_psbt(psbt, test_master(1)));
    return bip322_full(finalize(psbt).value()).value();
  };
  EXPECT_EQ(verdict("x", output.script_pubkey, signed_text([](Psbt&) {})), "");
  EXPECT_EQ(verdict("x", output.script_pubkey, signed_text([](Psbt& psbt) { psbt.fallback_locktime = 9; })), "");
  EXPECT_EQ(verdict("x", output.script_pubkey, signed_text([](Psbt& psbt) { psbt.outputs[0].value = 1; })), "signature_wrong");
  EXPECT_EQ(verdict("x", output.script_pubkey, signed_text([](Psbt& psbt) { psbt.transaction_version = 1; })),
            "bip322_unsupported");
  EXPECT_EQ(verdict("x", output.script_pubkey, signed_text([](Psbt& psbt) { psbt.inputs[0].previous.vout = 1; })),
            "signature_wrong");
}

}  // namespace
}  // namespace holdfast::chain::utxo
