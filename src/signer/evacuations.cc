#include "signer/evacuations.h"

#include <algorithm>
#include <set>

namespace holdfast::signer {

using namespace chain::utxo;

Result<Transaction> check_evacuation(const CoinChainRule& chain, std::string_view wallet, const CoinMemory& memory,
                                     ByteView raw) {
  const DecodeRules rules{.max_money = chain.network->max_money, .from_block = false};
  auto transaction = decode_transaction(raw, rules);
  if (!transaction) return refuse("evacuation_malformed", std::string(transaction.error().code));
  const Txid txid = txid_of(*transaction);
  const SignedEvacuation* known = memory.evacuation(chain.caip2, txid);
  if (known == nullptr || known->wallet != wallet) return refuse("evacuation_foreign", display(txid));
  const auto is_cold = [&](const TxOut& output) { return output.script == chain.cold_script; };
  if (!std::ranges::all_of(transaction->outputs, is_cold)) return refuse("evacuation_elsewhere", display(txid));
  const auto is_signed = [](const TxIn& input) { return !input.witness.empty(); };
  if (!std::ranges::all_of(transaction->inputs, is_signed)) return refuse("evacuation_unsigned", display(txid));
  return transaction;
}

Result<std::vector<Bytes>> known_evacuations(const CoinChainRule& chain, std::string_view wallet,
                                             const CoinMemory& memory, std::span<const Bytes> transactions) {
  std::size_t bytes = 0;
  for (const Bytes& raw : transactions) bytes += raw.size();
  if (transactions.size() > kMaxKeptEvacuations || bytes > kMaxKeptBytes) return refuse("evacuations_too_many");
  std::set<Txid> seen;
  std::vector<Bytes> known;
  for (const Bytes& raw : transactions) {
    const auto checked = check_evacuation(chain, wallet, memory, raw);
    if (!checked && checked.error().code == "evacuation_foreign") continue;
    if (!checked) return Failure(checked.error());
    known.push_back(raw);
    if (!seen.insert(txid_of(*checked)).second) return refuse("evacuation_twice", display(txid_of(*checked)));
  }
  if (known.empty()) return refuse("evacuations_none", "none of them was signed by this signer");
  return known;
}

}  // namespace holdfast::signer
