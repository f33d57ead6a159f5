// holdfast: Holdfast from a terminal. docs/api/cli.md tells the commands and exit codes.
#include "apps/cli/backtest_tool.h"
#include "apps/cli/commands.h"
#include "apps/cli/control_tool.h"
#include "apps/cli/descriptor_tool.h"
#include "apps/cli/journal_tool.h"
#include "apps/cli/labels_tool.h"
#include "apps/cli/policy_tool.h"
#include "apps/cli/print.h"
#include "apps/cli/psbt_tool.h"
#include "apps/cli/signing.h"

#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>

namespace {

using namespace holdfast;

enum ExitCode { kDone = 0, kRefused = 1, kUsage = 2, kFailed = 3, kDamaged = 4 };

// What the command line asked for; set by the subcommand that was named.
using Action = std::function<Result<void>()>;

// Everything the options write to.
struct Arguments {
  cli::Settings settings;
  std::string config;
  std::uint64_t id = 0;
  std::string text;
  std::string new_text;
  std::string name;
  std::string chain;
  cli::ListFilter filter;
  cli::Withdrawal withdrawal;
  cli::FreezeScope freeze;
  cli::KeyToEnrol enrol;
  cli::JournalPlace journal;
  cli::DescriptorPlace descriptor;
  cli::PsbtPlace psbt;
  cli::QrPlace qr;
  cli::ControlPlace control;
  std::vector<std::string> prices;
  std::string cursor;
  std::string html;
  std::string svg;
  std::optional<std::uint64_t> after;
  std::uint64_t from = 0;
  std::uint64_t limit = 50;
  std::uint64_t up_to = 0;
  std::int64_t seconds = 0;
  bool follow = false;
  bool every_signature = false;
  cli::WitnessPlace witnesses;
  bool no_colour = false;
  bool closed = false;
};

class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.fallthrough();  // --json and the like may stand behind the command too.
    app_.add_option("--url", a_.settings.url, "of holdfastd; http://127.0.0.1:8080 without");
    app_.add_option("--key-file", a_.settings.key_file, "the API key: 32 bytes, made by keygen");
    app_.add_option("--key-id", a_.settings.key_id, "the API key's id, as holdfastd's configuration names it");
    app_.add_option("--config", a_.config, "holds url, key_file and key_id; ~/.config/holdfast/cli.toml without");
    app_.add_flag("--json", a_.settings.json, "for programs: JSON as it came");
    app_.add_flag("--no-colour", a_.no_colour, "no colours on a terminal");
    add_look();
    add_customers();
    add_withdrawals();
    add_safety();
    add_journal();
    add_descriptors();
    add_psbts();
    add_control();
    add_policies();
    add_labels();
  }

  CLI::App& app() { return app_; }

  Result<void> run() {
    a_.settings.colour = !a_.no_colour && ::isatty(STDOUT_FILENO) == 1;
    const auto read = cli::read_settings(a_.config.empty() ? cli::settings_path() : a_.config, a_.settings);
    return read ? action_() : read;
  }

 private:
  CLI::App* command(CLI::App& above, const std::string& name, const std::string& help, Action action) {
    CLI::App* sub = above.add_subcommand(name, help);
    sub->callback([this, action = std::move(action)] { action_ = action; });
    return sub;
  }
  CLI::App& group(const std::string& name, const std::string& help) {
    CLI::App* sub = app_.add_subcommand(name, help);
    sub->require_subcommand(1);
    sub->fallthrough();
    return *sub;
  }
  void takes_id(CLI::App* sub, const std::string& name) { sub->add_option(name, a_.id)->required(); }
  void takes_filter(CLI::App* sub) {
    sub->add_option("--limit", a_.filter.limit, "how many")->check(CLI::Range(1, 1000));
    sub->add_option("--before", a_.filter.before, "older than this id");
    sub->add_option("--customer", a_.filter.customer, "only of this customer");
    sub->add_option("--state", a_.filter.state, "only in this state");
  }

  void add_look() {
    command(app_, "status", "the state of the whole", [this] { return cli::status(a_.settings); });
    command(app_, "assets", "assets, limits and fees", [this] { return cli::assets(a_.settings); });
    CLI::App& prices = group("prices", "what policies value withdrawals by");
    command(prices, "list", "prices, and when each was told", [this] { return cli::list_prices(a_.settings); });
    command(prices, "set", "tell prices; one that jumps is refused", [this] { return cli::set_prices(a_.settings, a_.prices); })
        ->add_option("PRICES", a_.prices, "ASSET=USD, such as ETH=1234.5")
        ->required();
    command(app_, "wallets", "own wallets and what the books say they hold",
            [this] { return cli::wallets(a_.settings); });
    auto* coins = command(app_, "coins", "the coins of a wallet, the unspent ones first",
                          [this] { return cli::coins(a_.settings, a_.id, a_.limit, a_.cursor); });
    takes_id(coins, "WALLET");
    coins->add_option("--limit", a_.limit, "how many")->check(CLI::Range(1, 1000));
    coins->add_option("--cursor", a_.cursor, "where the page before has ended");
    auto* events =
        command(app_, "events", "the event feed", [this] { return cli::events(a_.settings, a_.after, a_.follow); });
    events->add_option("--after", a_.after, "behind this index");
    events->add_flag("--follow", a_.follow, "goes on with what comes");
    auto* keygen = command(app_, "keygen", "make an API key", [this] { return cli::keygen(a_.settings, a_.text); });
    keygen->add_option("FILE", a_.text, "where to put it; must not exist")->required();
  }

  void add_customers() {
    CLI::App& customers = group("customers", "customers");
    auto* create = command(customers, "create", "create a customer",
                           [this] { return cli::create_customer(a_.settings, a_.text); });
    create->add_option("REFERENCE", a_.text, "the exchange's own name for the customer")->required();
    takes_id(command(customers, "show", "one customer", [this] { return cli::show_customer(a_.settings, a_.id); }),
             "CUSTOMER");

    add_customer_keys(customers);

    CLI::App& addresses = group("addresses", "deposit addresses");
    auto* fresh = command(addresses, "new", "give out the next",
                          [this] { return cli::new_address(a_.settings, a_.id, a_.chain); });
    auto* list = command(addresses, "list", "those given out",
                         [this] { return cli::list_addresses(a_.settings, a_.id, a_.chain); });
    for (CLI::App* sub : {fresh, list}) {
      takes_id(sub, "CUSTOMER");
      sub->add_option("CHAIN", a_.chain, "CAIP-2, such as eip155:1, or bitcoin-main, litecoin-main, ...")->required();
    }
    takes_id(
        command(app_, "balances", "what is owed to a customer", [this] { return cli::balances(a_.settings, a_.id); }),
        "CUSTOMER");
    takes_filter(command(app_, "deposits", "deposits", [this] { return cli::deposits(a_.settings, a_.filter); }));
  }

  void add_customer_keys(CLI::App& customers) {
    CLI::App* keys = customers.add_subcommand("keys", "keys that speak for a customer");
    keys->require_subcommand(1);
    keys->fallthrough();
    takes_id(command(*keys, "list", "those that were removed too", [this] { return cli::list_customer_keys(a_.settings, a_.id); }), "CUSTOMER");
    takes_id(command(*keys, "remove", "for ever", [this] { return cli::remove_customer_key(a_.settings, a_.id); }), "KEY");
    auto* add = command(*keys, "add", "enrol one", [this] { return cli::add_customer_key(a_.settings, a_.enrol); });
    add->add_option("CUSTOMER", a_.enrol.customer)->required();
    add->add_option("KEY", a_.enrol.key, "ed25519:<hex>, or webauthn:<base64 of getPublicKey()>")->required();
    add->add_option("--name", a_.enrol.name, "as the customer knows it")->required();
    auto* by = add->add_option("--by", a_.enrol.by, "of a further key: the id of the customer's key that signs for it");
    by->needs(add->add_option("--signing-key", a_.enrol.signing_key, "the file of that key"));
    auto* sign = command(group("intent", "what customers sign"), "sign", "sign a text of POST /v1/withdrawals/intent, or of an enrolment",
                         [this] { return cli::sign_text_file(a_.settings, a_.text, a_.new_text); });
    sign->add_option("FILE", a_.text, "the text")->required();
    sign->add_option("--signing-key", a_.new_text, "a key file, as keygen makes it")->required();
  }

  void add_withdrawals() {
    auto* withdraw =
        command(app_, "withdraw", "ask for a withdrawal", [this] { return cli::withdraw(a_.settings, a_.withdrawal); });
    withdraw->add_option("--customer", a_.withdrawal.customer)->required();
    withdraw->add_option("--asset", a_.withdrawal.asset, "CAIP-19, or a symbol")->required();
    withdraw->add_option("--amount", a_.withdrawal.amount, "in whole coins: 1.5")->required();
    withdraw->add_option("--to", a_.withdrawal.destination, "address")->required();
    withdraw->add_option("--device", a_.withdrawal.device, "where the customer asks from, for the policy");
    withdraw->add_option("--ip", a_.withdrawal.ip);
    withdraw->add_option("--api-key", a_.withdrawal.api_key, "the customer's at the exchange: its name, no secret");
    withdraw->add_option("--credentials-changed-at", a_.withdrawal.credentials_changed_at, "RFC 3339");
    withdraw->add_option("--key", a_.withdrawal.key, "idempotency key: names this withdrawal for ever");

    CLI::App& group = this->group("withdrawals", "withdrawals");
    auto* list =
        command(group, "list", "newest first", [this] { return cli::list_withdrawals(a_.settings, a_.filter); });
    takes_filter(list);
    list->add_option("--asset", a_.filter.asset, "only of this asset");
    takes_id(command(group, "show", "one, with all it went through",
                     [this] { return cli::show_withdrawal(a_.settings, a_.id); }),
             "ID");
    takes_id(command(group, "why", "what the policy said of it, why, and what would have passed",
                     [this] { return cli::why_withdrawal(a_.settings, a_.id); }),
             "ID");
    takes_id(command(group, "approve", "approve one: shows the decision, signs it, sends it",
                     [this] { return cli::approve_withdrawal(a_.settings, a_.id); }),
             "ID");
    for (const char* verb : {"cancel", "confirm", "reject"}) {
      takes_id(command(group, verb, std::string(verb) + " one",
                       [this, verb] { return cli::change_withdrawal(a_.settings, a_.id, verb); }),
               "ID");
    }
  }

  void add_safety() {
    auto* freeze = command(app_, "freeze", "freeze, at once: the platform, or what an option names",
                           [this] { return cli::freeze(a_.settings, a_.freeze); });
    auto* scope = freeze->add_option_group("scope");
    scope->add_option("--chain", a_.freeze.chain, "CAIP-2, or bitcoin-main, litecoin-main, ...");
    scope->add_option("--asset", a_.freeze.asset, "CAIP-19, or a symbol");
    scope->add_option("--wallet", a_.freeze.wallet, "id");
    scope->add_option("--customer", a_.freeze.customer, "id");
    scope->require_option(0, 1);
    takes_id(command(app_, "thaw", "lift a freeze", [this] { return cli::thaw(a_.settings, a_.id); }), "FREEZE");
    CLI::App& cases = group("cases", "the review queue: what waits for people");
    auto* queue = command(cases, "list", "what is due first in front", [this] { return cli::list_cases(a_.settings, a_.closed); });
    queue->add_flag("--closed", a_.closed, "what is done, the newest first");
    auto* assign = command(cases, "assign", "say who looks at it", [this] { return cli::assign_case(a_.settings, a_.id, a_.text); });
    auto* note = command(cases, "note", "add a note", [this] { return cli::note_case(a_.settings, a_.id, a_.text); });
    for (CLI::App* sub : {command(cases, "show", "one", [this] { return cli::show_case(a_.settings, a_.id); }), assign, note}) takes_id(sub, "CASE");
    assign->add_option("TO", a_.text, "an API key's id; oneself without");
    note->add_option("TEXT", a_.text)->required();
    auto* close = command(cases, "close", "somebody has looked at what lists say of the address",
                          [this] { return cli::close_case(a_.settings, a_.id, a_.text); });
    takes_id(close, "CASE");
    close->add_option("TEXT", a_.text, "what came of it")->required();
    for (const char* verb : {"approve", "reject"}) {
      auto* decide = command(cases, verb, std::string(verb) + " what waits in it",
                             [this, verb] { return cli::decide_case(a_.settings, a_.id, verb, a_.up_to); });
      takes_id(decide, "CASE");
      decide->add_option("--up-to", a_.up_to, "the last withdrawal that you have looked at; what joined later stays")->required();
    }
    command(app_, "grades", "on which steps the policy's detectors stand", [this] { return cli::list_grades(a_.settings); });
    command(app_, "freezes", "every freeze there was", [this] { return cli::list_freezes(a_.settings); });

    CLI::App& incidents = group("incidents", "incidents");
    command(incidents, "list", "newest first", [this] { return cli::list_incidents(a_.settings); });
    takes_id(command(incidents, "open", "a wallet is compromised: freeze, and evacuate it",
                     [this] { return cli::open_incident(a_.settings, a_.id); }),
             "WALLET");
    takes_id(command(incidents, "close", "it is over", [this] { return cli::close_incident(a_.settings, a_.id); }),
             "INCIDENT");
  }

  void add_journal() {
    CLI::App& journal = group("journal", "look into a journal file, without holdfastd");
    auto* verify = command(journal, "verify", "check every hash, signature, record and law",
                           [this] { return cli::verify_journal(a_.settings, a_.journal, a_.every_signature, a_.witnesses); });
    verify->add_flag("--every-signature", a_.every_signature, "of each block, not of the last alone; slow");
    verify->add_option("--witnesses", a_.witnesses.keys, "File with the witnesses' keys, one a line: shows what each has cosigned");
    verify->add_option("--notes", a_.witnesses.notes, "Folder with what they cosigned (default: witnesses/ beside the journal)");
    auto* show = command(journal, "show", "records as events",
                         [this] { return cli::show_journal(a_.settings, a_.journal, a_.from, a_.limit); });
    show->add_option("--from", a_.from, "first index");
    show->add_option("--limit", a_.limit, "how many");
    auto* prove = command(journal, "prove", "proof that a record is in the journal, as JSON",
                          [this] { return cli::prove_record(a_.settings, a_.journal, a_.id); });
    for (CLI::App* sub : {verify, show, prove}) {
      sub->add_option("JOURNAL", a_.journal.journal, "the file, or holdfastd's data folder")->required();
      sub->add_option("--verifier", a_.journal.verifier,
                      "file with the public key; journal.vkey beside the journal without");
    }
    takes_id(prove, "INDEX");
  }

  void takes_chain(CLI::App* sub, std::string& chain) {
    sub->add_option("--chain", chain, "bitcoin-main, litecoin-main, bitcoin-regtest, ..., or CAIP-2")->required();
  }

  void add_descriptors() {
    CLI::App& descriptor = group("descriptor", "output descriptors, offline");
    auto* check = command(descriptor, "check", "what it is, and its checksum",
                          [this] { return cli::check_descriptor(a_.settings, a_.descriptor); });
    auto* derive = command(descriptor, "derive", "the addresses that come of it",
                           [this] { return cli::derive_addresses(a_.settings, a_.descriptor); });
    for (CLI::App* sub : {check, derive}) {
      sub->add_option("DESCRIPTOR", a_.descriptor.text, "the text, or a file that holds it")->required();
      takes_chain(sub, a_.descriptor.chain);
    }
    derive->add_option("--branch", a_.descriptor.branch, "0 receiving, 1 change");
    derive->add_option("--range,--index", a_.descriptor.range, "an index, or FIRST-LAST; 0-9 without");
  }

  void add_psbts() {
    CLI::App& psbt = group("psbt", "partially signed transactions, offline");
    auto* show = command(psbt, "show", "coins, payees, fee, and whose signatures hold",
                         [this] { return cli::show_psbt(a_.settings, a_.psbt); });
    takes_chain(show, a_.psbt.chain);
    auto* combine = command(psbt, "combine", "join what several signers have added",
                            [this] { return cli::combine_psbts(a_.settings, a_.psbt); });
    combine->add_option("FILES", a_.psbt.files, "binary or base64")->required();
    combine->add_option("--out", a_.psbt.out, "where to write it; base64 on the terminal without");
    auto* finalize = command(psbt, "finalize", "the transaction for the network, in hex",
                             [this] { return cli::finalize_psbt(a_.settings, a_.psbt); });
    auto* qr = command(psbt, "qr", "as QR codes (ur:psbt), one after the other", [this] {
      if (::isatty(STDOUT_FILENO) != 1) a_.qr.once = true;  // Nobody looks: an animation would fill a file for ever.
      if (!a_.html.empty()) a_.qr = {cli::QrForm::html, a_.html, false, a_.qr.fragment_bytes};
      if (!a_.svg.empty()) a_.qr = {cli::QrForm::svg, a_.svg, false, a_.qr.fragment_bytes};
      return cli::show_psbt_as_qr(a_.settings, a_.psbt, a_.qr);
    });
    for (CLI::App* sub : {show, finalize, qr}) {
      auto* from = sub->add_option_group("from");
      from->add_option("FILE", a_.psbt.files, "binary or base64")->expected(1);
      from->add_option("--base64", a_.psbt.base64, "the PSBT itself");
      from->require_option(1);
    }
    auto* where = qr->add_option_group("to");
    where->add_option("--html", a_.html, "a page to open in a browser; needs nothing from anywhere");
    where->add_option("--svg", a_.svg, "a picture");
    where->add_flag("--once", a_.qr.once, "every frame once, one below the other");
    where->require_option(0, 1);
    qr->add_option("--fragment", a_.qr.fragment_bytes, "bytes in one code")->check(CLI::Range(20, 1000));
  }

  void takes_node(CLI::App* sub, bool required) {
    sub->add_option("--node", a_.control.node.url, "a node of the chain: http://HOST:PORT")->required(required);
    sub->add_option("--cookie", a_.control.node.cookie, "file with the node's user:password");
  }

  void add_control() {
    CLI::App& control = group("prove-control", "prove that a wallet's addresses are ours (BIP 322)");
    auto* make = command(control, "make", "a proof to be signed, and a PSBT for each address",
                         [this] { return cli::make_control_proof(a_.settings, a_.control); });
    make->add_option("DESCRIPTOR", a_.control.descriptor.text, "the text, or a file that holds it")->required();
    takes_chain(make, a_.control.descriptor.chain);
    make->add_option("--branch", a_.control.descriptor.branch, "0 receiving, 1 change");
    make->add_option("--range,--index", a_.control.descriptor.range, "an index, or FIRST-LAST; 0-9 without");
    make->add_option("--message", a_.control.message, "what is signed, above the newest block's id")->required();
    make->add_option("--out", a_.control.file, "a folder to be made")->required();
    takes_node(make, true);
    auto* finish = command(control, "finish", "put the signatures of signed PSBTs in",
                           [this] { return cli::finish_control_proof(a_.settings, a_.control); });
    auto* verify = command(control, "verify", "check every signature",
                           [this] { return cli::verify_control_proof(a_.settings, a_.control); });
    for (CLI::App* sub : {finish, verify}) sub->add_option("PROOF", a_.control.file, "the file proof.json")->required();
    finish->add_option("PSBT", a_.control.signed_psbts, "signed, by whomever")->required();
    takes_node(verify, false);
  }

  void add_policies() {
    CLI::App& policy = group("policy", "risk control's policies: lint, test, diff, backtest and shadow are offline, the others ask holdfastd");
    auto* lint = command(policy, "lint", "check a file, run its tests, show what each rule may cost",
                         [this] { return cli::lint_policy(a_.settings, a_.text); });
    auto* test = command(policy, "test", "run a file's own tests, one by one",
                         [this] { return cli::test_policy(a_.settings, a_.text); });
    for (CLI::App* sub : {lint, test}) sub->add_option("FILE", a_.text, "a policy, as TOML")->required();
    auto* diff = command(policy, "diff", "what is different, and whether the new one can be milder",
                         [this] { return cli::diff_policies(a_.settings, a_.text, a_.new_text); });
    diff->add_option("OLD", a_.text, "a policy, as TOML")->required();
    diff->add_option("NEW", a_.new_text, "what is to replace it")->required();
    auto* backtest = command(policy, "backtest", "judge a journal's withdrawals again, with a policy or as it was",
                             [this] { return cli::backtest_policy(a_.settings, a_.journal, a_.text); });
    auto* shadow = command(policy, "shadow", "go on as the journal grows, print what differs from the live verdicts", [this] {
      return cli::shadow_policy(a_.settings, a_.journal, a_.text, cli::each_second(a_.seconds));
    });
    for (CLI::App* sub : {backtest, shadow}) {
      sub->add_option("JOURNAL", a_.journal.journal, "the file, or holdfastd's data folder")->required();
      sub->add_option("--verifier", a_.journal.verifier, "file with the public key; journal.vkey beside the journal without");
    }
    backtest->add_option("FILE", a_.text, "a policy, as TOML; without, those that were in force");
    shadow->add_option("FILE", a_.text, "a policy, as TOML")->required();
    shadow->add_option("--for", a_.seconds, "how long: 90s, 10m, 8h; until Ctrl-C without")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}, {"h", 3'600}}));
    command(policy, "list", "every version, the newest first", [this] { return cli::list_policies(a_.settings); });
    auto* propose = command(policy, "propose", "hand in a new version",
                            [this] { return cli::propose_policy(a_.settings, a_.text, a_.name); });
    propose->add_option("FILE", a_.text, "a policy, as TOML")->required();
    propose->add_option("--name", a_.name, "for people; the file's without");
    takes_id(command(policy, "show", "one version, with its text", [this] { return cli::show_policy(a_.settings, a_.id); }), "ID");
    takes_id(command(policy, "rollback", "hand in the text of an earlier version again",
                     [this] { return cli::roll_back_policy(a_.settings, a_.id); }),
             "ID");
    for (const auto& [verb, help] : {std::pair("approve", "as a second person"), std::pair("activate", "put it in force"),
                                     std::pair("drop", "take a version back that is not in force yet")}) {
      takes_id(command(policy, verb, help, [this, verb = std::string(verb)] { return cli::change_policy(a_.settings, a_.id, verb); }), "ID");
    }
  }

  void add_labels() {
    CLI::App& labels = group("labels", "lists of labelled addresses, offline");
    auto* check = command(labels, "check", "read the lists, show what came of each",
                          [this] { return cli::check_labels(a_.settings, a_.text, cli::today()); });
    auto* find = command(labels, "find", "all that is said of an address",
                         [this] { return cli::find_labels(a_.settings, a_.text, a_.chain, a_.name); });
    for (CLI::App* sub : {check, find}) sub->add_option("CATALOGUE", a_.text, "names the lists, as TOML")->required();
    find->add_option("CHAIN", a_.chain, "CAIP-2, such as eip155:1, or bitcoin-main, litecoin-main, ...")->required();
    find->add_option("ADDRESS", a_.name)->required();
  }

  CLI::App app_{"Holdfast from a terminal", "holdfast"};
  Arguments a_;
  Action action_;
};

ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::refusal:
      return kRefused;
    case ErrorKind::fault:
      return kFailed;
    case ErrorKind::unknown:
      return kFailed;
    case ErrorKind::corruption:
      return kDamaged;
  }
  return kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  try {
    line.app().parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app().exit(error) == 0 ? kDone : kUsage;
  }
  const auto done = line.run();
  if (done) return kDone;
  std::fprintf(stderr, "holdfast: %s\n", done.error().text.c_str());
  return exit_code(done.error().kind);
}
