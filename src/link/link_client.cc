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
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace holdfast::link {
namespace {

using namespace std::chrono_literals;
using Stream = grpc::ClientReaderWriter<proto::FromSigner, proto::ToSigner>;
using Time = std::chrono::steady_clock;

constexpr auto kHeartbeat = 2s;
constexpr auto kBackoffMin = 100ms;
constexpr auto kBackoffMax = 5s;
constexpr auto kSteady = 1s;  // An attachment that ends sooner is no reason to dial again at once: two may share one name.
constexpr auto kRound = 100ms;              // How often each_round is called, at least.
constexpr auto kCosignPause = 1s;           // Between two heads that are cosigned: each is a record in the signer's own journal.
constexpr auto kPatience = 2s;              // A request waits so long for the journal that it rests on.
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

// What holdfastd has not been told yet. Whoever floods it only loses the oldest.
struct Alarms {
  static constexpr std::size_t kMax = 1'000;
  std::deque<proto::Alarm> waiting;
  void add(std::vector<proto::Alarm> fresh) {
    for (proto::Alarm& one : fresh) waiting.push_back(std::move(one));
    while (waiting.size() > kMax) waiting.pop_front();
  }
};

// One attachment, from hello to the end of the stream.
class Session {
 public:
  Session(signer::Signer& signer, Clock& clock, const LinkOptions& options, const journal::LogKey& witness,
          signer::EvacuationStore* store, Alarms& alarms, grpc::ClientContext& context, Stream& stream)
      : signer_(signer), clock_(clock), options_(options), witness_(witness), store_(store), alarms_(alarms), context_(context),
        stream_(stream) {}

  // Returns when the stream has ended. True when the server had accepted the attachment.
  bool serve() {
    signer_.begin_stream();
    proto::FromSigner hello;
    *hello.mutable_hello() = signer_.hello();
    hello.mutable_hello()->set_witness(journal::WitnessKey::of(witness_).to_string());
    if (!stream_.Write(hello)) return false;
    std::jthread reader([this] { read(); });
    for (;;) {
      const Inbox::Work work = inbox_.take(kRound, kRequestsPerCommit);
      if (work.closed) return accepted_;
      freeze(work.freezes);
      follow(work);
      alarms_.add(options_.each_round(signer_));
      tell_alarms();
      for (const auto& request : work.requests) waiting_.push_back({request, Time::now()});
      sign(take_ready());
      keep(work.keeps);
      cosign();
      heartbeat();
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

  void follow(const Inbox::Work& work) {
    const std::uint64_t before = signer_.follower().size();
    // Heads first: one that came before some of these parts would look like a journal that was rolled back behind them.
    for (const auto& head : work.heads) heed(signer_.hear(head));
    if (!work.journal.empty()) heed(signer_.follow(work.journal));
    for (const auto& head : work.cosigned) heed(signer_.hear(head));
    if (signer_.follower().size() == before) return;
    proto::FromSigner out;
    out.mutable_followed()->set_size(signer_.follower().size());
    stream_.Write(out);
  }

  // Kept until the stream has taken them.
  void tell_alarms() {
    while (accepted_ && !alarms_.waiting.empty()) {
      proto::FromSigner out;
      *out.mutable_alarm() = alarms_.waiting.front();
      if (!stream_.Write(out)) return;
      alarms_.waiting.pop_front();
    }
  }

  // Says it once to those who watch. After a gap the journal has to come anew from where this signer stands: over a new stream.
  void heed(const Result<void>& heard) {
    if (heard) return;
    const Error& error = heard.error();
    const bool is_alarm = error.kind == ErrorKind::corruption || error.code == "journal_gap";
    if (!std::exchange(alarmed_, true)) spdlog::error("the journal of holdfastd is not followed any more: {}: {}", error.code, error.text);
    if (is_alarm && !std::exchange(told_, true)) {
      proto::Alarm alarm;
      alarm.set_code(std::string(error.code));
      alarm.set_text(error.text);
      alarms_.add({alarm});
    }
    if (error.kind == ErrorKind::fault) context_.TryCancel();
  }

  // Those whose part of the journal is here, or does not come. They keep their order.
  std::vector<proto::SignRequest> take_ready() {
    std::vector<proto::SignRequest> out;
    while (!waiting_.empty() && out.size() < kRequestsPerCommit) {
      const auto& [request, since] = waiting_.front();
      if (request.journal_size() > signer_.follower().size() && Time::now() - since < kPatience) break;
      out.push_back(std::move(waiting_.front().first));
      waiting_.pop_front();
    }
    return out;
  }

  void cosign() {
    const auto now = Time::now();
    const bool grown = signer_.follower().size() != cosigned_size_;
    if (now - cosigned_at_ < (grown ? kCosignPause : kHeartbeat)) return;
    cosigned_at_ = now;
    cosigned_size_ = signer_.follower().size();
    auto head = signer_.cosign(witness_);
    if (!head) spdlog::error("no head is cosigned: {}", head.error().text);
    if (!head || !*head) return;
    proto::FromSigner out;
    *out.mutable_cosigned() = std::move(**head);
    stream_.Write(out);
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
    if (Time::now() - beaten_at_ < kHeartbeat) return;
    beaten_at_ = Time::now();
    proto::FromSigner out;
    out.mutable_heartbeat()->set_sent_ms(clock_.now().unix_ms);
    out.mutable_heartbeat()->set_frozen(signer_.frozen());
    stream_.Write(out);
  }

  signer::Signer& signer_;
  Clock& clock_;
  const LinkOptions& options_;
  const journal::LogKey& witness_;
  signer::EvacuationStore* store_;
  Alarms& alarms_;
  grpc::ClientContext& context_;
  Stream& stream_;
  Inbox inbox_;
  std::deque<std::pair<proto::SignRequest, Time::time_point>> waiting_;
  Time::time_point cosigned_at_{};
  Time::time_point beaten_at_ = Time::now();
  std::uint64_t cosigned_size_ = 0;
  bool alarmed_ = false;  // In the log,
  bool told_ = false;     // and to holdfastd.
  std::atomic<bool> accepted_ = false;
};

// Waits so long before the next dialling, and goes on with what the signer does by itself. gRPC connects by itself meanwhile, but its
// handshakes move only while somebody waits on the channel: one that nobody moves runs into its time limit, again and again.
void pause_connecting(grpc::Channel& channel, std::chrono::milliseconds time, const std::stop_token& stop,
                      const std::function<void()>& each_round) {
  using Wall = std::chrono::system_clock;
  const Wall::time_point end = Wall::now() + time;
  std::mutex mutex;
  std::condition_variable_any stopped;
  while (!stop.stop_requested() && Wall::now() < end) {
    each_round();
    const auto next = std::min<Wall::time_point>(end, Wall::now() + kStopLooked);
    if (!channel.WaitForConnected(next)) continue;
    std::unique_lock lock(mutex);
    stopped.wait_until(lock, stop, next, [] { return false; });
  }
}

}  // namespace

void run_link(signer::Signer& signer, Clock& clock, const LinkOptions& options, const journal::LogKey& witness, std::stop_token stop,
              signer::EvacuationStore* store) {
  const auto channel = dial(options);
  const auto stub = proto::SignerLink::NewStub(channel);
  std::chrono::milliseconds backoff = kBackoffMin;
  std::string last_words;
  Alarms alarms;
  while (!stop.stop_requested()) {
    grpc::ClientContext context;
    const std::stop_callback cancel(stop, [&] { context.TryCancel(); });
    const auto stream = stub->Attach(&context);
    const auto begun = std::chrono::steady_clock::now();
    const bool accepted = Session(signer, clock, options, witness, store, alarms, context, *stream).serve();
    const grpc::Status status = stream->Finish();
    if (stop.stop_requested()) return;

    // Once for each reason, not once for each attempt.
    if (accepted || status.error_message() != last_words) {
      spdlog::warn("not attached to {}: {}; dialling again", options.server, status.error_message());
    }
    last_words = status.error_message();
    const bool steady = accepted && std::chrono::steady_clock::now() - begun >= kSteady;
    backoff = steady ? kBackoffMin : std::min<std::chrono::milliseconds>(2 * backoff, kBackoffMax);
    pause_connecting(*channel, backoff, stop, [&] { alarms.add(options.each_round(signer)); });
  }
}

}  // namespace holdfast::link
