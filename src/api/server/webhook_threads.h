// Runs the deliveries of webhooks, a thread each.
#pragma once

#include "api/feed/webhooks.h"
#include "api/rest/api.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::api {

class WebhookThreads {
 public:
  WebhookThreads(Api& api, Clock& clock) : api_(api), clock_(clock) {}
  ~WebhookThreads() { stop(); }

  // Errors of WebhookDelivery::open; on any of them nothing runs.
  Result<void> start(const std::vector<WebhookEndpoint>& endpoints, const std::string& folder);
  void stop();

 private:
  WebhookReply post(const WebhookEndpoint& endpoint, const WebhookMessage& message);
  bool pause(std::int64_t ms);
  bool stopping();
  void run(WebhookDelivery& delivery);

  Api& api_;
  Clock& clock_;
  std::vector<std::unique_ptr<WebhookDelivery>> deliveries_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
};

}  // namespace holdfast::api
