#include "api/server/server.h"

#include "api/server/http_server.h"
#include "api/server/webhook_threads.h"

#include <set>
#include <thread>

namespace holdfast::api {
namespace {

Result<void> check_keys(const std::vector<ApiKey>& keys) {
  std::set<std::string_view> seen;
  std::set<std::array<std::uint8_t, 32>> public_keys;
  for (const ApiKey& key : keys) {
    if (!is_key_id(key.id))
      return refuse("api_key_invalid", "an API key's id is 1 to 64 printable characters without blanks");
    if (!seen.insert(key.id).second) return refuse("api_key_invalid", "the API key " + key.id + " stands twice");
    // Who holds a key is one person, and one role: two ids must not make two of one.
    if (!public_keys.insert(key.key.bytes).second) return refuse("api_key_invalid", "the public key of " + key.id + " is another's too");
  }
  return {};
}

}  // namespace

struct Server::Body {
  Body(Options given, Ports given_ports) : options(std::move(given)), ports(std::move(given_ports)) {}
  Options options;
  Ports ports;
  std::unique_ptr<Api> api;
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<WebhookThreads> webhooks;
  std::thread acceptor;
};

Server::Server(Options options, Ports ports) : body_(std::make_unique<Body>(std::move(options), std::move(ports))) {}
Server::~Server() { stop(); }

Result<void> Server::start() {
  Body& b = *body_;
  if (const auto good = check_keys(b.options.keys); !good) return good;
  b.api = std::make_unique<Api>(b.options.keys, b.ports);
  b.http = std::make_unique<HttpServer>(*b.api, b.options);
  if (!b.http->bind(b.options.address, b.options.port)) {
    return fault("api_not_listening", "cannot listen on " + b.options.address + " port " +
                                          std::to_string(b.options.port) +
                                          "; is it taken, or no address of this machine?");
  }
  b.webhooks = std::make_unique<WebhookThreads>(*b.api, b.ports.clock);
  if (auto started = b.webhooks->start(b.options.webhooks, b.options.webhook_folder); !started) return started;
  b.acceptor = std::thread([&b] { b.http->run(); });
  while (!b.http->is_running()) std::this_thread::yield();  // Or a stop() right now would go unheard.
  return {};
}

void Server::stop() {
  Body& b = *body_;
  if (b.webhooks) b.webhooks->stop();
  if (!b.acceptor.joinable()) return;
  b.http->close();
  b.acceptor.join();
}

std::uint16_t Server::port() const { return body_->http->port(); }

}  // namespace holdfast::api
