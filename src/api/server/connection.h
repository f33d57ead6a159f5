// One client's connection, bounded in every direction: how long a request may take to arrive, how large its header may
// be, how long a client may take to read its answer. cpp-httplib parses and writes through it and knows none of this.
#pragma once

#include "api/message/problem.h"
#include "api/server/server.h"

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

class Connection final : public httplib::Stream {
 public:
  // The socket stays the caller's.
  Connection(socket_t socket, const ConnectionLimits& limits) : socket_(socket), limits_(limits) {}

  // Waits for the first byte of the next request, and starts its time. False when the client has gone, or idles too
  // long.
  bool await_request();
  // From here on, reads are of the body: its size is bounded elsewhere.
  void header_ended() { header_left_ = SIZE_MAX; }
  // Why a read has failed, when it was for a limit.
  std::optional<EdgeProblem> exceeded() const { return exceeded_; }
  // Bytes of the request were read, and no answer was written.
  bool unanswered() const { return received_ && !answered_; }
  // Whatever was not read of this request makes the connection useless for another.
  void close_after_answer() { closing_ = true; }
  bool closing() const { return closing_; }
  bool peer_is_loopback() const;

  // Says that no more will come, then reads what the client still sends for a while: closing at once would make its
  // kernel throw away the answer it has not read yet.
  void linger();

  // httplib::Stream
  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool fill(Clock::time_point deadline);

  socket_t socket_;
  const ConnectionLimits& limits_;
  std::array<char, 16 << 10> buffer_;
  std::size_t begin_ = 0;  // Of what is in the buffer and was not read.
  std::size_t end_ = 0;
  Clock::time_point deadline_;
  std::size_t header_left_ = 0;
  std::optional<EdgeProblem> exceeded_;
  bool received_ = false;
  bool answered_ = false;
  bool closing_ = false;
};

}  // namespace holdfast::api
