#include "chain/utxo/node/testing/core_node.h"

#include "base/check.h"
#include "base/hex.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

namespace holdfast::chain::utxo {

namespace {

using Json = nlohmann::json;

constexpr int kStartAttempts = 6000;
constexpr int kWaitAttempts = 6000;
constexpr auto kPause = std::chrono::milliseconds(10);
constexpr int kPortTries = 5;  // Somebody else may take a port between our look and the node's.

std::optional<std::string> in_path(std::string_view name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const std::string candidate = fmt::format("{}/{}", rest.substr(0, colon), name);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return std::nullopt;
}

// A child that dies with us, whatever ends us.
pid_t spawn(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  HF_CHECK(pid >= 0);
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  const int log_fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log_fd, STDOUT_FILENO);
  ::dup2(log_fd, STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Hash32 id_of(const Json& text) {
  const auto id = id_from_display(text.get<std::string>());
  HF_CHECK(id.has_value());
  return *id;
}

template <class Ready>
void wait_until(const char* what, Ready&& ready) {
  for (int attempt = 0; attempt < kWaitAttempts; ++attempt) {
    if (ready()) return;
    std::this_thread::sleep_for(kPause);
  }
  die(what);
}

}  // namespace

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

std::string_view regtest_genesis(Coin coin) {
  return coin == Coin::bitcoin ? "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
                               : "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9";
}

std::optional<std::string> CoreNode::program(Coin coin) {
  if (coin == Coin::litecoin) return in_path("litecoind");
  const char* const named = std::getenv("BITCOIND");
  return named && ::access(named, X_OK) == 0 ? std::optional<std::string>(named) : in_path("bitcoind");
}

CoreNode::CoreNode(Coin coin, std::vector<std::string> arguments) : coin_(coin), arguments_(std::move(arguments)) {
  const auto found = program(coin);
  if (!found) die(coin == Coin::litecoin ? "litecoind is missing: run tools/install" : "there is no bitcoind");
  program_ = *found;
  std::string folder = (std::filesystem::temp_directory_path() / "holdfast-node-XXXXXX").string();
  HF_CHECK(::mkdtemp(folder.data()) != nullptr);
  folder_ = folder;
  start();
  call("createwallet", R"(["test"])");
}

CoreNode::~CoreNode() {
  kill_now();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

RpcAddress CoreNode::address() const {
  return {fmt::format("http://127.0.0.1:{}", rpc_port_), folder_ / "regtest" / ".cookie"};
}

void CoreNode::launch() {
  std::vector<std::string> command = {program_, "-regtest", "-server", "-dnsseed=0", "-fixedseeds=0", "-listenonion=0",
                                      "-fallbackfee=0.0001", "-keypool=10", "-datadir=" + folder_.string(),
                                      fmt::format("-rpcport={}", rpc_port_), fmt::format("-bind=127.0.0.1:{}", p2p_port_)};
  if (coin_ == Coin::litecoin) {
    std::erase(command, "-fixedseeds=0");  // Too old to know it.
    command.emplace_back("-mempoolreplacement=1");
  } else {
    command.insert(command.end(), {"-natpmp=0", "-unsafesqlitesync"});
  }
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  pid_ = spawn(command, folder_ / "output");
}

void CoreNode::start(bool wait) {
  HF_CHECK(pid_ < 0);
  const bool again = rpc_port_ != 0;
  for (int i = 0; i < (again ? 1 : kPortTries); ++i) {
    if (!again) {
      rpc_port_ = free_port();
      p2p_port_ = free_port();
    }
    launch();
    if (!wait) return;
    std::string error;
    for (int attempt = 0; attempt < kStartAttempts && !has_ended(); ++attempt) {
      if (try_call("getblockcount", "[]", error)) {
        if (again) call("loadwallet", R"(["test"])");
        return;
      }
      std::this_thread::sleep_for(kPause);  // It has no other way to say that it is up.
    }
  }
  die(fmt::format("{} does not start: {}", program_, read_file(folder_ / "output")).c_str());
}

void CoreNode::wait_until_it_answers() {
  std::string error;
  wait_until("a node does not answer", [&] { return try_call("getblockcount", "[]", error).has_value(); });
  call("loadwallet", R"(["test"])");
}

bool CoreNode::has_ended() {
  if (pid_ < 0 || ::waitpid(pid_, nullptr, WNOHANG) == 0) return false;
  pid_ = -1;
  return true;
}

void CoreNode::kill_now() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void CoreNode::stop() {
  ::kill(pid_, SIGTERM);
  wait_until("a node does not end", [&] { return has_ended(); });
}

std::optional<std::string> CoreNode::try_call(std::string_view method, std::string_view params, std::string& error) {
  const std::string cookie = read_file(folder_ / "regtest" / ".cookie");
  const auto colon = cookie.find(':');
  if (colon == std::string::npos) {
    error = "no cookie";
    return std::nullopt;
  }
  httplib::Client client("127.0.0.1", rpc_port_);
  client.set_basic_auth(cookie.substr(0, colon), cookie.substr(colon + 1));
  client.set_read_timeout(std::chrono::minutes(2));
  const std::string body = fmt::format(R"({{"id":0,"method":"{}","params":{}}})", method, params);
  const auto response = client.Post("/", body, "application/json");
  if (!response) {
    error = httplib::to_string(response.error());
    return std::nullopt;
  }
  const Json answer = Json::parse(response->body, nullptr, false);
  if (answer.is_discarded() || !answer.contains("error") || !answer["error"].is_null()) {
    error = answer.is_discarded() ? response->body : answer.at("error").at("message").get<std::string>();
    return std::nullopt;
  }
  return answer.at("result").dump();
}

std::string CoreNode::call(std::string_view method, std::string_view params) {
  std::string error;
  const auto out = try_call(method, params, error);
  if (!out) die(fmt::format("{}{}: {}", method, params.substr(0, 300), error).c_str());
  return *out;
}

std::string CoreNode::text(std::string_view method, std::string_view params) {
  return Json::parse(call(method, params)).get<std::string>();
}

std::optional<std::string> CoreNode::refusal(std::string_view method, std::string_view params) {
  std::string error;
  if (try_call(method, params, error)) return std::nullopt;
  return error;
}

std::string CoreNode::new_address(std::string_view type) { return text("getnewaddress", fmt::format(R"(["","{}"])", type)); }

std::vector<Hash32> CoreNode::mine(unsigned count) { return mine_to(new_address(), count); }

std::vector<Hash32> CoreNode::mine_to(std::string_view address, unsigned count) {
  std::vector<Hash32> out;
  for (const Json& id : Json::parse(call("generatetoaddress", fmt::format(R"([{},"{}"])", count, address)))) {
    out.push_back(id_of(id));
  }
  return out;
}

Hash32 CoreNode::mine_block_of(const std::vector<std::string>& transactions) {
  return id_of(Json::parse(call("generateblock", Json::array({new_address(), transactions}).dump())).at("hash"));
}

Txid CoreNode::pay(std::string_view address, std::string_view coins, std::string_view more) {
  return id_of(Json::parse(call("sendtoaddress", fmt::format(R"(["{}",{}{}])", address, coins, more))));
}

void CoreNode::connect(CoreNode& other) {
  call("setnetworkactive", "[true]");
  other.call("setnetworkactive", "[true]");
  call("addnode", fmt::format(R"(["127.0.0.1:{}","onetry"])", other.p2p_port_));
  wait_until("two nodes do not connect", [&] {
    const Json peers = Json::parse(call("getpeerinfo"));
    return !peers.empty() && peers[0].at("version") != 0;
  });
}

void CoreNode::disconnect(CoreNode& other) {
  call("setnetworkactive", "[false]");
  other.call("setnetworkactive", "[false]");
  wait_until("two nodes stay connected", [&] { return call("getpeerinfo") == "[]" && other.call("getpeerinfo") == "[]"; });
}

void CoreNode::wait_for_same_tip(CoreNode& other) {
  wait_until("two nodes do not agree", [&] { return call("getbestblockhash") == other.call("getbestblockhash"); });
}

}  // namespace holdfast::chain::utxo
