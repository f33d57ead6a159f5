#include "api/server/webhook_threads.h"

#include "api/client/http_client.h"

#include <chrono>

namespace holdfast::api {
namespace {

constexpr int kTimeoutS = 20;
constexpr std::int64_t kTurnMs = 500;  // How long it may take to notice that it is time to stop.

}  // namespace

Result<void> WebhookThreads::start(const std::vector<WebhookEndpoint>& endpoints, const std::string& folder) {
  for (const WebhookEndpoint& endpoint : endpoints) {
    WebhookPorts ports{api_.feed(),
                       clock_,
                       [this] { return api_.directory(); },
                       [this](const auto& to, const auto& message) { return post(to, message); },
                       [this](std::int64_t ms) { return pause(ms); },
                       [this](bool delivered) { api_.metrics().webhook(delivered); }};
    auto delivery = WebhookDelivery::open(endpoint, folder, std::move(ports));
    if (!delivery) return std::unexpected(delivery.error());
    deliveries_.push_back(std::move(*delivery));
  }
  for (const auto& delivery : deliveries_) threads_.emplace_back([this, &delivery] { run(*delivery); });
  return {};
}

void WebhookThreads::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WebhookThreads::run(WebhookDelivery& delivery) {
  while (!stopping()) {
    if (!api_.feed().wait(delivery.cursor(), kTurnMs)) {
      if (api_.feed().closed()) return;
      continue;
    }
    if (!delivery.turn()) return;
  }
}

bool WebhookThreads::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool WebhookThreads::pause(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return stopping_; });
}

WebhookReply WebhookThreads::post(const WebhookEndpoint& endpoint, const WebhookMessage& message) {
  const auto url = Url::parse(endpoint.url);
  const auto client = HttpClient::create(url->origin, kTimeoutS);
  if (!client) return {};
  const RequestHead head{"POST",
                         url->target,
                         {{"content-type", "application/json"},
                          {"webhook-id", message.id},
                          {"webhook-timestamp", std::to_string(message.timestamp_s)},
                          {"webhook-signature", message.signature}},
                         false};
  const auto reply = (*client)->request(head, message.body);
  if (!reply) return {};
  return {reply->status, static_cast<std::int64_t>(parse_number(reply->retry_after).value_or(0))};
}

}  // namespace holdfast::api
