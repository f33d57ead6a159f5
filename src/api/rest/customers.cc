// Customers, their deposit addresses, deposits and balances over REST.
#include "api/rest/handlers.h"
#include "api/text/names.h"

namespace holdfast::api {
namespace {

using E = EdgeProblem;
using R = custody::Refusal;
using custody::ChainId;
using custody::CustomerId;

constexpr std::uint64_t kMaxAddresses = 1000;  // Of one customer on one chain.
// On a chain of coins all customers draw from one wallet's indexes. Who loses a race has to derive again, and each loss is
// another's success.
constexpr int kMaxLostRaces = 64;

Json customer_json(const custody::Customer& customer) {
  return {{"id", customer.id.value}, {"reference", customer.reference}};
}

Json address_json(const custody::DepositAddress& address, std::uint64_t number, const Directory& directory) {
  return {{"customer", address.customer.value},
          {"chain", directory.caip2(address.chain)},
          {"number", number},
          {"address", directory.address(address.chain, address.address)}};
}

Answer<custody::DepositAddress> derive(const Call& call, ChainId chain, std::uint64_t number) {
  auto derived = call.ports.derive_address({call.id}, chain, number);
  if (derived) return std::move(*derived);
  if (derived.error().code == "wallet_compromised") return refused(R::wallet_compromised);
  return refused(R::chain_unknown);  // It is registered, but gives out no addresses here.
}

bool assigned(const Call& call, const custody::DepositAddress& address) {
  bool known = false;
  call.ports.view.read([&](const custody::State& state) {
    const auto* there = state.deposit_address(address.chain, address.address);
    known = there && there->customer == address.customer;
  });
  return known;
}

struct Assigned {
  custody::DepositAddress address;
  bool is_new = false;
};

// The `number`th, made now if it is the next.
Answer<Assigned> assign(const Call& call, ChainId chain, std::uint64_t number) {
  for (int lost = 0;; ++lost) {
    auto address = derive(call, chain, number);
    if (!address) return std::unexpected(address.error());
    const auto outcome = submit(call, custody::AssignDepositAddress{*address});
    if (outcome) return Assigned{std::move(*address), outcome->events > 0};
    const bool lost_race = outcome.error().code == custody::name(R::address_taken);
    if (!lost_race || lost == kMaxLostRaces) return std::unexpected(outcome.error());
  }
}

// A customer's addresses are numbered without gaps, so the first that is not assigned is the next.
Answer<std::vector<custody::DepositAddress>> addresses(const Call& call, ChainId chain) {
  std::vector<custody::DepositAddress> out;
  while (out.size() < kMaxAddresses) {
    auto next = derive(call, chain, out.size());
    if (!next) return std::unexpected(next.error());
    if (!assigned(call, *next)) break;
    out.push_back(std::move(*next));
  }
  return out;
}

Answer<void> customer_exists(const Call& call) {
  const auto customer = look_up(call, &custody::State::customers, CustomerId{call.id}, R::customer_unknown);
  if (!customer) return std::unexpected(customer.error());
  return {};
}

Json list_json(const std::vector<custody::DepositAddress>& addresses, const Directory& directory) {
  Json list = Json::array();
  for (std::size_t i = 0; i < addresses.size(); ++i) list.push_back(address_json(addresses[i], i, directory));
  return list;
}

}  // namespace

Answer<Reply> create_customer(const Call& call) {
  static constexpr Field kFields[] = {{"reference"}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  const auto outcome = submit(call, custody::CreateCustomer{fields->text(0)});
  if (!outcome) return std::unexpected(outcome.error());
  Json json;
  call.ports.view.read([&](const custody::State& state) {
    json = customer_json(state.customers.at(state.customer_by_reference.at(fields->text(0))));
  });
  return Reply{outcome->events > 0 ? 201 : 200, std::move(json)};
}

Answer<Reply> show_customer(const Call& call) {
  const auto customer = look_up(call, &custody::State::customers, CustomerId{call.id}, R::customer_unknown);
  if (!customer) return std::unexpected(customer.error());
  return Reply{200, customer_json(*customer)};
}

// Without a number: the next. With one: that one, made now if it is the next; so a client that asks again gets no
// second.
Answer<Reply> create_address(const Call& call) {
  static constexpr Field kFields[] = {{"chain"}, {"number", FieldKind::number, false}};
  const auto fields = read_object(call.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  const auto chain = call.directory.find_chain(fields->text(0));
  if (!chain) return std::unexpected(chain.error());
  if (const auto exists = customer_exists(call); !exists) return std::unexpected(exists.error());
  const auto known = addresses(call, *chain);
  if (!known) return std::unexpected(known.error());
  std::uint64_t number = fields->has(1) ? fields->number(1) : known->size();
  if (number > known->size() || number >= kMaxAddresses) return refused(E::addresses_exhausted);
  for (; number < kMaxAddresses; ++number) {
    const auto made = assign(call, *chain, number);
    if (!made) return std::unexpected(made.error());
    const bool taken_meanwhile = !made->is_new && !fields->has(1);
    if (!taken_meanwhile) return Reply{made->is_new ? 201 : 200, address_json(made->address, number, call.directory)};
  }
  return refused(E::addresses_exhausted);
}

Answer<Reply> list_addresses(const Call& call) {
  static constexpr std::string_view kKnown[] = {"chain"};
  const auto query = Query::parse(call.head.query(), kKnown);
  if (!query) return std::unexpected(query.error());
  const std::string* text = query->text("chain");
  if (!text) return refused(E::parameter_invalid, "Say which chain: ?chain=eip155:1");
  const auto chain = call.directory.find_chain(*text);
  if (!chain) return std::unexpected(chain.error());
  if (const auto exists = customer_exists(call); !exists) return std::unexpected(exists.error());
  const auto known = addresses(call, *chain);
  if (!known) return std::unexpected(known.error());
  return Reply{200, {{"addresses", list_json(*known, call.directory)}}};
}

Answer<Reply> show_balances(const Call& call) {
  struct Balance {
    custody::AssetId asset;
    Amount available;
    Amount held;
  };
  std::vector<Balance> balances;
  bool known = false;
  call.ports.view.read([&](const custody::State& state) {
    known = state.customers.find({call.id}) != nullptr;
    if (!known) return;
    for (const custody::Asset& asset : call.directory.assets()) {
      balances.push_back({asset.id, state.available({call.id}, asset.id), state.held({call.id}, asset.id)});
    }
  });
  if (!known) return refused(R::customer_unknown);
  Json list = Json::array();
  for (const Balance& one : balances) {
    list.push_back({{"asset", call.directory.asset_name(one.asset)},
                    {"symbol", call.directory.symbol(one.asset)},
                    {"available", call.directory.amount(one.asset, one.available)},
                    {"held", call.directory.amount(one.asset, one.held)}});
  }
  return Reply{200, {{"customer", call.id}, {"balances", std::move(list)}}};
}

Answer<Reply> list_deposits(const Call& call) {
  static constexpr std::string_view kKnown[] = {"limit", "after", "before", "state", "customer"};
  const auto query = Query::parse(call.head.query(), kKnown);
  if (!query) return std::unexpected(query.error());
  const auto page = Page::of(*query);
  if (!page) return std::unexpected(page.error());
  const auto customer = query->number("customer", 1, INT64_MAX);
  if (!customer) return std::unexpected(customer.error());
  std::optional<custody::DepositState> wanted;
  if (const std::string* text = query->text("state")) {
    wanted = deposit_state(*text);
    if (!wanted) return refused(E::parameter_invalid, "state is no state of a deposit.");
  }
  std::vector<DepositView> views;
  std::uint64_t next = 0;
  call.ports.view.read([&](const custody::State& state) {
    next = walk(
        state.deposits, *page,
        [&](const custody::Deposit& one) {
          return (!wanted || one.state == *wanted) && (!*customer || one.customer.value == **customer);
        },
        [&](const custody::Deposit& one) { views.push_back(collect(state, one)); });
  });
  Json list = Json::array();
  for (const DepositView& view : views) list.push_back(to_json(view, call.directory));
  return Reply{200, {{"deposits", std::move(list)}, {"next", next == 0 ? Json() : Json(next)}}};
}

Answer<Reply> show_deposit(const Call& call) {
  std::optional<DepositView> view;
  call.ports.view.read([&](const custody::State& state) {
    if (const auto* deposit = state.deposits.find({call.id})) view = collect(state, *deposit);
  });
  if (!view) return refused(E::deposit_unknown);
  return Reply{200, to_json(*view, call.directory)};
}

}  // namespace holdfast::api
