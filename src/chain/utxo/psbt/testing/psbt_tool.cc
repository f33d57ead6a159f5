// Answers questions about PSBTs, one JSON object a line, so that scripts can set this library beside others.
//
//   {"do": "address", "network", "descriptor", "branch", "index"}        -> {"address", "script"}
//   {"do": "build", "network", "inputs": [{"descriptor", "branch", "index", "txid", "vout", "value", "previous"?}],
//    "outputs": [{"script", "value"}], "version": 0 | 2, "locktime"}     -> {"psbt"}
//   {"do": "sign", "psbt", "seed"}                                       -> {"psbt", "added"}
//   {"do": "combine", "parts": [psbt, ...]}                              -> {"psbt"}
//   {"do": "finalize", "psbt"}                                           -> {"psbt", "transaction", "txid"}
// What is refused gives {"error", "text"}. Inputs with "previous" (a raw transaction) show it; others their output alone.
#include "base/check.h"
#include "base/hex.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/psbt/sign_input.h"
#include "chain/utxo/wallet/address.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

namespace holdfast::chain::utxo {
namespace {

using nlohmann::json;

template <class T>
T must(Result<T> result) {
  if (!result) throw result.error();
  return std::move(*result);
}

Bytes hex_of(const json& text) {
  auto bytes = from_hex(text.get<std::string>());
  HF_CHECK(bytes);
  return std::move(*bytes);
}

std::string text_of(const json& value) { return value.get<std::string>(); }

DerivedOutput derive_output(const Network& network, const json& from) {
  const Descriptor descriptor = must(Descriptor::parse(text_of(from["descriptor"]), network));
  return must(descriptor.derive(from["branch"], from["index"]));
}

json address(const json& question) {
  const Network& network = *must(network_by_name(text_of(question["network"])));
  const DerivedOutput output = derive_output(network, question);
  return {{"address", address_of_script(network, output.script_pubkey).value_or("")}, {"script", to_hex(output.script_pubkey)}};
}

PsbtInput input_of(const Network& network, const json& from) {
  const DerivedOutput output = derive_output(network, from);
  PsbtInput input;
  input.previous = {*id_from_display(text_of(from["txid"])), from["vout"]};
  input.sequence = kSequenceReplaceable;
  if (from.contains("previous")) {
    input.non_witness_utxo = must(decode_transaction(hex_of(from["previous"]), {.from_block = true}));
  } else {
    input.witness_utxo = TxOut{from["value"], output.script_pubkey};
  }
  describe(input, output);
  return input;
}

json build(const json& question) {
  const Network& network = *must(network_by_name(text_of(question["network"])));
  Psbt psbt;
  psbt.version = question["version"] == 2 ? PsbtVersion::v2 : PsbtVersion::v0;
  psbt.fallback_locktime = question.value("locktime", 0U);
  for (const json& from : question["inputs"]) psbt.inputs.push_back(input_of(network, from));
  for (const json& to : question["outputs"]) {
    PsbtOutput output;
    output.value = to["value"];
    output.script = hex_of(to["script"]);
    psbt.outputs.push_back(std::move(output));
  }
  return {{"psbt", write_psbt_base64(psbt)}};
}

json sign(const json& question) {
  Psbt psbt = must(read_psbt_base64(text_of(question["psbt"])));
  const ExtendedSecretKey master = must(master_of_seed(Secret::copy_of(hex_of(question["seed"]))));
  const std::size_t added = must(sign_psbt(psbt, master));
  return {{"psbt", write_psbt_base64(psbt)}, {"added", added}};
}

json join(const json& question) {
  Psbt psbt = must(read_psbt_base64(text_of(question["parts"].at(0))));
  for (const json& part : question["parts"]) psbt = must(combine(psbt, must(read_psbt_base64(text_of(part)))));
  return {{"psbt", write_psbt_base64(psbt)}};
}

json complete(const json& question) {
  const Psbt psbt = must(finalize(must(read_psbt_base64(text_of(question["psbt"])))));
  const Transaction transaction = must(extract(psbt));
  return {{"psbt", write_psbt_base64(psbt)},
          {"transaction", to_hex(encode(transaction))},
          {"txid", display(txid_of(transaction))}};
}

json answer(const json& question) {
  const std::string what = text_of(question["do"]);
  try {
    if (what == "address") return address(question);
    if (what == "build") return build(question);
    if (what == "sign") return sign(question);
    if (what == "combine") return join(question);
    if (what == "finalize") return complete(question);
  } catch (const Error& error) {
    return {{"error", error.code}, {"text", error.text}};
  }
  return {{"error", "unknown_question"}, {"text", what}};
}

}  // namespace
}  // namespace holdfast::chain::utxo

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << holdfast::chain::utxo::answer(nlohmann::json::parse(line)).dump() << std::endl;
  }
  return 0;
}
