// The one place where cpp-httplib and the API meet: it parses requests and writes answers, everything else is ours.
#pragma once

#include "api/server/connection.h"

#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

namespace holdfast::api {

// A thread for each connection, up to a bound. Beyond it, the work runs on the caller's thread with turned_away() true.
class ConnectionThreads final : public httplib::TaskQueue {
 public:
  explicit ConnectionThreads(std::size_t bound) : bound_(bound) {}
  ~ConnectionThreads() override { shutdown(); }
  void enqueue(std::function<void()> work) override;
  void shutdown() override;  // Waits until all are done.
  static bool turned_away();

 private:
  bool start(const std::function<void()>& work);

  const std::size_t bound_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t running_ = 0;
};

class HttpServer final : public httplib::Server {
 public:
  HttpServer(Api& api, const api::Options& options);

  bool bind(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return port_; }
  void run() { listen_after_bind(); }  // Until close().
  void close();

 private:
  // What this thread's connection is about. Set while process_request() runs.
  struct Exchange {
    Connection& connection;
    RequestHead head;
    std::optional<Api::Admission> admission;
    bool head_read = false;
  };
  static Exchange*& current();

  bool process_and_close_socket(socket_t socket) override;
  void serve(socket_t socket);
  bool serve_one(Connection& connection);
  void turn_away(socket_t socket);

  HandlerResponse on_head(const httplib::Request& request, httplib::Response& response);
  void on_body(httplib::Response& response, const httplib::ContentReader& reader);
  void on_error(httplib::Response& response);
  void refuse(Exchange& exchange, const Problem& problem, httplib::Response& response);
  void send(const Response& answer, httplib::Response& response);
  void send_stream(std::uint64_t from, httplib::Response& response);
  bool send_events(std::uint64_t& from, httplib::DataSink& sink);

  Api& api_;
  const ConnectionLimits limits_;
  const std::size_t streams_max_;
  std::uint16_t port_ = 0;
  std::atomic<bool> closing_{false};
  std::mutex sockets_mutex_;
  std::set<socket_t> sockets_;  // Of open connections, so that close() can wake them.
};

}  // namespace holdfast::api
