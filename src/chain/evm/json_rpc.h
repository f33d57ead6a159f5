// JSON-RPC 2.0 over HTTP, one connection, requests one after the other or many in one batch.
//
// The node is outside: its answers are bounded in size and depth, and anything unexpected in them is a fault.
#pragma once

#include "base/result.h"

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::evm {

struct RpcCall {
  std::string_view method;
  std::string params;  // A JSON array.
};

struct RpcAnswer {
  bool ok = false;
  simdjson::dom::element result;  // When ok. Borrows from RpcAnswers.
  std::int64_t error_code = 0;    // Otherwise.
  std::string error_text;

  // The result, or the fault `node_refused` with the node's words.
  Result<simdjson::dom::element> value() const;
};

// Owns what its answers borrow; in the order of the calls.
struct RpcAnswers {
  std::unique_ptr<simdjson::dom::parser> parser;
  std::vector<RpcAnswer> answers;
};

struct JsonRpcLimits {
  int timeout_ms = 10'000;
  std::size_t max_answer_bytes = std::size_t{256} << 20;  // A traced block of a busy chain.
  std::size_t max_batch = 100;                            // Calls in one request; nodes refuse more.
};

// Not for two threads at once.
class JsonRpc {
 public:
  // `url` is http://host[:port][/path]; anything else makes every call fail with the fault `node_url_invalid`.
  JsonRpc(std::string_view url, JsonRpcLimits limits);
  ~JsonRpc();
  JsonRpc(const JsonRpc&) = delete;
  JsonRpc& operator=(const JsonRpc&) = delete;

  const JsonRpcLimits& limits() const { return limits_; }

  // At most limits().max_batch calls. Faults: `node_unreachable`, `node_answer_too_large`, `node_answer_malformed`.
  Result<RpcAnswers> batch(const std::vector<RpcCall>& calls);

 private:
  Result<std::string> post(std::string body);

  struct Connection;
  std::unique_ptr<Connection> connection_;  // None when the URL is no good.
  JsonRpcLimits limits_;
};

}  // namespace holdfast::chain::evm
