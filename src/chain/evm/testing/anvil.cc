#include "chain/evm/testing/anvil.h"

#include "base/check.h"
#include "base/hex.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace holdfast::chain::evm {

namespace {

using Json = nlohmann::json;

constexpr const char* kProgram = "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil";
constexpr int kStartAttempts = 2000;
constexpr auto kStartPause = std::chrono::milliseconds(10);

int free_port() {
  const int socket_fd = ::socket(AF_INET, SOCK_STREAM, 0);
  HF_CHECK(socket_fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  HF_CHECK(::bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  HF_CHECK(::getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket_fd);
  return ntohs(address.sin_port);
}

// A child that dies with us, whatever ends us.
pid_t spawn(const std::vector<std::string>& command, bool quiet) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  HF_CHECK(pid >= 0);
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  if (quiet) {
    const int null_fd = ::open("/dev/null", O_WRONLY);
    ::dup2(null_fd, STDOUT_FILENO);
  }
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

void run_program(const std::vector<std::string>& command) {
  const pid_t pid = spawn(command, false);
  int status = 0;
  HF_CHECK(::waitpid(pid, &status, 0) == pid);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) die(fmt::format("{} failed", fmt::join(command, " ")).c_str());
}

Anvil::Anvil(unsigned slots_in_an_epoch) {
  if (::access(kProgram, X_OK) != 0) die("anvil is missing: run `npm ci` in the project's root");
  const std::string port = std::to_string(free_port());
  pid_ = spawn({kProgram, "--port", port, "--chain-id", std::to_string(kAnvilChainId), "--no-mining", "--slots-in-an-epoch",
                std::to_string(slots_in_an_epoch), "--silent"},
               true);
  url_ = "http://127.0.0.1:" + port;
  rpc_ = std::make_unique<JsonRpc>(url_, JsonRpcLimits{});
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    if (rpc_->batch({{"eth_chainId", "[]"}})) return;
    std::this_thread::sleep_for(kStartPause);  // It has no other way to say that it is up.
  }
  die("anvil does not answer");
}

Anvil::~Anvil() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string Anvil::call(std::string_view method, std::string params) {
  const auto answers = rpc_->batch({{method, params}});
  if (!answers) die(fmt::format("{}: {}", method, answers.error().text).c_str());
  const RpcAnswer& answer = answers->answers[0];
  if (!answer.ok) die(fmt::format("{}{}: {}", method, params.substr(0, 300), answer.error_text).c_str());
  return simdjson::to_string(answer.result);
}

void Anvil::mine(unsigned count) {
  for (unsigned i = 0; i < count; ++i) call("evm_mine", "[]");
}

void Anvil::reorg(unsigned depth) { call("anvil_reorg", fmt::format("[{},[]]", depth)); }

Hash32 Anvil::send(unsigned account_index, const Address20& to, Amount value, ByteView data) {
  const Json transaction = {{"from", to_0x_hex(account(account_index).view())},
                            {"to", to_0x_hex(to.view())},
                            {"value", to_0x_hex(value.to_word().view())},
                            {"gas", "0x1e8480"},
                            {"data", to_0x_hex(data)}};
  return *fixed_from_hex<32>(Json::parse(call("eth_sendTransaction", Json::array({transaction}).dump())).get<std::string>());
}

Address20 Anvil::deploy_code(unsigned account_index, ByteView code) {
  const Json transaction = {
      {"from", to_0x_hex(account(account_index).view())}, {"gas", "0x5b8d80"}, {"data", to_0x_hex(code)}};
  const std::string txid = call("eth_sendTransaction", Json::array({transaction}).dump());
  mine();
  const Json receipt = Json::parse(call("eth_getTransactionReceipt", "[" + txid + "]"));
  return *fixed_from_hex<20>(receipt.at("contractAddress").get<std::string>());
}

Address20 Anvil::deploy(unsigned account_index, std::string_view contract, ByteView arguments) {
  std::ifstream in(fmt::format("contracts/out/{}.json", contract));
  if (!in) die("contracts/out is missing: run `node contracts/build.mjs`");
  Bytes code = *from_hex(Json::parse(in).at("bytecode").get<std::string>());
  code.insert(code.end(), arguments.begin(), arguments.end());
  return deploy_code(account_index, code);
}

Address20 Anvil::account(unsigned index) {
  return *fixed_from_hex<20>(Json::parse(call("eth_accounts", "[]")).at(index).get<std::string>());
}

}  // namespace holdfast::chain::evm
