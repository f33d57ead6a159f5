// The only file of holdfastd's side of the link that knows gRPC.
#include "link/link_server.h"

#include "link/terms.h"
#include "signer.grpc.pb.h"
#include "signer/policy.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace holdfast::link {
namespace {

using Reactor = grpc::ServerBidiReactor<proto::FromSigner, proto::ToSigner>;
using Incoming = engine::SignerLink::Incoming;

constexpr std::size_t kMaxIncoming = 65'536;  // Nobody polls: the rest is dropped, and asked for again.
constexpr std::size_t kMaxOutgoing = 4'096;   // For each signer.
constexpr int kKeepaliveMs = 10'000;

class Attachment;

// Who is attached, and what they said. Shared by all streams.
class Hub {
 public:
  explicit Hub(LinkServerOptions& options)
      : known_(std::move(options.signers)), on_incoming_(std::move(options.on_incoming)), on_message_(std::move(options.on_message)) {}

  bool knows(const std::string& name) const { return std::find(known_.begin(), known_.end(), name) != known_.end(); }
  // Returns the attachment whose place is taken, if there is one.
  std::shared_ptr<Attachment> attach(const std::string& name, const std::shared_ptr<Attachment>& attachment);
  void detach(const std::string& name, const Attachment* attachment);
  std::shared_ptr<Attachment> find(std::string_view name) const;
  std::vector<std::string> names() const;
  void receive(const std::string& name, proto::FromSigner message);
  std::vector<Incoming> poll();

 private:
  const std::vector<std::string> known_;
  const std::function<void()> on_incoming_;
  const std::function<bool(const std::string&, const proto::FromSigner&)> on_message_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Attachment>, std::less<>> attached_;
  std::vector<Incoming> incoming_;
};

// One stream. gRPC calls its On... functions on threads of its own. Of writing and finishing at most one is under way, and
// none of them is started under the lock, because gRPC may call back at once.
class Attachment final : public Reactor, public std::enable_shared_from_this<Attachment> {
 public:
  Attachment(Hub& hub, std::string name) : hub_(hub), name_(std::move(name)) {}

  void start() {
    self_ = shared_from_this();  // Until OnDone.
    StartSendInitialMetadata();
    {
      const std::lock_guard lock(mutex_);
      started_ = true;
    }
    StartRead(&read_);
    go_on();
  }

  void send(const proto::ToSigner& message) {
    {
      const std::lock_guard lock(mutex_);
      if (message.has_freeze()) {
        waiting_.push_front(message);
      } else if (waiting_.size() < kMaxOutgoing) {
        waiting_.push_back(message);
      }
    }
    go_on();
  }

  void close(grpc::Status status) {
    {
      const std::lock_guard lock(mutex_);
      if (!last_words_) last_words_ = std::move(status);
    }
    go_on();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return close(grpc::Status::OK);
    if (read_.has_hello() && read_.hello().name() != name_) {
      return close({grpc::StatusCode::INVALID_ARGUMENT, "the hello is by another name than the certificate"});
    }
    hub_.receive(name_, std::move(read_));
    read_.Clear();
    read_on();
  }

  void OnWriteDone(bool ok) override {
    {
      const std::lock_guard lock(mutex_);
      busy_ = false;
    }
    if (!ok) return close(grpc::Status::OK);
    go_on();
  }

  void OnDone() override {
    hub_.detach(name_, this);
    const auto last = std::move(self_);  // Dies with this scope, unless somebody is just sending.
  }

 private:
  // No read may be started once the stream was finished, by whichever thread.
  void read_on() {
    {
      const std::lock_guard lock(mutex_);
      if (last_words_) return;
      ++reads_starting_;
    }
    StartRead(&read_);
    {
      const std::lock_guard lock(mutex_);
      --reads_starting_;
    }
    go_on();
  }

  // Starts whatever is next, if nothing is under way.
  void go_on() {
    std::optional<grpc::Status> finish;
    {
      const std::lock_guard lock(mutex_);
      if (!started_ || busy_ || finished_ || (!last_words_ && waiting_.empty())) return;
      if (last_words_) {
        if (reads_starting_ > 0) return;
        finished_ = true;
        finish = last_words_;
      } else {
        busy_ = true;
        writing_ = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    finish ? Finish(*finish) : StartWrite(&writing_);
  }

  Hub& hub_;
  const std::string name_;
  proto::FromSigner read_;  // Only of the reading side.
  std::shared_ptr<Attachment> self_;

  std::mutex mutex_;
  std::deque<proto::ToSigner> waiting_;
  proto::ToSigner writing_;
  bool started_ = false;  // Nothing may be written before the metadata.
  bool busy_ = false;     // A write is under way.
  int reads_starting_ = 0;
  std::optional<grpc::Status> last_words_;  // Set: finish as soon as no write is under way.
  bool finished_ = false;
};

std::shared_ptr<Attachment> Hub::attach(const std::string& name, const std::shared_ptr<Attachment>& attachment) {
  std::shared_ptr<Attachment> previous;
  {
    const std::lock_guard lock(mutex_);
    previous = std::exchange(attached_[name], attachment);
  }
  on_incoming_();
  return previous;
}

void Hub::detach(const std::string& name, const Attachment* attachment) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = attached_.find(name);
    if (found == attached_.end() || found->second.get() != attachment) return;
    attached_.erase(found);
  }
  spdlog::warn("signer {} is gone", name);
  on_incoming_();
}

std::shared_ptr<Attachment> Hub::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = attached_.find(name);
  return found == attached_.end() ? nullptr : found->second;
}

std::vector<std::string> Hub::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, attachment] : attached_) out.push_back(name);
  return out;
}

void Hub::receive(const std::string& name, proto::FromSigner message) {
  if (on_message_(name, message)) return;
  {
    const std::lock_guard lock(mutex_);
    if (incoming_.size() >= kMaxIncoming) return;
    incoming_.push_back({name, std::move(message)});
  }
  on_incoming_();
}

std::vector<Incoming> Hub::poll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(incoming_, {});
}

// Ends a stream before it has begun.
class Rejection final : public Reactor {
 public:
  explicit Rejection(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

// The name in the peer's certificate; none when it is no signer's.
std::optional<std::string> signer_name(const grpc::CallbackServerContext& context) {
  const auto ids = context.auth_context()->FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  if (ids.size() != 1) return std::nullopt;
  const std::string_view id(ids[0].data(), ids[0].size());
  if (!id.starts_with(kSignerSpiffePrefix)) return std::nullopt;
  const std::string_view name = id.substr(kSignerSpiffePrefix.size());
  return signer::is_signer_name(name) ? std::optional<std::string>(name) : std::nullopt;
}

class Service final : public proto::SignerLink::CallbackService {
 public:
  explicit Service(Hub& hub) : hub_(hub) {}

  Reactor* Attach(grpc::CallbackServerContext* context) override {
    const auto name = signer_name(*context);
    if (!name || !hub_.knows(*name)) {
      spdlog::warn("refused an attachment by {}: {}", context->peer(),
                   name ? "unknown signer " + *name : "not a signer");
      return new Rejection({grpc::StatusCode::PERMISSION_DENIED, "holdfastd knows no such signer"});
    }
    spdlog::info("signer {} attached from {}", *name, context->peer());
    context->AddInitialMetadata(kAttachedMetadata, "1");
    const auto attachment = std::make_shared<Attachment>(hub_, *name);
    // It is there before its hello can be heard. The newcomer is right: a signer that dials again has lost its old stream, whether we
    // have noticed or not.
    const auto previous = hub_.attach(*name, attachment);
    attachment->start();
    if (previous) previous->close({grpc::StatusCode::ABORTED, "another attachment by the same name"});
    return attachment.get();
  }

 private:
  Hub& hub_;
};

}  // namespace

struct LinkServer::Running {
  explicit Running(LinkServerOptions& options)
      : hub(options), service(hub) {}

  Hub hub;
  Service service;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

LinkServer::LinkServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Result<std::unique_ptr<LinkServer>> LinkServer::start(LinkServerOptions options) {
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = options.ca_pem;
  tls.pem_key_cert_pairs.push_back({options.key_pem, options.certificate_pem});
  const std::string address = options.address;
  auto running = std::make_unique<Running>(options);

  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1'000);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // A second holdfastd must not share the port in silence.
  builder.AddListeningPort(address, grpc::SslServerCredentials(tls), &running->port);
  builder.RegisterService(&running->service);
  running->server = builder.BuildAndStart();
  if (running->server == nullptr || running->port == 0) {
    return fault("link_not_listening", address + ": cannot listen; is the port free, are certificate and key right?");
  }
  return std::unique_ptr<LinkServer>(new LinkServer(std::move(running)));
}

LinkServer::~LinkServer() { running_->server->Shutdown(std::chrono::system_clock::now()); }

void LinkServer::send(std::string_view signer, const proto::ToSigner& message) {
  if (const auto attachment = running_->hub.find(signer)) attachment->send(message);
}

std::vector<Incoming> LinkServer::poll() { return running_->hub.poll(); }
std::vector<std::string> LinkServer::connected() const { return running_->hub.names(); }
int LinkServer::port() const { return running_->port; }

}  // namespace holdfast::link
