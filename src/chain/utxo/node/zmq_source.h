// Listens to what a node publishes over ZeroMQ.
//
// Nobody signs these messages and nobody delivers them for sure, so they are hints: that something may be new, and what to
// ask the node about. A false one costs a question, a lost one costs time until the next full look.
#pragma once

#include "base/bytes.h"
#include "chain/utxo/codec/transaction.h"
#include "chain/utxo/node/json_read.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

struct ZmqNews {
  std::vector<Txid> arrived;  // Said to be in the pool now.
  std::vector<Txid> left;     // Said to have left it other than into a block.
  bool gap = false;           // Something was lost, or the node has started again: look at everything.
};

// Not for two threads at once.
class ZmqSource {
 public:
  // Subscribes to the best of what the node says it publishes: `sequence`, else `hashtx` or `rawtx`; and blocks. The ports
  // are the node's word, the host is not: it is the one we already speak to. None when nothing usable is published.
  static std::unique_ptr<ZmqSource> open(const std::string& host, const std::vector<Notification>& offered);
  ~ZmqSource();
  ZmqSource(const ZmqSource&) = delete;
  ZmqSource& operator=(const ZmqSource&) = delete;

  // Whether a message is there, after waiting for at most so long.
  bool wait(int timeout_ms);
  // What has come since, without waiting. A bounded number of messages: the rest comes with the next call.
  ZmqNews take();

 private:
  struct Socket;
  struct Topic;
  explicit ZmqSource(std::unique_ptr<Socket> socket);
  void receive(const std::vector<Bytes>& parts, ZmqNews& news);

  std::unique_ptr<Socket> socket_;
  std::vector<Topic> topics_;
};

// tcp://ADDRESS:PORT -> tcp://HOST:PORT. Empty when it is anything else.
std::string zmq_address_at(std::string_view host, std::string_view address);

}  // namespace holdfast::chain::utxo
