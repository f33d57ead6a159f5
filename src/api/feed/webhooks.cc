#include "api/feed/webhooks.h"

#include "api/client/http_client.h"
#include "api/text/event_json.h"
#include "journal/base64.h"

#include <sodium.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace holdfast::api {
namespace {

constexpr std::size_t kPage = 100;
constexpr std::string_view kGone = "gone";

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<WebhookSigner> read_secret(const WebhookEndpoint& endpoint) {
  struct stat status{};
  if (::stat(endpoint.secret_file.c_str(), &status) != 0) {
    return fault("webhook_file_not_read", "the secret of webhook " + endpoint.name + ": " + endpoint.secret_file);
  }
  if ((status.st_mode & 077) != 0) {
    return refuse("webhook_secret_exposed", endpoint.secret_file + " can be read by others; chmod 600 it");
  }
  std::ifstream in(endpoint.secret_file);
  std::string line;
  std::getline(in, line);
  auto signer = WebhookSigner::from_text(line);
  wipe(line.data(), line.size());
  if (!signer) return refuse("webhook_invalid", endpoint.secret_file + " holds no whsec_ secret and no whsk_ key");
  return std::move(*signer);
}

// 2xx is taken. 410 is for ever. All else is tried again.
bool taken(int status) { return status >= 200 && status < 300; }
constexpr int kStatusGone = 410;

// Up to a tenth more, so that endpoints that failed together do not come back together.
std::int64_t with_jitter(std::int64_t ms) {
  const auto tenth = static_cast<std::uint32_t>(std::min<std::int64_t>(ms / 10, UINT32_MAX));
  return tenth == 0 ? ms : ms + randombytes_uniform(tenth);
}

}  // namespace

std::optional<WebhookSigner> WebhookSigner::from_text(std::string_view text) {
  const bool ed25519 = text.starts_with("whsk_");
  if (!ed25519 && !text.starts_with("whsec_")) return {};
  auto bytes = journal::from_base64(text.substr(text.find('_') + 1));
  if (!bytes) return {};
  const std::size_t size = bytes->size();
  std::optional<WebhookSigner> signer;
  if (!ed25519 && size >= 24 && size <= 64) signer = WebhookSigner(false, Secret::copy_of(*bytes));
  if (ed25519 && (size == crypto_sign_SEEDBYTES || size == crypto_sign_SECRETKEYBYTES)) {
    Secret key(crypto_sign_SECRETKEYBYTES);
    FixedBytes<32> public_key;
    crypto_sign_seed_keypair(public_key.bytes.data(), key.mutable_data(), bytes->data());
    signer = WebhookSigner(true, std::move(key));
  }
  wipe(bytes->data(), size);
  return signer;
}

std::string WebhookSigner::sign(std::string_view id, std::int64_t timestamp_s, std::string_view body) const {
  std::string text(id);
  text.append(".").append(std::to_string(timestamp_s)).append(".").append(body);
  const ByteView message = as_bytes(text);
  if (ed25519_) {
    FixedBytes<64> signature;
    crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(), secret_.reveal().data());
    return "v1a," + journal::to_base64(signature.view());
  }
  FixedBytes<32> mac;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, secret_.reveal().data(), secret_.size());
  crypto_auth_hmacsha256_update(&state, message.data(), message.size());
  crypto_auth_hmacsha256_final(&state, mac.bytes.data());
  return "v1," + journal::to_base64(mac.view());
}

Result<std::unique_ptr<WebhookDelivery>> WebhookDelivery::open(WebhookEndpoint endpoint, const std::string& folder,
                                                               WebhookPorts ports) {
  if (!is_name(endpoint.name)) return refuse("webhook_invalid", "a webhook's name is letters, digits, '-' and '_'");
  if (!Url::parse(endpoint.url))
    return refuse("webhook_invalid", "webhook " + endpoint.name + ": the URL must be http(s)");
  auto signer = read_secret(endpoint);
  if (!signer) return std::unexpected(signer.error());
  const std::string file = folder + "/webhook-" + endpoint.name + ".cursor";
  std::uint64_t cursor = ports.feed.size();
  std::string word;
  std::ifstream in(file);
  if (in >> cursor) in >> word;
  if (cursor > ports.feed.size()) cursor = ports.feed.size();  // Of another journal.
  std::unique_ptr<WebhookDelivery> delivery(
      new WebhookDelivery(std::move(endpoint), std::move(*signer), file, cursor, std::move(ports)));
  delivery->gone_ = word == kGone;
  return delivery;
}

bool WebhookDelivery::turn() {
  if (gone_) return false;
  const auto entries = ports_.feed.read(cursor_, kPage);
  if (!entries) return ports_.pause(kScheduleMs[1]);
  for (const FeedEntry& entry : *entries) {
    if (wants(event_type(entry.event.body)) && !deliver(entry)) return false;
    cursor_ = entry.index + 1;
  }
  if (!entries->empty()) store_cursor(false);
  return true;
}

bool WebhookDelivery::wants(std::string_view type) const {
  return endpoint_.types.empty() || std::any_of(endpoint_.types.begin(), endpoint_.types.end(),
                                                [&](const std::string& prefix) { return type.starts_with(prefix); });
}

bool WebhookDelivery::deliver(const FeedEntry& entry) {
  std::int64_t asked_ms = 0;  // By Retry-After.
  for (const std::int64_t ms : kScheduleMs) {
    const std::int64_t wait = std::max(with_jitter(ms), asked_ms);
    if (wait > 0 && !ports_.pause(wait)) return false;
    const WebhookReply reply = ports_.post(endpoint_, message(entry));
    ports_.count(taken(reply.status));
    if (taken(reply.status)) return true;
    if (reply.status == kStatusGone) {
      gone_ = true;
      store_cursor(true);
      return false;
    }
    asked_ms = std::clamp<std::int64_t>(reply.retry_after_s, 0, 86'400) * kMsPerSecond;
  }
  return true;  // Given up. The feed still has it.
}

WebhookMessage WebhookDelivery::message(const FeedEntry& entry) const {
  const Json event = event_json(entry.index, entry.event, *ports_.directory());
  Json body{{"type", event["type"]}, {"timestamp", event["at"]}, {"data", {{"index", entry.index}}}};
  Json whole = body;
  whole["data"].update(event["data"]);
  WebhookMessage message;
  message.id = "evt_" + std::to_string(entry.index);
  message.timestamp_s = ports_.clock.now().unix_ms / kMsPerSecond;
  message.body = dump(whole);
  if (message.body.size() >= kMaxBodyBytes) message.body = dump(body);
  message.signature = signer_.sign(message.id, message.timestamp_s, message.body);
  return message;
}

// Not flushed to disk: after a crash some are delivered twice, with the same webhook-id.
void WebhookDelivery::store_cursor(bool gone) const {
  const std::string fresh = file_ + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << cursor_ << (gone ? " " : "") << (gone ? kGone : "") << '\n';
  }
  std::error_code ignored;
  std::filesystem::rename(fresh, file_, ignored);
}

}  // namespace holdfast::api
