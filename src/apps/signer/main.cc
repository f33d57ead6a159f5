// holdfast-signer: one owner key, and the judgement over what it signs.
#include "apps/signer/commands.h"
#include "apps/signer/hardening.h"

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
};

void add_passphrase(CLI::App& command, std::optional<int>& descriptor) {
  command
      .add_option("--passphrase-fd", descriptor,
                  "Descriptor to read the passphrase's line from (default: the terminal)")
      ->check(CLI::NonNegativeNumber);
}

void add_init(CLI::App& program, InitArguments& arguments) {
  CLI::App& command = *program.add_subcommand("init", "Make new keys and an empty journal");
  command.add_option("--name", arguments.name, "The signer's name: a-z, 0-9 and '-'")->required();
  command.add_option("--data", arguments.data, "Folder for its journal")->required();
  command.add_option("--key-file", arguments.key_file, "Where to write the key file")->required();
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
  add_passphrase(command, arguments.passphrase_fd);
  command.add_option("--message", arguments.message, "The message that they have to be of");
  command.add_option("PSBT", arguments.psbts, "As `holdfast prove-control make` writes them")->required();
  command.add_option("--out", arguments.out, "Folder to make for the signed ones")->required();
}

// Each command's name, and what it runs.
using Commands = std::vector<std::pair<CLI::App*, std::function<Result<void>()>>>;

Commands add_commands(CLI::App& program, Arguments& arguments) {
  add_init(program, arguments.init);
  add_seed_commands(program, arguments);
  add_evacuate(program, arguments.evacuate);
  add_prove(program, arguments.prove);
  CLI::App* run_command = program.add_subcommand("run", "Attach to holdfastd and sign what the policy allows");
  add_config(*run_command, arguments.run.config);
  add_passphrase(*run_command, arguments.run.passphrase_fd);
  CLI::App* thaw_command = program.add_subcommand("thaw", "End a freeze; the signer must not be running");
  add_config(*thaw_command, arguments.thaw.config);
  add_passphrase(*thaw_command, arguments.thaw.passphrase_fd);
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
          {program.get_subcommand("prove"), [&] { return prove(arguments.prove); }}};
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
