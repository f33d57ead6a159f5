// For tests: three signers of one chain, a Safe, a single-key wallet, a token, and requests about them that are all right
// until a test spoils them.
#pragma once

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/safe.h"
#include "chain/evm/codec/secp256k1.h"
#include "chain/evm/codec/transaction.h"
#include "journal/test_storage.h"
#include "signer/signer.h"
#include "signer/test_exchange.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::signer::test {

using namespace chain::evm;

inline constexpr std::uint64_t kChainId = 31337;
inline constexpr std::string_view kChain = "eip155:31337";
inline constexpr Instant kNow{1'700'000'000'000};
inline constexpr std::int64_t kMinute = 60 * kMsPerSecond;

inline Address20 place(std::uint8_t last) {
  Address20 out;
  out.bytes.fill(0xa0);
  out.bytes.back() = last;
  return out;
}

inline const Address20 kSafe = place(1), kModule = place(2), kGuard = place(3), kFactory = place(4), kCold = place(5),
                       kToken = place(6), kCustomer = place(7), kThief = place(8);

inline Secret secret(std::uint8_t byte) { return Secret::copy_of(Bytes(32, byte)); }
inline Address20 address_of_secret(std::uint8_t byte) { return *address_of_key(secret(byte)); }

// Secrets: owners 1 to 3; this signer is owner 1, with a gas wallet 11 and a single-key wallet 12.
inline const Address20 kGas = address_of_secret(11), kHot = address_of_secret(12);

inline Amount coins(std::int64_t milli) { return Amount::of(Int128{milli} * 1'000'000'000'000'000); }  // 18 decimals
inline Amount gwei(std::int64_t count) { return Amount::of(Int128{count} * 1'000'000'000); }
inline Amount token_units(std::int64_t units) { return Amount::of(units); }

// Limits: 10 ETH a withdrawal, 25 a day; 1000 and 2500 tokens of 6 decimals; 0.5 ETH of fees an account and day.
inline Policy policy() {
  ChainRule chain;
  chain.caip2 = kChain;
  chain.chain_id = kChainId;
  chain.cold = kCold;
  chain.factory = kFactory;
  chain.max_fee = gwei(100);
  chain.max_priority_fee = gwei(5);
  chain.max_gas = 3'000'000;
  chain.safes = {{kSafe, kModule, kGuard, {address_of_secret(1), address_of_secret(2), address_of_secret(3)}, 2}};
  chain.assets = {{kNativeAsset, "ETH", 18, coins(10'000), coins(25'000), no_limits()},
                  {kToken, "USDT", 6, token_units(1'000'000'000), token_units(2'500'000'000), no_limits()}};
  chain.accounts = {{kGas, AccountKind::gas, coins(500)}, {kHot, AccountKind::single_key, coins(500)}};
  Policy out;
  out.name = "alpha";
  out.chains = {chain};
  return out;
}

inline std::string raw(ByteView bytes) { return std::string(as_text(bytes)); }

inline Eip1559Transaction transaction(const Address20& to, Amount value, Bytes data) {
  Eip1559Transaction out;
  out.chain_id = kChainId;
  out.max_fee = gwei(50);
  out.max_priority_fee = gwei(1);
  out.gas = 300'000;
  out.to = to;
  out.value = value;
  out.data = std::move(data);
  return out;
}

// A request in parts, so that a test may change any of them before it is put together.
struct Draft {
  proto::SignRequest request;
  Eip1559Transaction outer;
  ExecTransaction safe;  // Becomes outer.data when is_safe.
  bool is_safe = false;
  std::vector<std::uint8_t> owners;  // Secrets of the owners who sign a Safe transaction.

  proto::SignRequest finish() const {
    proto::SignRequest out = request;
    Eip1559Transaction carrier = outer;
    if (is_safe) {
      ExecTransaction call = safe;
      std::vector<SafeOwnerSignature> signatures;
      for (const std::uint8_t owner : owners) {
        const Hash32 hash = safe_transaction_hash(kChainId, carrier.to, call.transaction, request.safe_nonce());
        signatures.push_back({address_of_secret(owner), *sign(secret(owner), hash)});
      }
      if (!owners.empty()) call.signatures = join_owner_signatures(std::move(signatures));
      carrier.data = encode_exec_transaction(call);
    }
    if (out.unsigned_transaction().empty()) out.set_unsigned_transaction(raw(encode_unsigned(carrier)));
    return out;
  }
};

inline void state(Draft& draft, std::uint64_t id, const Address20& asset, Amount amount, const Address20& to) {
  auto* stated = draft.request.mutable_withdrawal();
  stated->set_id(id);
  if (!asset.is_zero()) stated->set_asset_contract(raw(asset.view()));
  stated->set_amount(amount.to_string());
  stated->set_destination(raw(to.view()));
  stated->set_approval_expires_ms((kNow + 30 * kMinute).unix_ms);
}

inline Draft draft(proto::SignRequest::Kind kind, proto::SignRequest::Purpose purpose) {
  Draft out;
  out.request.set_request(7);
  out.request.set_spend(70);
  out.request.set_kind(kind);
  out.request.set_purpose(purpose);
  out.request.set_chain(std::string(kChain));
  return out;
}

inline Draft safe_draft(proto::SignRequest::Purpose purpose, const Address20& to, Amount value, Bytes data) {
  Draft out = draft(proto::SignRequest::AUTHORISE, purpose);
  out.is_safe = true;
  out.outer = transaction(kSafe, Amount::zero(), {});
  out.safe.transaction.to = to;
  out.safe.transaction.value = value.to_word();
  out.safe.transaction.data = std::move(data);
  out.safe.transaction.safe_tx_gas = word_of(100'000);
  out.request.set_safe_nonce(5);
  return out;
}

// Withdrawal 1: 2 ETH out of the Safe, at its nonce 5.
inline Draft safe_coins(std::uint64_t id = 1, Amount amount = coins(2'000), const Address20& to = kCustomer) {
  Draft out = safe_draft(proto::SignRequest::WITHDRAWAL, to, amount, {});
  state(out, id, kNativeAsset, amount, to);
  return out;
}

inline Draft safe_tokens(std::uint64_t id = 1, Amount amount = token_units(5'000'000),
                         const Address20& to = kCustomer) {
  Draft out = safe_draft(proto::SignRequest::WITHDRAWAL, kToken, Amount::zero(), encode_transfer({to, amount}));
  state(out, id, kToken, amount, to);
  return out;
}

inline Draft safe_burn() { return safe_draft(proto::SignRequest::BURN, kSafe, Amount::zero(), {}); }

inline Draft account_draft(proto::SignRequest::Purpose purpose, const Address20& account, const Address20& to,
                           Amount value, Bytes data) {
  Draft out = draft(proto::SignRequest::TRANSACTION, purpose);
  out.outer = transaction(to, value, std::move(data));
  out.outer.nonce = 9;
  out.request.set_account(raw(account.view()));
  return out;
}

inline Draft hot_coins(std::uint64_t id = 1, Amount amount = coins(2'000), const Address20& to = kCustomer) {
  Draft out = account_draft(proto::SignRequest::WITHDRAWAL, kHot, to, amount, {});
  state(out, id, kNativeAsset, amount, to);
  return out;
}

inline Draft hot_tokens(std::uint64_t id = 1, Amount amount = token_units(5'000'000), const Address20& to = kCustomer) {
  Draft out =
      account_draft(proto::SignRequest::WITHDRAWAL, kHot, kToken, Amount::zero(), encode_transfer({to, amount}));
  state(out, id, kToken, amount, to);
  return out;
}

inline Draft hot_burn() { return account_draft(proto::SignRequest::BURN, kHot, kHot, Amount::zero(), {}); }

inline Draft hot_evacuation(const Address20& to = kCold) {
  return account_draft(proto::SignRequest::EVACUATION, kHot, to, coins(500'000), {});
}

// The gas wallet carries a Safe transaction that two owners have signed.
inline Draft relayed(Draft safe) {
  safe.request.set_kind(proto::SignRequest::TRANSACTION);
  safe.request.set_account(raw(kGas.view()));
  safe.owners = {1, 2};
  safe.outer.nonce = 9;
  return safe;
}

inline Evacuation evacuation() {
  return {{kNativeAsset, kToken}, word_of(77), word_of(static_cast<std::uint64_t>(kNow.unix_ms / kMsPerSecond) + 3600)};
}

inline Draft module_evacuation() {
  Draft out = draft(proto::SignRequest::AUTHORISE, proto::SignRequest::EVACUATION);
  out.outer = transaction(kModule, Amount::zero(), encode_evacuation({evacuation(), {}}));
  return out;
}

inline Draft relayed_evacuation(std::uint8_t owner = 2) {
  const auto signature = *sign(secret(owner), evacuation_hash(kChainId, kModule, evacuation()));
  return account_draft(proto::SignRequest::EVACUATION, kGas, kModule, Amount::zero(),
                       encode_evacuation({evacuation(), to_bytes(signature.view())}));
}

inline GuardFreeze guard_freeze() { return {78, static_cast<std::uint64_t>(kNow.unix_ms / kMsPerSecond) + 3600}; }

inline Draft guard_freeze_draft() {
  Draft out = draft(proto::SignRequest::AUTHORISE, proto::SignRequest::GUARD_FREEZE);
  out.outer = transaction(kGuard, Amount::zero(), encode_guard_freeze({guard_freeze(), {}}));
  return out;
}

inline Draft relayed_guard_freeze(std::uint8_t owner = 3) {
  const auto signature = *sign(secret(owner), guard_freeze_hash(kChainId, kGuard, guard_freeze()));
  return account_draft(proto::SignRequest::GUARD_FREEZE, kGas, kGuard, Amount::zero(),
                       encode_guard_freeze({guard_freeze(), to_bytes(signature.view())}));
}

inline Draft sweep() {
  return account_draft(proto::SignRequest::SWEEP, kGas, kFactory, Amount::zero(),
                       encode_flush({{deposit_salt(1, 1), deposit_salt(2, 1)}, {kToken}}));
}

class TestClock final : public Clock {
 public:
  Instant at = kNow;
  Instant now() override { return at; }
};

// One signer with its journal in memory; reopen() is a restart.
class World {
 public:
  World() { reopen(); }

  void reopen(const Policy& with = policy()) {
    signer.reset();
    auto opened = Signer::open(with, keys, storage, log_key, clock, Exchange::rules(), copy);
    HF_CHECK(opened.has_value());
    signer = std::move(*opened);
  }
  // As it comes from an honest holdfastd: the journal tells of it first.
  proto::SignReply sign(const Draft& what) { return sign(what.finish()); }
  proto::SignReply sign(const proto::SignRequest& request) {
    announce(request);
    return signer->sign(request);
  }
  void announce(const proto::SignRequest& request) {
    const std::size_t before = storage.blocks.size();
    exchange.announce(request);
    exchange.stream(*signer, clock.at);
    signer->sign(std::span<const proto::SignRequest>());  // What it has seen becomes durable.
    seen_ += storage.blocks.size() - before;
  }
  // Of its own journal, but for those about what it has seen.
  std::size_t blocks() const { return storage.blocks.size() - seen_; }

  TestClock clock;
  journal::MemoryStorage storage;
  journal::MemoryStorage copy;  // Of the exchange's journal.
  Exchange exchange;
  journal::LogKey log_key = journal::test_key();
  KeyRing keys = *KeyRing::of(secret(1), two_accounts());
  std::unique_ptr<Signer> signer;

 private:
  std::size_t seen_ = 0;
  static std::vector<Secret> two_accounts() {
    std::vector<Secret> out;
    out.push_back(secret(11));
    out.push_back(secret(12));
    return out;
  }
};

}  // namespace holdfast::signer::test
