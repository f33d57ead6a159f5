// The coins of a wallet over REST: those that are unspent first, the newest before the older; then all the others.
//
//   cursor := ("unspent" | "gone") "-" id      where the page before has ended: its part of the list, and its last coin
//
// A coin that is spent between two pages is shown in both parts.
#include "api/rest/handlers.h"

#include <ranges>

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using custody::Coin;
using custody::CoinId;
using custody::CoinState;
using custody::State;
using custody::WalletId;

constexpr std::string_view kUnspent = "unspent-";
constexpr std::string_view kGone = "gone-";
constexpr std::uint64_t kNewest = INT64_MAX;  // Above every id.

struct Cursor {
  bool unspent = true;
  std::uint64_t below = kNewest;

  std::string to_text() const { return std::string(unspent ? kUnspent : kGone) + std::to_string(below); }
};

Answer<Cursor> read_cursor(const Query& query) {
  const std::string* text = query.text("cursor");
  if (!text) return Cursor{};
  const bool unspent = text->starts_with(kUnspent);
  if (unspent || text->starts_with(kGone)) {
    const auto below = parse_number(std::string_view(*text).substr(unspent ? kUnspent.size() : kGone.size()));
    if (below) return Cursor{unspent, *below};
  }
  return refused(E::parameter_invalid, "cursor must be what the page before gave as next.");
}

class CoinPage {
 public:
  CoinPage(const State& state, WalletId wallet, std::uint64_t limit) : state_(state), wallet_(wallet), limit_(limit) {}

  // Where the next page begins; none at the end.
  std::optional<Cursor> read(Cursor at) {
    if (at.unspent) {
      if (const auto next = read_unspent(at.below)) return next;
      at = {false, kNewest};
      if (views_.size() == limit_) return at;
    }
    return read_gone(at.below);
  }
  const std::vector<CoinView>& views() const { return views_; }

 private:
  std::optional<Cursor> read_unspent(std::uint64_t below) {
    const auto unspent = state_.unspent_coins.find(wallet_);
    if (unspent == state_.unspent_coins.end()) return {};
    auto end = unspent->second.lower_bound(CoinId{below});
    while (end != unspent->second.begin()) {
      if (views_.size() == limit_) return Cursor{true, end->value};
      views_.push_back(collect(state_, state_.coins.at(*--end)));
    }
    return {};
  }

  // All wallets' coins lie in one table: a wallet that has few ends its page early.
  std::optional<Cursor> read_gone(std::uint64_t below) {
    Page page;
    page.limit = limit_ - views_.size();
    page.before = below;
    const std::uint64_t next = walk(
        state_.coins, page,
        [&](const Coin& coin) { return coin.wallet == wallet_ && coin.state != CoinState::unspent; },
        [&](const Coin& coin) { views_.push_back(collect(state_, coin)); });
    return next == 0 ? std::nullopt : std::optional(Cursor{false, next});
  }

  const State& state_;
  WalletId wallet_;
  std::uint64_t limit_;
  std::vector<CoinView> views_;
};

}  // namespace

Answer<Reply> list_coins(const Call& call) {
  static constexpr std::string_view kKnown[] = {"limit", "cursor"};
  const auto query = Query::parse(call.head.query(), kKnown);
  if (!query) return std::unexpected(query.error());
  const auto limit = query->number("limit", 1, Page::kMaxLimit);
  if (!limit) return std::unexpected(limit.error());
  const auto cursor = read_cursor(*query);
  if (!cursor) return std::unexpected(cursor.error());
  std::vector<CoinView> views;
  std::optional<Cursor> next;
  bool known = false;
  call.ports.view.read([&](const State& state) {
    known = state.wallets.find({call.id}) != nullptr;
    if (!known) return;
    CoinPage page(state, {call.id}, limit->value_or(Page::kDefaultLimit));
    next = page.read(*cursor);
    views = page.views();
  });
  if (!known) return refused(custody::Refusal::wallet_unknown);
  Json list = Json::array();
  for (const CoinView& view : views) list.push_back(to_json(view, call.directory));
  return Reply{200, {{"coins", std::move(list)}, {"next", next ? Json(next->to_text()) : Json()}}};
}

}  // namespace holdfast::api
