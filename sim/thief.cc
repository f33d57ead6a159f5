// What a thief does with one stolen key (World).
#include "sim/world.h"

#include "base/hex.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/erc20.h"
#include "chain/evm/codec/transaction.h"

namespace holdfast::sim {

using namespace custody;
using namespace chain::evm;

void World::thief_strikes() {
  if (weather_.theft == Theft::none || !prng_.one_in(3)) return;
  switch (weather_.theft) {
    case Theft::hot_key:
      steal_from_account(hot_key(), kHotWallet);
      break;
    case Theft::gas_key:
      steal_from_account(gas_key(0), kFirstGas);
      break;
    case Theft::owner_key:
      misuse_owner();
      break;
    case Theft::none:
      break;
  }
}

void World::send_stolen(const Secret& key, Eip1559Transaction transaction) {
  const Signature signature = *chain::evm::sign(key, signing_hash(transaction));
  const Bytes raw = encode_signed({std::move(transaction), signature});
  ++thefts_;
  auditor_.excuses.theft = true;
  auditor_.thefts.insert(transaction_id(raw));
  static_cast<void>(chain_.submit(raw));  // What one pool refuses, some miner may know all the same.
  say("a thief signs " + to_0x_hex(transaction_id(raw).view()).substr(0, 10));
  if (prng_.one_in(3)) chain_.mine();  // Straight to a miner: no pool ever showed it.
}

// Drains coins or a token from the account, at its next nonce or at one that ours already use.
void World::steal_from_account(const Secret& key, WalletId) {
  const Address20 victim = address_of(key);
  const EvmState& state = *chain_.block(chain_.tip()).after;
  const auto account = state.accounts.find(victim);
  Eip1559Transaction out;
  out.chain_id = kChainNumber;
  out.nonce = account->second.nonce + prng_.below(2);
  out.max_fee = gwei(prng_.between(20, 300));
  out.max_priority_fee = gwei(prng_.between(1, 20));
  out.gas = 100'000;
  const Amount tokens = state.balance(victim, token_contract(kDollar));
  if (!tokens.is_zero() && prng_.one_in(2)) {
    out.to = token_contract(kDollar);
    out.data = encode_transfer({thief(), tokens});
  } else {
    const Amount cost = Amount::of(out.max_fee.units() * static_cast<Int128>(out.gas));
    const auto rest = Amount::difference(account->second.balance, cost);
    if (!rest || rest->is_zero()) return;
    out.to = thief();
    out.value = *rest;
  }
  send_stolen(key, out);
}

// One owner's key can move nothing but to the cold wallet. Each use of it is an alarm all the same.
void World::misuse_owner() {
  const Secret& key = owner_key(0);
  const EvmState& state = *chain_.block(chain_.tip()).after;
  PooledTransaction carrier;
  carrier.body = {
      prng_.bytes<32>(), prng_.bytes<20>(), chain_.contracts.safe, 0, 5'000'000, {}, gwei(500), gwei(3), {}};
  if (prng_.one_in(2)) {
    ExecTransaction call;
    call.transaction.to = thief();
    call.transaction.value = milli_ether(50'000).to_word();
    call.transaction.safe_tx_gas = word_of(100'000);
    const Hash32 hash = safe_transaction_hash(kChainNumber, chain_.contracts.safe, call.transaction, state.safe_nonce);
    call.signatures = to_bytes(chain::evm::sign(key, hash)->view());
    call.signatures.resize(2 * Signature::kSize, 0x1b);
    carrier.body.input = encode_exec_transaction(call);
  } else {
    EvacuationCall call;
    call.evacuation.assets = {kNativeAsset, token_contract(kDollar)};
    call.evacuation.nonce = prng_.bytes<32>();
    call.evacuation.deadline_s = word_of(static_cast<std::uint64_t>(clock_.now().unix_ms / kMsPerSecond) + 3600);
    const Hash32 hash = evacuation_hash(kChainNumber, chain_.contracts.module, call.evacuation);
    call.signature = to_bytes(chain::evm::sign(key, hash)->view());
    carrier.body.to = chain_.contracts.module;
    carrier.body.input = encode_evacuation(call);
  }
  say("a thief uses an owner's key");
  ++thefts_;
  auditor_.excuses.theft = true;
  auditor_.thefts.insert(carrier.body.hash);
  chain_.submit(std::move(carrier));
}

}  // namespace holdfast::sim
