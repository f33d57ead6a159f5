// The commands of holdfast-signer, and what they share.
#pragma once

#include "apps/signer/held_keys.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/secret.h"
#include "journal/log_key.h"
#include "signer/config.h"
#include "signer/keys/key_file.h"
#include "signer/signer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::signer::app {

// What the program's exit code means (docs/operating/signer.md).
inline constexpr int kExitUsage = 2;
inline constexpr int kExitRefused = 3;     // The rules say no: mend the cause.
inline constexpr int kExitFault = 4;       // The world failed: try again.
inline constexpr int kExitCorruption = 5;  // Stored data is damaged: stop and look.
int exit_code(ErrorKind kind);

struct InitArguments {
  std::string name;
  std::string data;
  std::string key_file;
  unsigned gas = 0;
  unsigned single_key = 0;
  bool seed = false;
  std::optional<TokenPlace> token;  // The EVM keys are made inside of it.
  std::optional<int> passphrase_fd;
  std::optional<int> pin_fd;
  std::optional<int> import_owner_fd;
  std::optional<int> import_fd;
  std::optional<int> import_words_fd;
  bool json = false;
};
Result<void> init(const InitArguments& arguments);

struct OperateArguments {
  std::string config;
  KeyAccess access;
  std::string by;           // thaw
  bool allow_root = false;  // run
};
Result<void> run(const OperateArguments& arguments);
Result<void> thaw(const OperateArguments& arguments);

struct ShowArguments {
  std::string config;
  bool json = false;
};
Result<void> show_status(const ShowArguments& arguments);
Result<void> show_policy(const ShowArguments& arguments);

struct SeedArguments {
  std::string key_file;
  std::optional<int> passphrase_fd;
  std::string chain;  // xpub
  std::string path;   // xpub
};
Result<void> show_seed_words(const SeedArguments& arguments);
Result<void> show_xpub(const SeedArguments& arguments);

struct EvacuateArguments {
  std::string config;
  std::string wallet;  // Empty: all of the node's chain.
  std::string node;
  std::string cookie;
  std::uint64_t feerate = 0;  // Satoshi per virtual byte. 0: as the node estimates.
};
Result<void> evacuate(const EvacuateArguments& arguments);

struct ProveArguments {
  std::string config;
  KeyAccess access;
  std::string message;  // Which it has to be; empty: whichever they carry.
  std::vector<std::string> psbts;
  std::string out;  // A folder that is made.
};
// Signs all or none. Refuses what explain_control_proof refuses, `proof_message_differs`, `proof_messages_differ`,
// `proof_wallets_differ`, `proof_address_twice`, `proofs_too_many`, `file_exists`, `file_unreadable`.
Result<void> prove(const ProveArguments& arguments);

struct RetireArguments {
  std::string config;
  KeyAccess access;
  std::string owner;  // Its owner's address, said by whoever retires it: nobody retires another one by mistake.
  std::string by;
};
// Records it, then destroys the key file and the token's objects. Refuses `owner_differs`, and as assemble() and destroy_token_keys().
Result<void> retire(const RetireArguments& arguments);

struct EnrollArguments {
  std::string config;
  KeyAccess access;
  std::vector<std::string> xpubs;  // "NETWORK PATH"
  std::string check;               // A document to check, in place of making one.
};
// Refuses `xpub_unclear`, and as check_enrolment().
Result<void> enroll(const EnrollArguments& arguments);

// Of a name such as bitcoin-main, or of a CAIP-2 id.
Result<const chain::utxo::Network*> network_of(const std::string& text);
// As descriptors take it: "[5436d724/48h/0h/0h/2h]xpub6E7..."
std::string xpub_text(const chain::utxo::Hash20& seed, const chain::utxo::KeyPath& path, const chain::utxo::ExtendedPublicKey& key,
                      const chain::utxo::Network& network);

// The public half of the key with which it cosigns heads of holdfastd's journal; empty when it has none.
Result<std::string> witness_verifier(const Config& config);

// What a signer's own journal says, read without its passphrase, also while the signer runs.
struct Recalled {
  Memory memory;
  std::uint64_t records = 0;
  Hash32 root;
};
Result<Recalled> recall(const Config& config);

// How people are told of a key: its address, or the fingerprint of a seed.
std::string shown(const KeyEntry& entry);

class SystemClock final : public Clock {
 public:
  Instant now() override;
};

// From the descriptor, or from the terminal (twice when it is new).
Result<Secret> read_passphrase(std::optional<int> descriptor, bool is_new);

// The signer's own journal in its data directory.
std::string journal_path(const std::string& data);
std::string journal_key_path(const std::string& data);
std::string journal_name(const std::string& signer);
std::string replica_path(const std::string& data);      // Its copy of holdfastd's journal: may be removed, and comes again.
std::string witness_key_path(const std::string& data);  // What it cosigns that journal with.
std::string witness_name(const std::string& signer);

}  // namespace holdfast::signer::app
