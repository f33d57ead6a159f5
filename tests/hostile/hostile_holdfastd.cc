// For tests only: a holdfastd that an intruder owns. It has the journal's key and the link's certificate, and does what it is told,
// line by line: writes whatever it likes into the journal, asks the signers for whatever it likes, withholds what they say to each other.
//
//   hostile-holdfastd DATA LISTEN CA CERTIFICATE KEY NAME SIGNER...      DATA has the journal and its key (`holdfastd init`)
//
// Commands are JSON, one a line; each is answered by one line of JSON:
//   {"do": "tell", "events": [EVENT...]}                       into the journal, in one commit    {"size": records}
//   {"do": "ask", "signer": NAME, "request": SIGN_REQUEST}     {"reply": SIGN_REPLY} or {"silent": true} after ten seconds
//   {"do": "send", "signer": NAME, "message": TO_SIGNER}       {}
//   {"do": "await", "kind": KIND, "signer": NAME}              {"message": FROM_SIGNER}: the next of that kind, or silent
//   {"do": "mute", "muted": BOOL}                              withholds cosigned heads          {}
//   {"do": "attached"}                                         {"signers": [NAME...]}
//   {"do": "heads"}                                            {"heads": [CHECKPOINT...]}: of every block
// EVENT and the messages are in protobuf's JSON form.
#include "custody.pb.h"
#include "journal/journal.h"
#include "journal/sqlite_storage.h"
#include "link/journal_feed.h"
#include "link/link_server.h"

#include <google/protobuf/util/json_util.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace holdfast;
using nlohmann::json;
using Incoming = engine::SignerLink::Incoming;

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

template <class T>
T message_of(const json& from) {
  T out;
  const auto read = google::protobuf::util::JsonStringToMessage(from.dump(), &out);
  if (!read.ok()) throw std::runtime_error(read.ToString());
  return out;
}

json json_of(const google::protobuf::Message& message) {
  std::string out;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &out, options).ok()) throw std::runtime_error("no JSON");
  return json::parse(out);
}

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().code) + ": " + result.error().text);
  return std::move(*result);
}

void need(const Result<void>& result) {
  if (!result) throw std::runtime_error(std::string(result.error().code) + ": " + result.error().text);
}

class Hostile {
 public:
  Hostile(const std::string& data, link::LinkServerOptions options, const std::string& name)
      : key_(need(journal::LogKey::load(data + "/journal.key", name))),
        storage_(need(journal::SqliteStorage::open(data + "/journal.db"))),
        reading_(need(journal::SqliteStorage::open_readonly(data + "/journal.db"))),
        journal_(need(journal::Journal::open(*storage_, key_, [](std::uint64_t, ByteView) { return Result<void>{}; }))),
        feed_(*reading_, data + "/witnesses") {
    options.on_incoming = [this] { changed_.notify_all(); };
    options.on_message = [this](const std::string& signer, const proto::FromSigner& message) { return heard(signer, message); };
    server_ = need(link::LinkServer::start(std::move(options)));
    streamer_ = std::jthread([this](std::stop_token stop) { feed_.run(stop, *server_); });
  }

  json obey(const json& command) {
    const std::string what = command.at("do");
    if (what == "tell") return tell(command.at("events"));
    if (what == "ask") return ask(command.at("signer"), message_of<proto::SignRequest>(command.at("request")));
    if (what == "send") {
      server_->send(std::string(command.at("signer")), message_of<proto::ToSigner>(command.at("message")));
      return json::object();
    }
    if (what == "await") return await(command.at("signer"), command.at("kind"));
    if (what == "mute") {
      muted_ = command.at("muted").get<bool>();
      return json::object();
    }
    if (what == "attached") return {{"signers", server_->connected()}};
    if (what == "heads") return heads();
    throw std::runtime_error("no such command: " + what);
  }

 private:
  bool heard(const std::string& signer, const proto::FromSigner& message) {
    if (!message.has_cosigned() || !muted_) feed_.heard(signer, message);
    return message.has_cosigned() || message.has_followed() || message.has_heartbeat();
  }

  json tell(const json& events) {
    journal::Batch batch;
    for (const json& event : events) {
      const std::string bytes = message_of<record::Event>(event).SerializeAsString();
      batch.add(as_bytes(bytes));
    }
    need(journal_->append(batch));
    feed_.committed(journal_->head().size);
    return {{"size", journal_->head().size}};
  }

  json ask(const std::string& signer, proto::SignRequest request) {
    request.set_request(++last_request_);
    if (request.journal_size() == 0) request.set_journal_size(journal_->head().size);
    proto::ToSigner message;
    *message.mutable_sign() = request;
    server_->send(signer, message);
    const auto found = wait_for([&](const Incoming& one) {
      return one.signer == signer && one.message.has_reply() && one.message.reply().request() == request.request();
    });
    return found ? json{{"reply", json_of(found->message.reply())}} : json{{"silent", true}};
  }

  json await(const std::string& signer, const std::string& kind) {
    const auto* field = proto::FromSigner::descriptor()->FindFieldByName(kind);
    if (field == nullptr) throw std::runtime_error("no such message: " + kind);
    const auto found = wait_for([&](const Incoming& one) {
      return one.signer == signer && one.message.GetReflection()->HasField(one.message, field);
    });
    return found ? json{{"message", json_of(found->message)}} : json{{"silent", true}};
  }

  // The first that fits, which is then gone.
  template <class Fits>
  std::optional<Incoming> wait_for(Fits fits) {
    using namespace std::chrono_literals;
    const auto until = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      for (Incoming& one : server_->poll()) kept_.push_back(std::move(one));
      const auto found = std::find_if(kept_.begin(), kept_.end(), fits);
      if (found != kept_.end()) {
        Incoming out = std::move(*found);
        kept_.erase(found);
        return out;
      }
      if (std::chrono::steady_clock::now() >= until) return std::nullopt;
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, 20ms);
    }
  }

  json heads() {
    json out = json::array();
    need(storage_->read(0, [&](const journal::StoredBlock& stored) -> Result<void> {
      out.push_back(std::string(stored.block.checkpoint));
      return {};
    }));
    return {{"heads", out}};
  }
  journal::LogKey key_;
  std::unique_ptr<journal::SqliteStorage> storage_;
  std::unique_ptr<journal::SqliteStorage> reading_;  // The feed's thread alone.
  std::unique_ptr<journal::Journal> journal_;
  link::JournalFeed feed_;
  std::atomic<bool> muted_ = false;
  std::uint64_t last_request_ = 0;
  std::vector<Incoming> kept_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<link::LinkServer> server_;
  std::jthread streamer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) {
    std::cerr << "hostile-holdfastd DATA LISTEN CA CERTIFICATE KEY NAME SIGNER...\n";
    return 2;
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("hostile-holdfastd"));
  try {
    link::LinkServerOptions options;
    options.address = argv[2];
    options.ca_pem = read_all(argv[3]);
    options.certificate_pem = read_all(argv[4]);
    options.key_pem = read_all(argv[5]);
    options.signers.assign(argv + 7, argv + argc);
    Hostile hostile(argv[1], std::move(options), argv[6]);
    for (std::string line; std::getline(std::cin, line);) {
      json answer;
      try {
        answer = hostile.obey(json::parse(line));
      } catch (const std::exception& error) {
        answer = {{"error", error.what()}};
      }
      std::cout << answer.dump() << std::endl;
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
