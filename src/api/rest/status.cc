// Assets, the state of the whole, and the event feed over REST.
#include "api/rest/handlers.h"
#include "api/text/event_json.h"
#include "api/text/names.h"

#include <algorithm>
#include <map>

namespace holdfast::api {
namespace {

using E = EdgeProblem;

struct ChainStatus {
  custody::ChainId chain;
  std::optional<custody::BlockRef> head;
  std::uint64_t final_height = 0;
};

struct Status {
  std::vector<ChainStatus> chains;
  bool frozen = false;
  std::size_t freezes = 0;
  std::vector<std::uint64_t> incidents;
  std::map<std::string_view, std::size_t> backlog;  // Of withdrawals that have not ended, by state.
  std::vector<std::string> signers;
  std::size_t customers = 0;
  std::size_t withdrawals = 0;
  std::size_t deposits = 0;
};

Status collect(const custody::State& state) {
  Status status;
  for (const custody::Chain& chain : state.chains) {
    status.chains.push_back({chain.id, state.head(chain.id), state.progress[chain.id.value - 1].final_height});
  }
  status.frozen = state.platform_frozen();
  status.freezes = state.freezes_in_force.size();
  for (const custody::IncidentId id : state.open_incidents) status.incidents.push_back(id.value);
  status.backlog[name(custody::WithdrawalState::held)] = state.waiting_held.size();
  status.backlog[name(custody::WithdrawalState::approved)] = state.waiting_approved.size();
  for (const auto one :
       {custody::WithdrawalState::signing, custody::WithdrawalState::broadcast, custody::WithdrawalState::confirming}) {
    status.backlog[name(one)] = 0;
  }
  for (const custody::SpendId id : state.open_spends) {
    const custody::Spend& spend = state.spends.at(id);
    for (const custody::WithdrawalId paid : custody::withdrawals_of(spend)) {
      ++status.backlog[name(state.withdrawals.at(paid).state)];
    }
  }
  for (const custody::Signer& signer : state.signers) status.signers.push_back(signer.name);
  status.customers = state.customers.size();
  status.withdrawals = state.withdrawals.size();
  status.deposits = state.deposits.size();
  return status;
}

Json chains_json(const Status& status, const Directory& directory) {
  Json list = Json::array();
  for (const ChainStatus& one : status.chains) {
    list.push_back({{"chain", directory.caip2(one.chain)},
                    {"head", one.head ? Json(one.head->height) : Json()},
                    {"head_hash", one.head ? Json(directory.txid(one.chain, one.head->hash)) : Json()},
                    {"head_time", one.head ? to_json(one.head->time) : Json()},
                    {"final", one.final_height}});
  }
  return list;
}

}  // namespace

Answer<Reply> list_assets(const Call& call) {
  Json list = Json::array();
  for (const custody::Asset& asset : call.directory.assets()) list.push_back(to_json(asset, call.directory));
  return Reply{200, {{"assets", std::move(list)}}};
}

Answer<Reply> show_status(const Call& call) {
  Status status;
  call.ports.view.read([&](const custody::State& state) { status = collect(state); });
  const journal::Head head = call.ports.head();
  const std::vector<std::string> connected = call.ports.signers_connected();
  Json signers = Json::array();
  for (const std::string& signer : status.signers) {
    const bool attached = std::find(connected.begin(), connected.end(), signer) != connected.end();
    signers.push_back({{"name", signer}, {"connected", attached}});
  }
  return Reply{200,
               {{"exchange", call.ports.exchange},
                {"journal", {{"size", head.size}, {"checkpoint", head.checkpoint}}},
                {"chains", chains_json(status, call.directory)},
                {"frozen", status.frozen},
                {"freezes_in_force", status.freezes},
                {"incidents_open", status.incidents},
                {"signers", std::move(signers)},
                {"backlog", status.backlog},
                {"customers", status.customers},
                {"deposits", status.deposits},
                {"withdrawals", status.withdrawals}}};
}

// ?after=N gives what comes behind index N; without it, from the journal's first record on.
Answer<Reply> list_events(const Call& call) {
  static constexpr std::string_view kKnown[] = {"after", "limit"};
  const auto query = Query::parse(call.head.query(), kKnown);
  if (!query) return std::unexpected(query.error());
  const auto after = query->number("after", 0, INT64_MAX);
  if (!after) return std::unexpected(after.error());
  const auto limit = query->number("limit", 1, EventFeed::kMaxPage);
  if (!limit) return std::unexpected(limit.error());
  const std::uint64_t from = *after ? **after + 1 : 0;
  const std::uint64_t size = call.ports.feed.size();
  if (from > size) return refused(E::cursor_ahead);
  const auto entries = call.ports.feed.read(from, limit->value_or(Page::kDefaultLimit));
  if (!entries) return refused(E::feed_unavailable);
  Json list = Json::array();
  for (const FeedEntry& entry : *entries) list.push_back(event_json(entry.index, entry.event, call.directory));
  const std::uint64_t next = from + entries->size();
  return Reply{200, {{"events", std::move(list)}, {"next", next == 0 ? Json() : Json(next - 1)}, {"size", size}}};
}

}  // namespace holdfast::api
