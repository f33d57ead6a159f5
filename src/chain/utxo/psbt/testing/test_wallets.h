// Wallets of every kind that we sign for, whose owners' seeds the test knows.
#pragma once

#include "base/check.h"
#include "base/hex.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/wallet/bip32.h"
#include "chain/utxo/wallet/descriptor.h"
#include "chain/utxo/wallet/network.h"

#include <string>
#include <vector>

namespace holdfast::chain::utxo {

inline const Network& test_network() { return **network_by_name("bitcoin-regtest"); }

inline ExtendedSecretKey test_master(std::uint8_t owner) {
  Secret seed(32);
  seed.mutable_data()[0] = owner;
  auto master = master_of_seed(seed);
  HF_CHECK(master);
  return std::move(*master);
}

// An owner's key as descriptors name it.
inline std::string test_key(std::uint8_t owner) {
  const KeyPath path{kHardened + 48, kHardened + 1, kHardened};
  const ExtendedSecretKey master = test_master(owner);
  const auto account = derive(master, path);
  HF_CHECK(account);
  const auto origin = to_hex(fingerprint_of(neuter(master)->key).view());
  return "[" + origin + "/" + to_text(path) + "]" + to_text(*neuter(*account), test_network()) + "/<0;1>/*";
}

struct TestWallet {
  std::string name;
  std::string descriptor;
  unsigned threshold = 1;
  std::uint8_t owners = 1;  // Numbered from 1.

  DerivedOutput derive(std::uint32_t branch, std::uint32_t index) const {
    const auto parsed = Descriptor::parse(descriptor, test_network());
    HF_CHECK(parsed);
    auto output = parsed->derive(branch, index);
    HF_CHECK(output);
    return std::move(*output);
  }
};

inline std::vector<TestWallet> test_wallets() {
  const std::string three = test_key(1) + "," + test_key(2) + "," + test_key(3);
  const std::string five = three + "," + test_key(4) + "," + test_key(5);
  const std::string nobody = to_hex(unspendable_internal_key().view());
  return {{"wpkh", "wpkh(" + test_key(1) + ")", 1, 1},
          {"wsh 2 of 3", "wsh(sortedmulti(2," + three + "))", 2, 3},
          {"wsh 3 of 5", "wsh(sortedmulti(3," + five + "))", 3, 5},
          {"tr by key", "tr(" + test_key(1) + ")", 1, 1},
          {"tr 2 of 3", "tr(" + nobody + ",multi_a(2," + three + "))", 2, 3},
          {"tr 3 of 5", "tr(" + nobody + ",sortedmulti_a(3," + five + "))", 3, 5}};
}

// Two inputs of the wallet, one output.
inline Psbt test_psbt(const TestWallet& wallet) {
  Psbt psbt;
  for (const std::uint32_t branch : {0U, 1U}) {
    const DerivedOutput output = wallet.derive(branch, 7);
    PsbtInput& input = psbt.inputs.emplace_back();
    input.previous.txid.bytes[0] = 0xaa;
    input.previous.vout = branch;
    input.sequence = kSequenceReplaceable;
    input.witness_utxo = TxOut{50'000, output.script_pubkey};
    describe(input, output);
  }
  PsbtOutput& output = psbt.outputs.emplace_back();
  output.value = 90'000;
  output.script = wallet.derive(1, 8).script_pubkey;
  describe(output, wallet.derive(1, 8));
  return psbt;
}

}  // namespace holdfast::chain::utxo
