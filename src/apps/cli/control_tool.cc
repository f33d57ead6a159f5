#include "apps/cli/control_tool.h"

#include "api/text/view.h"
#include "apps/cli/print.h"
#include "apps/cli/psbt_tool.h"
#include "chain/utxo/node/rpc_node.h"
#include "chain/utxo/psbt/bip322.h"
#include "chain/utxo/wallet/address.h"
#include "config/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace holdfast::cli {
namespace {

using namespace chain::utxo;

constexpr std::size_t kMaxProofBytes = 64 << 20;

std::string signed_text(const std::string& message, std::uint64_t height, const std::string& hash) {
  return message + "\nblock " + std::to_string(height) + ' ' + hash;
}

Failure malformed(const std::string& why) { return refuse("proof_malformed", "this is no proof of control: " + why); }

// The parts of a proof file that verifying needs, checked for their form.
struct Proof {
  const Network* network = nullptr;
  std::string text;
  ProofBlock block;
};

const std::string* text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

Result<Proof> read_proof(const Json& json) {
  if (!json.is_object() || !json.contains("block") || !json["block"].is_object()) return malformed("it names no block");
  const std::string* chain = text_at(json, "chain");
  const std::string* message = text_at(json, "message");
  const std::string* hash = text_at(json["block"], "hash");
  const auto height = json["block"].find("height");
  if (!chain || !message || !hash || height == json["block"].end() || !height->is_number_unsigned()) return malformed("a field is missing");
  const auto network = find_network(*chain);
  if (!network) return std::unexpected(network.error());
  const auto block = id_from_display(*hash);
  if (!block) return malformed("the block's hash is none");
  if (!json.contains("addresses") || !json["addresses"].is_array() || json["addresses"].empty()) return malformed("it names no address");
  const auto at = height->get<std::uint64_t>();
  return Proof{*network, signed_text(*message, at, *hash), {at, *block}};
}

Result<Json> load(const std::string& path) {
  const auto text = config::read_file(path, kMaxProofBytes);
  if (!text) return Failure(text.error());
  Json json = Json::parse(*text, nullptr, false);
  if (json.is_discarded()) return malformed("it is no JSON");
  return json;
}

Result<void> save(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) return fault("file_not_written", path + " cannot be written");
  return {};
}

// Of an address in a proof: what its owners sign.
Result<Txid> virtual_txid(const Proof& proof, const Json& address) {
  const std::string* text = address.is_object() ? text_at(address, "address") : nullptr;
  if (!text) return malformed("an address is missing");
  const auto script = script_of_address(*proof.network, *text);
  if (!script) return std::unexpected(script.error());
  return txid_of(bip322_to_spend(proof.text, *script));
}

}  // namespace

Result<Json> make_proof(const DescriptorPlace& place, const std::string& message, const ProofBlock& block) {
  const auto descriptor = read_descriptor(place);
  if (!descriptor) return Failure(descriptor.error());
  const auto range = parse_range(place.range);
  if (!range) return Failure(range.error());
  const Network& network = **find_network(place.chain);
  const std::string text = signed_text(message, block.height, display(block.hash));
  Json addresses = Json::array();
  for (std::uint32_t index = range->first;; ++index) {
    const auto output = descriptor->derive(place.branch, index);
    if (!output) return Failure(output.error());
    const auto address = address_of_script(network, output->script_pubkey);
    if (!address) return refuse("address_malformed", "the descriptor makes scripts that have no address");
    addresses.push_back({{"address", *address},
                         {"branch", place.branch},
                         {"index", index},
                         {"psbt", write_psbt_base64(bip322_to_sign(text, *output))},
                         {"signature", nullptr}});
    if (index == range->last) break;
  }
  return Json{{"what", "proof of control (BIP 322)"},
              {"chain", network.caip2},
              {"message", message},
              {"block", {{"height", block.height}, {"hash", display(block.hash)}}},
              {"addresses", std::move(addresses)}};
}

Result<void> add_signatures(Json& json, const std::vector<Psbt>& psbts, const std::vector<std::string>& names) {
  const auto proof = read_proof(json);
  if (!proof) return Failure(proof.error());
  std::vector<bool> used(psbts.size());
  for (Json& address : json["addresses"]) {
    const auto txid = virtual_txid(*proof, address);
    if (!txid) return Failure(txid.error());
    std::optional<Psbt> joined;
    for (std::size_t i = 0; i < psbts.size(); ++i) {
      if (psbts[i].inputs.size() != 1 || psbts[i].inputs.front().previous != OutPoint{*txid, 0}) continue;
      used[i] = true;
      const auto both = joined ? combine(*joined, psbts[i]) : Result<Psbt>(psbts[i]);
      if (!both) return Failure(both.error());
      joined = *both;
    }
    if (!joined) continue;
    const auto whole = finalize(*joined);
    if (!whole) return refuse(whole.error().code, address["address"].get<std::string>() + ": " + whole.error().text);
    const auto signature = bip322_simple(*whole);
    if (!signature) return Failure(signature.error());
    address["signature"] = *signature;
    address.erase("psbt");
  }
  const auto stranger = std::find(used.begin(), used.end(), false);
  if (stranger != used.end()) {
    const auto place = static_cast<std::size_t>(stranger - used.begin());
    const std::string name = place < names.size() ? names[place] : "PSBT " + std::to_string(place + 1);
    return refuse("psbt_other_transaction", name + " is of no address in this proof");
  }
  return {};
}

Result<std::size_t> verify_proof(const Json& json) {
  const auto proof = read_proof(json);
  if (!proof) return Failure(proof.error());
  for (const Json& one : json["addresses"]) {
    const std::string* address = one.is_object() ? text_at(one, "address") : nullptr;
    if (!address) return malformed("an address is missing");
    const std::string* signature = text_at(one, "signature");
    if (!signature) return refuse("psbt_incomplete", *address + " has no signature yet");
    const auto script = script_of_address(*proof->network, *address);
    if (!script) return Failure(script.error());
    const auto holds = bip322_verify(proof->text, *script, *signature);
    if (!holds) return refuse(holds.error().code, *address + ": " + holds.error().text);
  }
  return json["addresses"].size();
}

Result<void> make_control_proof(const Settings& settings, const ControlPlace& place) {
  const auto network = find_network(place.descriptor.chain);
  if (!network) return std::unexpected(network.error());
  RpcNode node({{place.node.url, place.node.cookie}, {}, false});
  if (const auto right = check_network(node, (*network)->genesis); !right) return right;
  const auto best = node.best();
  if (!best) return std::unexpected(best.error());
  const auto proof = make_proof(place.descriptor, place.message, {best->height, best->hash});
  if (!proof) return std::unexpected(proof.error());
  std::error_code failed;
  if (!std::filesystem::create_directory(place.file, failed)) {
    return refuse("file_exists", place.file + " is there already, or cannot be made; name a new folder");
  }
  for (const Json& one : (*proof)["addresses"]) {
    const std::string name = std::to_string(one["branch"].get<std::uint32_t>()) + '-' + std::to_string(one["index"].get<std::uint32_t>());
    if (auto done = save(place.file + '/' + name + ".psbt", one["psbt"].get<std::string>() + '\n'); !done) return done;
  }
  const std::string path = place.file + "/proof.json";
  if (auto done = save(path, proof->dump(2) + '\n'); !done) return done;
  print_thing(settings, {{"proof", path}, {"addresses", (*proof)["addresses"].size()}, {"block", best->height}});
  return {};
}

Result<void> finish_control_proof(const Settings& settings, const ControlPlace& place) {
  auto proof = load(place.file);
  if (!proof) return std::unexpected(proof.error());
  std::vector<Psbt> psbts;
  for (const std::string& path : place.signed_psbts) {
    auto psbt = read_psbt_file(path);
    if (!psbt) return refuse(psbt.error().code, path + ": " + psbt.error().text);
    psbts.push_back(std::move(*psbt));
  }
  if (auto done = add_signatures(*proof, psbts, place.signed_psbts); !done) return done;
  if (auto done = save(place.file, proof->dump(2) + '\n'); !done) return done;
  const auto missing = std::count_if((*proof)["addresses"].begin(), (*proof)["addresses"].end(),
                                     [](const Json& one) { return !one["signature"].is_string(); });
  print_thing(settings, {{"proof", place.file}, {"addresses", (*proof)["addresses"].size()}, {"without_signature", missing}});
  return {};
}

Result<void> verify_control_proof(const Settings& settings, const ControlPlace& place) {
  const auto json = load(place.file);
  if (!json) return std::unexpected(json.error());
  const auto proven = verify_proof(*json);
  if (!proven) return std::unexpected(proven.error());
  const auto proof = read_proof(*json);
  Json out{{"addresses", *proven}, {"message", (*json)["message"]}, {"block", proof->block.height}};
  if (!place.node.url.empty()) {
    RpcNode node({{place.node.url, place.node.cookie}, {}, false});
    if (const auto right = check_network(node, proof->network->genesis); !right) return right;
    const auto header = node.header(proof->block.hash);
    if (!header) return std::unexpected(header.error());
    const bool there = *header && (*header)->on_best_chain && (*header)->height == proof->block.height;
    if (!there) return refuse("block_unknown", "the block it names is not in the node's best chain");
    out["block_time"] = api::to_rfc3339((*header)->time);
  }
  out["proven"] = true;
  print_thing(settings, out);
  return {};
}

}  // namespace holdfast::cli
