#include "engine/engine.h"

#include "engine/writer.h"
#include "journal/test_storage.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace holdfast::engine {
namespace {

using namespace custody;

class FixedClock final : public Clock {
 public:
  Instant now() override { return {1'700'000'000'000}; }
};

class MemorySnapshots final : public SnapshotStore {
 public:
  Result<void> put(std::uint64_t, ByteView bytes) override {
    bytes_ = to_bytes(bytes);
    return {};
  }
  std::optional<Snapshot> newest() override {
    auto snapshot = decode_snapshot(bytes_);
    if (!snapshot) return std::nullopt;
    return std::move(*snapshot);
  }

 private:
  Bytes bytes_;
};

Address address(std::uint8_t fill) { return Address(Bytes(20, fill)); }

BlockFacts first_block(std::uint64_t customers) {
  BlockFacts facts;
  facts.block.height = 1;
  for (std::uint64_t i = 1; i <= customers; ++i) {
    facts.deposits.push_back({address(static_cast<std::uint8_t>(i)), {1}, Amount::of(1'000), {}, static_cast<std::uint32_t>(i)});
  }
  return facts;
}

// An exchange with one asset and some customers who have 1,000 units each.
std::vector<Command> founding(std::uint64_t customers) {
  Asset asset;
  asset.chain = {1};
  asset.symbol = "ETH";
  asset.auto_approve_max = asset.withdrawal_max = Amount::of(500);
  Wallet deposits;
  deposits.chain = {1};
  deposits.kind = WalletKind::forwarders;
  deposits.name = "deposits";
  deposits.address = address(200);
  std::vector<Command> out{RegisterChain{{{}, "eip155:1", 0}}, RegisterAsset{asset}, RegisterWallet{deposits}};
  for (std::uint64_t i = 1; i <= customers; ++i) {
    out.push_back(CreateCustomer{"customer-" + std::to_string(i)});
    out.push_back(AssignDepositAddress{{{i}, {1}, address(static_cast<std::uint8_t>(i)), {}}});
  }
  out.push_back(ConnectBlock{{1}, first_block(customers)});
  out.push_back(FinalizeBlocks{{1}, 1});
  return out;
}

RequestWithdrawal withdrawal(std::uint64_t customer, std::uint8_t request, Int128 units) {
  RequestWithdrawal out;
  out.request.bytes[15] = request;
  out.request.bytes[14] = static_cast<std::uint8_t>(customer);
  out.fingerprint = out.request;
  out.customer = {customer};
  out.asset = {1};
  out.amount = Amount::of(units);
  out.destination = address(250);
  return out;
}

class EngineTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> open() {
    auto engine = Engine::open(storage_, key_, clock_, &snapshots_);
    EXPECT_TRUE(engine.has_value());
    return std::move(*engine);
  }
  static State copy(const Engine& engine) {
    State out;
    engine.read([&](const State& state) { out = state; });
    return out;
  }

  journal::MemoryStorage storage_;
  journal::LogKey key_ = journal::LogKey::from_seed(Secret(32), "holdfast.test/journal");
  FixedClock clock_;
  MemorySnapshots snapshots_;
};

TEST_F(EngineTest, OneBatchSeesItsOwnEffects) {
  const auto engine = open();
  engine->submit(founding(1));
  const std::vector<Command> both{withdrawal(1, 1, 500), withdrawal(1, 2, 500), withdrawal(1, 3, 1)};
  const auto outcomes = engine->submit(both);
  EXPECT_EQ(outcomes[0].refusal, Refusal::none);
  EXPECT_EQ(outcomes[1].refusal, Refusal::none);
  EXPECT_EQ(outcomes[2].refusal, Refusal::funds_insufficient);
  EXPECT_EQ(outcomes[1].first_index, outcomes[0].first_index + outcomes[0].events);
}

TEST_F(EngineTest, TheSameRequestIsTheSameWithdrawalAfterARestart) {
  open()->submit(founding(1));
  {
    const auto engine = open();
    const Command request = withdrawal(1, 1, 10);
    EXPECT_EQ(engine->submit({&request, 1})[0].events, 3u);
  }
  const auto engine = open();
  const Command again = withdrawal(1, 1, 10);
  EXPECT_EQ(engine->submit({&again, 1})[0].events, 0u);
  Command other = withdrawal(1, 1, 10);
  std::get<RequestWithdrawal>(other).fingerprint.bytes[0] = 1;
  EXPECT_EQ(engine->submit({&other, 1})[0].refusal, Refusal::idempotency_key_reused);
  EXPECT_EQ(copy(*engine).withdrawals.size(), 1u);
}

TEST_F(EngineTest, ReplayAndSnapshotGiveTheLiveState) {
  State live;
  {
    const auto engine = open();
    engine->submit(founding(3));
    ASSERT_TRUE(engine->write_snapshot().has_value());
    const Command request = withdrawal(2, 1, 77);
    engine->submit({&request, 1});
    live = copy(*engine);
  }
  const auto from_snapshot = open();
  EXPECT_EQ(from_snapshot->replayed(), 3u);
  EXPECT_TRUE(copy(*from_snapshot) == live);
  const auto from_start = Engine::open(storage_, key_, clock_);
  ASSERT_TRUE(from_start.has_value());
  EXPECT_TRUE(copy(**from_start) == live);
  check(live);
}

TEST_F(EngineTest, ListenersHearEveryEventInOrder) {
  const auto engine = open();
  std::uint64_t next = engine->head().size;
  engine->listen([&](const Commit& commit) {
    EXPECT_EQ(commit.first_index, next);
    next += commit.events.size();
  });
  engine->submit(founding(5));
  const Command request = withdrawal(2, 1, 77);
  engine->submit({&request, 1});
  EXPECT_EQ(next, engine->head().size);
}

// Two requests can never both pass the same balance, however many threads ask at once.
TEST_F(EngineTest, ManyThreadsNeverOverdrawACustomer) {
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  const auto engine = open();
  engine->submit(founding(1));
  std::atomic<int> accepted = 0;
  {
    Writer writer(*engine);
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          RequestWithdrawal request = withdrawal(1, static_cast<std::uint8_t>(i), 10);
          request.request.bytes[0] = static_cast<std::uint8_t>(t + 1);
          const Command command = request;
          accepted += writer.submit({&command, 1})[0].refusal == Refusal::none ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(accepted, 100);  // 1,000 units, 10 each
  check(copy(*engine));
}

}  // namespace
}  // namespace holdfast::engine
