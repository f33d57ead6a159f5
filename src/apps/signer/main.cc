// holdfast-signer: one owner key, and the judgement over what it signs.
#include "apps/signer/backup.h"
#include "apps/signer/commands.h"
#include "apps/signer/hardening.h"
#include "signer/keys/secure_file.h"

#include <fmt/core.h>
#include <google/protobuf/stubs/logging.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

namespace holdfast::signer::app {
namespace {

struct Arguments {
  InitArguments init;
  OperateArguments run;
  OperateArguments thaw;
  ShowArguments status;
  ShowArguments policy;
  SeedArguments words;
  SeedArguments xpub;
  EvacuateArguments evacuate;
  ProveArguments prove;
  BackupArguments backup;
  RestoreArguments restore;
  DrillArguments drill;
  RetireArguments retire;
  EnrollArguments enroll;
};

void add_passphrase(CLI::App& command, std::optional<int>& descriptor) {
  command
      .add_option("--passphrase-fd", descriptor,
                  "Descriptor to read the passphrase's line from (default: the terminal)")
      ->check(CLI::NonNegativeNumber);
}

// A file in place of a descriptor: as a service manager hands over credentials.
void add_secret_file(CLI::App& command, const std::string& option, std::optional<int>& descriptor, const std::string& what) {
  const auto open = [&descriptor](const std::string& path) {
    const auto opened = open_secret_file(path);
    if (!opened) throw CLI::ValidationError(opened.error().text);
    descriptor = *opened;
  };
  command.add_option_function<std::string>(option, open, what);
}

void add_pin(CLI::App& command, std::optional<int>& descriptor) {
  command.add_option("--pin-fd", descriptor, "Descriptor to read the line of the token's PIN from (default: the terminal)")
      ->check(CLI::NonNegativeNumber);
}

void add_access(CLI::App& command, KeyAccess& access) {
  add_passphrase(command, access.passphrase_fd);
  add_pin(command, access.pin_fd);
  add_secret_file(command, "--passphrase-file", access.passphrase_fd, "File with the passphrase's line, for its owner only");
  add_secret_file(command, "--pin-file", access.pin_fd, "File with the line of the token's PIN, for its owner only");
}

void add_token(CLI::App& command, InitArguments& arguments) {
  const auto place = [&arguments]() -> TokenPlace& { return arguments.token ? *arguments.token : arguments.token.emplace(); };
  auto* module = command.add_option_function<std::string>(
      "--pkcs11-module", [place](const std::string& path) { place().module = path; }, "Library of the token that makes and keeps the EVM keys");
  auto* label = command.add_option_function<std::string>(
      "--token", [place](const std::string& text) { place().label = text; }, "The token's label");
  command
      .add_option_function<std::string>(
          "--token-serial", [place](const std::string& text) { place().serial = text; }, "Which of two that have the same label")
      ->needs(label);
  module->needs(label);
  label->needs(module);
  add_pin(command, arguments.pin_fd);
}

void add_init(CLI::App& program, InitArguments& arguments) {
  CLI::App& command = *program.add_subcommand("init", "Make new keys and an empty journal");
  command.add_option("--name", arguments.name, "The signer's name: a-z, 0-9 and '-'")->required();
  command.add_option("--data", arguments.data, "Folder for its journal")->required();
  command.add_option("--key-file", arguments.key_file, "Where to write the key file: all keys, or with a token the seed");
  command.add_option("--gas", arguments.gas, "How many gas wallets to make keys for")->check(CLI::Range(0, 32));
  command.add_option("--single-key", arguments.single_key, "How many single-key wallets to make keys for")
      ->check(CLI::Range(0, 32));
  command
      .add_option("--import-owner-fd", arguments.import_owner_fd,
                  "Descriptor with the owner key to import, in hex (default: a new key)")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--import-fd", arguments.import_fd,
                  "Descriptor with keys to import as single-key wallets, one in hex a line")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--seed", arguments.seed, "Make a seed for wallets of coins as well");
  command
      .add_option("--import-words-fd", arguments.import_words_fd,
                  "Descriptor with the 24 backup words of a seed to restore, in one line")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--json", arguments.json, "Print JSON");
  add_passphrase(command, arguments.passphrase_fd);
  add_token(command, arguments);
}

void add_seed_commands(CLI::App& program, Arguments& arguments) {
  CLI::App& words = *program.add_subcommand("words", "Show the seed's backup words on the terminal");
  words.add_option("--key-file", arguments.words.key_file, "The key file")->required();
  add_passphrase(words, arguments.words.passphrase_fd);
  CLI::App& xpub = *program.add_subcommand("xpub", "Show a public key of the seed, as descriptors take it");
  xpub.add_option("--key-file", arguments.xpub.key_file, "The key file")->required();
  xpub.add_option("--path", arguments.xpub.path, "From the master key: 48'/0'/0'/2'")->required();
  xpub.add_option("--chain", arguments.xpub.chain, "The network: bip122:... or a name such as bitcoin-main")->required();
  add_passphrase(xpub, arguments.xpub.passphrase_fd);
}

void add_evacuate(CLI::App& program, EvacuateArguments& arguments) {
  CLI::App& command = *program.add_subcommand("evacuate", "Broadcast the kept evacuations of coins, without holdfastd");
  command.add_option("--config", arguments.config, "The configuration file")->required();
  command.add_option("--wallet", arguments.wallet, "Of this wallet only");
  command.add_option("--node", arguments.node, "JSON-RPC of a node: http://host:port")->required();
  command.add_option("--cookie", arguments.cookie, "File with the node's user:password (its .cookie)")->required();
  command.add_option("--feerate", arguments.feerate, "Least satoshi per virtual byte (default: as the node estimates)");
}

void add_config(CLI::App& command, std::string& path) {
  command.add_option("--config", path, "The configuration file")->required();
}

void add_prove(CLI::App& program, ProveArguments& arguments) {
  CLI::App& command = *program.add_subcommand("prove", "Sign proofs of control (BIP 322) of a wallet's addresses");
  add_config(command, arguments.config);
  add_access(command, arguments.access);
  command.add_option("--message", arguments.message, "The message that they have to be of");
  command.add_option("PSBT", arguments.psbts, "As `holdfast prove-control make` writes them")->required();
  command.add_option("--out", arguments.out, "Folder to make for the signed ones")->required();
}

void add_backup(CLI::App& program, Arguments& arguments) {
  CLI::App& backup = *program.add_subcommand("backup", "Write an encrypted backup of the keys and the configuration");
  add_config(backup, arguments.backup.config);
  backup.add_option("--recipient", arguments.backup.recipients, "Who may open it: age1...; any one of several")->required();
  backup.add_option("--out", arguments.backup.out, "Where to write it: a new file")->required();
  CLI::App& restore = *program.add_subcommand("restore", "Make a signer anew from its backup, on another host");
  restore.add_option("--identity", arguments.restore.identity, "File with the age identity of a recipient")->required();
  restore.add_option("--in", arguments.restore.in, "The backup")->required();
  restore.add_option("--data", arguments.restore.data, "Folder with its own journal; or a new one, with --forgotten")->required();
  restore.add_option("--key-file", arguments.restore.key_file, "Where to write its key file: a new file");
  CLI::Option* forgotten = restore.add_flag("--forgotten", arguments.restore.forgotten,
                                            "Its journal is lost: it shall sign evacuations, burns and guard freezes alone, for ever");
  forgotten->needs(restore.add_option("--by", arguments.restore.by, "Who says so, for the journal"));
  CLI::App& drill = *program.add_subcommand("drill", "Prove that a backup can be restored, without touching the signer");
  add_config(drill, arguments.drill.config);
  drill.add_option("--identity", arguments.drill.identity, "File with the age identity of a recipient")->required();
  drill.add_option("--in", arguments.drill.in, "The backup")->required();
  drill.add_option("--scratch", arguments.drill.scratch, "A folder in memory (tmpfs)")->capture_default_str();
  drill.add_option("--record", arguments.drill.record, "Where to write what came of it (default: drill.json in its data folder)");
  add_access(drill, arguments.drill.access);
}

void add_life(CLI::App& program, Arguments& arguments) {
  CLI::App& enroll = *program.add_subcommand("enroll", "Print what the operators of the other signers need to know, signed");
  CLI::Option* config = enroll.add_option("--config", arguments.enroll.config, "The configuration file");
  enroll.add_option("--xpub", arguments.enroll.xpubs, "With this public key of the seed: \"bitcoin-main 48'/0'/0'/2'\"");
  CLI::Option* check = enroll.add_option("--check", arguments.enroll.check, "Check such a document in place of making one");
  check->excludes(config);
  add_access(enroll, arguments.enroll.access);
  CLI::App& retire = *program.add_subcommand("retire", "Destroy its keys, for ever; the signer must not be running");
  add_config(retire, arguments.retire.config);
  retire.add_option("--owner", arguments.retire.owner, "The address of its owner key, to be sure which it is")->required();
  retire.add_option("--by", arguments.retire.by, "Who does it, for the journal")->required();
  add_access(retire, arguments.retire.access);
}

// Each command's name, and what it runs.
using Commands = std::vector<std::pair<CLI::App*, std::function<Result<void>()>>>;

Commands add_commands(CLI::App& program, Arguments& arguments) {
  add_init(program, arguments.init);
  add_seed_commands(program, arguments);
  add_evacuate(program, arguments.evacuate);
  add_prove(program, arguments.prove);
  add_backup(program, arguments);
  add_life(program, arguments);
  CLI::App* run_command = program.add_subcommand("run", "Attach to holdfastd and sign what the policy allows");
  add_config(*run_command, arguments.run.config);
  add_access(*run_command, arguments.run.access);
  run_command->add_flag("--allow-root", arguments.run.allow_root, "Run as root all the same, for demos and tests");
  CLI::App* thaw_command = program.add_subcommand("thaw", "End a freeze; the signer must not be running");
  add_config(*thaw_command, arguments.thaw.config);
  add_access(*thaw_command, arguments.thaw.access);
  thaw_command->add_option("--by", arguments.thaw.by, "Who does it, for the journal")->required();
  CLI::App* status_command = program.add_subcommand("status", "Show keys and journal; needs no passphrase");
  add_config(*status_command, arguments.status.config);
  status_command->add_flag("--json", arguments.status.json, "Print JSON");
  CLI::App* policy_command = program.add_subcommand("policy", "About the signer's own rules");
  policy_command->require_subcommand(1);
  CLI::App* policy_show = policy_command->add_subcommand("show", "Show the rules as they were understood");
  add_config(*policy_show, arguments.policy.config);
  return {{program.get_subcommand("init"), [&] { return init(arguments.init); }},
          {run_command, [&] { return run(arguments.run); }},
          {thaw_command, [&] { return thaw(arguments.thaw); }},
          {status_command, [&] { return show_status(arguments.status); }},
          {policy_command, [&] { return show_policy(arguments.policy); }},
          {program.get_subcommand("words"), [&] { return show_seed_words(arguments.words); }},
          {program.get_subcommand("xpub"), [&] { return show_xpub(arguments.xpub); }},
          {program.get_subcommand("evacuate"), [&] { return evacuate(arguments.evacuate); }},
          {program.get_subcommand("prove"), [&] { return prove(arguments.prove); }},
          {program.get_subcommand("backup"), [&] { return back_up(arguments.backup); }},
          {program.get_subcommand("restore"), [&] { return restore(arguments.restore); }},
          {program.get_subcommand("drill"), [&] { return drill(arguments.drill); }},
          {program.get_subcommand("enroll"), [&] { return enroll(arguments.enroll); }},
          {program.get_subcommand("retire"), [&] { return retire(arguments.retire); }}};
}

void set_up_logs() {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("holdfast-signer"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  google::protobuf::SetLogHandler(nullptr);  // It would let whoever sends broken messages write our log.
}

}  // namespace

int main_of(int argc, char** argv) {
  set_up_logs();
  CLI::App program("holdfast-signer: decides for itself what its keys sign");
  program.require_subcommand(1);
  Arguments arguments;
  const Commands commands = add_commands(program, arguments);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (!harden_process() && program.got_subcommand("run")) {
    spdlog::info("memory as a whole is not locked against swapping (secrets are); set LimitMEMLOCK=infinity");
  }
  for (const auto& [command, perform] : commands) {
    if (!command->parsed()) continue;
    const auto done = perform();
    if (done) return 0;
    fmt::print(stderr, "holdfast-signer {}: {}: {}\n", command->get_name(), done.error().code, done.error().text);
    return exit_code(done.error().kind);
  }
  return kExitUsage;
}

}  // namespace holdfast::signer::app

int main(int argc, char** argv) { return holdfast::signer::app::main_of(argc, argv); }
