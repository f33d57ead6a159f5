// Webhooks (Standard Webhooks 1.0.0): a hint that the event feed has something new, pushed to the URLs of the
// configuration.
//
//   webhook-id: evt_<index>      the same at every try: a receiver keeps it to see what it had before
//   webhook-signature: v1,<HMAC-SHA256> for a secret whsec_..., v1a,<Ed25519> for a key whsk_...
//   body: {"type", "timestamp", "data": {"index", ...}}; data is the index alone when the whole would be over 20 kB
//
// One thread per endpoint, one delivery after the other, in the feed's order. A delivery that fails is tried again on
// the standard's schedule and then given up: the feed still has it. Nothing is queued: an endpoint that is behind reads
// on from its cursor, which is kept in a file. A receiver must take the feed for the truth.
#pragma once

#include "api/feed/feed.h"
#include "api/text/view.h"
#include "base/instant.h"
#include "base/secret.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace holdfast::api {

struct WebhookEndpoint {
  std::string name;                // Names its cursor's file: letters, digits, '-' and '_'.
  std::string url;                 // http:// or https://
  std::string secret_file;         // One line, whsec_<base64> or whsk_<base64>. Readable by its owner only.
  std::vector<std::string> types;  // Prefixes of event types: "withdrawal." Empty: all.
};

// Signs what is sent to one endpoint.
class WebhookSigner {
 public:
  // Nothing unless it is whsec_ with 24 to 64 bytes, or whsk_ with the 32 bytes of a seed or the 64 of seed and public
  // key.
  static std::optional<WebhookSigner> from_text(std::string_view text);
  // The value of webhook-signature.
  std::string sign(std::string_view id, std::int64_t timestamp_s, std::string_view body) const;

 private:
  WebhookSigner(bool ed25519, Secret secret) : ed25519_(ed25519), secret_(std::move(secret)) {}
  bool ed25519_;
  Secret secret_;
};

struct WebhookMessage {
  std::string id;
  std::int64_t timestamp_s = 0;
  std::string signature;
  std::string body;
};

struct WebhookReply {
  int status = 0;  // 0: no answer at all.
  std::int64_t retry_after_s = 0;
};

// What deliveries need of the world. Called from each endpoint's thread.
struct WebhookPorts {
  EventFeed& feed;
  Clock& clock;
  std::function<std::shared_ptr<const Directory>()> directory;
  std::function<WebhookReply(const WebhookEndpoint&, const WebhookMessage&)> post;
  std::function<bool(std::int64_t ms)> pause;  // Waits. False: it is time to stop.
  std::function<void(bool delivered)> count;
};

// One endpoint. Not for several threads.
class WebhookDelivery {
 public:
  // Milliseconds before each try, without jitter.
  static constexpr std::int64_t kScheduleMs[] = {0,          5'000,      300'000,    1'800'000,  7'200'000,
                                                 18'000'000, 36'000'000, 50'400'000, 72'000'000, 86'400'000};
  static constexpr std::size_t kMaxBodyBytes = 20'000;

  // Reads the secret and the cursor. An endpoint without a cursor begins with what comes next.
  //   refusal webhook_invalid (name, URL or secret), webhook_secret_exposed    fault webhook_file_not_read
  static Result<std::unique_ptr<WebhookDelivery>> open(WebhookEndpoint endpoint, const std::string& folder,
                                                       WebhookPorts ports);

  // Delivers what the feed has behind the cursor, at most one page. False: it is time to stop, or the endpoint said 410
  // Gone.
  bool turn();
  std::uint64_t cursor() const { return cursor_; }

 private:
  WebhookDelivery(WebhookEndpoint endpoint, WebhookSigner signer, std::string file, std::uint64_t cursor,
                  WebhookPorts ports)
      : endpoint_(std::move(endpoint)),
        signer_(std::move(signer)),
        file_(std::move(file)),
        cursor_(cursor),
        ports_(std::move(ports)) {}
  bool wants(std::string_view type) const;
  bool deliver(const FeedEntry& entry);
  WebhookMessage message(const FeedEntry& entry) const;
  void store_cursor(bool gone) const;

  WebhookEndpoint endpoint_;
  WebhookSigner signer_;
  std::string file_;
  std::uint64_t cursor_;  // The index of the event that comes next.
  WebhookPorts ports_;
  bool gone_ = false;
};

}  // namespace holdfast::api
