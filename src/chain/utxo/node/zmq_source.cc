#include "chain/utxo/node/zmq_source.h"

#include "chain/utxo/codec/compact.h"
#include "chain/utxo/node/mweb.h"

#include <fmt/format.h>
#include <zmq.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace holdfast::chain::utxo {

namespace {

constexpr int kMaxMessageBytes = 4'000'000;
constexpr int kMaxWaiting = 100'000;  // Messages; what is over is lost, which the counters show.
constexpr int kMaxTaken = 20'000;     // By one call of take().
constexpr std::size_t kMaxParts = 3;  // Topic, body, counter.

Txid id_of_reversed(ByteView bytes) {
  Txid out = Txid::from(bytes);
  std::ranges::reverse(out.bytes);
  return out;
}

std::optional<Txid> id_of_raw(ByteView raw) {
  std::optional<Bytes> plain;
  if (has_mweb_flag(raw)) {
    plain = without_mweb(raw);
    if (!plain) return std::nullopt;
    raw = *plain;
  }
  const auto transaction = decode_transaction(raw, {.max_money = kMaxMoneyLitecoin, .from_block = true});
  if (!transaction || transaction->is_coinbase()) return std::nullopt;
  return txid_of(*transaction);
}

bool offers(const std::vector<Notification>& offered, std::string_view type) {
  return std::ranges::any_of(offered, [&](const Notification& one) { return one.type == type; });
}

// The names of the topics are what the node calls them without "pub".
std::vector<std::string> wanted_of(const std::vector<Notification>& offered) {
  if (offers(offered, "pubsequence")) return {"sequence"};
  std::vector<std::string> out;
  if (offers(offered, "pubhashtx")) {
    out.emplace_back("hashtx");
  } else if (offers(offered, "pubrawtx")) {
    out.emplace_back("rawtx");
  }
  if (offers(offered, "pubhashblock")) out.emplace_back("hashblock");
  return out;
}

}  // namespace

struct ZmqSource::Topic {
  std::string name;
  std::optional<std::uint32_t> counter;  // Of its newest message.
};

struct ZmqSource::Socket {
  Socket() : context(zmq_ctx_new()), handle(context ? zmq_socket(context, ZMQ_SUB) : nullptr) {}
  ~Socket() {
    if (handle) zmq_close(handle);
    if (context) zmq_ctx_term(context);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool set(int option, int value) { return zmq_setsockopt(handle, option, &value, sizeof value) == 0; }
  bool set64(int option, std::int64_t value) { return zmq_setsockopt(handle, option, &value, sizeof value) == 0; }
  bool prepare() {
    return handle && set(ZMQ_LINGER, 0) && set(ZMQ_RCVHWM, kMaxWaiting) && set64(ZMQ_MAXMSGSIZE, kMaxMessageBytes) &&
           set(ZMQ_TCP_KEEPALIVE, 1);
  }
  // One message's parts, without waiting. None when there is no message.
  std::optional<std::vector<Bytes>> receive() {
    std::vector<Bytes> out;
    for (bool more = true; more;) {
      zmq_msg_t part;
      zmq_msg_init(&part);
      if (zmq_msg_recv(&part, handle, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&part);
        return std::nullopt;
      }
      const auto* const begin = static_cast<const std::uint8_t*>(zmq_msg_data(&part));
      if (out.size() < kMaxParts) out.emplace_back(begin, begin + zmq_msg_size(&part));
      more = zmq_msg_more(&part) != 0;
      zmq_msg_close(&part);
    }
    return out;
  }

  void* context;
  void* handle;
};

std::string zmq_address_at(std::string_view host, std::string_view address) {
  constexpr std::string_view kScheme = "tcp://";
  const auto colon = address.rfind(':');
  if (host.empty() || !address.starts_with(kScheme) || colon < kScheme.size()) return {};
  const std::string_view digits = address.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 0xffff) return {};
  return fmt::format("tcp://{}:{}", host, port);
}

std::unique_ptr<ZmqSource> ZmqSource::open(const std::string& host, const std::vector<Notification>& offered) {
  auto socket = std::make_unique<Socket>();
  if (!socket->prepare()) return nullptr;
  std::unique_ptr<ZmqSource> out(new ZmqSource(std::move(socket)));
  for (const std::string& topic : wanted_of(offered)) {
    const auto found = std::ranges::find(offered, "pub" + topic, &Notification::type);
    const std::string address = zmq_address_at(host, found->address);
    if (address.empty() || zmq_connect(out->socket_->handle, address.c_str()) != 0) continue;
    if (zmq_setsockopt(out->socket_->handle, ZMQ_SUBSCRIBE, topic.data(), topic.size()) != 0) continue;
    out->topics_.push_back({topic, std::nullopt});
  }
  const bool of_pool = std::ranges::any_of(out->topics_, [](const Topic& topic) { return topic.name != "hashblock"; });
  if (!of_pool) return nullptr;
  return out;
}

ZmqSource::ZmqSource(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
ZmqSource::~ZmqSource() = default;

bool ZmqSource::wait(int timeout_ms) {
  zmq_pollitem_t item{socket_->handle, 0, ZMQ_POLLIN, 0};
  return zmq_poll(&item, 1, timeout_ms) > 0;
}

ZmqNews ZmqSource::take() {
  ZmqNews out;
  for (int i = 0; i < kMaxTaken; ++i) {
    const auto parts = socket_->receive();
    if (!parts) break;
    receive(*parts, out);
  }
  return out;
}

void ZmqSource::receive(const std::vector<Bytes>& parts, ZmqNews& news) {
  if (parts.size() != kMaxParts || parts[2].size() != sizeof(std::uint32_t)) return;
  const auto topic = std::ranges::find(topics_, as_text(parts[0]), &Topic::name);
  if (topic == topics_.end()) return;
  const std::uint32_t counter = WireReader(parts[2]).u32();
  if (topic->counter && counter != *topic->counter + 1) news.gap = true;
  topic->counter = counter;
  const Bytes& body = parts[1];
  if (topic->name == "rawtx") {
    if (const auto txid = id_of_raw(body)) news.arrived.push_back(*txid);
    return;
  }
  if (body.size() < Txid::kSize) return;
  const Txid id = id_of_reversed(ByteView(body).first(Txid::kSize));
  if (topic->name == "hashtx") news.arrived.push_back(id);
  if (topic->name != "sequence" || body.size() == Txid::kSize) return;
  const char label = static_cast<char>(body[Txid::kSize]);  // A and R: the pool. C and D: blocks.
  if (label == 'A') news.arrived.push_back(id);
  if (label == 'R') news.left.push_back(id);
}

}  // namespace holdfast::chain::utxo
