// The signer's own node may answer anything: no answer may end the process, keep it long, or prove what is not there.
#include "base/check.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/deposits.h"
#include "signer/eyes/evm_prover.h"
#include "signer/eyes/evm_watcher.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>

using namespace holdfast;
using namespace holdfast::signer;
using namespace holdfast::chain::evm;

namespace {

// Values out of the input, few enough of each kind that they meet one another.
class Source {
 public:
  Source(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  bool one_in(unsigned many) { return byte() % many == 0 && at_ < size_; }
  Hash32 hash() {
    Hash32 out;
    out.bytes[0] = byte() % 6;
    return out;
  }
  Address20 address() {
    Address20 out;
    out.bytes.fill(static_cast<std::uint8_t>(0xa0 + byte() % 8));
    return out;
  }
  Amount amount() { return one_in(40) ? Amount::max() : Amount::of(byte() % 4); }
  Bytes bytes(std::size_t most) {
    Bytes out(byte() % (most + 1));
    for (std::uint8_t& each : out) each = byte();
    return out;
  }
  template <class Make>
  auto some(std::size_t most, Make&& make) {
    std::vector<decltype(make())> out;
    for (std::size_t left = byte() % (most + 1); left > 0; --left) out.push_back(make());
    return out;
  }
  Failure failure() {
    static constexpr const char* kCodes[] = {"node_unreachable", "node_refused", "node_answer_malformed", "chain_moved"};
    return fault(kCodes[byte() % 4], "words");
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

class LyingNode final : public Node {
 public:
  explicit LyingNode(Source& source) : in_(source) {}

  Result<std::uint64_t> chain_id() override { return in_.one_in(60) ? 2 : 1; }
  Result<Header> head() override { return or_failure(header()); }
  Result<std::optional<Header>> finalized() override { return or_failure(maybe(header())); }
  Result<std::optional<Header>> header_at(std::uint64_t) override { return or_failure(maybe(header())); }
  Result<std::optional<Block>> block(const Hash32& hash) override {
    Block out{header(), in_.some(6, [&] { return transaction(); })};
    if (!in_.one_in(8)) out.header.hash = hash;
    return or_failure(maybe(std::move(out)));
  }
  Result<std::vector<Log>> logs(const Hash32&, const std::vector<Address20>& addresses, const Hash32& topic) override {
    return or_failure(in_.some(3, [&] { return log(addresses, topic); }));
  }
  Result<std::optional<Receipt>> receipt(const Hash32& txid) override {
    Receipt out{txid, !in_.one_in(3), in_.byte(), in_.amount(), in_.hash(), in_.byte(), {}};
    out.logs = in_.some(3, [&] { return log({}, transfer_topic()); });
    return or_failure(maybe(std::move(out)));
  }
  Result<std::vector<std::optional<Amount>>> balances(const Hash32&, const std::vector<BalanceQuery>& queries) override {
    std::vector<std::optional<Amount>> out(queries.size());
    for (auto& each : out) if (!in_.one_in(6)) each = in_.amount();
    if (in_.one_in(20)) out.pop_back();
    return or_failure(std::move(out));
  }
  Result<std::optional<std::vector<InternalTransfer>>> internal_transfers(const Hash32&) override {
    return or_failure(maybe(in_.some(4, [&] { return InternalTransfer{in_.hash(), in_.address(), in_.address(), in_.amount()}; })));
  }
  Result<std::uint64_t> nonce(const Address20&) override { return in_.byte(); }
  Result<std::optional<Word>> storage(const Hash32&, const Address20&, const Word&) override {
    Word out = in_.one_in(2) ? address_word(in_.address()) : word_of(in_.byte() % 4);
    if (in_.one_in(20)) out.bytes.fill(0xff);
    return or_failure(maybe(out));
  }
  Result<std::optional<std::size_t>> code_size(const Hash32&, const Address20&) override {
    return or_failure(maybe(std::size_t{in_.byte() % 2u}));
  }
  Result<std::vector<Transaction>> new_pending() override { return or_failure(in_.some(4, [&] { return transaction(); })); }
  Result<Amount> priority_fee() override { return in_.amount(); }
  Result<Hash32> send(ByteView) override { return fault("refused"); }

 private:
  template <class T>
  Result<T> or_failure(T value) {
    if (in_.one_in(30)) return in_.failure();
    return value;
  }
  template <class T>
  std::optional<T> maybe(T value) {
    return in_.one_in(12) ? std::nullopt : std::optional<T>(std::move(value));
  }
  Header header() { return {in_.byte() % 12u, in_.hash(), in_.hash(), Instant{in_.one_in(20) ? -1'000'000'000 : 1'000}, in_.amount()}; }
  Transaction transaction() {
    Transaction out{in_.hash(), in_.address(), in_.address(), in_.byte(), in_.byte(), in_.amount(), in_.amount(), in_.amount(), {}};
    if (in_.one_in(5)) out.to.reset();
    switch (in_.byte() % 5) {
      case 0: out.input = encode_exec_transaction({{.to = in_.address(), .data = in_.bytes(40)}, in_.bytes(200)}); break;
      case 1: out.input = encode_evacuation({{{in_.address()}, in_.hash(), in_.hash()}, in_.bytes(70)}); break;
      case 2: out.input = encode_guard_freeze({{in_.byte(), in_.byte()}, in_.bytes(70)}); break;
      case 3: out.input = encode_exec_transaction({{.to = in_.address()}, in_.bytes(80)}), out.input.resize(in_.byte()); break;
      default: out.input = in_.bytes(100);
    }
    return out;
  }
  Log log(const std::vector<Address20>& addresses, const Hash32& topic) {
    const bool any = addresses.empty() || in_.one_in(8);
    Log out{any ? in_.address() : addresses[in_.byte() % addresses.size()], {topic}, {}, in_.hash(), in_.byte() % 4u};
    for (std::size_t left = in_.byte() % 4; left > 0; --left) out.topics.push_back(address_word(in_.address()));
    if (in_.one_in(10)) out.topics.clear();
    out.data = in_.one_in(6) ? in_.bytes(40) : to_bytes(word_of(in_.byte() % 4).view());
    return out;
  }

  Source& in_;
};

Address20 filled(std::uint8_t byte) {
  Address20 out;
  out.bytes.fill(byte);
  return out;
}

ChainRule rule() {
  ChainRule out;
  out.caip2 = "eip155:1";
  out.chain_id = 1;
  out.cold = filled(0xa7);
  out.factory = filled(0xa6);
  out.safes = {{filled(0xa0), filled(0xa1), filled(0xa2), {filled(0xa3), filled(0xa4)}, 2}};
  out.accounts = {{filled(0xa5), AccountKind::gas, {}}};
  return out;
}

DepositClaim claim_of(Source& in) {
  DepositClaim out{"eip155:1", to_bytes(in.address().view()), {}, Amount::of(in.byte() % 4), in.hash(), in.byte() % 4u, in.byte() % 14u, {}};
  if (in.one_in(3)) out.asset_contract = to_bytes(in.address().view());
  if (in.one_in(4)) out.position += kInternalPosition;
  if (in.one_in(6)) out.position = kUnclaimedPosition;
  if (in.one_in(8)) out.address.resize(in.byte());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Source in(data, size);
  const ChainRule chain = rule();
  NodeSettings settings;
  settings.max_behind_ms = kMsPerSecond;
  if (!in.one_in(2)) settings.depth = 1;
  settings.trace = !in.one_in(3);
  LyingNode node(in);
  const Instant now{1'000};

  const auto claims = in.some(6, [&] { return claim_of(in); });
  EvmProver prover(node, chain, settings);
  const auto verdicts = prover.prove(claims, now);
  HF_CHECK(verdicts && verdicts->size() == claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const bool is_proven = (*verdicts)[i].proof == Proof::proven;
    HF_CHECK(is_proven == (*verdicts)[i].reason.empty());
    HF_CHECK(!is_proven || (!claims[i].amount.is_zero() && claims[i].address.size() == Address20::kSize));
  }

  EvmWatcher watcher(node, chain, settings, filled(0xa3), [](const Hash32& digest) { return digest.bytes[0] % 2 == 0; }, {});
  static const std::set<std::string_view> kFaults = {"node_down", "node_behind", "wrong_chain", "chain_moved"};
  for (int i = 0; i < 4; ++i) {
    const auto round = watcher.look(now + i * EvmWatcher::kStateEveryMs);
    HF_CHECK(round || kFaults.contains(round.error().code));
  }
  return 0;
}
