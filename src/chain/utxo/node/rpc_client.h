// JSON-RPC over HTTP as nodes of the Bitcoin family speak it: batches, and a user name and password out of a file.
#pragma once

#include "base/result.h"

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

struct RpcAddress {
  std::string url;  // http://host:port
  // Holds user:password in one line: the cookie that the node writes anew at each start, or a file of the operator's. Read
  // at every call. Empty: no credentials.
  std::string credentials_file;
};

struct RpcLimits {
  int timeout_ms = 30'000;
  int scan_timeout_ms = 30 * 60'000;                       // scantxoutset reads the whole set of unspent outputs.
  std::size_t max_answer_bytes = std::size_t{64} << 20;    // A pool of 900,000 ids, a block thrice over.
  std::size_t max_batch = 100;                             // Calls in one request.
};

struct RpcCall {
  std::string_view method;
  std::string params;  // A JSON array.
};

struct RpcAnswer {
  bool ok = false;
  // When ok. Borrows from RpcAnswers. Numbers are texts that begin with # (json_numbers.h).
  simdjson::dom::element result;
  std::int64_t error_code = 0;  // Otherwise.
  std::string error_text;       // Without control characters, and not long.

  // The result, or what went wrong: `node_unavailable` while it warms up, else `node_refused`; with the node's words.
  Result<simdjson::dom::element> value() const;
  Failure failure() const;  // Precondition: !ok.
};

// Owns what its answers borrow; in the order of the calls.
struct RpcAnswers {
  std::unique_ptr<simdjson::dom::parser> parser;
  std::vector<RpcAnswer> answers;
};

// The codes of errors that nodes of the family share.
inline constexpr std::int64_t kRpcMisc = -1;
inline constexpr std::int64_t kRpcNotFound = -5;
inline constexpr std::int64_t kRpcInvalidParameter = -8;
inline constexpr std::int64_t kRpcWarmingUp = -28;
inline constexpr std::int64_t kRpcMethodNotFound = -32601;

std::string json_text(std::string_view text);  // Quoted and escaped.

// Not for two threads at once.
class RpcClient {
 public:
  RpcClient(RpcAddress address, RpcLimits limits);
  ~RpcClient();
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;

  const RpcLimits& limits() const { return limits_; }
  std::string host() const;  // Empty when the URL is no good.

  // At most limits().max_batch calls. Faults: `node_url_invalid`, `node_unavailable`, `node_unauthorised`,
  // `node_answer_too_large`, `node_answer_malformed`.
  Result<RpcAnswers> batch(const std::vector<RpcCall>& calls);
  Result<RpcAnswers> batch(const std::vector<RpcCall>& calls, int timeout_ms);

 private:
  struct Connection;
  Result<std::string> post(const std::string& body, int timeout_ms);

  std::unique_ptr<Connection> connection_;  // None when the URL is no good.
  std::string credentials_file_;
  RpcLimits limits_;
};

}  // namespace holdfast::chain::utxo
