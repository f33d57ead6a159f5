// How many PSBTs one core signs, and puts together, beside what the curve's own library takes for the same signatures: as
// holdfast-signer does it, whose key ring knows the wallet's branches, and from a master key that is met for the first time.
// Prints JSON.
//
//   psbt_bench [rounds]
#include "base/check.h"
#include "bench/measure.h"
#include "chain/utxo/psbt/sign_input.h"
#include "chain/utxo/wallet/descriptor.h"
#include "signer/keys/keys.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::chain::utxo;

struct Wallet {
  std::vector<ExtendedSecretKey> masters;
  Descriptor descriptor;
};

Secret seed(std::uint8_t number) {
  Secret out(32);
  out.mutable_data()[0] = number;
  return out;
}

Wallet make_wallet(bool taproot) {
  const Network& network = **network_by_name("bitcoin-regtest");
  const KeyPath path = *parse_path("48h/1h/0h/2h");
  std::vector<ExtendedSecretKey> masters;
  std::string keys = "2";
  for (std::uint8_t i = 1; i <= 3; ++i) {
    masters.push_back(*signer::master_of_entropy(seed(i)));
    const auto account = neuter(*derive(masters.back(), path));
    const auto fingerprint = fingerprint_of(neuter(masters.back())->key);
    keys += ",[";
    for (const std::uint8_t byte : fingerprint.bytes) keys += fmt::format("{:02x}", byte);
    keys += "/48h/1h/0h/2h]" + to_text(*account, network) + "/<0;1>/*";
  }
  std::string nums;
  for (const std::uint8_t byte : unspendable_internal_key().bytes) nums += fmt::format("{:02x}", byte);
  const std::string text = taproot ? "tr(" + nums + ",sortedmulti_a(" + keys + "))" : "wsh(sortedmulti(" + keys + "))";
  return {std::move(masters), *Descriptor::parse(text, network)};
}

Psbt make_psbt(const Wallet& wallet, std::uint32_t inputs) {
  Psbt psbt;
  psbt.version = PsbtVersion::v2;
  for (std::uint32_t i = 0; i < inputs; ++i) {
    const DerivedOutput output = *wallet.descriptor.derive(0, i);
    Transaction previous;
    previous.inputs.push_back({{sha256(as_bytes("paid")), i}, {}, kSequenceFinal, {}});
    previous.outputs.push_back({100'000, output.script_pubkey});
    PsbtInput input;
    input.previous = {txid_of(previous), 0};
    input.sequence = kSequenceReplaceable;
    input.witness_utxo = previous.outputs[0];
    input.non_witness_utxo = previous;
    describe(input, output);
    psbt.inputs.push_back(std::move(input));
  }
  PsbtOutput out;
  out.value = 90'000LL * inputs;
  out.script = wallet.descriptor.derive(1, 0)->script_pubkey;
  psbt.outputs.push_back(std::move(out));
  return psbt;
}

template <class Work>
double rate(int rounds, double each, Work&& work) {
  const double begin = bench::cpu_seconds();
  for (int i = 0; i < rounds; ++i) work();
  return each * rounds / (bench::cpu_seconds() - begin);
}

std::string measure(const Wallet& wallet, std::uint32_t inputs, int rounds) {
  const Bytes bytes = write_psbt(make_psbt(wallet, inputs));
  const auto keys = *signer::KeyRing::of(seed(101), {}, seed(1));
  const double sign = rate(rounds, 1, [&] { HF_CHECK(keys.sign_inputs(*read_psbt(bytes))->size() == inputs); });
  const double from_master = rate(rounds, 1, [&] {
    Psbt psbt = *read_psbt(bytes);
    HF_CHECK(*sign_psbt(psbt, wallet.masters[0]) == inputs);
  });
  Psbt both = *read_psbt(bytes);
  HF_CHECK(sign_psbt(both, wallet.masters[0]) && sign_psbt(both, wallet.masters[2]));
  const double finalised = rate(rounds, 1, [&] { HF_CHECK(extract(*finalize(both)).has_value()); });
  return fmt::format(R"({{"inputs": {}, "signed_per_s": {:.0f}, "signatures_per_s": {:.0f}, "from_master_per_s": {:.0f}, )"
                     R"("finalised_per_s": {:.0f}}})",
                     inputs, sign, sign * inputs, from_master * inputs, finalised);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 200;
  const Wallet p2wsh = make_wallet(false);
  const Wallet taproot = make_wallet(true);
  const Secret key = seed(7);
  const Hash32 digest = sha256(as_bytes("digest"));
  const auto public_key = *public_key_of(key);
  const Bytes der = *sign_ecdsa(key, digest);
  const auto schnorr = *sign_schnorr(key, digest);
  const double ecdsa_sign = rate(rounds * 20, 1, [&] { HF_CHECK(sign_ecdsa(key, digest).has_value()); });
  const double ecdsa_verify = rate(rounds * 20, 1, [&] { HF_CHECK(verify_ecdsa(public_key, digest, der)); });
  const double schnorr_sign = rate(rounds * 20, 1, [&] { HF_CHECK(sign_schnorr(key, digest).has_value()); });
  const double schnorr_verify = rate(rounds * 20, 1, [&] { HF_CHECK(verify_schnorr(x_only(public_key), digest, schnorr)); });
  fmt::print(R"({{"library": {{"ecdsa_sign_per_s": {:.0f}, "ecdsa_verify_per_s": {:.0f}, "schnorr_sign_per_s": {:.0f}, )"
             R"("schnorr_verify_per_s": {:.0f}}}, "p2wsh_2_of_3": [{}, {}], "taproot_2_of_3": [{}, {}]}})"
             "\n",
             ecdsa_sign, ecdsa_verify, schnorr_sign, schnorr_verify, measure(p2wsh, 1, rounds), measure(p2wsh, 20, rounds / 10 + 1),
             measure(taproot, 1, rounds), measure(taproot, 20, rounds / 10 + 1));
  return 0;
}
