// Proves control of a wallet's addresses (BIP 322): to auditors, before a migration, after a restore. Nothing is spent.
//
//   make     a proof file without signatures, and one PSBT for each address, for signers and hardware wallets to sign
//   finish   takes the signed PSBTs, whoever signed which, and puts the signatures into the file
//   verify   everybody can: the file, and (with a node) that its block is one of the chain
//
// What is signed is the message and, in a line below it, a block: so the proof cannot be older than that block.
#pragma once

#include "apps/cli/descriptor_tool.h"
#include "apps/cli/session.h"
#include "chain/utxo/psbt/psbt.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::cli {

struct NodePlace {
  std::string url;     // http://host:port
  std::string cookie;  // File with user:password; empty: none.
};

struct ControlPlace {
  DescriptorPlace descriptor;
  std::string message;
  NodePlace node;
  std::string file;                 // proof.json. make: the folder it is put into, which must not exist yet.
  std::vector<std::string> signed_psbts;
};

struct ProofBlock {
  std::uint64_t height = 0;
  Hash32 hash;
};

// Pure. `signature` is null in each address.  Refusals: those of parsing and deriving.
Result<Json> make_proof(const DescriptorPlace& place, const std::string& message, const ProofBlock& block);
// Puts in what the PSBTs sign. `names` is how a refusal calls them, in the same order; by their numbers without.
// Refuses `psbt_other_transaction` (a PSBT of no address of this proof), `psbt_incomplete`.
Result<void> add_signatures(Json& proof, const std::vector<chain::utxo::Psbt>& psbts, const std::vector<std::string>& names = {});
// How many addresses it proves. Refuses `proof_malformed`, `psbt_incomplete` (an address without a signature), `signature_wrong`, and the
// others of bip322_verify: the text names the address.
Result<std::size_t> verify_proof(const Json& proof);

Result<void> make_control_proof(const Settings& settings, const ControlPlace& place);
Result<void> finish_control_proof(const Settings& settings, const ControlPlace& place);
Result<void> verify_control_proof(const Settings& settings, const ControlPlace& place);

}  // namespace holdfast::cli
