#include "sim/evm.h"

#include "base/check.h"
#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/transaction.h"

#include <algorithm>

namespace holdfast::sim {
namespace {

using namespace chain::evm;

constexpr std::uint64_t kPlainGas = 21'000;
constexpr std::uint64_t kTokenGas = 50'000;
constexpr std::uint64_t kSafeGas = 95'000;
constexpr std::uint64_t kModuleGas = 90'000;
constexpr std::uint64_t kFlushGas = 45'000;
constexpr std::size_t kSplitEntry = Address20::kSize + Hash32::kSize;

const Hash32& safe_received_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("SafeReceived(address,uint256)"));
  return kTopic;
}

// What a failing call throws away.
struct Reverted {};

// One transaction at work on a copy of the state: success keeps it, a revert does not.
class Machine {
 public:
  Machine(EvmState& state, const Contracts& contracts, const PooledTransaction& transaction, Instant time)
      : state_(state), contracts_(contracts), tx_(transaction.body), time_(time) {}

  // Throws Reverted.
  Executed run() {
    const Address20& to = *tx_.to;
    out_.gas_used = gas_of(to);
    if (out_.gas_used > tx_.gas) throw Reverted{};
    if (to == contracts_.safe && !tx_.input.empty())
      exec_transaction();
    else if (to == contracts_.module)
      evacuate();
    else if (to == contracts_.factory)
      flush();
    else if (to == contracts_.splitter)
      split();
    else if (to == contracts_.fake_token)
      pretend();
    else if (contracts_.tokens.contains(to))
      token_call(tx_.from, to, tx_.input);
    else
      pay(tx_.from, to, tx_.value, false);
    out_.success = true;
    return std::move(out_);
  }

  std::uint64_t gas_of(const Address20& to) const {
    if (to == contracts_.safe && !tx_.input.empty()) return kSafeGas;
    if (to == contracts_.module) return kModuleGas;
    if (to == contracts_.factory) return kFlushGas;
    return tx_.input.empty() ? kPlainGas : kTokenGas;
  }

 private:
  void log(const Address20& address, std::vector<Hash32> topics, Bytes data) {
    out_.logs.push_back({address, std::move(topics), std::move(data), tx_.hash, 0});
  }

  void move(const std::optional<Address20>& token, const Address20& from, const Address20& to, Amount amount) {
    Amount& source = token ? state_.tokens[{*token, from}] : state_.accounts[from].balance;
    if (source < amount || contracts_.refusing.contains(to)) throw Reverted{};
    source -= amount;
    (token ? state_.tokens[{*token, to}] : state_.accounts[to].balance) += amount;
    if (!amount.is_zero()) out_.moved.push_back({token, from, to, amount});
  }

  void pay(const Address20& from, const Address20& to, Amount amount, bool internal) {
    move({}, from, to, amount);
    if (internal && !amount.is_zero()) out_.internal.push_back({tx_.hash, from, to, amount});
    if (to == contracts_.safe) log(to, {safe_received_topic(), address_word(from)}, to_bytes(amount.to_word().view()));
  }

  void transfer(const Address20& token, const Address20& from, const Address20& to, Amount amount) {
    move(token, from, to, amount);
    log(token, {transfer_topic(), address_word(from), address_word(to)}, to_bytes(amount.to_word().view()));
  }

  void token_call(const Address20& sender, const Address20& token, ByteView data) {
    const auto call = decode_transfer(data);
    if (!call) throw Reverted{};
    transfer(token, sender, call->to, call->amount);
  }

  void exec_transaction() {
    const auto call = read_exec_transaction(tx_.input);
    if (!call) throw Reverted{};
    const Hash32 hash =
        safe_transaction_hash(contracts_.chain_id, contracts_.safe, call->transaction, state_.safe_nonce);
    check_owners(hash, call->signatures);
    ++state_.safe_nonce;
    const bool success = inner_call(call->transaction);
    if (!success && call->transaction.safe_tx_gas.is_zero()) throw Reverted{};
    log(contracts_.safe, {success ? execution_success_topic() : execution_failure_topic(), hash}, Bytes(32, 0));
  }

  // The first `threshold` signatures must be owners', in strictly ascending order of their addresses.
  void check_owners(const Hash32& hash, ByteView signatures) const {
    if (signatures.size() < contracts_.threshold * Signature::kSize) throw Reverted{};
    Address20 last;
    for (std::size_t i = 0; i < contracts_.threshold; ++i) {
      const auto owner = recover(hash, Signature::from(signatures.subspan(i * Signature::kSize, Signature::kSize)));
      const bool known =
          owner && std::find(contracts_.owners.begin(), contracts_.owners.end(), *owner) != contracts_.owners.end();
      if (!known || !(last < *owner)) throw Reverted{};
      last = *owner;
    }
  }

  bool inner_call(const SafeTransaction& call) {
    const EvmState before = state_;
    const Executed so_far = out_;
    try {
      if (call.operation != kSafeCall) throw Reverted{};
      const Amount value = saturating_amount(call.value);
      if (contracts_.tokens.contains(call.to))
        token_call(contracts_.safe, call.to, call.data);
      else if (call.to != contracts_.safe || !value.is_zero())
        pay(contracts_.safe, call.to, value, true);
      return true;
    } catch (const Reverted&) {
      state_ = before;
      out_ = so_far;
      return false;
    }
  }

  void evacuate() {
    const auto call = read_evacuation(tx_.input);
    if (!call || call->signature.size() != Signature::kSize) throw Reverted{};
    const auto deadline_s = uint64_of(call->evacuation.deadline_s);
    if (!deadline_s || *deadline_s < static_cast<std::uint64_t>(time_.unix_ms / kMsPerSecond)) throw Reverted{};
    const Hash32 hash = evacuation_hash(contracts_.chain_id, contracts_.module, call->evacuation);
    const auto owner = recover(hash, Signature::from(call->signature));
    if (!owner || std::find(contracts_.owners.begin(), contracts_.owners.end(), *owner) == contracts_.owners.end())
      throw Reverted{};
    if (!state_.used_module_nonces.insert({*owner, call->evacuation.nonce}).second) throw Reverted{};
    for (const Address20& asset : call->evacuation.assets) evacuate_one(asset);
  }

  void evacuate_one(const Address20& asset) {
    const bool native = asset == kNativeAsset;
    if (!native && !contracts_.tokens.contains(asset)) return;
    const Amount amount = state_.balance(contracts_.safe, native ? std::nullopt : std::optional(asset));
    if (!amount.is_zero()) {
      native ? pay(contracts_.safe, contracts_.cold, amount, true)
             : transfer(asset, contracts_.safe, contracts_.cold, amount);
      log(contracts_.safe, {execution_from_module_success_topic(), address_word(contracts_.module)}, {});
    }
    log(contracts_.module, {evacuated_topic(), address_word(asset), address_word(contracts_.cold)},
        to_bytes(amount.to_word().view()));
  }

  void flush() {
    const auto call = decode_flush(tx_.input);
    if (!call) throw Reverted{};
    for (const Hash32& salt : call->salts) {
      const Address20 forwarder = forwarder_address(contracts_.factory, contracts_.implementation, salt);
      flush_one(forwarder, {});
      for (const Address20& token : call->tokens) {
        if (contracts_.tokens.contains(token)) flush_one(forwarder, token);
      }
    }
  }

  void flush_one(const Address20& forwarder, const std::optional<Address20>& token) {
    const Amount amount = state_.balance(forwarder, token);
    if (amount.is_zero()) return;
    token ? transfer(*token, forwarder, contracts_.safe, amount) : pay(forwarder, contracts_.safe, amount, true);
    log(contracts_.factory, {flushed_topic(), address_word(forwarder), address_word(token.value_or(kNativeAsset))},
        to_bytes(amount.to_word().view()));
  }

  void split() {
    pay(tx_.from, contracts_.splitter, tx_.value, false);
    for (ByteView rest = tx_.input; rest.size() >= kSplitEntry; rest = rest.subspan(kSplitEntry)) {
      const auto to = Address20::from(rest.first(Address20::kSize));
      pay(contracts_.splitter, to, saturating_amount(Word::from(rest.subspan(Address20::kSize, Word::kSize))), true);
    }
  }

  void pretend() {
    if (tx_.input.size() != kSplitEntry) throw Reverted{};
    const ByteView input = tx_.input;
    log(contracts_.fake_token,
        {transfer_topic(), address_word(tx_.from), address_word(Address20::from(input.first(Address20::kSize)))},
        to_bytes(input.subspan(Address20::kSize)));
  }

  EvmState& state_;
  const Contracts& contracts_;
  const chain::evm::Transaction& tx_;
  Instant time_;
  Executed out_;
};

Amount times(Amount price, std::uint64_t gas) { return Amount::of(price.units() * static_cast<Int128>(gas)); }

// Whoever comes from outside has the money for what they are about to do.
void endow(EvmState& state, const Contracts& contracts, const chain::evm::Transaction& body) {
  state.accounts[body.from].balance = times(body.max_fee, body.gas) + body.value;
  for (const Address20& token : contracts.tokens) state.tokens[{token, body.from}] = Amount::of(Int128{1} << 90);
}

}  // namespace

Amount EvmState::balance(const Address20& holder, const std::optional<Address20>& token) const {
  if (token) {
    const auto found = tokens.find({*token, holder});
    return found == tokens.end() ? Amount::zero() : found->second;
  }
  const auto found = accounts.find(holder);
  return found == accounts.end() ? Amount::zero() : found->second.balance;
}

std::optional<PooledTransaction> read_raw(std::uint64_t chain_id, ByteView raw) {
  const auto decoded = decode_signed(raw);
  if (!decoded || decoded->transaction.chain_id != chain_id) return std::nullopt;
  const auto sender = sender_of(*decoded);
  if (!sender) return std::nullopt;
  const Eip1559Transaction& said = decoded->transaction;
  PooledTransaction out;
  out.raw = to_bytes(raw);
  out.body = {transaction_id(raw),   *sender,  said.to, said.nonce, said.gas, said.value, said.max_fee,
              said.max_priority_fee, said.data};
  return out;
}

bool includable(const EvmState& state, const PooledTransaction& transaction, Amount base_fee) {
  const auto account = state.accounts.find(transaction.body.from);
  if (transaction.raw.empty()) return account == state.accounts.end() && transaction.body.max_fee >= base_fee;
  if (account == state.accounts.end() || account->second.nonce != transaction.body.nonce) return false;
  if (transaction.body.max_fee < base_fee) return false;
  return account->second.balance >= times(transaction.body.max_fee, transaction.body.gas) + transaction.body.value;
}

Executed execute(EvmState& state, const Contracts& contracts, const PooledTransaction& transaction, Amount base_fee,
                 Instant time, bool out_of_gas) {
  const auto& body = transaction.body;
  HF_CHECK(body.to.has_value() && includable(state, transaction, base_fee));
  if (transaction.raw.empty()) endow(state, contracts, body);
  ++state.accounts[body.from].nonce;
  EvmState attempt = state;
  Machine machine(attempt, contracts, transaction, time);
  Executed out;
  try {
    if (transaction.reverts || out_of_gas) throw Reverted{};
    out = machine.run();
    state = std::move(attempt);
  } catch (const Reverted&) {
    out = {};
    out.gas_used = out_of_gas ? body.gas : std::min(body.gas, machine.gas_of(*body.to));
  }
  out.gas_price = std::min(body.max_fee, base_fee + body.priority_fee);
  state.accounts[body.from].balance -= times(out.gas_price, out.gas_used);
  for (const Address20& token : contracts.tokens) {
    if (transaction.raw.empty()) state.tokens.erase({token, body.from});
  }
  return out;
}

Bytes encode_split(const std::vector<std::pair<Address20, Amount>>& payments) {
  Bytes out;
  for (const auto& [to, amount] : payments) {
    const auto word = amount.to_word();
    out.insert(out.end(), to.bytes.begin(), to.bytes.end());
    out.insert(out.end(), word.bytes.begin(), word.bytes.end());
  }
  return out;
}

Bytes encode_fake_transfer(const Address20& to, Amount amount) { return encode_split({{to, amount}}); }

}  // namespace holdfast::sim
