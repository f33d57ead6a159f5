// For tests: a real litecoind or bitcoind on regtest, in a process of its own, with blocks made only when asked for.
#pragma once

#include "base/bytes.h"
#include "chain/utxo/node/rpc_client.h"
#include "chain/utxo/node/rpc_node.h"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

enum class Coin : std::uint8_t { bitcoin, litecoin };

// Genesis blocks of the two regtest networks, as displayed.
std::string_view regtest_genesis(Coin coin);

class CoreNode {
 public:
  // Where its program is; none when there is none. bitcoind: what BITCOIND in the environment says, else from PATH.
  static std::optional<std::string> program(Coin coin);

  // Starts on free ports, with a data folder of its own and a wallet. Ends the process when there is no program.
  explicit CoreNode(Coin coin, std::vector<std::string> arguments = {});
  ~CoreNode();
  CoreNode(const CoreNode&) = delete;
  CoreNode& operator=(const CoreNode&) = delete;

  RpcAddress address() const;
  RpcNodeSettings settings() const { return {address(), {}, true}; }
  Coin coin() const { return coin_; }

  // The result as JSON text; ends the process when the node refuses.
  std::string call(std::string_view method, std::string_view params = "[]");
  // A result that is a text, without its quotation marks.
  std::string text(std::string_view method, std::string_view params = "[]");
  // The error's words when it refuses. None when it does not.
  std::optional<std::string> refusal(std::string_view method, std::string_view params);

  std::string new_address(std::string_view type = "bech32");
  // To the wallet's own address, or to one that is given. The blocks' ids.
  std::vector<Hash32> mine(unsigned count = 1);
  std::vector<Hash32> mine_to(std::string_view address, unsigned count = 1);
  // A block of these transactions only, in this order (raw in hex, or ids of what is in the pool).
  Hash32 mine_block_of(const std::vector<std::string>& transactions);
  // From the wallet, which needs ripe coins: mine 101 blocks first. `coins` as a decimal fraction.
  Txid pay(std::string_view address, std::string_view coins, std::string_view more = "");

  void connect(CoreNode& other);
  void disconnect(CoreNode& other);
  // Until both have the same best block.
  void wait_for_same_tip(CoreNode& other);

  void kill_now();                 // SIGKILL; start() brings it up again, with its data.
  void stop();                     // In good order: writes its pool down.
  void start(bool wait = true);    // `wait` false: comes back before it answers.
  void wait_until_it_answers();

 private:
  void launch();
  bool has_ended();
  std::optional<std::string> try_call(std::string_view method, std::string_view params, std::string& error);

  Coin coin_;
  std::string program_;
  std::vector<std::string> arguments_;
  std::filesystem::path folder_;
  int rpc_port_ = 0;
  int p2p_port_ = 0;
  pid_t pid_ = -1;
};

// A port nobody listens on now.
int free_port();

}  // namespace holdfast::chain::utxo
