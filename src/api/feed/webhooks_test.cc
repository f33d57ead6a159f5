#include "api/feed/webhooks.h"

#include "api/client/http_client.h"

#include "engine/record.h"
#include "journal/base64.h"
#include "journal/test_folder.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

namespace holdfast::api {
namespace {

// The example of the standard's reference libraries.
TEST(WebhookSignature, is_that_of_the_reference_libraries) {
  const auto signer = WebhookSigner::from_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, of_an_ed25519_key_holds) {
  const Bytes seed(32, 7);
  const auto signer = WebhookSigner::from_text("whsk_" + journal::to_base64(seed));
  ASSERT_TRUE(signer);
  const std::string text = signer->sign("evt_1", 12, "{}");
  ASSERT_TRUE(text.starts_with("v1a,"));
  FixedBytes<32> public_key;
  FixedBytes<64> secret_key;
  crypto_sign_seed_keypair(public_key.bytes.data(), secret_key.bytes.data(), seed.data());
  const auto signature = journal::from_base64(text.substr(4));
  const ByteView message = as_bytes("evt_1.12.{}");
  EXPECT_EQ(crypto_sign_verify_detached(signature->data(), message.data(), message.size(), public_key.bytes.data()), 0);
}

TEST(WebhookSignature, takes_no_other_secret) {
  for (const char* text : {"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                           "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"}) {
    EXPECT_FALSE(WebhookSigner::from_text(text)) << text;
  }
}

class WebhookTest : public ::testing::Test, private Clock {
 protected:
  WebhookTest() {
    std::ofstream(secret_) << "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";
    ::chmod(secret_.c_str(), 0600);
  }
  Instant now() override { return {1'700'000'000'000}; }

  Result<std::unique_ptr<WebhookDelivery>> open(std::vector<std::string> types = {}) {
    static const custody::State empty;
    WebhookPorts ports{feed_,
                       *this,
                       [] { return std::make_shared<const Directory>(empty); },
                       [this](const WebhookEndpoint&, const WebhookMessage& message) {
                         sent_.push_back(message);
                         if (replies_.empty()) return WebhookReply{204, 0};
                         const WebhookReply reply = replies_.front();
                         replies_.erase(replies_.begin());
                         return reply;
                       },
                       [this](std::int64_t ms) {
                         pauses_.push_back(ms);
                         return !stop_;
                       },
                       [this](bool delivered) { ++counts_[delivered]; }};
    return WebhookDelivery::open({"desk", "https://example.org/hook", secret_, std::move(types)}, folder_.file(""),
                                 std::move(ports));
  }
  void commit(custody::EventBody body) {
    const custody::Events events{{now(), std::move(body)}};
    journal::Batch batch;
    ASSERT_TRUE(engine::encode(events[0], batch));
    ASSERT_TRUE(storage_.append({feed_.size(), 1, batch.records(), {}, "checkpoint"}));
    feed_.publish({feed_.size(), events});
  }

  journal::TestFolder folder_;
  const std::string secret_ = folder_.file("secret");
  journal::MemoryStorage storage_;
  EventFeed feed_{storage_, 0};
  std::vector<WebhookMessage> sent_;
  std::vector<WebhookReply> replies_;
  std::vector<std::int64_t> pauses_;
  std::map<bool, int> counts_;
  bool stop_ = false;
};

TEST_F(WebhookTest, delivers_what_comes_after_it_was_set_up) {
  commit(custody::WithdrawalHeld{{1}});
  auto hook = open();
  ASSERT_TRUE(hook);
  commit(custody::WithdrawalHeld{{2}});
  EXPECT_TRUE((*hook)->turn());
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(sent_[0].id, "evt_1");
  EXPECT_EQ(sent_[0].body,
            R"({"type":"withdrawal.held","timestamp":"2023-11-14T22:13:20.000Z","data":{"index":1,"withdrawal":2}})");
  EXPECT_EQ(
      sent_[0].signature,
      WebhookSigner::from_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")->sign("evt_1", 1'700'000'000, sent_[0].body));
}

TEST_F(WebhookTest, goes_on_after_a_restart_where_it_was) {
  auto hook = open();
  commit(custody::WithdrawalHeld{{1}});
  (*hook)->turn();
  commit(custody::WithdrawalHeld{{2}});
  hook = open();
  (*hook)->turn();
  ASSERT_EQ(sent_.size(), 2u);
  EXPECT_EQ(sent_[1].id, "evt_1");
}

TEST_F(WebhookTest, delivers_only_the_types_that_were_asked_for) {
  auto hook = open({"incident.", "withdrawal.held"});
  commit(custody::WithdrawalHeld{{1}});
  commit(custody::DepositCredited{{1}});
  commit(custody::IncidentClosed{{1}, ""});
  (*hook)->turn();
  EXPECT_EQ(sent_.size(), 2u);
  EXPECT_EQ((*hook)->cursor(), 3u);
}

TEST_F(WebhookTest, tries_again_with_the_same_id_and_waits_as_asked) {
  auto hook = open();
  commit(custody::WithdrawalHeld{{1}});
  replies_ = {{500, 0}, {0, 0}, {429, 3600}, {301, 0}};
  EXPECT_TRUE((*hook)->turn());
  ASSERT_EQ(sent_.size(), 5u);
  EXPECT_EQ(sent_[4].id, sent_[0].id);
  ASSERT_EQ(pauses_.size(), 4u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_GE(pauses_[i], WebhookDelivery::kScheduleMs[i + 1]);
    EXPECT_LE(pauses_[i], WebhookDelivery::kScheduleMs[i + 1] * 11 / 10);
  }
  EXPECT_EQ(pauses_[2], 3'600'000);
  EXPECT_EQ(counts_[false], 4);
  EXPECT_EQ(counts_[true], 1);
}

TEST_F(WebhookTest, gives_up_in_the_end_and_goes_on) {
  auto hook = open();
  commit(custody::WithdrawalHeld{{1}});
  commit(custody::WithdrawalHeld{{2}});
  replies_.assign(std::size(WebhookDelivery::kScheduleMs), {500, 0});
  EXPECT_TRUE((*hook)->turn());
  EXPECT_EQ(sent_.back().id, "evt_1");
  EXPECT_EQ(sent_.size(), std::size(WebhookDelivery::kScheduleMs) + 1);
}

TEST_F(WebhookTest, gone_is_for_ever) {
  auto hook = open();
  commit(custody::WithdrawalHeld{{1}});
  replies_ = {{410, 0}};
  EXPECT_FALSE((*hook)->turn());
  hook = open();
  EXPECT_FALSE((*hook)->turn());
  EXPECT_EQ(sent_.size(), 1u);
}

TEST_F(WebhookTest, stops_in_the_middle_of_waiting) {
  auto hook = open();
  commit(custody::WithdrawalHeld{{1}});
  replies_ = {{500, 0}};
  stop_ = true;
  EXPECT_FALSE((*hook)->turn());
  EXPECT_EQ((*hook)->cursor(), 0u);
}

TEST_F(WebhookTest, a_large_event_is_told_by_its_index_alone) {
  auto hook = open();
  custody::SpendMined mined;
  mined.movements.resize(500);
  commit(mined);
  (*hook)->turn();
  EXPECT_EQ(nlohmann::json::parse(sent_.at(0).body)["data"], (nlohmann::json{{"index", 0}}));
}

TEST_F(WebhookTest, a_secret_that_others_can_read_is_refused) {
  ::chmod(secret_.c_str(), 0640);
  EXPECT_EQ(open().error().code, "webhook_secret_exposed");
}

TEST(Url, is_http_or_https_with_a_host) {
  EXPECT_EQ(Url::parse("https://example.org:8443/a?b=c")->origin, "https://example.org:8443");
  EXPECT_EQ(Url::parse("https://example.org:8443/a?b=c")->target, "/a?b=c");
  EXPECT_EQ(Url::parse("http://127.0.0.1")->target, "/");
  for (const char* text :
       {"", "example.org", "file:///etc/passwd", "http://", "http:///x", "https://user@example.org/", "http://a b/"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

}  // namespace
}  // namespace holdfast::api
