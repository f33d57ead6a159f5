#include "engine/snapshot.h"

#include "base/planted.h"
#include "engine/fields.h"
#include "engine/wire.h"

#include <openssl/sha.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::engine {
namespace {

using custody::State;

constexpr std::string_view kMagic = "HFSNAP2\n";

struct Balance {
  std::uint64_t account = 0;
  Amount debit;  // One of the two is zero.
  Amount credit;
};
struct ForeignSpend {
  custody::WalletNonce at;
  custody::ForeignSpend spend;
};
struct MinedNonce {
  custody::WalletId wallet;
  std::uint64_t nonce = 0;
};
struct Unswept {
  custody::Address address;
  custody::AssetId asset;
  Amount amount;
};
struct UnfinalDeposits {
  custody::ChainId chain;
  custody::Address address;
  std::uint32_t count = 0;
};

template <class V>
void fields(V& v, Of<Balance> auto& x) {
  v.in_order(x.account, x.debit, x.credit);
}
template <class V>
void fields(V& v, Of<ForeignSpend> auto& x) {
  v.in_order(x.at.first, x.at.second, x.spend.txid, x.spend.max_fee, x.spend.priority_fee);
}
template <class V>
void fields(V& v, Of<MinedNonce> auto& x) {
  v.in_order(x.wallet, x.nonce);
}
template <class V>
void fields(V& v, Of<Unswept> auto& x) {
  v.in_order(x.address, x.asset, x.amount);
}
template <class V>
void fields(V& v, Of<UnfinalDeposits> auto& x) {
  v.in_order(x.chain, x.address, x.count);
}

// What stands in the file beside the state's own tables: lists, in the order of their keys.
struct Lists {
  std::uint64_t tree_size = 0;
  std::vector<Hash32> tree_peaks;
  std::uint64_t transfers = 0;
  std::vector<Balance> balances;
  Chunked<ledger::Hold> holds;
  std::vector<custody::DepositAddress> deposit_addresses;
  std::vector<ForeignSpend> foreign_spends;
  std::vector<Hash32> foreign_txids;
  std::vector<MinedNonce> mined_nonces;
  std::vector<Unswept> unswept;
  std::vector<UnfinalDeposits> unfinal_deposits;
  std::vector<custody::Verdict> verdicts;
  std::vector<custody::GradeEntry> grades;
  std::vector<custody::LabelledAddress> labelled;
};

template <class V>
void snapshot_fields(V& v, Of<State> auto& state, Of<Lists> auto& lists) {
  v(1, lists.tree_size);
  v(2, lists.tree_peaks);
  v(3, lists.transfers);
  v.all(4, lists.balances);
  v.all(5, lists.holds);
  v.all(6, state.chains);
  v.all(7, state.assets);
  v.all(8, state.signers);
  v.all(9, state.wallets);
  v.all(10, state.customers);
  v.all(11, state.deposits);
  v.all(12, state.withdrawals);
  v.all(13, state.spends);
  v.all(14, state.freezes);
  v.all(15, state.incidents);
  v.all(16, lists.deposit_addresses);
  v.all(17, state.progress);
  v.all(18, lists.foreign_spends);
  v.all(19, lists.foreign_txids);
  v.all(20, lists.mined_nonces);
  v.all(21, lists.unswept);
  v.all(22, lists.unfinal_deposits);
  v.all(23, state.coins);
  v.all(24, state.policies);
  v.all(25, lists.verdicts);
  v(26, state.newest);
  v.all(27, lists.grades);
  v.all(28, state.cases);
  v(29, state.label_lists);
  v.all(30, lists.labelled);
  v.all(31, state.customer_keys);
}

std::pair<custody::ChainId, custody::Address> key_of(const custody::DepositAddress& x) { return {x.chain, x.address}; }
std::uint64_t key_of(const Balance& x) { return x.account; }
custody::WalletNonce key_of(const ForeignSpend& x) { return x.at; }
const Hash32& key_of(const Hash32& x) { return x; }
custody::WalletId key_of(const MinedNonce& x) { return x.wallet; }
std::pair<custody::Address, custody::AssetId> key_of(const Unswept& x) { return {x.address, x.asset}; }
custody::ChainAddress key_of(const UnfinalDeposits& x) { return {x.chain, x.address}; }
custody::WithdrawalId key_of(const custody::Verdict& x) { return x.withdrawal; }
const policy::GradeKey& key_of(const custody::GradeEntry& x) { return x.key; }
custody::ChainAddress key_of(const custody::LabelledAddress& x) { return {x.chain, x.address}; }

template <class T>
void sort_by_key(std::vector<T>& list) {
  std::sort(list.begin(), list.end(), [](const T& a, const T& b) { return key_of(a) < key_of(b); });
}

template <class T>
bool ascending(const std::vector<T>& list) {
  const auto not_below = [](const T& a, const T& b) { return key_of(a) >= key_of(b); };
  return std::adjacent_find(list.begin(), list.end(), not_below) == list.end();
}

Lists lists_of(const State& state, const journal::Frontier& tree) {
  Lists lists;
  lists.tree_size = tree.size();
  lists.tree_peaks.assign(tree.peaks().begin(), tree.peaks().end());
  lists.transfers = state.books.transfers();
  for (const auto& [account, value] : state.books.balances()) {
    lists.balances.push_back(
        {account, Amount::of(std::max<Int128>(value, 0)), Amount::of(std::max<Int128>(-value, 0))});
  }
  sort_by_key(lists.balances);
  lists.holds = state.books.holds();
  for (const auto& [key, address] : state.deposit_addresses) lists.deposit_addresses.push_back(address);
  sort_by_key(lists.deposit_addresses);
  for (const auto& [at, spend] : state.foreign_spends) lists.foreign_spends.push_back({at, spend});
  lists.foreign_txids.assign(state.foreign_txids.begin(), state.foreign_txids.end());
  for (const auto& [wallet, nonce] : state.mined_nonce) lists.mined_nonces.push_back({wallet, nonce});
  const auto unswept = HF_PLANTED(snapshot_loses_unswept) ? decltype(state.unswept)() : state.unswept;
  for (const auto& [key, amount] : unswept) lists.unswept.push_back({key.first, key.second, amount});
  for (const auto& [key, count] : state.unfinal_deposits)
    lists.unfinal_deposits.push_back({key.first, key.second, count});
  for (const auto& [id, verdict] : state.verdicts) lists.verdicts.push_back(verdict);
  for (const auto& [key, grade] : state.grades.entries()) lists.grades.push_back({key, grade});
  for (const auto& [at, one] : state.labelled) lists.labelled.push_back(one);
  return lists;
}

bool well_formed(const State& state, const Lists& lists) {
  const auto one_sided = [](const Balance& balance) { return balance.debit.is_zero() || balance.credit.is_zero(); };
  const auto of_known_wallet = [&](const custody::Spend& spend) { return state.wallets.find(spend.wallet) != nullptr; };
  const auto of_known_withdrawal = [&](const custody::Verdict& verdict) {
    const bool has_case = !verdict.case_id || state.cases.find(verdict.case_id) != nullptr;
    return has_case && state.withdrawals.find(verdict.withdrawal) != nullptr;
  };
  const auto of_known_case = [&](const custody::LabelledAddress& one) { return !one.case_id || state.cases.find(one.case_id) != nullptr; };
  const auto is_grade = [](const custody::GradeEntry& entry) { return entry.grade.step > 0 && entry.grade.decay_ms > 0; };
  const auto coin_fits = [&](const custody::Coin& coin) { return state.wallets.find(coin.wallet) != nullptr; };
  const auto of_known_customer = [&](const custody::CustomerKey& key) { return state.customers.find(key.customer) != nullptr; };
  return std::all_of(state.customer_keys.begin(), state.customer_keys.end(), of_known_customer) &&
         std::all_of(state.coins.begin(), state.coins.end(), coin_fits) &&
         ascending(lists.balances) && ascending(lists.deposit_addresses) && ascending(lists.foreign_spends) &&
         ascending(lists.foreign_txids) && ascending(lists.mined_nonces) && ascending(lists.unswept) &&
         ascending(lists.unfinal_deposits) && ascending(lists.verdicts) && ascending(lists.grades) &&
         ascending(lists.labelled) && std::all_of(lists.labelled.begin(), lists.labelled.end(), of_known_case) &&
         std::all_of(lists.grades.begin(), lists.grades.end(), is_grade) &&
         std::all_of(lists.verdicts.begin(), lists.verdicts.end(), of_known_withdrawal) &&
         state.progress.size() == state.chains.size() &&
         std::all_of(lists.balances.begin(), lists.balances.end(), one_sided) &&
         std::all_of(state.spends.begin(), state.spends.end(), of_known_wallet);
}

void take_up(State& state, Lists lists) {
  ledger::Balances balances;
  for (const Balance& balance : lists.balances)
    balances[balance.account] = balance.debit.units() - balance.credit.units();
  state.books = ledger::Books::restore(std::move(balances), std::move(lists.holds), lists.transfers);
  for (const auto& address : lists.deposit_addresses) state.deposit_addresses[key_of(address)] = address;
  for (const ForeignSpend& foreign : lists.foreign_spends) state.foreign_spends[foreign.at] = foreign.spend;
  state.foreign_txids = {lists.foreign_txids.begin(), lists.foreign_txids.end()};
  for (const MinedNonce& mined : lists.mined_nonces) state.mined_nonce[mined.wallet] = mined.nonce;
  for (const Unswept& unswept : lists.unswept) state.unswept[key_of(unswept)] = unswept.amount;
  for (const UnfinalDeposits& unfinal : lists.unfinal_deposits) state.unfinal_deposits[key_of(unfinal)] = unfinal.count;
  for (custody::Verdict& verdict : lists.verdicts) state.verdicts.emplace(verdict.withdrawal, std::move(verdict));
  policy::Grades::Entries grades;
  for (custody::GradeEntry& entry : lists.grades) grades.emplace_hint(grades.end(), std::move(entry.key), entry.grade);
  state.grades = policy::Grades(std::move(grades));
  for (custody::LabelledAddress& one : lists.labelled) state.labelled.emplace(key_of(one), std::move(one));
  custody::rebuild_indexes(state);
}

Hash32 sha256(ByteView bytes) {
  Hash32 out;
  SHA256(bytes.data(), bytes.size(), out.bytes.data());
  return out;
}

Failure damaged(const char* what) { return corruption("snapshot_damaged", what); }

}  // namespace

Bytes encode_snapshot(const State& state, const journal::Frontier& tree) {
  Bytes out;
  Writer writer(out);
  writer.raw(as_bytes(kMagic));
  const Lists lists = lists_of(state, tree);
  snapshot_fields(writer, state, lists);
  out.resize(writer.written().size());
  const Hash32 digest = sha256(out);
  out.insert(out.end(), digest.bytes.begin(), digest.bytes.end());
  return out;
}

Result<Snapshot> decode_snapshot(ByteView bytes) {
  if (bytes.size() < kMagic.size() + Hash32::kSize) return damaged("too short");
  const ByteView content = bytes.first(bytes.size() - Hash32::kSize);
  if (as_text(content.first(kMagic.size())) != kMagic) return damaged("not a snapshot that this version knows");
  if (sha256(content) != Hash32::from(bytes.last(Hash32::kSize))) return damaged("its digest does not match");

  Result<Snapshot> snapshot;
  Lists lists;
  Reader reader(content.subspan(kMagic.size()));
  snapshot_fields(reader, snapshot->state, lists);
  if (!reader.finish() || !well_formed(snapshot->state, lists)) return damaged("a value out of its bounds");
  const auto tree = journal::Frontier::from_peaks(lists.tree_size, lists.tree_peaks);
  if (!tree) return damaged("its tree has not as many peaks as its size needs");
  snapshot->tree = *tree;
  take_up(snapshot->state, std::move(lists));
  return snapshot;
}

}  // namespace holdfast::engine
