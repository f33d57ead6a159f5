#include "apps/cli/commands.h"

#include "apps/cli/descriptor_tool.h"
#include "apps/cli/print.h"
#include "base/hex.h"
#include "config/files.h"
#include "policy/policy.h"

#include <sodium.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>

namespace holdfast::cli {
namespace {

constexpr std::chrono::seconds kReconnect{1};

using Show = void (*)(const Settings&, const Json&);

// One signed call, and its answer shown.
Result<void> call_and(const Settings& settings, Show show, const std::string& method, const std::string& target,
                      const Json& body = {}) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  const auto answer = (*session)->call(method, target, body.is_null() ? std::string() : body.dump());
  if (!answer) return std::unexpected(answer.error());
  show(settings, *answer);
  return {};
}

std::string path_of(std::string_view things, std::uint64_t id, std::string_view rest = {}) {
  return std::string("/v1/").append(things).append("/").append(std::to_string(id)).append(rest);
}

// Percent-encodes all that could end or split a parameter.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == ':' || c == '/';
    out.append(plain ? std::string(1, c) : '%' + to_hex(as_bytes({&c, 1})));
  }
  return out;
}

std::string query_of(const ListFilter& filter) {
  std::string query = "?limit=" + std::to_string(filter.limit);
  if (filter.before) query += "&before=" + std::to_string(*filter.before);
  if (filter.customer) query += "&customer=" + std::to_string(*filter.customer);
  if (!filter.state.empty()) query += "&state=" + encoded(filter.state);
  if (!filter.asset.empty()) query += "&asset=" + encoded(filter.asset);
  return query;
}

// Networks of coins go by their short names too; all other texts are passed on.
std::string caip2_of(const std::string& chain) {
  const auto network = find_network(chain);
  return network ? std::string((*network)->caip2) : chain;
}

std::string random_key() {
  FixedBytes<16> bytes;
  randombytes_buf(bytes.bytes.data(), bytes.bytes.size());
  return "cli-" + to_hex(bytes.view());
}

// Without its text: whoever changes it has that.
void print_policy(const Settings& settings, const Json& answer) {
  Json head = answer;
  head.erase("text");
  print_thing(settings, head);
}

}  // namespace

Result<void> keygen(const Settings& settings, const std::string& path) {
  const auto key = create_key(path);
  if (!key) return std::unexpected(key.error());
  print_thing(settings, {{"key_file", path}, {"public_key", to_hex(key->view())}});
  return {};
}

Result<void> status(const Settings& settings) { return call_and(settings, print_status, "GET", "/v1/status"); }

Result<void> list_prices(const Settings& settings) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "prices", {{"ASSET", "asset"}, {"SYMBOL", "symbol"}, {"USD", "usd"}, {"TOLD AT", "at"}});
  };
  return call_and(settings, show, "GET", "/v1/prices");
}

Result<void> set_prices(const Settings& settings, const std::vector<std::string>& prices) {
  Json list = Json::array();
  for (const std::string& price : prices) {
    const std::size_t equals = price.rfind('=');
    if (equals == std::string::npos) return refuse("price_wrong", price + " has to be ASSET=USD, such as ETH=1234.5");
    list.push_back({{"asset", price.substr(0, equals)}, {"usd", price.substr(equals + 1)}});
  }
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  auto answer = (*session)->call("POST", "/v1/prices", Json{{"prices", std::move(list)}}.dump());
  if (!answer) return std::unexpected(answer.error());
  std::size_t refused = 0;
  Json& items = (*answer)["items"];
  for (std::size_t i = 0; i < items.size() && i < prices.size(); ++i) {
    Json& item = items[i];
    if (item["status"] != 200) ++refused;
    if (settings.json) continue;
    item["told"] = prices[i];
    item["problem"] = item.contains("problem") ? item["problem"]["detail"] : Json();
  }
  print_list(settings, *answer, "items", {{"TOLD", "told"}, {"STATUS", "status"}, {"PROBLEM", "problem"}});
  if (refused > 0) return refuse("prices_refused", fmt::format("{} of {} prices were refused", refused, prices.size()));
  return {};
}

Result<void> assets(const Settings& settings) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "assets",
               {{"ASSET", "asset"},
                {"SYMBOL", "symbol"},
                {"DECIMALS", "decimals"},
                {"FEE", "withdrawal_fee"},
                {"AUTO UP TO", "auto_approve_max"},
                {"AT LEAST", "withdrawal_min"},
                {"AT MOST", "withdrawal_max"}});
  };
  return call_and(settings, show, "GET", "/v1/assets");
}

Result<void> wallets(const Settings& settings) { return call_and(settings, print_wallets, "GET", "/v1/wallets"); }

Result<void> coins(const Settings& settings, std::uint64_t wallet, std::uint64_t limit, const std::string& cursor) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "coins",
               {{"ID", "id"},
                {"AMOUNT", "amount"},
                {"STATE", "state"},
                {"CONFIRMATIONS", "confirmations"},
                {"SPEND", "spend"},
                {"BRANCH", "branch"},
                {"INDEX", "index"},
                {"TXID", "txid"},
                {"VOUT", "vout"}});
  };
  std::string query = "/coins?limit=" + std::to_string(limit);
  if (!cursor.empty()) query += "&cursor=" + encoded(cursor);
  return call_and(settings, show, "GET", path_of("wallets", wallet, query));
}

Result<void> create_customer(const Settings& settings, const std::string& reference) {
  return call_and(settings, print_thing, "POST", "/v1/customers", {{"reference", reference}});
}

Result<void> show_customer(const Settings& settings, std::uint64_t customer) {
  return call_and(settings, print_thing, "GET", path_of("customers", customer));
}

Result<void> new_address(const Settings& settings, std::uint64_t customer, const std::string& chain) {
  return call_and(settings, print_thing, "POST", path_of("customers", customer, "/addresses"), {{"chain", caip2_of(chain)}});
}

Result<void> list_addresses(const Settings& settings, std::uint64_t customer, const std::string& chain) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "addresses", {{"NUMBER", "number"}, {"CHAIN", "chain"}, {"ADDRESS", "address"}});
  };
  return call_and(settings, show, "GET", path_of("customers", customer, "/addresses?chain=" + encoded(caip2_of(chain))));
}

Result<void> balances(const Settings& settings, std::uint64_t customer) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "balances",
               {{"SYMBOL", "symbol"}, {"AVAILABLE", "available"}, {"HELD", "held"}, {"ASSET", "asset"}});
  };
  return call_and(settings, show, "GET", path_of("customers", customer, "/balances"));
}

Result<void> deposits(const Settings& settings, const ListFilter& filter) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "deposits",
               {{"ID", "id"},
                {"CUSTOMER", "customer"},
                {"AMOUNT", "amount"},
                {"SYMBOL", "symbol"},
                {"STATE", "state"},
                {"CONFIRMATIONS", "confirmations"},
                {"TXID", "txid"}});
  };
  return call_and(settings, show, "GET", "/v1/deposits" + query_of(filter));
}

// The same key is sent again when no answer came, so that at most one withdrawal can come of this.
Result<void> withdraw(const Settings& settings, const Withdrawal& wanted) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  const std::string key = wanted.key.empty() ? random_key() : wanted.key;
  Json body{{"customer", wanted.customer},
            {"asset", wanted.asset},
            {"amount", wanted.amount},
            {"destination", wanted.destination}};
  const auto add = [&](const char* name, const std::string& text) { text.empty() ? void() : void(body[name] = text); };
  add("device", wanted.device);
  add("ip", wanted.ip);
  add("api_key", wanted.api_key);
  add("credentials_changed_at", wanted.credentials_changed_at);
  auto answer = (*session)->call("POST", "/v1/withdrawals", body.dump(), key);
  if (!answer && answer.error().kind == ErrorKind::fault)
    answer = (*session)->call("POST", "/v1/withdrawals", body.dump(), key);
  if (!answer && answer.error().kind == ErrorKind::fault) {
    return fault(answer.error().code, answer.error().text + " It may have been accepted: ask again with --key " + key);
  }
  if (!answer) return std::unexpected(answer.error());
  print_thing(settings, *answer);
  return {};
}

Result<void> list_withdrawals(const Settings& settings, const ListFilter& filter) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "withdrawals",
               {{"ID", "id"},
                {"CUSTOMER", "customer"},
                {"AMOUNT", "amount"},
                {"SYMBOL", "symbol"},
                {"STATE", "state"},
                {"REASON", "reason"},
                {"REQUESTED", "requested_at"},
                {"DESTINATION", "destination"}});
  };
  return call_and(settings, show, "GET", "/v1/withdrawals" + query_of(filter));
}

Result<void> show_withdrawal(const Settings& settings, std::uint64_t id) {
  return call_and(settings, print_thing, "GET", path_of("withdrawals", id));
}

Result<void> why_withdrawal(const Settings& settings, std::uint64_t id) {
  return call_and(settings, print_verdict, "GET", path_of("withdrawals", id));
}

Result<void> change_withdrawal(const Settings& settings, std::uint64_t id, const std::string& verb) {
  return call_and(settings, print_thing, "POST", path_of("withdrawals", id, "/" + verb));
}

Result<void> list_cases(const Settings& settings, bool closed) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "cases",
               {{"ID", "id"},
                {"SEVERITY", "severity"},
                {"CAUSE", "cause"},
                {"SCOPE", "scope"},
                {"SUBJECT", "subject"},
                {"DUE", "due_at"},
                {"OVERDUE", "overdue"},
                {"ASSIGNED TO", "assigned_to"},
                {"CLOSED", "closed_at"},
                {"WAITING", "waiting"}});
  };
  return call_and(settings, show, "GET", closed ? "/v1/cases?state=closed" : "/v1/cases");
}

Result<void> show_case(const Settings& settings, std::uint64_t id) { return call_and(settings, print_thing, "GET", path_of("cases", id)); }

Result<void> assign_case(const Settings& settings, std::uint64_t id, const std::string& to) {
  return call_and(settings, print_thing, "POST", path_of("cases", id, "/assign"), to.empty() ? Json::object() : Json{{"to", to}});
}

Result<void> note_case(const Settings& settings, std::uint64_t id, const std::string& text) {
  return call_and(settings, print_thing, "POST", path_of("cases", id, "/note"), {{"text", text}});
}

Result<void> close_case(const Settings& settings, std::uint64_t id, const std::string& text) {
  return call_and(settings, print_thing, "POST", path_of("cases", id, "/close"), {{"text", text}});
}

Result<void> decide_case(const Settings& settings, std::uint64_t id, const std::string& verb, std::uint64_t up_to) {
  return call_and(settings, print_thing, "POST", path_of("cases", id, "/" + verb), {{"up_to", up_to}});
}

Result<void> list_grades(const Settings& settings) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "grades",
               {{"DETECTOR", "detector"}, {"SCOPE", "scope"}, {"SUBJECT", "subject"}, {"STEP", "step"}, {"SINCE", "since"}, {"FROZEN", "frozen"}});
  };
  return call_and(settings, show, "GET", "/v1/grades");
}

Result<void> list_policies(const Settings& settings) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "policies",
               {{"ID", "id"},
                {"NAME", "name"},
                {"STATE", "state"},
                {"LOOSENS", "loosens"},
                {"LOCKED UNTIL", "locked_until"},
                {"PROPOSED BY", "proposed_by"},
                {"APPROVED BY", "approved_by"},
                {"IN FORCE SINCE", "activated_at"},
                {"HASH", "hash"}});
  };
  return call_and(settings, show, "GET", "/v1/policies");
}

Result<void> show_policy(const Settings& settings, std::uint64_t id) {
  const Show show = [](const Settings& how, const Json& answer) {
    if (how.json) return print_thing(how, answer);
    Json head = answer;
    head.erase("text");
    print_thing(how, head);
    print_text('\n' + answer.value("text", ""));
  };
  return call_and(settings, show, "GET", path_of("policies", id));
}

Result<void> propose_policy(const Settings& settings, const std::string& file, const std::string& name) {
  const auto text = config::read_file(file, policy::kMaxPolicyBytes);
  if (!text) return std::unexpected(text.error());
  return call_and(settings, print_policy, "POST", "/v1/policies", {{"name", name.empty() ? file : name}, {"text", *text}});
}

Result<void> roll_back_policy(const Settings& settings, std::uint64_t id) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  const auto old = (*session)->call("GET", path_of("policies", id), {});
  if (!old) return std::unexpected(old.error());
  const Json body{{"name", old->value("name", "")}, {"text", old->value("text", "")}};
  const auto answer = (*session)->call("POST", "/v1/policies", body.dump());
  if (!answer) return std::unexpected(answer.error());
  print_policy(settings, *answer);
  return {};
}

Result<void> change_policy(const Settings& settings, std::uint64_t id, const std::string& verb) {
  return call_and(settings, print_policy, "POST", path_of("policies", id, "/" + verb));
}

Result<void> list_freezes(const Settings& settings) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "freezes",
               {{"ID", "id"},
                {"SCOPE", "scope"},
                {"CHAIN", "chain"},
                {"ASSET", "asset"},
                {"WALLET", "wallet"},
                {"CUSTOMER", "customer"},
                {"INCIDENT", "incident"},
                {"PLACED BY", "placed_by"},
                {"PLACED", "placed_at"},
                {"LIFTED", "lifted_at"},
                {"ACKNOWLEDGED", "acknowledged_by"}});
  };
  return call_and(settings, show, "GET", "/v1/freezes");
}

Result<void> freeze(const Settings& settings, const FreezeScope& scope) {
  Json body{{"scope", "platform"}};
  if (!scope.chain.empty()) body = {{"scope", "chain"}, {"chain", caip2_of(scope.chain)}};
  if (!scope.asset.empty()) body = {{"scope", "asset"}, {"asset", scope.asset}};
  if (scope.wallet) body = {{"scope", "wallet"}, {"wallet", *scope.wallet}};
  if (scope.customer) body = {{"scope", "customer"}, {"customer", *scope.customer}};
  return call_and(settings, print_thing, "POST", "/v1/freezes", body);
}

Result<void> thaw(const Settings& settings, std::uint64_t freeze) {
  return call_and(settings, print_thing, "POST", path_of("freezes", freeze, "/lift"));
}

Result<void> list_incidents(const Settings& settings) {
  const Show show = [](const Settings& how, const Json& answer) {
    print_list(how, answer, "incidents",
               {{"ID", "id"},
                {"CAUSE", "cause"},
                {"CHAIN", "chain"},
                {"WALLETS", "wallets"},
                {"OPENED", "opened_at"},
                {"CLOSED", "closed_at"},
                {"TXID", "txid"}});
  };
  return call_and(settings, show, "GET", "/v1/incidents");
}

Result<void> open_incident(const Settings& settings, std::uint64_t wallet) {
  return call_and(settings, print_thing, "POST", "/v1/incidents", {{"wallet", wallet}});
}

Result<void> close_incident(const Settings& settings, std::uint64_t incident) {
  return call_and(settings, print_thing, "POST", path_of("incidents", incident, "/close"));
}

Result<void> events(const Settings& settings, std::optional<std::uint64_t> after, bool follow) {
  const auto session = Session::open(settings);
  if (!session) return std::unexpected(session.error());
  std::int64_t cursor = after ? static_cast<std::int64_t>(*after) : -1;
  const auto show = [&](const Json& event) {
    print_event(settings, event);
    return true;
  };
  while (follow) {
    const auto last = (*session)->follow(cursor, show);
    if (!last) return std::unexpected(last.error());
    cursor = *last;
    std::this_thread::sleep_for(kReconnect);
  }
  for (;;) {
    const auto page =
        (*session)->call("GET", "/v1/events?limit=1000" + (cursor < 0 ? "" : "&after=" + std::to_string(cursor)));
    if (!page) return std::unexpected(page.error());
    if ((*page)["events"].empty()) return {};
    for (const Json& event : (*page)["events"]) show(event);
    cursor = (*page)["next"].get<std::int64_t>();
  }
}

}  // namespace holdfast::cli
