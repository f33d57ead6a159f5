#include "api/server/http_server.h"

#include "api/text/event_json.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <system_error>
#include <thread>

namespace holdfast::api {
namespace {

using E = EdgeProblem;

constexpr int kBacklog = 1024;
constexpr std::size_t kRequestsTold = 1'000'000;
constexpr std::int64_t kStreamTurnMs = 500;  // How long a stream may take to notice that the server closes.
constexpr int kTurnsBetweenHeartbeats = 30;
constexpr std::size_t kStreamPage = 256;

thread_local bool t_turned_away = false;

RequestHead to_head(const httplib::Request& request, bool from_loopback) {
  RequestHead head{request.method, request.target, {}, from_loopback};
  head.headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    head.headers.push_back({std::move(lower), value});
  }
  return head;
}

// A whole answer as bytes, for where there is no request that cpp-httplib could answer.
std::string raw_answer(const Problem& problem) {
  const std::string body = to_json(problem, "");
  return fmt::format("HTTP/1.1 {} \r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                     problem.status, kProblemContentType, body.size(), body);
}

void keep_own_port(socket_t socket) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // And not SO_REUSEPORT: a second daemon must fail.
}

}  // namespace

bool ConnectionThreads::turned_away() { return t_turned_away; }

void ConnectionThreads::enqueue(std::function<void()> work) {
  if (!start(work)) {
    t_turned_away = true;
    work();
    t_turned_away = false;
  }
}

bool ConnectionThreads::start(const std::function<void()>& work) {
  const std::lock_guard lock(mutex_);
  if (running_ == bound_) return false;
  try {
    std::thread([this, work] {
      work();
      const std::lock_guard done(mutex_);
      --running_;
      done_.notify_all();
    }).detach();
  } catch (const std::system_error&) {  // The machine has no thread left for us.
    return false;
  }
  ++running_;
  return true;
}

void ConnectionThreads::shutdown() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return running_ == 0; });
}

HttpServer::HttpServer(Api& api, const api::Options& options)
    : api_(api), limits_(options.limits), streams_max_(options.streams_max) {
  new_task_queue = [bound = options.connections_max] { return new ConnectionThreads(bound); };
  set_tcp_nodelay(true);
  set_socket_options(keep_own_port);
  set_payload_max_length(kMaxBodyBytes);
  // Only told to clients, in Keep-Alive: how long a connection really lasts is serve()'s to say.
  set_keep_alive_max_count(kRequestsTold);
  set_keep_alive_timeout(std::chrono::duration_cast<std::chrono::seconds>(options.limits.idle_timeout).count());
  set_pre_routing_handler([this](const auto& request, auto& response) { return on_head(request, response); });
  Post(".*", [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    on_body(response, reader);
  });
  set_error_handler([this](const httplib::Request&, httplib::Response& response) { on_error(response); });
  set_exception_handler([this](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
    refuse(*current(), problem(E::internal), response);
  });
}

bool HttpServer::bind(const std::string& address, std::uint16_t port) {
  const int bound = port == 0 ? bind_to_any_port(address) : bind_to_port(address, port) ? port : -1;
  if (bound <= 0) return false;
  port_ = static_cast<std::uint16_t>(bound);
  return ::listen(svr_sock_, kBacklog) == 0;  // The library's own backlog is 5.
}

void HttpServer::close() {
  closing_ = true;
  stop();
  // Idle connections see an end; those at work still write their answer.
  const std::lock_guard lock(sockets_mutex_);
  for (const socket_t socket : sockets_) ::shutdown(socket, SHUT_RD);
}

HttpServer::Exchange*& HttpServer::current() {
  thread_local Exchange* exchange = nullptr;
  return exchange;
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  if (ConnectionThreads::turned_away()) {
    turn_away(socket);
  } else {
    {
      const std::lock_guard lock(sockets_mutex_);
      sockets_.insert(socket);
    }
    api_.metrics().connection_opened();
    serve(socket);
    api_.metrics().connection_closed();
    const std::lock_guard lock(sockets_mutex_);
    sockets_.erase(socket);
  }
  ::close(socket);
  return true;
}

// The acceptor must not wait for anybody: one write that either fits into the socket's buffer or is lost.
void HttpServer::turn_away(socket_t socket) {
  const std::string answer = raw_answer(problem(E::too_many_connections));
  ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket, SHUT_WR);
}

void HttpServer::serve(socket_t socket) {
  Connection connection(socket, limits_);
  while (!closing_ && connection.await_request()) {
    if (!serve_one(connection)) break;
  }
}

// False when the connection can serve no other request.
bool HttpServer::serve_one(Connection& connection) {
  Exchange exchange{connection, {}, {}, false};
  current() = &exchange;
  bool client_closes = false;
  const bool answered = process_request(connection, false, client_closes, [&](httplib::Request& request) {
    connection.header_ended();
    exchange.head_read = true;
    request.headers.erase("Accept-Encoding");  // Answers are small; a compressed one would cost more than it saves.
    request.headers.erase("Range");
    request.ranges.clear();
  });
  current() = nullptr;
  if (connection.unanswered() && connection.exceeded()) {
    const Problem late = problem(*connection.exceeded());
    api_.refuse(late, "");
    connection.Stream::write(raw_answer(late));
    connection.close_after_answer();
  }
  const bool again = answered && !client_closes && exchange.head_read && !connection.closing();
  if (!again && !client_closes) connection.linger();
  return again;
}

httplib::Server::HandlerResponse HttpServer::on_head(const httplib::Request& request, httplib::Response& response) {
  Exchange& exchange = *current();
  exchange.head = to_head(request, exchange.connection.peer_is_loopback());
  auto admission = api_.admit(exchange.head);
  if (!admission) {
    refuse(exchange, admission.error(), response);
    return HandlerResponse::Handled;
  }
  if (exchange.head.has_body() && exchange.head.method == "POST") {
    exchange.admission = *admission;
    return HandlerResponse::Unhandled;
  }
  if (exchange.head.has_body()) exchange.connection.close_after_answer();
  send(api_.answer(*admission, exchange.head, ""), response);
  return HandlerResponse::Handled;
}

void HttpServer::on_body(httplib::Response& response, const httplib::ContentReader& reader) {
  Exchange& exchange = *current();
  std::string body;
  bool too_large = false;
  const bool whole = reader([&](const char* data, std::size_t size) {
    too_large = body.size() + size > kMaxBodyBytes;
    if (!too_large) body.append(data, size);
    return !too_large;
  });
  if (whole) {
    send(api_.answer(*exchange.admission, exchange.head, body), response);
  } else if (too_large) {
    refuse(exchange, problem(E::body_too_large), response);
  } else {
    const E why = exchange.connection.exceeded().value_or(E::request_malformed);
    refuse(exchange, problem(why, why == E::request_malformed ? "The body ended early." : ""), response);
  }
}

// What the library itself refuses, before or instead of our handlers.
void HttpServer::on_error(httplib::Response& response) {
  if (!response.body.empty()) return;
  Exchange& exchange = *current();
  const E library = response.status == 414 ? E::uri_too_long : E::request_malformed;
  refuse(exchange, problem(exchange.connection.exceeded().value_or(library)), response);
}

void HttpServer::refuse(Exchange& exchange, const Problem& problem, httplib::Response& response) {
  send(api_.refuse(problem, exchange.head.path()), response);
  if (!exchange.head_read || exchange.head.has_body()) {  // The rest of the request is still to come.
    response.set_header("Connection", "close");
    exchange.connection.close_after_answer();
  }
}

void HttpServer::send(const Response& answer, httplib::Response& response) {
  response.status = answer.status;
  for (const Header& header : answer.headers) response.set_header(header.name, header.value);
  if (answer.stream_from) {
    send_stream(*answer.stream_from, response);
  } else {
    response.set_content(answer.body, answer.content_type);
  }
}

void HttpServer::send_stream(std::uint64_t from, httplib::Response& response) {
  if (api_.metrics().streams() >= streams_max_) {
    refuse(*current(), problem(E::too_many_streams), response);
    return;
  }
  api_.metrics().stream_opened();
  current()->connection.close_after_answer();
  response.set_chunked_content_provider(
      "text/event-stream",
      [this, from](std::size_t, httplib::DataSink& sink) mutable { return send_events(from, sink); },
      [this](bool) { api_.metrics().stream_closed(); });
}

// One turn: everything that has come since the last, or a heartbeat when nothing has for a while. False ends the
// stream; the client asks again with Last-Event-ID.
bool HttpServer::send_events(std::uint64_t& from, httplib::DataSink& sink) {
  for (int turn = 0; turn < kTurnsBetweenHeartbeats && !api_.feed().wait(from, kStreamTurnMs); ++turn) {
    if (closing_ || api_.feed().closed()) return false;
  }
  const auto entries = api_.feed().read(from, kStreamPage);
  if (!entries) return false;
  std::string text = entries->empty() ? ":\n\n" : "";
  const auto directory = api_.directory();
  for (const FeedEntry& entry : *entries) {
    fmt::format_to(std::back_inserter(text), "id: {}\nevent: {}\ndata: {}\n\n", entry.index,
                   event_type(entry.event.body), dump(event_json(entry.index, entry.event, *directory)));
  }
  from += entries->size();
  return sink.write(text.data(), text.size());
}

}  // namespace holdfast::api
