// For tests: custody in memory behind the engine's ports, a small installation in it, and clients that sign.
#pragma once

#include "api/message/signature.h"
#include "api/rest/api.h"
#include "api/rest/test_openapi.h"
#include "base/hex.h"
#include "chain/evm/codec/address.h"
#include "custody/custody.h"
#include "engine/record.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace holdfast::api {

inline constexpr std::string_view kChain = "eip155:31337";
inline constexpr std::string_view kStranger = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";  // Of EIP-55.
inline constexpr std::int64_t kNowMs = 1'700'000'000'000;

inline custody::Address test_address(std::uint8_t byte) {
  FixedBytes<20> raw;
  raw.bytes.fill(byte);
  return chain::evm::to_custody(raw);
}

inline Hash32 test_hash(std::uint64_t number) {
  Hash32 hash;
  for (int i = 0; i < 8; ++i)
    hash.bytes[static_cast<std::size_t>(24 + i)] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  hash.bytes[0] = 0xab;
  return hash;
}

// Custody without a disk. Every commit goes to the feed, and as a block into a journal in memory.
class World final : public engine::Submitter, public chain::StateView, public Clock {
 public:
  World() {
    const custody::ChainId chain{1};
    custody::Asset eth{{}, chain, "ETH", 18, {}, amount("1"), amount("1000"), amount("0.001"), 0, {}, {}};
    custody::Asset usdc{{}, chain, "USDC", 6, test_address(0xc0), amount("0.000000001"), Amount::max(), Amount::zero(),
                        0, {}, {}};
    custody::Asset twin{{}, chain, "USDC", 6, test_address(0xc1), Amount::zero(), Amount::max(), Amount::zero(), 0, {}, {}};
    must(custody::RegisterChain{{{}, std::string(kChain), 2}});
    must(custody::RegisterAsset{eth});
    must(custody::RegisterAsset{usdc});
    must(custody::RegisterAsset{twin});
    must(custody::RegisterSigner{{{}, "alpha", test_address(0x0a)}});
    wallet("cold", custody::WalletKind::cold, 0xcc, {});
    wallet("hot", custody::WalletKind::safe, 0xaa, {1});
    wallet("deposits", custody::WalletKind::forwarders, 0xff, {});
  }

  std::vector<engine::Outcome> submit(std::span<const custody::Command> commands) override {
    const std::lock_guard lock(mutex_);
    std::vector<engine::Outcome> outcomes;
    custody::Events batch;
    for (const custody::Command& command : commands) {
      custody::Events events;
      const custody::Refusal refusal = custody::decide(state_, command, now_, events);
      outcomes.push_back({refusal, feed.size() + batch.size(), static_cast<std::uint32_t>(events.size())});
      for (const custody::Event& event : events) {
        custody::apply(state_, event);
        batch.push_back(event);
      }
    }
    if (!batch.empty()) commit(batch);
    return outcomes;
  }

  void read(const std::function<void(const custody::State&)>& look) const override {
    const std::lock_guard lock(mutex_);
    look(state_);
  }

  Instant now() override { return now_; }
  void pass(std::int64_t ms) { now_ = now_ + ms; }

  engine::Outcome must(custody::Command command) {
    const engine::Outcome outcome = submit({&command, 1}).front();
    EXPECT_EQ(outcome.refusal, custody::Refusal::none) << custody::name(outcome.refusal);
    return outcome;
  }

  // A customer with so much ETH, final and credited.
  custody::CustomerId rich_customer(const std::string& reference, std::string_view eth) {
    must(custody::CreateCustomer{reference});
    custody::CustomerId id;
    read([&](const custody::State& state) { id = state.customer_by_reference.at(reference); });
    const auto address = *derive(id, {1}, 0);
    must(custody::AssignDepositAddress{address});
    deposit(address.address, amount(eth));
    block({});
    block({});
    return id;
  }

  void deposit(const custody::Address& to, Amount amount) { block({{to, {1}, amount, test_hash(900 + height_), 0}}); }

  void block(std::vector<custody::DepositFact> deposits) {
    ++height_;
    const custody::BlockRef ref{height_, test_hash(height_), test_hash(height_ - 1), now_};
    must(custody::ConnectBlock{{1}, {ref, std::move(deposits), {}, {}, {}}});
    if (height_ > 2) must(custody::FinalizeBlocks{{1}, height_ - 2});
  }

  static Amount amount(std::string_view coins) { return *parse_decimal(coins, 18).amount; }

  static Result<custody::DepositAddress> derive(custody::CustomerId customer, custody::ChainId chain,
                                                std::uint64_t number) {
    if (chain.value != 1) return refuse("chain_without_addresses");
    const auto low = static_cast<std::uint8_t>(number);
    custody::DepositAddress out{
        customer, chain, test_address(static_cast<std::uint8_t>(16 * customer.value + low)), {}};
    out.salt.bytes[31] = low;
    return out;
  }

  journal::MemoryStorage storage;
  EventFeed feed{storage, 0, 16};

 private:
  void wallet(const std::string& name, custody::WalletKind kind, std::uint8_t byte, custody::WalletId cold) {
    custody::Wallet wallet;
    wallet.chain = {1};
    wallet.kind = kind;
    wallet.name = name;
    wallet.address = test_address(byte);
    wallet.cold = cold;
    must(custody::RegisterWallet{wallet});
  }

  void commit(const custody::Events& events) {
    journal::Batch batch;
    for (const custody::Event& event : events) EXPECT_TRUE(engine::encode(event, batch));
    EXPECT_TRUE(storage.append({feed.size(), batch.count(), batch.records(), {}, "checkpoint"}));
    feed.publish({feed.size(), events});
  }

  mutable std::recursive_mutex mutex_;
  custody::State state_;
  Instant now_{kNowMs};
  std::uint64_t height_ = 0;
};

// An API over a world, and one client for each role. Every answer is compared with docs/api/openapi.json.
class ApiTest : public ::testing::Test {
 protected:
  virtual Result<custody::DepositAddress> derive(custody::CustomerId customer, custody::ChainId chain, std::uint64_t number) {
    return World::derive(customer, chain, number);
  }
  static RequestSigner client(const std::string& id, std::uint8_t seed) {
    return {id, Secret::copy_of(Bytes(32, seed))};
  }
  Ports ports() {
    return {world_,
            world_,
            world_.feed,
            world_,
            [this] { return journal::Head{world_.feed.size(), {}, "checkpoint"}; },
            [this](auto customer, auto chain, std::uint64_t number) { return derive(customer, chain, number); },
            [] { return std::vector<std::string>{"alpha"}; },
            "holdfast.example/journal",
            {"exchange.example", {"https://exchange.example"}}};
  }
  std::vector<ApiKey> keys() const {
    return {{"exchange", exchange_.public_key(), Role::exchange},
            {"desk", desk_.public_key(), Role::operator_},
            {"viewer", viewer_.public_key(), Role::viewer}};
  }

  struct Seen {
    int status = 0;
    Json json;
    std::string code;  // Of a problem.
  };

  RequestHead head(const std::string& method, const std::string& target, const std::string& body,
                   std::vector<Header> headers = {}) const {
    RequestHead head{method, target, std::move(headers), false};
    head.headers.push_back({"host", "localhost"});
    if (body.empty()) return head;
    head.headers.push_back({"content-type", "application/json"});
    head.headers.push_back({"content-length", std::to_string(body.size())});
    return head;
  }

  Seen send(const RequestHead& head, const std::string& body) {
    const auto admission = api_.admit(head);
    const Response response =
        admission ? api_.answer(*admission, head, body) : api_.refuse(admission.error(), head.path());
    Seen seen{response.status, Json::parse(response.body, nullptr, false), {}};
    const auto complaint = openapi_.complaint(head, response);
    EXPECT_EQ(complaint, "") << head.method << ' ' << head.target << ' ' << response.body;
    if (seen.status >= 400) seen.code = seen.json["type"].get<std::string>().substr(kProblemPrefix.size());
    return seen;
  }

  Seen call(const RequestSigner& by, const std::string& method, const std::string& target, const std::string& body = {},
            std::vector<Header> headers = {}) {
    RequestHead request = head(method, target, body, std::move(headers));
    by.sign(request, body, world_.now().unix_ms / kMsPerSecond);
    return send(request, body);
  }
  Seen get(const std::string& target) { return call(viewer_, "GET", target); }
  Seen withdraw(const std::string& body, const std::string& key) {
    return call(exchange_, "POST", "/v1/withdrawals", body, {{"idempotency-key", key}});
  }

  World world_;
  RequestSigner exchange_ = client("exchange", 1);
  RequestSigner desk_ = client("desk", 2);
  RequestSigner viewer_ = client("viewer", 3);
  OpenApi openapi_ = OpenApi::load("docs/api/openapi.json");
  Api api_{keys(), ports()};
};

inline std::string withdrawal_body(std::uint64_t customer, std::string_view asset, std::string_view amount,
                                   std::string_view destination = kStranger) {
  return Json{{"customer", customer}, {"asset", asset}, {"amount", amount}, {"destination", destination}}.dump();
}

}  // namespace holdfast::api
