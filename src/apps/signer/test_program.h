// The real program of a signer, with a folder, a configuration and a link of a test's own.
#pragma once

#include "chain/evm/codec/transaction.h"
#include "journal/log_key.h"
#include "link/link_server.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <vector>

namespace holdfast::signer::test {

using namespace std::chrono_literals;
using chain::evm::Address20;

inline constexpr const char* kPassphrase = "correct horse battery";
inline constexpr const char* kCold = "0x00000000000000000000000000000000000000c0";
inline constexpr std::uint8_t kCustomerByte = 0x77;

inline std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// What the signer follows and looks at: neither is there in these tests, so it signs what saves, and nothing that spends.
inline std::string surroundings(const std::string& chain) {
  const auto log = journal::LogKey::from_seed(Secret::copy_of(Bytes(32, 41)), "holdfast.example/journal");
  return "[journal]\nkey = \"" + log.verifier().to_string() + "\"\nwitnesses = []\nwitnesses_needed = 0\n" +
         "[nodes.\"" + chain + "\"]\nurl = \"http://127.0.0.1:1\"\ndepth = 6\n";
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

  // `host`: further lines in front of the first table.
  void write_config(const std::string& account, int port, const std::string& host = "key_file = \"alpha.keys\"\n") {
    std::ofstream(folder + "/signer.toml")
        << "name = \"alpha\"\ndata = \"data\"\n"
        << host << "server = \"127.0.0.1:" << port << "\"\n"
        << "[tls]\nca = \"ca.pem\"\ncertificate = \"alpha.pem\"\nkey = \"alpha.key\"\n"
        << surroundings("eip155:31337") << "[chains.\"eip155:31337\"]\ncold = \"" << kCold << "\"\n"
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
        << surroundings("bip122:0f9188f13cb7b2c71f2a335e3a4fc328") << "[" << chain << "]\ncold = \"addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)\"\n"
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

  // With the PIN on descriptor 5, where there is a file of it.
  void start() {
    pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid != 0) return;
    const int passphrase = ::open((folder + "/passphrase").c_str(), O_RDONLY);
    const int log = ::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(passphrase, 3);
    ::dup2(log, 2);
    const std::string config = folder + "/signer.toml";
    std::vector<const char*> arguments = {"holdfast-signer", "run", "--config", config.c_str(), "--passphrase-fd", "3"};
    if (::geteuid() == 0) arguments.push_back("--allow-root");
    if (const int pin = ::open((folder + "/pin").c_str(), O_RDONLY); pin >= 0) {
      ::dup2(pin, 5);
      arguments.insert(arguments.end(), {"--pin-fd", "5"});
    }
    arguments.push_back(nullptr);
    ::execv(HF_SIGNER_PROGRAM, const_cast<char* const*>(arguments.data()));
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

  // An evacuation of one coin of a single_key account: it is signed whatever else the signer waits for.
  proto::SignReply ask_to_save(const Address20& account, std::uint64_t nonce, const Address20& to = *chain::evm::parse_address(kCold)) {
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
    request.set_purpose(proto::SignRequest::EVACUATION);
    request.set_chain("eip155:31337");
    request.set_account(std::string(as_text(account.view())));
    request.set_unsigned_transaction(std::string(as_text(encode_unsigned(transaction))));
    server->send("alpha", out);
    return next(proto::FromSigner::kReply).reply();
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

inline Address20 address(const nlohmann::json& text) { return *chain::evm::parse_address(text.get<std::string>()); }

}  // namespace holdfast::signer::test
