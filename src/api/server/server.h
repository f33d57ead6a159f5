// The API on a TCP port: plain HTTP/1.1, meant for loopback or a private network, with a TLS proxy in front elsewhere.
// Requests are signed, so a proxy may terminate TLS but cannot change what is asked for.
//
// One thread per connection, their number bounded. A client that is slow, sends too much or says nothing costs its own
// connection and nothing else.
#pragma once

#include "api/feed/webhooks.h"
#include "api/rest/api.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::api {

struct ConnectionLimits {
  std::chrono::milliseconds request_timeout{10'000};  // From a request's first byte to its last.
  std::chrono::milliseconds write_timeout{10'000};    // For one write to make progress.
  std::chrono::milliseconds idle_timeout{60'000};     // Between two requests.
  std::size_t header_bytes_max = 16 << 10;
};

struct Options {
  std::string address = "127.0.0.1";  // To listen on.
  std::uint16_t port = 0;             // 0: any that is free.
  std::vector<ApiKey> keys;           // Their ids must be unique.
  std::size_t connections_max = 512;
  std::size_t streams_max = 64;  // Of the connections, how many may be event streams.
  ConnectionLimits limits;
  std::vector<WebhookEndpoint> webhooks;
  std::string webhook_folder;  // Where each endpoint's cursor is kept. Needed when there are endpoints.
};

class Server {
 public:
  Server(Options options, Ports ports);
  ~Server();  // Stops.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens and answers from now on, on threads of its own.
  //   refusal api_key_invalid (an id that is malformed or stands twice), and those of Webhooks::start
  //   fault   api_not_listening (the port is taken, the address is not this machine's)
  Result<void> start();
  // Answers what has arrived, then closes every connection. Does not close the feed.
  void stop();

  std::uint16_t port() const;  // Once started.

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace holdfast::api
