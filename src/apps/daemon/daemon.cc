#include "apps/daemon/daemon.h"

#include "apps/daemon/chains.h"
#include "apps/daemon/loops.h"
#include "apps/daemon/registration.h"
#include "apps/daemon/screening.h"
#include "api/feed/feed.h"
#include "api/server/server.h"
#include "api/text/names.h"
#include "base/hex.h"
#include "engine/conductor.h"
#include "engine/writer.h"
#include "journal/sqlite_storage.h"
#include "link/journal_feed.h"
#include "link/link_server.h"

#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace holdfast::daemon {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
  }
};

std::string journal_path(const Config& config) { return config.data + "/journal.db"; }
std::string log_key_path(const Config& config) { return config.data + "/journal.key"; }
std::string verifier_path(const Config& config) { return config.data + "/journal.vkey"; }

// Whether init was done here. It is never done implicitly, so what is missing is for a person to find or to make.
Result<void> check_initialised(const Config& config) {
  std::error_code failed;
  const bool has_key = std::filesystem::exists(log_key_path(config), failed);
  const bool has_journal = std::filesystem::exists(journal_path(config), failed);
  if (has_key && has_journal) return {};
  if (!has_key && !has_journal) {
    return refuse("journal_missing", config.data + " holds no journal: make it once, with `holdfastd init`. Was there one? "
                                     "Then find it, or restore its newest copy; a new one would pay everybody again");
  }
  const std::string missing = has_key ? journal_path(config) : log_key_path(config);
  return refuse(has_key ? "journal_missing" : "log_key_missing", missing + " is missing: restore it from its copy");
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse("config_wrong", path + " cannot be read");
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Result<std::unique_ptr<link::LinkServer>> start_link(const Config& config, Wake& wake, link::JournalFeed& feed) {
  const auto ca = read_file(config.tls.ca);
  if (!ca) return std::unexpected(ca.error());
  const auto certificate = read_file(config.tls.certificate);
  if (!certificate) return std::unexpected(certificate.error());
  const auto key = read_file(config.tls.key);
  if (!key) return std::unexpected(key.error());
  std::vector<std::string> names;
  for (const custody::Signer& signer : config.signers) names.push_back(signer.name);
  link::LinkServerOptions options{config.signer_listen, *ca, *certificate, *key, names};
  options.on_incoming = [&wake] { wake.signal(); };
  options.on_message = [&feed](const std::string& signer, const proto::FromSigner& message) {
    feed.heard(signer, message);
    return message.has_cosigned() || message.has_followed();
  };
  return link::LinkServer::start(std::move(options));
}

// "host:port", as the configuration writes it.
Result<std::pair<std::string, std::uint16_t>> split_listen(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    const char* end = listen.data() + listen.size();
    const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
    if (parsed.ec == std::errc() && parsed.ptr == end) return std::pair(listen.substr(0, colon), port);
  }
  return refuse("config_wrong", "http = \"" + listen + "\" has to be HOST:PORT");
}

Result<api::Options> api_options(const Config& config) {
  const auto listen = split_listen(config.http_listen);
  if (!listen) return std::unexpected(listen.error());
  api::Options options;
  options.address = listen->first;
  options.port = listen->second;
  for (const ApiKeyConfig& key : config.api_keys) {
    options.keys.push_back({key.id, {*fixed_from_hex<32>(key.public_key)}, *api::role(key.role), key.duties});
  }
  for (const WebhookConfig& webhook : config.webhooks) {
    options.webhooks.push_back({webhook.name, webhook.url, webhook.secret_file, webhook.types});
  }
  options.webhook_folder = config.data;
  return options;
}

void log_unreadable_policy(const custody::State& state) {
  if (!state.policy_in_force) return;
  const auto policy = policy::Policy::read(as_text(state.policies.at(state.policy_in_force).text), "policy in force");
  if (!policy) spdlog::error("{}: this version cannot read it, so every withdrawal waits for two operators", policy.error().text);
}

// What whoever reads the log at night has to see; all the rest is in the event feed.
void log_alarms(const engine::Commit& commit) {
  for (const custody::Event& event : commit.events) {
    if (const auto* opened = std::get_if<custody::IncidentOpened>(&event.body)) {
      spdlog::error("INCIDENT {}: {}", opened->incident.id.value, api::name(opened->incident.cause));
    } else if (const auto* placed = std::get_if<custody::FreezePlaced>(&event.body)) {
      spdlog::error("freeze {} is in force", placed->freeze.id.value);
    } else if (const auto* heard = std::get_if<custody::FreezeAcknowledged>(&event.body)) {
      spdlog::warn("freeze {}: signer {} is frozen", heard->freeze.value, heard->signer.value);
    } else if (const auto* late = std::get_if<custody::CaseOverdue>(&event.body)) {
      spdlog::error("case {} is overdue: nobody has finished with it in time", late->id.value);
    } else if (const auto* lifted = std::get_if<custody::FreezeLifted>(&event.body)) {
      spdlog::warn("freeze {} is lifted", lifted->freeze.value);
    }
  }
}

// The threads that drive chains and conductor. Ends and joins them when it dies.
class Drivers {
 public:
  Drivers(const Loops& loops, std::vector<ChainParts>& chains, engine::Conductor& conductor) : loops_(loops) {
    for (ChainParts& chain : chains) {
      threads_.emplace_back([this, &chain](std::stop_token stop) { follow_chain(stop, loops_, chain); });
      threads_.emplace_back([this, &chain](std::stop_token stop) { watch_pool(stop, loops_, chain); });
    }
    threads_.emplace_back([this, &conductor](std::stop_token stop) { conduct(stop, loops_, conductor); });
  }
  ~Drivers() {
    for (std::jthread& thread : threads_) thread.request_stop();
  }
  Drivers(const Drivers&) = delete;
  Drivers& operator=(const Drivers&) = delete;

 private:
  Loops loops_;
  std::vector<std::jthread> threads_;
};

// Blocked before any thread starts, so that only this waits for them.
sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

void wait_for_stop(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
}

// Watch and rescue go on without lists; whatever asks for labels holds.
void load_lists(Screening& screening) {
  if (!screening.has_lists()) {
    spdlog::warn("no label lists: a policy that asks for labels counts them as holding; name a catalogue with `labels`");
  } else if (const auto loaded = screening.load(); !loaded) {
    spdlog::error("label lists: {}; going on without, trying again", loaded.error().text);
  }
}

engine::ConductorOptions conduct_options(const Config& config) {
  engine::ConductorOptions out;
  out.quorum = config.quorum;
  out.bump_after_ms = static_cast<std::int64_t>(config.bump_after_seconds) * kMsPerSecond;
  out.coin_bump_after_ms = static_cast<std::int64_t>(config.coin_bump_after_seconds) * kMsPerSecond;
  return out;
}

}  // namespace

Result<void> init(const Config& config) {
  std::error_code failed;
  std::filesystem::create_directories(config.data, failed);
  if (failed) return fault("data_not_created", config.data + ": " + failed.message());
  std::filesystem::permissions(config.data, std::filesystem::perms::owner_all, failed);
  auto key = journal::LogKey::create(log_key_path(config), config.name);
  if (!key) return std::unexpected(key.error());
  std::ofstream(verifier_path(config)) << key->verifier().to_string() << '\n';
  return journal::SqliteStorage::create(journal_path(config));
}

Result<void> run(const Config& config) {
  if (auto ready = check_initialised(config); !ready) return ready;
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  SystemClock clock;
  const auto key = journal::LogKey::load(log_key_path(config), config.name);
  if (!key) return std::unexpected(key.error());
  const auto storage = journal::SqliteStorage::open(journal_path(config));
  if (!storage) return std::unexpected(storage.error());
  Screening screening(config.labels);
  load_lists(screening);
  const auto screen = [&screening](std::string_view caip2, const custody::Address& address) { return screening.say(caip2, address); };
  engine::SnapshotFolder snapshots(config.data);
  const auto engine = engine::Engine::open(**storage, *key, clock, &snapshots, {address_text, screen});
  if (!engine) return std::unexpected(engine.error());
  spdlog::info("journal {}: {} records, {} replayed", journal_path(config), (*engine)->head().size, (*engine)->replayed());

  (*engine)->read(log_unreadable_policy);

  const auto feed_storage = journal::SqliteStorage::open_readonly(journal_path(config));
  if (!feed_storage) return std::unexpected(feed_storage.error());
  api::EventFeed feed(**feed_storage, (*engine)->head().size);
  (*engine)->listen([&feed](const engine::Commit& commit) { feed.publish(commit); });
  (*engine)->listen(log_alarms);
  const auto stream_storage = journal::SqliteStorage::open_readonly(journal_path(config));
  if (!stream_storage) return std::unexpected(stream_storage.error());
  link::JournalFeed journal_feed(**stream_storage, config.data + "/witnesses");
  journal_feed.committed((*engine)->head().size);
  (*engine)->listen([&](const engine::Commit& commit) { journal_feed.committed(commit.first_index + commit.events.size()); });

  engine::Writer writer(**engine);
  const NonceOf nonce_of = nonce_source(config);
  if (auto registered = register_all(config, writer, **engine, nonce_of); !registered) return registered;
  auto chains = open_chains(config, **engine);
  if (!chains) return std::unexpected(chains.error());

  Wake wake;
  const auto link = start_link(config, wake, journal_feed);
  if (!link) return std::unexpected(link.error());
  std::map<custody::ChainId, chain::Builder*> builders;
  for (const ChainParts& chain : *chains) builders[chain.id] = chain.builder.get();
  engine::Conductor conductor(writer, **engine, **link, clock, builders, conduct_options(config));
  conductor.listen([](const std::string& signer, custody::SpendId spend, const std::string& code) {
    spdlog::warn("{} refuses spend {}: {}", signer, spend.value, code);
  });

  conductor.stand_on([&journal_feed] { return journal_feed.size(); });

  const Loops loops{writer, **engine, **link, wake};
  {
    const Drivers drivers(loops, *chains, conductor);
    const std::jthread streamer([&](std::stop_token stop) { journal_feed.run(stop, **link); });
    const std::jthread screener(keep_screening, std::ref(screening), std::ref(writer), std::cref(**engine));
    auto serve = api_options(config);
    if (!serve) return std::unexpected(serve.error());
    api::Server server(std::move(*serve), {writer, **engine, feed, clock, [&] { return (*engine)->head(); },
                                             address_source(config, **engine), [&] { return (*link)->connected(); },
                                             config.name, {config.relying_party.id, config.relying_party.origins}});
    if (auto started = server.start(); !started) return started;
    spdlog::info("API at port {}, signers at port {}", server.port(), (*link)->port());
    wait_for_stop(signals);
    feed.close();
  }
  if (const auto written = (*engine)->write_snapshot(); !written) spdlog::warn("no snapshot: {}", written.error().text);
  return {};
}

}  // namespace holdfast::daemon
