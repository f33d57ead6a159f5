// Vectors of independent code (tests/vectors/utxo/make_wallet.mjs), among them transactions that it signed.
#include "chain/utxo/wallet/address.h"
#include "chain/utxo/wallet/bip32.h"
#include "chain/utxo/wallet/bip39.h"
#include "chain/utxo/wallet/descriptor.h"
#include "chain/utxo/wallet/testing/vectors.h"

namespace holdfast::chain::utxo {
namespace {

TEST(wallet_oracle, keys) {
  for (const Json& c : cases("wallet_keys")) {
    const auto key = derive(*master_of_seed(secret(c, "seed")), *parse_path(text(c, "path")));
    ASSERT_TRUE(key) << c;
    EXPECT_EQ(to_hex(key->key.reveal()), text(c, "key"));
    EXPECT_EQ(to_hex(key->chain_code.reveal()), text(c, "chain_code"));
    EXPECT_EQ(to_text(*neuter(*key), network(text(c, "network"))), text(c, "xpub"));
  }
}

TEST(wallet_oracle, words) {
  for (const Json& c : cases("wallet_words")) {
    const auto words = words_of_entropy(secret(c, "entropy"));
    ASSERT_TRUE(words);
    EXPECT_EQ(as_text(words->reveal()), text(c, "words"));
    EXPECT_EQ(to_hex(entropy_of_words(*words)->reveal()), text(c, "entropy"));
    EXPECT_EQ(to_hex(seed_of_words(*words, secret_text(text(c, "passphrase")))->reveal()), text(c, "seed"));
  }
}

TEST(wallet_oracle, addresses) {
  for (const Json& c : cases("wallet_addresses")) {
    const Network& on = network(text(c, "network"));
    EXPECT_EQ(*address_of_script(on, bytes(c, "script")), text(c, "address"));
    const auto script = script_of_address(on, text(c, "address"));
    ASSERT_TRUE(script) << c;
    EXPECT_EQ(*script, bytes(c, "script"));
  }
}

// The descriptor of one account with its key in it, as a wallet would export it.
std::string single_key_descriptor(const Json& c, const std::string& key) {
  switch (c.at("purpose").get<int>()) {
    case 44: return "pkh(" + key + ")";
    case 49: return "sh(wpkh(" + key + "))";
    case 84: return "wpkh(" + key + ")";
    case 86: return "tr(" + key + ")";
    default: return "wsh(sortedmulti(1," + key + "))";
  }
}

TEST(wallet_oracle, standard_accounts) {
  for (const Json& c : cases("wallet_standard")) {
    const Network& on = network(text(c, "network"));
    const auto seed = seed_of_words(secret_text(text(c, "words")), Secret());
    KeyPath path = *parse_path(text(c, "path"));
    const std::uint32_t index = path.back(), branch = path[path.size() - 2];
    path.resize(path.size() - 2);
    const auto master = master_of_seed(*seed);
    const auto account = neuter(*derive(*master, path));
    const std::string origin = "[" + to_hex(fingerprint_of(neuter(*master)->key).view()) + "/" + to_text(path) + "]";
    const auto descriptor =
        Descriptor::parse(single_key_descriptor(c, origin + to_text(*account, on) + "/<0;1>/*"), on);
    ASSERT_TRUE(descriptor) << descriptor.error().text;
    const auto output = descriptor->derive(branch, index);
    EXPECT_EQ(*address_of_script(on, output->script_pubkey), text(c, "address"));
    ASSERT_EQ(output->keys.size(), 1U);
    EXPECT_EQ(to_text(output->keys[0].path), text(c, "path"));
    EXPECT_EQ(output->keys[0].master, fingerprint_of(neuter(*master)->key));
  }
}

void expect_output(const Descriptor& descriptor, const Network& on, const Json& expected) {
  const auto output = descriptor.derive(expected.at("branch"), expected.at("index"));
  ASSERT_TRUE(output) << expected;
  EXPECT_EQ(to_hex(output->script_pubkey), text(expected, "script"));
  EXPECT_EQ(*address_of_script(on, output->script_pubkey), text(expected, "address"));
  EXPECT_EQ(to_hex(output->witness_script), expected.value("witness_script", ""));
  EXPECT_EQ(to_hex(output->redeem_script), expected.value("redeem_script", ""));
  EXPECT_EQ(to_hex(output->leaf_script), expected.value("leaf_script", ""));
  EXPECT_EQ(to_hex(output->control_block), expected.value("control_block", ""));
}

// The keys are told in the order of the script: a hardware wallet's list and the script's must not disagree.
void expect_order_of_script(const DerivedOutput& output) {
  if (const auto script = parse_multisig(output.witness_script)) {
    ASSERT_EQ(script->keys.size(), output.keys.size());
    EXPECT_EQ(script->threshold, output.threshold);
    for (std::size_t i = 0; i < script->keys.size(); ++i) EXPECT_EQ(script->keys[i], output.keys[i].key);
  }
  if (const auto leaf = parse_multi_a(output.leaf_script)) {
    ASSERT_EQ(leaf->keys.size(), output.keys.size());
    EXPECT_EQ(leaf->threshold, output.threshold);
    for (std::size_t i = 0; i < leaf->keys.size(); ++i) EXPECT_EQ(leaf->keys[i], x_only(output.keys[i].key));
  }
}

TEST(wallet_oracle, descriptors) {
  for (const Json& c : cases("wallet_descriptors")) {
    const Network& on = network(text(c, "network"));
    const auto descriptor = Descriptor::parse(text(c, "descriptor"), on);
    ASSERT_TRUE(descriptor) << c << descriptor.error().text;
    EXPECT_TRUE(descriptor->is_ranged());
    EXPECT_EQ(descriptor->branches(), 2U);
    EXPECT_EQ(descriptor->threshold(), c.at("threshold").get<unsigned>());
    EXPECT_EQ(descriptor->key_count(), c.at("keys").get<unsigned>());
    EXPECT_EQ(descriptor->to_text(), text(c, "descriptor") + "#" + *descriptor_checksum(text(c, "descriptor")));
    for (const Json& expected : c.at("outputs")) {
      expect_output(*descriptor, on, expected);
      expect_order_of_script(*descriptor->derive(expected.at("branch"), expected.at("index")));
    }
  }
}

TEST(wallet_oracle, public_forms_of_published_descriptors) {
  for (const Json& c : cases("wallet_public")) {
    EXPECT_EQ(Descriptor::parse(text(c, "private"), bitcoin()).error().code, "descriptor_private");
    const auto descriptor = Descriptor::parse(text(c, "descriptor"), bitcoin());
    ASSERT_TRUE(descriptor) << c << descriptor.error().text;
    for (std::uint32_t i = 0; i < c["scripts"].size(); ++i) {
      EXPECT_EQ(to_hex(descriptor->derive(0, i)->script_pubkey), c["scripts"][i].get<std::string>()) << c;
    }
  }
}

// Never less than what was signed. A signature of ECDSA is one byte shorter in half of all cases, rarely two or more.
TEST(wallet_oracle, satisfaction_weight_bounds_what_is_signed) {
  std::size_t exact = 0, checked = 0;
  for (const Json& c : cases("wallet_spends")) {
    const auto descriptor = Descriptor::parse(text(c, "descriptor"), network("bitcoin-regtest"));
    ASSERT_TRUE(descriptor) << c;
    const auto output = descriptor->derive(c.at("branch"), c.at("index"));
    const auto weight = c.at("weight").get<std::size_t>();
    EXPECT_GE(output->satisfaction_weight, weight) << c;
    const bool schnorr = output->internal_key.has_value();
    EXPECT_LE(output->satisfaction_weight, weight + (schnorr ? 0 : output->threshold * 3)) << c;
    if (output->satisfaction_weight == weight) ++exact;
    ++checked;
  }
  EXPECT_GT(exact, checked / 4);
}

}  // namespace
}  // namespace holdfast::chain::utxo
