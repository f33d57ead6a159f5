#include "api/server/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace holdfast::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLinger{1000};
constexpr std::size_t kLingerBytes = 4 << 20;

// Whether the socket is ready before the deadline.
bool poll_until(socket_t socket, short events, steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    pollfd wait{socket, events, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

template <auto get_name>
sockaddr_storage end_point(socket_t socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (get_name(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return address;
}

void write_end_point(const sockaddr_storage& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    port = ntohs(v6.sin6_port);
  }
  ip = text;
}

}  // namespace

bool Connection::await_request() {
  exceeded_.reset();
  received_ = answered_ = false;
  if (begin_ == end_ && !fill(Clock::now() + limits_.idle_timeout)) return false;
  exceeded_.reset();
  received_ = true;
  deadline_ = Clock::now() + limits_.request_timeout;
  header_left_ = limits_.header_bytes_max;
  return true;
}

bool Connection::fill(Clock::time_point deadline) {
  if (!poll_until(socket_, POLLIN, deadline)) {
    exceeded_ = EdgeProblem::request_timeout;
    return false;
  }
  ssize_t got = 0;
  do {
    got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  begin_ = 0;
  end_ = static_cast<std::size_t>(got);
  return true;
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (header_left_ == 0) {
    exceeded_ = EdgeProblem::header_too_large;
    return -1;
  }
  if (begin_ == end_ && !fill(deadline_)) return exceeded_ ? -1 : 0;
  const std::size_t taken = std::min({size, end_ - begin_, header_left_});
  std::memcpy(to, buffer_.data() + begin_, taken);
  begin_ += taken;
  if (header_left_ != SIZE_MAX) header_left_ -= taken;
  return static_cast<ssize_t>(taken);
}

ssize_t Connection::write(const char* from, std::size_t size) {
  answered_ = true;
  for (std::size_t sent = 0; sent < size;) {
    if (!is_writable()) return -1;
    const ssize_t now = ::send(socket_, from + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (now < 0 && errno != EINTR && errno != EAGAIN) return -1;
    if (now > 0) sent += static_cast<std::size_t>(now);
  }
  return static_cast<ssize_t>(size);
}

void Connection::linger() {
  ::shutdown(socket_, SHUT_WR);
  const auto deadline = Clock::now() + kLinger;
  for (std::size_t read = 0; read < kLingerBytes; read += end_) {
    if (!fill(deadline)) return;
  }
}

bool Connection::is_readable() const { return begin_ != end_ || poll_until(socket_, POLLIN, deadline_); }
bool Connection::is_writable() const { return poll_until(socket_, POLLOUT, Clock::now() + limits_.write_timeout); }

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  write_end_point(end_point<::getpeername>(socket_), ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  write_end_point(end_point<::getsockname>(socket_), ip, port);
}

bool Connection::peer_is_loopback() const {
  std::string ip;
  int port = 0;
  get_remote_ip_and_port(ip, port);
  return ip.starts_with("127.") || ip == "::1" || ip.starts_with("::ffff:127.");
}

}  // namespace holdfast::api
