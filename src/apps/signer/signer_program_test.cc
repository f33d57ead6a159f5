// The real program against a real link: its keys, its exit codes, a kill in the middle, a freeze that survives it.
#include "chain/evm/codec/transaction.h"
#include "link/link_server.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

namespace holdfast::signer {
namespace {

using namespace std::chrono_literals;
using chain::evm::Address20;

constexpr const char* kPassphrase = "correct horse battery";
constexpr const char* kCold = "0x00000000000000000000000000000000000000c0";
constexpr std::uint8_t kCustomerByte = 0x77;

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Done {
  int code;
  std::string out;
  std::string err;
};

class Program : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "signer.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    ASSERT_EQ(std::system(("tools/make-certificates " + folder + " alpha > /dev/null").c_str()), 0);
  }
  void TearDown() override {
    stop(SIGKILL);
    server.reset();
    std::filesystem::remove_all(folder);
  }

  // Runs to the end. The passphrase comes on descriptor 3.
  Done call(const std::string& arguments, const std::string& passphrase = kPassphrase, const std::string& before = "") const {
    std::ofstream(folder + "/passphrase") << passphrase << "\n";
    const std::string command = before + std::string(HF_SIGNER_PROGRAM) + " " + arguments + " > " + folder + "/out 2> " +
                                folder + "/err 3< " + folder + "/passphrase";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), read_all(folder + "/out"), read_all(folder + "/err")};
  }

  nlohmann::json init(const std::string& more = "--single-key 1") {
    const Done done = call("init --json --name alpha --data " + folder + "/data --key-file " + folder +
                           "/alpha.keys --passphrase-fd 3 " + more);
    EXPECT_EQ(done.code, 0) << done.err;
    return nlohmann::json::parse(done.out);
  }

  void write_config(const std::string& account, int port) {
    std::ofstream(folder + "/signer.toml")
        << "name = \"alpha\"\ndata = \"data\"\nkey_file = \"alpha.keys\"\n"
        << "server = \"127.0.0.1:" << port << "\"\n"
        << "[tls]\nca = \"ca.pem\"\ncertificate = \"alpha.pem\"\nkey = \"alpha.key\"\n"
        << "[chains.\"eip155:31337\"]\ncold = \"" << kCold << "\"\n"
        << "max_fee_gwei = 100\nmax_priority_gwei = 2\nmax_gas = 1000000\n"
        << "assets = [{contract = \"\", symbol = \"ETH\", decimals = 18, "
        << "per_withdrawal = \"1.5\", per_day = 5}]\n"
        << "accounts = [{address = \"" << account << "\", kind = \"single_key\", fees_per_day = 1}]\n";
  }

  void write_coin_config(const std::string& key) const {
    const std::string chain = "chains.\"bip122:0f9188f13cb7b2c71f2a335e3a4fc328\"";
    std::ofstream(folder + "/signer.toml")
        << "name = \"alpha\"\ndata = \"data\"\nkey_file = \"alpha.keys\"\nserver = \"127.0.0.1:1\"\n"
        << "[tls]\nca = \"ca.pem\"\ncertificate = \"alpha.pem\"\nkey = \"alpha.key\"\n"
        << "[" << chain << "]\ncold = \"addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)\"\n"
        << "per_withdrawal = 1\nper_day = 5\nmax_fee = \"0.01\"\nfees_per_day = \"0.05\"\n"
        << "max_feerate = 100\nrescue_max_feerate = 500\n"
        << "[[" << chain << ".wallets]]\nname = \"hot\"\nkind = \"single_key\"\n"
        << "descriptor = \"wpkh(" << key << "/<0;1>/*)\"\n";
  }

  void start_server() {
    link::LinkServerOptions options;
    options.address = "127.0.0.1:0";
    options.ca_pem = read_all(folder + "/ca.pem");
    options.certificate_pem = read_all(folder + "/holdfastd.pem");
    options.key_pem = read_all(folder + "/holdfastd.key");
    options.signers = {"alpha"};
    options.on_incoming = [this] {
      const std::lock_guard lock(mutex);
      ++changes;
      changed.notify_all();
    };
    server = link::LinkServer::start(std::move(options)).value();
  }

  void start() {
    pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid != 0) return;
    const int passphrase = ::open((folder + "/passphrase").c_str(), O_RDONLY);
    const int log = ::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(passphrase, 3);
    ::dup2(log, 2);
    const std::string config = folder + "/signer.toml";
    ::execl(HF_SIGNER_PROGRAM, "holdfast-signer", "run", "--config", config.c_str(), "--passphrase-fd", "3", nullptr);
    ::_exit(127);
  }

  int stop(int signal) {
    if (pid <= 0) return -1;
    ::kill(pid, signal);
    int status = 0;
    ::waitpid(pid, &status, 0);
    pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // The next message of this kind; none within a minute gives an empty one.
  proto::FromSigner next(proto::FromSigner::MessageCase kind) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    for (;;) {
      std::unique_lock lock(mutex);
      const std::uint64_t seen = changes;
      lock.unlock();
      for (auto& incoming : server->poll()) {
        if (incoming.message.message_case() == kind) return incoming.message;
      }
      lock.lock();
      if (!changed.wait_until(lock, deadline, [&] { return changes != seen; })) return {};
    }
  }

  proto::SignReply ask(const Address20& account, std::uint64_t nonce, const Address20& to) {
    chain::evm::Eip1559Transaction transaction;
    transaction.chain_id = 31337;
    transaction.nonce = nonce;
    transaction.gas = 21'000;
    transaction.max_fee = Amount::of(1'000'000'000);
    transaction.to = to;
    transaction.value = Amount::of(1'000'000'000'000'000'000);
    proto::ToSigner out;
    proto::SignRequest& request = *out.mutable_sign();
    request.set_kind(proto::SignRequest::TRANSACTION);
    request.set_purpose(proto::SignRequest::WITHDRAWAL);
    request.set_chain("eip155:31337");
    request.set_account(std::string(as_text(account.view())));
    request.set_unsigned_transaction(std::string(as_text(encode_unsigned(transaction))));
    request.mutable_withdrawal()->set_id(1);
    request.mutable_withdrawal()->set_amount(transaction.value.to_string());
    request.mutable_withdrawal()->set_destination(std::string(20, static_cast<char>(kCustomerByte)));
    const auto in_an_hour = std::chrono::system_clock::now() + 1h;
    request.mutable_withdrawal()->set_approval_expires_ms(
        std::chrono::duration_cast<std::chrono::milliseconds>(in_an_hour.time_since_epoch()).count());
    server->send("alpha", out);
    return next(proto::FromSigner::kReply).reply();
  }

  std::string folder;
  pid_t pid = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t changes = 0;
  std::unique_ptr<link::LinkServer> server;
};

Address20 address(const nlohmann::json& text) { return *chain::evm::parse_address(text.get<std::string>()); }

TEST_F(Program, signs_remembers_over_a_kill_freezes_and_thaws) {
  const auto made = init();
  const Address20 account = address(made["accounts"][0]["address"]);
  Address20 customer;
  customer.bytes.fill(kCustomerByte);
  Address20 thief;
  thief.bytes.fill(0x66);
  start_server();
  write_config(made["accounts"][0]["address"], server->port());

  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().owner(), std::string(as_text(address(made["owner"]).view())));
  EXPECT_EQ(ask(account, 5, thief).refusal(), "recipient_differs");
  const auto signed_once = ask(account, 5, customer);
  EXPECT_EQ(signed_once.refusal(), "");
  stop(SIGKILL);

  start();
  EXPECT_EQ(next(proto::FromSigner::kHello).hello().signed_count(), 1u);
  EXPECT_EQ(ask(account, 5, customer).signature(), signed_once.signature());
  EXPECT_EQ(ask(account, 6, customer).refusal(), "withdrawal_bound_elsewhere");
  proto::ToSigner order;
  order.mutable_freeze()->set_freeze(8);
  server->send("alpha", order);
  EXPECT_EQ(next(proto::FromSigner::kFreezeAcknowledged).freeze_acknowledged().freeze(), 8u);
  // It writes its journal, so nobody else may.
  EXPECT_EQ(call("thaw --config " + folder + "/signer.toml --by alice --passphrase-fd 3").code, 3);
  stop(SIGKILL);

  start();
  EXPECT_TRUE(next(proto::FromSigner::kHello).hello().frozen());
  EXPECT_EQ(ask(account, 5, customer).refusal(), "frozen");
  const Done status = call("status --json --config " + folder + "/signer.toml");
  EXPECT_TRUE(nlohmann::json::parse(status.out)["frozen"].get<bool>());
  EXPECT_EQ(stop(SIGTERM), 0);

  EXPECT_EQ(call("thaw --config " + folder + "/signer.toml --by alice --passphrase-fd 3").code, 0);
  start();
  EXPECT_FALSE(next(proto::FromSigner::kHello).hello().frozen());
  EXPECT_EQ(ask(account, 5, customer).signature(), signed_once.signature());
  EXPECT_EQ(stop(SIGINT), 0);
  const std::string log = read_all(folder + "/log");
  EXPECT_EQ(log.find("correct horse"), std::string::npos);
}

TEST_F(Program, imports_a_key_and_never_prints_it) {
  std::ofstream(folder + "/import") << std::string(64, '1') << "\n";
  const auto made = init("--gas 1 --import-fd 4 4< " + folder + "/import");
  ASSERT_EQ(made["accounts"].size(), 2u);
  EXPECT_EQ(made["accounts"][0]["kind"], "gas");
  EXPECT_EQ(made["accounts"][1]["kind"], "single_key");
  EXPECT_EQ(address(made["accounts"][1]["address"]), *chain::evm::address_of_key(Secret::copy_of(Bytes(32, 0x11))));
  EXPECT_EQ(made.dump().find("1111111111"), std::string::npos);
}

// The words' seed, and its keys, as an independent implementation (@scure/bip32) derives them.
TEST_F(Program, restores_a_seed_from_its_words_and_shows_them_on_no_pipe) {
  std::string words;
  for (int i = 0; i < 23; ++i) words += "abandon ";
  std::ofstream(folder + "/words") << words << "art\n";
  const auto made = init("--import-words-fd 4 4< " + folder + "/words");
  EXPECT_EQ(made["seed"]["fingerprint"], "5436d724");
  EXPECT_EQ(made["seed"]["id"], "5436d724ed491a0f721a9830012d18bfc98bc7ad");
  EXPECT_TRUE(made["accounts"].empty());
  EXPECT_EQ(made.dump().find("abandon"), std::string::npos);

  const std::string with = " --passphrase-fd 3 --key-file " + folder + "/alpha.keys ";
  const Done main = call("xpub --chain bitcoin-main --path \"48'/0'/0'/2'\"" + with);
  EXPECT_EQ(main.out,
            "[5436d724/48h/0h/0h/2h]xpub6E79FaRWLSJCAgA2jDHRvyrWKwT6aSmR685zptzyYPvmUd44omcxZ1NAzDtbdFBvEADjcVbV4NzTDwQeU6oiSV9"
            "KGiMSWhjANZjbfUHkm3Y\n")
      << main.err;
  const Done regtest = call("xpub --chain bip122:0f9188f13cb7b2c71f2a335e3a4fc328 --path 48h/1h/0h/2h" + with);
  EXPECT_EQ(regtest.out,
            "[5436d724/48h/1h/0h/2h]tpubDFkN51vYF36W4Yfn3wGv5fpmRo3ok7vZZjc1gmRJjumq33L776e6GkP4HGdCVjDqYiBahXCrXQKja8aUZ2xovQN"
            "S8WkF46MdY7TLHJLYD7H\n")
      << regtest.err;
  write_coin_config(regtest.out.substr(0, regtest.out.size() - 1));
  const std::string config = " --config " + folder + "/signer.toml";
  const Done policy = call("policy show" + config);
  EXPECT_NE(policy.out.find("single_key hot, 1 of 1 keys"), std::string::npos) << policy.out << policy.err;
  EXPECT_NE(policy.out.find("evacuations go to    bcrt1q"), std::string::npos) << policy.out;
  const Done status = call("status --json" + config);
  EXPECT_NE(status.out.find("\"fingerprint\": \"5436d724\""), std::string::npos) << status.out << status.err;
  const Done saved = call("evacuate --wallet hot --node http://127.0.0.1:1 --cookie " + folder + "/none" + config);
  EXPECT_EQ(saved.code, 4);
  EXPECT_NE(saved.err.find("node_una"), std::string::npos) << saved.err;  // unavailable, or unauthorised without a cookie
  // The journal opens with the wallet's key found in the seed.
  EXPECT_NE(call("thaw --by alice --passphrase-fd 3" + config).err.find("not_frozen"), std::string::npos);

  // Without a terminal the words are shown nowhere.
  const Done hidden = call("words" + with, kPassphrase, "setsid -w ");
  EXPECT_EQ(hidden.code, 4);
  EXPECT_NE(hidden.err.find("terminal_missing"), std::string::npos) << hidden.err;
  EXPECT_EQ((hidden.out + hidden.err).find("abandon"), std::string::npos);
}

TEST_F(Program, takes_no_seed_of_other_words) {
  std::ofstream(folder + "/words") << "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about\n";
  const std::string arguments = "init --name alpha --data " + folder + "/data --passphrase-fd 3 --key-file " + folder + "/k ";
  EXPECT_NE(call(arguments + "--import-words-fd 4 4< " + folder + "/words").err.find("words_not_24"), std::string::npos);
  std::ofstream(folder + "/words") << "abandon abandon\n";
  EXPECT_NE(call(arguments + "--import-words-fd 4 4< " + folder + "/words").err.find("words_malformed"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder + "/k"));
}

TEST_F(Program, says_what_is_wrong_in_one_line_and_in_its_exit_code) {
  const auto made = init();
  write_config(made["accounts"][0]["address"], 1);
  const std::string config = " --config " + folder + "/signer.toml";
  struct Row {
    std::string arguments;
    int code;
    std::string error;
  };
  const Row table[] = {
      {"", 2, "subcommand"},
      {"run --passphrase hunter2hunter2", 2, "--config"},
      {"init --name alpha --passphrase-fd 3 --data " + folder + "/data --key-file " + folder + "/alpha.keys", 3,
       "key_file_exists"},
      {"init --name alpha --passphrase-fd 3 --data " + folder + "/data --key-file " + folder + "/new.keys", 3,
       "exists"},
      {"run --config /nowhere --passphrase-fd 3", 4, "config_not_read"},
      {"thaw" + config + " --passphrase-fd 3 --by alice", 3, "not_frozen"},
      {"thaw" + config + " --passphrase-fd 9 --by alice", 4, "secret_not_read"},
  };
  for (const Row& row : table) {
    const Done done = call(row.arguments);
    EXPECT_EQ(done.code, row.code) << row.arguments << done.err;
    EXPECT_NE(done.err.find(row.error), std::string::npos) << row.arguments << done.err;
  }
  const Done wrong = call("thaw" + config + " --passphrase-fd 3 --by alice", "correct horse batterY");
  EXPECT_EQ(wrong.code, 3);
  EXPECT_NE(wrong.err.find("passphrase_wrong"), std::string::npos);
}

TEST_F(Program, shows_its_policy_as_it_was_understood) {
  const auto made = init();
  write_config(made["accounts"][0]["address"], 1);
  const Done done = call("policy show --config " + folder + "/signer.toml");
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.out.find("ETH      at most 1.5 in one withdrawal, 5 in 24 hours"), std::string::npos) << done.out;
}

}  // namespace
}  // namespace holdfast::signer
