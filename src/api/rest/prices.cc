// What assets are worth, as the exchange tells it: policies value withdrawals by it, and ask how old it is.
#include "api/rest/handlers.h"

#include <limits>

namespace holdfast::api {
namespace {

using E = EdgeProblem;

constexpr unsigned kUsdDecimals = 6;
constexpr Field kPriceFields[] = {{"asset"}, {"usd"}};
enum { kPriceAsset, kPriceUsd };

Answer<custody::SetPrice> read_price(const Fields& fields, const Call& call) {
  const auto asset = call.directory.find_asset(fields.text(kPriceAsset));
  if (!asset) return std::unexpected(asset.error());
  const auto usd = parse_decimal(fields.text(kPriceUsd), kUsdDecimals).amount;
  if (!usd || usd->units() > Int128{std::numeric_limits<std::uint64_t>::max()}) {
    return refused(E::field_invalid, "usd: a price in dollars, such as \"1234.5\", of at most six digits behind the point");
  }
  return custody::SetPrice{(*asset)->id, static_cast<std::uint64_t>(usd->units()), call.key.id,
                           call.key.role == Role::operator_};
}

}  // namespace

Answer<Reply> list_prices(const Call& call) {
  Json list = Json::array();
  call.ports.view.read([&](const custody::State& state) {
    for (const custody::Asset& asset : state.assets) {
      list.push_back({{"asset", call.directory.asset_name(asset.id)},
                      {"symbol", asset.symbol},
                      {"usd", usd_text(asset.price_micro_usd)},
                      {"at", to_json(asset.priced_at)}});
    }
  });
  return Reply{200, {{"prices", std::move(list)}}};
}

// Each by itself: one that is refused keeps the price it had, and the others are taken.
Answer<Reply> set_prices(const Call& call) {
  const auto batch = read_batch(call.body, "prices", kPriceFields);
  if (!batch) return std::unexpected(batch.error());
  auto [items, commands, places] =
      read_commands(call, *batch, [&](const Fields& fields) -> Answer<custody::Command> { return read_price(fields, call); });
  const std::vector<engine::Outcome> outcomes = submit_all(call, commands);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const bool is_refused = outcomes[i].refusal != custody::Refusal::none;
    items[places[i]] = is_refused ? problem_json(problem(outcomes[i].refusal), call) : Json{{"status", 200}};
  }
  return Reply{200, {{"items", std::move(items)}}};
}

}  // namespace holdfast::api
