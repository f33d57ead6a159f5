// The only file of the signer's side that knows gRPC.
#include "link/link_client.h"

#include "link/inbox.h"
#include "link/terms.h"
#include "signer.grpc.pb.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace holdfast::link {
namespace {

using namespace std::chrono_literals;
using Stream = grpc::ClientReaderWriter<proto::FromSigner, proto::ToSigner>;

constexpr auto kHeartbeat = 2s;
constexpr auto kBackoffMin = 100ms;
constexpr auto kBackoffMax = 5s;
constexpr auto kSteady = 1s;  // An attachment that ends sooner is no reason to dial again at once: two may share one name.
constexpr auto kStopLooked = 100ms;  // How often, where nothing wakes us.
constexpr int kKeepaliveMs = 5'000;
// Small, so that a freeze never waits for long behind one commit.
constexpr std::size_t kRequestsPerCommit = 32;

std::shared_ptr<grpc::Channel> dial(const LinkOptions& options) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.ca_pem;
  tls.pem_cert_chain = options.certificate_pem;
  tls.pem_private_key = options.key_pem;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(options.server_name);
  arguments.SetMaxReceiveMessageSize(kMaxToSignerBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  return grpc::CreateCustomChannel(options.server, grpc::SslCredentials(tls), arguments);
}

// One attachment, from hello to the end of the stream.
class Session {
 public:
  Session(signer::Signer& signer, Clock& clock, signer::EvacuationStore* store, const grpc::ClientContext& context,
          Stream& stream)
      : signer_(signer), clock_(clock), store_(store), context_(context), stream_(stream) {}

  // Returns when the stream has ended. True when the server had accepted the attachment.
  bool serve() {
    proto::FromSigner hello;
    *hello.mutable_hello() = signer_.hello();
    if (!stream_.Write(hello)) return false;
    std::jthread reader([this] { read(); });
    for (;;) {
      const Inbox::Work work = inbox_.take(kHeartbeat, kRequestsPerCommit);
      if (work.closed) return accepted_;
      freeze(work.freezes);
      sign(work.requests);
      keep(work.keeps);
      if (work.freezes.empty() && work.requests.empty() && work.keeps.empty()) heartbeat();
    }
  }

 private:
  void read() {
    stream_.WaitForInitialMetadata();
    accepted_ = context_.GetServerInitialMetadata().contains(kAttachedMetadata);
    if (accepted_) spdlog::info("attached");
    for (proto::ToSigner message; stream_.Read(&message);) inbox_.put(std::move(message));
    inbox_.close();
  }

  // A failed write needs no care of its own: the reader sees the same end of the stream.
  void freeze(const std::vector<proto::FreezeOrder>& orders) {
    for (const auto& order : orders) {
      auto acknowledged = signer_.freeze(order);
      if (!acknowledged) {
        spdlog::error("freeze {} is not durable yet, but nothing more is signed: {}", order.freeze(),
                      acknowledged.error().text);
        continue;
      }
      spdlog::warn("frozen by order {}", order.freeze());
      proto::FromSigner out;
      *out.mutable_freeze_acknowledged() = std::move(*acknowledged);
      stream_.Write(out);
    }
  }

  void sign(const std::vector<proto::SignRequest>& requests) {
    if (requests.empty()) return;
    for (auto& reply : signer_.sign(requests)) {
      if (!reply.refusal().empty()) spdlog::warn("refused spend {}: {}", reply.spend(), reply.refusal());
      proto::FromSigner out;
      *out.mutable_reply() = std::move(reply);
      stream_.Write(out);
    }
  }

  void keep(const std::vector<proto::KeepEvacuations>& messages) {
    for (const auto& message : messages) {
      if (store_ == nullptr) return;
      auto kept = signer_.keep(message, *store_);
      proto::FromSigner out;
      if (kept) {
        spdlog::info("keeps {} of {} evacuations of {} {}", kept->transactions(), message.evacuations_size(), kept->chain(),
                     kept->wallet());
        *out.mutable_evacuations_kept() = std::move(*kept);
      } else {
        spdlog::warn("evacuations not kept: {}", kept.error().code);  // Its own words name nothing that holdfastd wrote.
        if (kept.error().kind != ErrorKind::refusal) continue;          // Asked again, it may do better.
        out.mutable_evacuations_kept()->set_chain(message.chain());
        out.mutable_evacuations_kept()->set_wallet(message.wallet());
      }
      stream_.Write(out);
    }
  }

  void heartbeat() {
    proto::FromSigner out;
    out.mutable_heartbeat()->set_sent_ms(clock_.now().unix_ms);
    out.mutable_heartbeat()->set_frozen(signer_.frozen());
    stream_.Write(out);
  }

  signer::Signer& signer_;
  Clock& clock_;
  signer::EvacuationStore* store_;
  const grpc::ClientContext& context_;
  Stream& stream_;
  Inbox inbox_;
  std::atomic<bool> accepted_ = false;
};

// Sleeps, unless it is told to stop.
void pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
}

// Waits so long before the next dialling. gRPC connects by itself meanwhile, but its handshakes move only while somebody
// waits on the channel: one that nobody moves runs into its time limit, again and again.
void pause_connecting(grpc::Channel& channel, std::chrono::milliseconds time, const std::stop_token& stop) {
  using Time = std::chrono::system_clock;
  const Time::time_point end = Time::now() + time;
  while (!stop.stop_requested() && Time::now() < end) {
    if (!channel.WaitForConnected(std::min<Time::time_point>(end, Time::now() + kStopLooked))) continue;
    return pause(std::chrono::duration_cast<std::chrono::milliseconds>(end - Time::now()), stop);
  }
}

}  // namespace

void run_link(signer::Signer& signer, Clock& clock, const LinkOptions& options, std::stop_token stop,
              signer::EvacuationStore* store) {
  const auto channel = dial(options);
  const auto stub = proto::SignerLink::NewStub(channel);
  std::chrono::milliseconds backoff = kBackoffMin;
  std::string last_words;
  while (!stop.stop_requested()) {
    grpc::ClientContext context;
    const std::stop_callback cancel(stop, [&] { context.TryCancel(); });
    const auto stream = stub->Attach(&context);
    const auto begun = std::chrono::steady_clock::now();
    const bool accepted = Session(signer, clock, store, context, *stream).serve();
    const grpc::Status status = stream->Finish();
    if (stop.stop_requested()) return;

    // Once for each reason, not once for each attempt.
    if (accepted || status.error_message() != last_words) {
      spdlog::warn("not attached to {}: {}; dialling again", options.server, status.error_message());
    }
    last_words = status.error_message();
    const bool steady = accepted && std::chrono::steady_clock::now() - begun >= kSteady;
    backoff = steady ? kBackoffMin : std::min<std::chrono::milliseconds>(2 * backoff, kBackoffMax);
    pause_connecting(*channel, backoff, stop);
  }
}

}  // namespace holdfast::link
