// Both sides of the link over real TLS on this machine: who is let in, what goes through, and what happens when it breaks.
#include "link/link_client.h"

#include "link/inbox.h"
#include "link/journal_feed.h"
#include "link/link_server.h"
#include "signer/test_world.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

namespace holdfast::link::test {
namespace {

using namespace signer::test;
using signer::Policy;

using namespace std::chrono_literals;

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Two authorities: ours, and one that makes certificates in our names.
class Certificates {
 public:
  Certificates() : folder_(testing::TempDir() + "certificates." + std::to_string(::getpid())) {
    make("ours");
    make("theirs");
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  std::string read(const std::string& name, const std::string& authority = "ours") const {
    return read_all(folder_ + "/" + authority + "/" + name);
  }

 private:
  void make(const std::string& authority) {
    const std::string command =
        "tools/make-certificates " + folder_ + "/" + authority + " alpha beta stranger > /dev/null";
    HF_CHECK(std::system(command.c_str()) == 0);
  }
  std::string folder_;
};

const Certificates& certificates() {
  static const Certificates all;
  return all;
}

// The server, and a way to wait for what it sees.
class Desk {
 public:
  explicit Desk(int port = 0, JournalFeed* feed = nullptr) {
    LinkServerOptions options;
    if (feed) {
      options.on_message = [feed](const std::string& signer, const proto::FromSigner& message) {
        feed->heard(signer, message);
        return message.has_cosigned() || message.has_followed();
      };
    }
    options.address = "127.0.0.1:" + std::to_string(port);
    options.ca_pem = certificates().read("ca.pem");
    options.certificate_pem = certificates().read("holdfastd.pem");
    options.key_pem = certificates().read("holdfastd.key");
    options.signers = {"alpha", "beta"};
    options.on_incoming = [this] {
      const std::lock_guard lock(mutex_);
      ++changes_;
      changed_.notify_all();
    };
    auto started = LinkServer::start(std::move(options));
    HF_CHECK(started.has_value());
    server = std::move(*started);
  }

  // Waits until the condition holds; looks again whenever something came. False after a minute.
  template <class Condition>
  bool wait(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    for (;;) {
      std::unique_lock lock(mutex_);
      const std::uint64_t seen = changes_;
      lock.unlock();
      for (auto& incoming : server->poll()) all.push_back(std::move(incoming));
      if (condition()) return true;
      lock.lock();
      if (!changed_.wait_until(lock, deadline, [&] { return changes_ != seen; })) return false;
    }
  }
  bool wait_for_attached(const std::vector<std::string>& names) {
    return wait([&] { return server->connected() == names; });
  }
  std::size_t count(proto::FromSigner::MessageCase kind) const {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& in) { return in.message.message_case() == kind; }));
  }
  const proto::FromSigner& last(proto::FromSigner::MessageCase kind) const {
    return std::find_if(all.rbegin(), all.rend(), [&](const auto& in) { return in.message.message_case() == kind; })
        ->message;
  }

  std::vector<engine::SignerLink::Incoming> all;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t changes_ = 0;

 public:
  std::unique_ptr<LinkServer> server;  // Dies first: its threads use what stands above.
};

// A signer on a thread of its own.
class Attached {
 public:
  explicit Attached(int port, const std::string& certificate = "alpha", const std::string& authority = "ours",
                    Policy rules = policy(), journal::LogKey witness = journal::test_key(43, "witness.example/alpha"),
                    bool has_journal = true)
      : witness_(std::move(witness)) {
    world_.clock.at = now_;
    world_.reopen(rules);
    LinkOptions options;
    options.server = "127.0.0.1:" + std::to_string(port);
    options.server_name = "holdfastd";
    options.ca_pem = certificates().read("ca.pem");
    options.certificate_pem = certificates().read(certificate + ".pem", authority);
    options.key_pem = certificates().read(certificate + ".key", authority);
    // The journal is no part of these tests: what they ask for has been told, and others vouch for it.
    for (std::uint64_t id = 1; has_journal && id <= kAnnounced; ++id) world_.announce(safe_coins(id).finish());
    options.each_round = [](signer::Signer& signer) {  // Its own node has seen every deposit.
      for (const auto& claim : signer.take_unproven()) signer.prove(claim.id, claim.fingerprint());
      signer.heartbeat(std::string(kChain), kNow);
      return std::vector<proto::Alarm>();
    };
    thread_ = std::jthread(
        [this, options](const std::stop_token& stop) { run_link(*world_.signer, world_.clock, options, witness_, stop); });
  }

 private:
  static constexpr std::uint64_t kAnnounced = 4;
  Instant now_ = kNow;
  World world_;
  journal::LogKey witness_;
  std::jthread thread_;
};

proto::ToSigner asked(const Draft& draft) {
  proto::ToSigner out;
  *out.mutable_sign() = draft.finish();
  return out;
}

proto::ToSigner freeze_order(std::uint64_t id) {
  proto::ToSigner out;
  out.mutable_freeze()->set_freeze(id);
  return out;
}

TEST(Link, a_signer_says_hello_and_answers) {
  Desk desk;
  const Attached alpha(desk.server->port());
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kHello) == 1; }));
  EXPECT_EQ(desk.all[0].signer, "alpha");
  EXPECT_EQ(desk.all[0].message.hello().owner(), raw(address_of_secret(1).view()));
  EXPECT_EQ(desk.server->connected(), std::vector<std::string>{"alpha"});

  desk.server->send("alpha", asked(safe_coins()));
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kReply) == 1; }));
  EXPECT_EQ(desk.last(proto::FromSigner::kReply).reply().signature().size(), 65u);

  desk.server->send("alpha", freeze_order(3));
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kFreezeAcknowledged) == 1; }));
  EXPECT_EQ(desk.last(proto::FromSigner::kFreezeAcknowledged).freeze_acknowledged().freeze(), 3u);

  desk.server->send("alpha", asked(safe_tokens(2)));
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kReply) == 2; }));
  EXPECT_EQ(desk.last(proto::FromSigner::kReply).reply().refusal(), "frozen");
}

TEST(Link, what_is_sent_to_nobody_is_dropped) {
  Desk desk;
  desk.server->send("alpha", asked(safe_coins()));
  EXPECT_TRUE(desk.server->connected().empty());
}

TEST(Link, many_requests_are_all_answered) {
  Desk desk;
  const Attached alpha(desk.server->port());
  ASSERT_TRUE(desk.wait_for_attached({"alpha"}));
  for (int i = 0; i < 500; ++i) desk.server->send("alpha", asked(safe_coins()));
  EXPECT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kReply) == 500; }));
}

TEST(Link, a_newcomer_takes_the_place_of_its_old_stream) {
  Desk desk;
  const auto hello_again = [&](std::size_t times) {
    return desk.wait([&] { return desk.count(proto::FromSigner::kHello) >= times; });
  };
  const Attached first(desk.server->port());
  ASSERT_TRUE(hello_again(1));
  const Attached second(desk.server->port());
  ASSERT_TRUE(hello_again(2));
  EXPECT_EQ(desk.server->connected().size(), 1u);
  // The old one dials again, and so on: two signers of one name are an operator's mistake that shows in the log.
  EXPECT_TRUE(hello_again(3));
}

TEST(Link, a_signer_comes_back_when_holdfastd_does) {
  int port = 0;
  std::optional<Desk> desk(std::in_place);
  port = desk->server->port();
  const Attached alpha(port);
  ASSERT_TRUE(desk->wait_for_attached({"alpha"}));
  desk.reset();
  desk.emplace(port);
  EXPECT_TRUE(desk->wait_for_attached({"alpha"}));
}

TEST(Link, only_known_signers_of_our_authority_get_in) {
  Desk desk;
  const Attached unknown(desk.server->port(), "stranger");
  const Attached server_certificate(desk.server->port(), "holdfastd");
  const Attached forged(desk.server->port(), "alpha", "theirs");
  Policy renamed = policy();
  renamed.name = "alpha";
  const Attached liar(desk.server->port(), "beta", "ours", renamed);  // Says alpha, is beta.
  // While they knock, an honest one is let in and served.
  const Attached alpha(desk.server->port());
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kHello) == 1; }));
  desk.server->send("alpha", asked(safe_coins()));
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kReply) == 1; }));
  for (const auto& incoming : desk.all) EXPECT_EQ(incoming.signer, "alpha");
}

TEST(Link, the_server_needs_a_free_port_and_a_good_key) {
  Desk desk;
  LinkServerOptions options;
  options.address = "127.0.0.1:" + std::to_string(desk.server->port());
  options.ca_pem = certificates().read("ca.pem");
  options.certificate_pem = certificates().read("holdfastd.pem");
  options.key_pem = certificates().read("holdfastd.key");
  EXPECT_EQ(LinkServer::start(options).error().code, "link_not_listening");
  options.address = "127.0.0.1:0";
  options.key_pem = "nonsense";
  EXPECT_EQ(LinkServer::start(options).error().code, "link_not_listening");
}

// Signers that begin with nothing get the journal, vouch for it to each other, and then sign by it.
TEST(Link, the_journal_reaches_the_signers_and_their_word_each_other) {
  Exchange exchange;
  for (std::uint64_t id = 1; id <= 20; ++id) exchange.announce(safe_coins(id).finish());
  const std::string folder = testing::TempDir() + "witnesses." + std::to_string(::getpid());
  JournalFeed feed(exchange.storage, folder);
  Desk desk(0, &feed);
  const std::jthread streamer([&](std::stop_token stop) { feed.run(stop, *desk.server); });
  // What alpha's rules name as the other witness is beta.
  const Attached alpha(desk.server->port(), "alpha", "ours", policy(), journal::test_key(43, "witness.example/alpha"), false);
  Policy of_beta = policy();
  of_beta.name = "beta";
  const Attached beta(desk.server->port(), "beta", "ours", of_beta, Exchange::other_witness(), false);
  ASSERT_TRUE(desk.wait_for_attached({"alpha", "beta"}));

  const auto signed_by_alpha = [&] {
    proto::ToSigner question = asked(safe_coins());
    question.mutable_sign()->set_journal_size(exchange.storage.blocks.back().first_index + 1);
    const std::size_t before = desk.count(proto::FromSigner::kReply);
    desk.server->send("alpha", question);
    return desk.wait([&] { return desk.count(proto::FromSigner::kReply) > before; }) &&
           desk.last(proto::FromSigner::kReply).reply().refusal().empty();
  };
  bool signed_once = false;
  for (int tries = 0; !signed_once && tries < 100; ++tries) {  // Until beta was heard.
    signed_once = signed_by_alpha();
    if (!signed_once) std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(signed_once) << desk.last(proto::FromSigner::kReply).reply().refusal();
  const auto note = journal::Note::parse(read_all(folder + "/beta.note"));
  ASSERT_TRUE(note.has_value());
  EXPECT_TRUE(journal::cosigned_at(*note, journal::WitnessKey::of(Exchange::other_witness())));
  EXPECT_EQ(desk.count(proto::FromSigner::kAlarm), 0u);
  std::filesystem::remove_all(folder);
}

// Heads and parts come in one stream and are taken many at once: an older head is no rollback.
TEST(Link, a_head_that_came_before_newer_parts_is_no_alarm) {
  Exchange exchange;
  exchange.announce(safe_coins(1).finish());
  const std::string older = exchange.storage.blocks.back().checkpoint;
  exchange.announce(safe_coins(2).finish());
  Desk desk;
  const Attached alpha(desk.server->port(), "alpha", "ours", policy(), journal::test_key(43, "witness.example/alpha"), false);
  ASSERT_TRUE(desk.wait_for_attached({"alpha"}));
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kHello) == 1; }));
  const auto send_all = [&] {
    for (const auto& block : exchange.storage.blocks) {
      proto::ToSigner message;
      message.mutable_journal()->set_first_index(block.first_index);
      message.mutable_journal()->set_records(raw(block.records));
      message.mutable_journal()->set_checkpoint(block.checkpoint);
      desk.server->send("alpha", message);
      if (block.checkpoint != older) continue;
      proto::ToSigner head;
      head.mutable_head()->set_checkpoint(older);
      desk.server->send("alpha", head);
    }
  };
  send_all();
  const std::uint64_t size = exchange.storage.blocks.back().first_index + 1;
  ASSERT_TRUE(desk.wait([&] {
    return desk.count(proto::FromSigner::kFollowed) > 0 && desk.last(proto::FromSigner::kFollowed).followed().size() == size;
  }));
  desk.server->send("alpha", asked(safe_coins()));
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kReply) == 1; }));
  EXPECT_EQ(desk.count(proto::FromSigner::kAlarm), 0u);
}

TEST(Link, a_signer_that_is_shown_another_past_says_so_and_freezes) {
  Exchange exchange;
  exchange.announce(safe_coins().finish());
  Exchange other;
  other.tell(customer_event(2, "mallory"));
  JournalFeed feed(other.storage, testing::TempDir() + "witnesses." + std::to_string(::getpid()));
  for (std::uint64_t id = 1; id <= 40; ++id) other.tell(key_event(id, 1, "key"));
  Desk desk(0, &feed);
  const std::jthread streamer([&](std::stop_token stop) { feed.run(stop, *desk.server); });
  const Attached alpha(desk.server->port());  // It has the first one's journal already.
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kAlarm) == 1; }));
  EXPECT_EQ(desk.last(proto::FromSigner::kAlarm).alarm().code(), "journal_forked");
  desk.server->send("alpha", asked(safe_tokens(2)));
  ASSERT_TRUE(desk.wait([&] { return desk.count(proto::FromSigner::kReply) == 1; }));
  EXPECT_EQ(desk.last(proto::FromSigner::kReply).reply().signature(), "");
  std::filesystem::remove_all(testing::TempDir() + "witnesses." + std::to_string(::getpid()));
}

TEST(Inbox, gives_out_freezes_first_and_bounds_the_rest) {
  Inbox inbox;
  for (std::size_t i = 0; i < Inbox::kMaxRequests + 5; ++i) inbox.put(asked(safe_burn()));
  inbox.put(freeze_order(9));
  const auto urgent = inbox.take(0ms, 8);
  EXPECT_EQ(urgent.freezes.size(), 1u);
  EXPECT_TRUE(urgent.requests.empty());
  std::size_t taken = 0;
  for (auto work = inbox.take(0ms, 1000); !work.requests.empty(); work = inbox.take(0ms, 1000))
    taken += work.requests.size();
  EXPECT_EQ(taken, Inbox::kMaxRequests);
}

proto::ToSigner sized(std::size_t bytes) {
  proto::ToSigner out = asked(safe_burn());
  out.mutable_sign()->set_unsigned_transaction(std::string(bytes, 'x'));
  return out;
}

TEST(Inbox, gives_out_large_requests_one_by_one_and_bounds_their_bytes) {
  Inbox inbox;
  const std::size_t large = Inbox::kMaxBytes / 4;
  for (int i = 0; i < 10; ++i) inbox.put(sized(large));
  inbox.put(asked(safe_burn()));
  for (int i = 0; i < 3; ++i) {
    const auto work = inbox.take(0ms, 8);
    ASSERT_EQ(work.requests.size(), 1u);
    EXPECT_EQ(work.requests[0].unsigned_transaction().size(), large);
  }
  EXPECT_LT(inbox.take(0ms, 8).requests.at(0).unsigned_transaction().size(), large);
  inbox.put(sized(large));  // There is room again.
  EXPECT_EQ(inbox.take(0ms, 8).requests.size(), 1u);
}

TEST(Inbox, hands_on_evacuations_to_keep_behind_freezes) {
  Inbox inbox;
  proto::ToSigner message;
  message.mutable_keep_evacuations()->set_wallet("hot");
  for (std::size_t i = 0; i < Inbox::kMaxKeeps + 5; ++i) inbox.put(message);
  inbox.put(freeze_order(9));
  EXPECT_TRUE(inbox.take(0ms, 8).keeps.empty());
  const auto work = inbox.take(0ms, 8);
  EXPECT_EQ(work.keeps.size(), Inbox::kMaxKeeps);
  EXPECT_EQ(work.keeps[0].wallet(), "hot");
  EXPECT_TRUE(inbox.take(0ms, 8).keeps.empty());
}

TEST(Inbox, keeps_freezes_when_it_is_closed) {
  Inbox inbox;
  inbox.put(asked(safe_burn()));
  inbox.put(freeze_order(9));
  inbox.close();
  const auto last = inbox.take(0ms, 8);
  EXPECT_EQ(last.freezes.size(), 1u);
  EXPECT_FALSE(last.closed);
  EXPECT_TRUE(inbox.take(0ms, 8).closed);
}

}  // namespace
}  // namespace holdfast::link::test
