// For tests: a signer of a chain of coins, with a quorum wallet (wsh), a Taproot one and a single-key one, and requests about
// their coins that are all right until a test spoils them. The chain of test_world.h is there, too.
#pragma once

#include "base/hex.h"
#include "chain/utxo/codec/script.h"
#include "chain/utxo/psbt/psbt.h"
#include "chain/utxo/psbt/sign_input.h"
#include "chain/utxo/wallet/descriptor.h"
#include "signer/coin_effect.h"
#include "signer/test_world.h"

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::signer::test {

namespace utxo = chain::utxo;

inline constexpr std::string_view kCoinChain = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328";
inline constexpr std::string_view kQuorum = "quorum", kTaproot = "taproot", kSingle = "single";

inline const utxo::Network& regtest() { return **utxo::network_by_caip2(kCoinChain); }
inline Secret entropy(std::uint8_t byte) { return Secret::copy_of(Bytes(kSeedEntropySize, byte)); }
// Kept: each takes 2048 rounds of PBKDF2.
inline const utxo::ExtendedSecretKey& master(std::uint8_t byte) {
  static std::map<std::uint8_t, utxo::ExtendedSecretKey> kept;
  const auto found = kept.find(byte);
  return found != kept.end() ? found->second : kept.emplace(byte, *master_of_entropy(entropy(byte))).first->second;
}
inline utxo::Hash20 master_id(std::uint8_t byte) { return *id_of_master(master(byte)); }
inline utxo::Fingerprint fingerprint(std::uint8_t byte) { return utxo::Fingerprint::from(master_id(byte).view().first(4)); }

// "[fingerprint/path]xpub/<0;1>/*" of a seed.
inline std::string key_text(std::uint8_t seed, const std::string& path) {
  const auto key = *utxo::neuter(*utxo::derive(master(seed), *utxo::parse_path(path)));
  return "[" + to_hex(fingerprint(seed).view()) + "/" + path + "]" + to_text(key, regtest()) + "/<0;1>/*";
}

// Seeds 1 to 3 are the signers', this one's is 1; 9 is the cold wallet's.
inline std::string quorum_text(const std::string& path) {
  return key_text(1, path) + "," + key_text(2, path) + "," + key_text(3, path);
}
inline utxo::Descriptor descriptor(const std::string& text) { return *utxo::Descriptor::parse(text, regtest()); }

inline CoinChainRule coin_chain() {
  CoinChainRule out;
  out.caip2 = kCoinChain;
  out.network = &regtest();
  out.cold_script = descriptor("wpkh(" + key_text(9, "84h/1h/0h") + ")").derive(0, 0)->script_pubkey;
  out.per_withdrawal = Amount::of(100'000'000);
  out.per_day = Amount::of(250'000'000);
  out.authority = no_limits();
  out.max_fee = Amount::of(1'000'000);
  out.fees_per_day = Amount::of(1'000'000);
  out.max_feerate = 300;
  out.rescue_max_feerate = 600;
  const std::string unspendable = to_hex(utxo::unspendable_internal_key().view());
  out.wallets = {
      {std::string(kQuorum), CoinWalletKind::multisig,
       descriptor("wsh(sortedmulti(2," + quorum_text("48h/1h/0h/2h") + "))"), {}},
      {std::string(kTaproot), CoinWalletKind::multisig,
       descriptor("tr(" + unspendable + ",sortedmulti_a(2," + quorum_text("48h/1h/0h/3h") + "))"), {}},
      {std::string(kSingle), CoinWalletKind::single_key, descriptor("wpkh(" + key_text(1, "84h/1h/0h") + ")"), {}}};
  return out;
}

inline Policy coin_policy() {
  static const CoinChainRule chain = coin_chain();  // Its derivations take a while.
  Policy out = policy();
  out.coin_chains = {chain};
  return out;
}
inline const CoinChainRule& coin_rules() {
  static const Policy kept = coin_policy();
  return kept.coin_chains.front();
}
inline utxo::DerivedOutput derived(std::string_view wallet, std::uint32_t branch, std::uint32_t index) {
  return *coin_rules().wallet(wallet)->descriptor.derive(branch, index);
}

// A customer's script.
inline Bytes customer(std::uint8_t byte) {
  utxo::Hash20 hash;
  hash.bytes.fill(byte);
  return utxo::p2wpkh_script(hash);
}

// A coin of a wallet, in a previous transaction of its own; its number tells it from others.
struct TestCoin {
  utxo::Transaction previous;
  utxo::DerivedOutput output;
};
inline TestCoin coin(std::string_view wallet, std::uint8_t number, std::int64_t value, std::uint32_t branch = 0,
                     std::uint32_t index = 3) {
  TestCoin out{{}, derived(wallet, branch, index)};
  utxo::TxIn from;
  from.previous.txid.bytes.fill(number);
  out.previous.inputs = {from};
  out.previous.outputs = {{value, out.output.script_pubkey}};
  return out;
}
inline utxo::OutPoint outpoint(const TestCoin& of) { return {txid_of(of.previous), 0}; }

struct CoinDraft {
  proto::SignRequest request;
  utxo::Psbt psbt;

  proto::SignRequest finish() const {
    proto::SignRequest out = request;
    if (out.unsigned_transaction().empty()) {
      out.set_unsigned_transaction(raw(utxo::write_psbt(psbt, utxo::PsbtVersion::v2)));
    }
    return out;
  }
};

inline void spend(CoinDraft& draft, const TestCoin& what) {
  utxo::PsbtInput& input = draft.psbt.inputs.emplace_back();
  input.previous = outpoint(what);
  input.sequence = utxo::kSequenceReplaceable;
  input.witness_utxo = what.previous.outputs[0];
  if (utxo::classify(what.output.script_pubkey) != utxo::ScriptKind::p2tr) input.non_witness_utxo = what.previous;
  utxo::describe(input, what.output);
}
inline utxo::PsbtOutput& pay(CoinDraft& draft, const Bytes& script, std::int64_t value) {
  utxo::PsbtOutput& out = draft.psbt.outputs.emplace_back();
  out.script = script;
  out.value = value;
  return out;
}
inline void change(CoinDraft& draft, std::int64_t value, std::uint32_t index = 7) {
  const auto output = derived(draft.request.wallet(), 1, index);
  utxo::describe(pay(draft, output.script_pubkey, value), output);
}
inline proto::Withdrawal& withdraw(CoinDraft& draft, std::uint64_t id, const Bytes& script, std::int64_t value) {
  auto& stated = *draft.request.add_batch();
  stated.set_id(id);
  stated.set_amount(std::to_string(value));
  stated.set_destination(raw(script));
  stated.set_approval_expires_ms((kNow + 30 * kMinute).unix_ms);
  return stated;
}

inline CoinDraft coin_draft(proto::SignRequest::Purpose purpose, std::string_view wallet = kQuorum) {
  CoinDraft out;
  out.request.set_request(7);
  out.request.set_spend(70);
  out.request.set_kind(proto::SignRequest::TRANSACTION);
  out.request.set_purpose(purpose);
  out.request.set_chain(std::string(kCoinChain));
  out.request.set_wallet(std::string(wallet));
  out.psbt.version = utxo::PsbtVersion::v2;
  out.psbt.fallback_locktime = 850'000;
  return out;
}

// Withdrawals `id` (0.3 BTC to customer `id`) and id + 1 (0.2) out of coin `number` of 0.9 BTC.
inline constexpr std::int64_t kCoinValue = 90'000'000;
inline CoinDraft payment(std::uint64_t id = 1, std::uint8_t number = 1, std::string_view wallet = kQuorum,
                         std::int64_t fee = 5'000) {
  CoinDraft out = coin_draft(proto::SignRequest::WITHDRAWAL, wallet);
  spend(out, coin(wallet, number, kCoinValue));
  const std::pair<std::uint64_t, std::int64_t> both[] = {{id, 30'000'000}, {id + 1, 20'000'000}};
  for (const auto& [of, value] : both) {
    pay(out, customer(static_cast<std::uint8_t>(of)), value);
    withdraw(out, of, customer(static_cast<std::uint8_t>(of)), value);
  }
  change(out, kCoinValue - 50'000'000 - fee);
  return out;
}
inline CoinDraft to_itself(proto::SignRequest::Purpose purpose, std::uint8_t number = 1, std::string_view wallet = kQuorum,
                           std::int64_t fee = 4'000) {
  CoinDraft out = coin_draft(purpose, wallet);
  spend(out, coin(wallet, number, kCoinValue));
  change(out, kCoinValue - fee);
  return out;
}
inline CoinDraft burn_of_coin(std::uint8_t number = 1, std::string_view wallet = kQuorum) {
  return to_itself(proto::SignRequest::BURN, number, wallet);
}
inline CoinDraft consolidation(std::string_view wallet = kQuorum) {
  CoinDraft out = coin_draft(proto::SignRequest::CONSOLIDATION, wallet);
  for (std::uint8_t number = 40; number < 44; ++number) spend(out, coin(wallet, number, 50'000, 0, number));
  change(out, 4 * 50'000 - 3'000);
  return out;
}
inline CoinDraft rescue(std::uint8_t number = 1, std::string_view wallet = kQuorum, std::int64_t fee = 40'000) {
  CoinDraft out = coin_draft(proto::SignRequest::EVACUATION, wallet);
  spend(out, coin(wallet, number, kCoinValue));
  pay(out, coin_rules().cold_script, kCoinValue - fee);
  return out;
}

inline const KeyRing& coin_keys() {
  static const KeyRing kept = [] {
    std::vector<Secret> accounts;
    accounts.push_back(secret(11));
    accounts.push_back(secret(12));
    return *KeyRing::of(secret(1), std::move(accounts), entropy(1));
  }();
  return kept;
}

// One signer with its journal in memory; reopen() is a restart.
class CoinWorld {
 public:
  CoinWorld() { reopen(); }
  void reopen(const Policy& with = coin_policy()) {
    signer.reset();
    auto opened = Signer::open(with, keys, storage, log_key, clock, Exchange::rules(), copy);
    HF_CHECK(opened.has_value());
    signer = std::move(*opened);
  }
  proto::SignReply sign(const CoinDraft& what) { return sign(what.finish()); }
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
  const KeyRing& keys = coin_keys();
  std::unique_ptr<Signer> signer;

 private:
  std::size_t seen_ = 0;
};

// The policy as an open signer has it.
inline const Policy& own_coin_policy() {
  static const Policy kept = [] {
    Policy out = coin_policy();
    HF_CHECK(find_own_keys(out, coin_keys()).has_value());
    return out;
  }();
  return kept;
}

// The judgement alone, in front of the journal of an exchange that has announced the request.
inline Checked<ToSign> check_announced(const Memory& memory, const proto::SignRequest& request, Instant now) {
  Exchange exchange;
  exchange.announce(request);
  return check(own_coin_policy(), address_of_secret(1), memory, exchange.books(now), request, now);
}

// The refusals that only requests about coins can meet.
inline std::set<Refusal> coin_refusals() {
  using enum Refusal;
  return {wallet_unknown,     psbt_malformed,      transaction_too_large, locktime_unsupported, sequence_unsupported,
          input_twice,        utxo_missing,        utxo_differs,          input_foreign,        sighash_unsupported,
          output_dust,        feerate_too_high,    output_unexpected,     change_differs,       outputs_exceed_inputs,
          batch_changed,      coin_left_out,       coin_taken,            coin_burned,          change_too_far};
}

// Puts the reply's signatures into the PSBT, each verified against what it should sign.
inline bool take_signatures(utxo::Psbt& psbt, const proto::SignReply& reply) {
  const auto digests = utxo::digests_for(psbt, fingerprint(1));
  if (!digests || digests->size() != static_cast<std::size_t>(reply.input_signatures_size())) return false;
  for (std::size_t i = 0; i < digests->size(); ++i) {
    const auto& signature = reply.input_signatures(static_cast<int>(i));
    if ((*digests)[i].input != i || !utxo::add_signature(psbt, (*digests)[i], as_bytes(signature))) return false;
  }
  return true;
}

}  // namespace holdfast::signer::test
