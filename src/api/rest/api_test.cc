// What each route answers when all is well, and who may call it.
#include "api/rest/test_world.h"
#include "api/text/event_json.h"
#include "base/hex.h"

#include <algorithm>
#include <set>

namespace holdfast::api {
namespace {

TEST_F(ApiTest, a_customer_is_created_once) {
  const auto first = call(exchange_, "POST", "/v1/customers", R"({"reference":"ann"})");
  EXPECT_EQ(first.status, 201);
  const auto again = call(exchange_, "POST", "/v1/customers", R"({"reference":"ann"})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(first.json, again.json);
  EXPECT_EQ(get("/v1/customers/1").json, first.json);
  EXPECT_EQ(get("/v1/customers/2").code, "customer_unknown");
}

TEST_F(ApiTest, addresses_are_numbered_and_given_out_once) {
  call(exchange_, "POST", "/v1/customers", R"({"reference":"ann"})");
  const std::string path = "/v1/customers/1/addresses";
  const auto first = call(exchange_, "POST", path, R"({"chain":"eip155:31337"})");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.json["number"], 0);
  const auto second = call(exchange_, "POST", path, R"({"chain":"eip155:31337"})");
  EXPECT_EQ(second.json["number"], 1);
  EXPECT_NE(first.json["address"], second.json["address"]);
  const auto asked_again = call(exchange_, "POST", path, R"({"chain":"eip155:31337","number":1})");
  EXPECT_EQ(asked_again.status, 200);
  EXPECT_EQ(asked_again.json, second.json);
  const auto skipping = call(exchange_, "POST", path, R"({"chain":"eip155:31337","number":3})");
  EXPECT_EQ(skipping.code, "addresses_exhausted");
  EXPECT_EQ(get(path + "?chain=eip155:31337").json["addresses"].size(), 2u);
  EXPECT_EQ(call(exchange_, "POST", path, R"({"chain":"eip155:1"})").code, "chain_unknown");
}

TEST_F(ApiTest, a_withdrawal_is_asked_for_once_however_often_it_is_asked) {
  const auto customer = world_.rich_customer("ann", "10");
  const auto first = withdraw(withdrawal_body(customer.value, "ETH", "1.5"), "key-1");
  ASSERT_EQ(first.status, 201) << first.json;
  EXPECT_EQ(first.json["state"], "held");  // Over what needs no person.
  EXPECT_EQ(first.json["amount"], "1.5");
  EXPECT_EQ(first.json["asset"], "eip155:31337/slip44:60");
  const auto again = withdraw(withdrawal_body(customer.value, "eip155:31337/slip44:60", "1.50"), "key-1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json, first.json);
  EXPECT_EQ(withdraw(withdrawal_body(customer.value, "ETH", "1.6"), "key-1").code, "idempotency_key_reused");
  EXPECT_EQ(get("/v1/withdrawals").json["withdrawals"].size(), 1u);
  EXPECT_EQ(get("/v1/customers/1/balances").json["balances"][0]["held"], "1.501");
  EXPECT_EQ(get("/v1/customers/1/balances").json["balances"][0]["available"], "8.499");
}

// An exchange that changes its API key in the middle of asking again must not pay twice.
TEST_F(ApiTest, an_idempotency_key_outlives_the_api_key_it_was_sent_with) {
  const auto customer = world_.rich_customer("ann", "10");
  const auto fresh = client("exchange-2", 9);
  std::vector<ApiKey> all = keys();
  all.push_back({"exchange-2", fresh.public_key(), Role::exchange});
  Api both(all, ports());
  const std::string body = withdrawal_body(customer.value, "ETH", "1");
  std::vector<Response> answers;
  for (const RequestSigner* by : {&static_cast<const RequestSigner&>(exchange_), &fresh}) {
    RequestHead request = head("POST", "/v1/withdrawals", body, {{"idempotency-key", "same"}});
    by->sign(request, body, world_.now().unix_ms / 1000);
    const auto admission = both.admit(request);
    ASSERT_TRUE(admission);
    answers.push_back(both.answer(*admission, request, body));
  }
  EXPECT_EQ(answers[0].status, 201);
  EXPECT_EQ(answers[1].status, 200);
  EXPECT_EQ(answers[0].body, answers[1].body);
}

TEST_F(ApiTest, a_batch_answers_each_item_on_its_own) {
  const auto customer = world_.rich_customer("ann", "10");
  const auto item = [&](std::string_view amount, std::string_view key) {
    return Json{{"customer", customer.value},
                {"asset", "ETH"},
                {"amount", amount},
                {"destination", kStranger},
                {"idempotency_key", key}};
  };
  Json batch{{"withdrawals",
              {item("1", "a"),
               item("0", "b"),
               item("1", "a"),
               item("2", "a"),
               item("x", "c"),
               {{"customer", 1}},
               item("99", "d")}}};
  const auto seen = call(exchange_, "POST", "/v1/withdrawals/batch", batch.dump());
  ASSERT_EQ(seen.status, 200);
  const auto& items = seen.json["items"];
  ASSERT_EQ(items.size(), 7u);
  EXPECT_EQ(items[0]["status"], 201);
  EXPECT_EQ(items[0]["withdrawal"]["state"], "approved");
  EXPECT_EQ(items[1]["problem"]["type"], "urn:holdfast:problem:amount_not_positive");
  EXPECT_EQ(items[2]["status"], 200);
  EXPECT_EQ(items[2]["withdrawal"], items[0]["withdrawal"]);
  EXPECT_EQ(items[3]["problem"]["type"], "urn:holdfast:problem:idempotency_key_reused");
  EXPECT_EQ(items[4]["problem"]["type"], "urn:holdfast:problem:amount_malformed");
  EXPECT_EQ(items[5]["problem"]["type"], "urn:holdfast:problem:field_missing");
  EXPECT_EQ(items[6]["problem"]["type"], "urn:holdfast:problem:funds_insufficient");
}

TEST_F(ApiTest, withdrawals_are_cancelled_approved_and_rejected) {
  const auto customer = world_.rich_customer("ann", "100");
  for (int i = 0; i < 3; ++i) withdraw(withdrawal_body(customer.value, "ETH", "2"), "key-" + std::to_string(i));
  EXPECT_EQ(call(exchange_, "POST", "/v1/withdrawals/1/cancel").json["reason"], "cancelled_by_customer");
  EXPECT_EQ(call(desk_, "POST", "/v1/withdrawals/2/approve").json["state"], "approved");
  EXPECT_EQ(call(desk_, "POST", "/v1/withdrawals/3/reject").json["state"], "rejected");
  EXPECT_EQ(call(desk_, "POST", "/v1/withdrawals/1/approve").code, "state_wrong");
  EXPECT_EQ(call(desk_, "POST", "/v1/withdrawals/9/approve").code, "withdrawal_unknown");
  EXPECT_EQ(get("/v1/withdrawals/2").json["timeline"].size(), 3u);
}

// Whoever has the journal and the operator's public key can tell that nobody else decided it.
TEST_F(ApiTest, what_an_operator_decides_stands_in_the_journal_with_his_signature) {
  const auto customer = world_.rich_customer("ann", "100");
  withdraw(withdrawal_body(customer.value, "ETH", "2"), "key-1");
  call(desk_, "POST", "/v1/withdrawals/1/approve");
  const Json events = get("/v1/events?limit=1000").json["events"];
  const auto signed_one = std::ranges::find(events, "decision.signed", [](const Json& event) { return event["type"]; });
  ASSERT_NE(signed_one, events.end());
  EXPECT_EQ((*(signed_one + 1))["type"], "withdrawal.reviewed");
  const Json& data = (*signed_one)["data"];
  EXPECT_EQ(data["by"], desk_.key_id());
  EXPECT_EQ(data["key"], to_hex(desk_.public_key().view()));
  SignatureClaim claim;
  claim.base = data["statement"];
  claim.signature = *fixed_from_hex<64>(data["signature"].get<std::string>());
  EXPECT_NE(claim.base.find("\"@path\": /v1/withdrawals/1/approve"), std::string::npos) << claim.base;
  EXPECT_TRUE(verify(claim, desk_.public_key()));
  claim.base.replace(claim.base.find("/1/"), 3, "/2/");
  EXPECT_FALSE(verify(claim, desk_.public_key()));
}

TEST_F(ApiTest, lists_come_in_pages_and_by_filter) {
  const auto customer = world_.rich_customer("ann", "100");
  for (int i = 0; i < 5; ++i) withdraw(withdrawal_body(customer.value, "ETH", "1"), "key-" + std::to_string(i));
  const auto newest = get("/v1/withdrawals?limit=2");
  EXPECT_EQ(newest.json["withdrawals"][0]["id"], 5);
  EXPECT_EQ(newest.json["next"], 4);
  const auto older = get("/v1/withdrawals?limit=3&before=4");
  EXPECT_EQ(older.json["withdrawals"][0]["id"], 3);
  EXPECT_TRUE(older.json["next"].is_null());
  const auto up = get("/v1/withdrawals?limit=2&after=1");
  EXPECT_EQ(up.json["withdrawals"][0]["id"], 2);
  EXPECT_EQ(up.json["next"], 3);
  call(exchange_, "POST", "/v1/withdrawals/3/cancel");
  EXPECT_EQ(get("/v1/withdrawals?state=returned").json["withdrawals"].size(), 1u);
  EXPECT_EQ(get("/v1/withdrawals?customer=7").json["withdrawals"].size(), 0u);
  EXPECT_EQ(get("/v1/withdrawals?asset=USDC").code, "asset_ambiguous");
  EXPECT_EQ(get("/v1/deposits").json["deposits"].size(), 1u);
  EXPECT_EQ(get("/v1/deposits?state=credited&customer=1").json["deposits"][0]["amount"], "100");
  EXPECT_EQ(get("/v1/deposits/1").json["confirmations"], 3);
  EXPECT_EQ(get("/v1/deposits/2").code, "deposit_unknown");
}

TEST_F(ApiTest, a_freeze_stops_withdrawals_until_it_is_lifted) {
  const auto customer = world_.rich_customer("ann", "10");
  const auto freeze = call(exchange_, "POST", "/v1/freezes", R"({"scope":"asset","asset":"ETH"})");
  EXPECT_EQ(freeze.status, 201);
  EXPECT_EQ(freeze.json["asset"], "eip155:31337/slip44:60");
  EXPECT_EQ(call(desk_, "POST", "/v1/freezes", R"({"scope":"asset","asset":"ETH"})").status, 200);
  EXPECT_EQ(withdraw(withdrawal_body(customer.value, "ETH", "1"), "k").code, "frozen");
  const auto forbidden = call(exchange_, "POST", "/v1/freezes/1/lift");
  EXPECT_EQ(forbidden.code, "role_not_allowed");
  EXPECT_EQ(forbidden.json["detail"], "The role of this API key, exchange, may not do that; these may: operator.");
  EXPECT_EQ(call(desk_, "POST", "/v1/freezes/1/lift").status, 200);
  EXPECT_EQ(withdraw(withdrawal_body(customer.value, "ETH", "1"), "k").status, 201);
  for (const char* body : {R"({"scope":"platform"})", R"({"scope":"chain","chain":"eip155:31337"})",
                           R"({"scope":"wallet","wallet":2})", R"({"scope":"customer","customer":1})"}) {
    EXPECT_EQ(call(desk_, "POST", "/v1/freezes", body).status, 201) << body;
  }
  EXPECT_EQ(call(desk_, "POST", "/v1/freezes", R"({"scope":"wallet","wallet":9})").code, "wallet_unknown");
  EXPECT_EQ(call(desk_, "POST", "/v1/freezes", R"({"scope":"customer","customer":9})").code, "customer_unknown");
  EXPECT_EQ(get("/v1/freezes").json["freezes"].size(), 5u);
}

TEST_F(ApiTest, an_incident_freezes_and_is_closed_before_its_freeze_is_lifted) {
  const auto incident = call(desk_, "POST", "/v1/incidents", R"({"wallet":2})");
  EXPECT_EQ(incident.status, 201);
  EXPECT_EQ(get("/v1/wallets").json["wallets"][1]["compromised"], true);
  EXPECT_EQ(get("/v1/status").json["frozen"], true);
  const auto too_early = call(desk_, "POST", "/v1/freezes/1/lift");
  EXPECT_EQ(too_early.code, "state_wrong");
  EXPECT_TRUE(too_early.json["detail"].get<std::string>().starts_with("An incident is open")) << too_early.json;
  EXPECT_EQ(call(desk_, "POST", "/v1/incidents/1/close").status, 200);
  EXPECT_EQ(call(desk_, "POST", "/v1/freezes/1/lift").status, 200);
  EXPECT_EQ(call(desk_, "POST", "/v1/incidents", R"({"wallet":9})").code, "wallet_unknown");
  EXPECT_EQ(get("/v1/incidents").json["incidents"].size(), 1u);
}

TEST_F(ApiTest, status_and_assets_tell_what_there_is) {
  world_.rich_customer("ann", "10");
  const auto status = get("/v1/status");
  EXPECT_EQ(status.json["chains"][0]["head"], 3);
  EXPECT_EQ(status.json["chains"][0]["final"], 1);
  EXPECT_EQ(status.json["signers"][0]["connected"], true);
  EXPECT_EQ(get("/v1/assets").json["assets"][1]["symbol"], "USDC");
}

TEST_F(ApiTest, the_feed_has_every_event_in_order_without_gaps) {
  const auto customer = world_.rich_customer("ann", "100");
  for (int i = 0; i < 20; ++i) withdraw(withdrawal_body(customer.value, "ETH", "1"), "key-" + std::to_string(i));
  std::uint64_t next = 0;
  std::string cursor;
  for (;;) {  // Begins far behind what is kept in memory.
    const auto page = get("/v1/events?limit=7" + cursor);
    if (page.json["events"].empty()) break;
    for (const auto& event : page.json["events"]) EXPECT_EQ(event["index"], next++);
    cursor = "&after=" + page.json["next"].dump();
  }
  EXPECT_EQ(next, world_.feed.size());
  EXPECT_EQ(get("/v1/events?after=" + std::to_string(next - 1)).json["next"], next - 1);
  EXPECT_EQ(get("/v1/events?after=" + std::to_string(next)).code, "cursor_ahead");
}

TEST_F(ApiTest, roles_are_those_of_the_table) {
  for (const Route& route : routes()) {
    std::string path(route.path);
    if (const auto id = path.find("{id}"); id != std::string::npos) path.replace(id, 4, "1");
    const std::pair<const RequestSigner*, Role> all[] = {
        {&exchange_, Role::exchange}, {&desk_, Role::operator_}, {&viewer_, Role::viewer}};
    for (const auto& [by, role] : all) {
      if (route.roles == 0) continue;
      const bool allowed = (route.roles & only(role)) != 0;
      const std::string body = route.method == "POST" ? "[]" : "";
      EXPECT_EQ(call(*by, std::string(route.method), path, body).code == "role_not_allowed", !allowed)
          << route.method << ' ' << path << ' ' << name(role);
    }
  }
}

TEST_F(ApiTest, health_and_local_metrics_need_no_signature) {
  EXPECT_EQ(send(head("GET", "/healthz", ""), "").status, 200);
  RequestHead metrics = head("GET", "/metrics", "");
  EXPECT_EQ(send(metrics, "").code, "signature_missing");
  metrics.from_loopback = true;
  EXPECT_EQ(send(metrics, "").status, 200);
  const auto admission = api_.admit(metrics);
  ASSERT_TRUE(admission);
  const std::string text = api_.answer(*admission, metrics, "").body;
  EXPECT_NE(text.find("holdfast_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"2xx\"} 1\n"),
            std::string::npos);
  EXPECT_TRUE(text.ends_with("# EOF\n"));
}

TEST(OpenApiDocument, tells_the_routes_that_are_served_and_their_roles) {
  const OpenApi document = OpenApi::load("docs/api/openapi.json");
  std::set<std::string> described;
  for (const auto& [path, methods] : document.paths().items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string roles;
      for (const auto& one : operation["x-roles"]) roles += " " + one.get<std::string>();
      described.insert(method + " " + path + roles);
    }
  }
  std::set<std::string> served;
  for (const Route& route : routes()) {
    std::string line = route.method == "GET" ? "get " : "post ";
    line += route.path;
    for (const Role role : {Role::exchange, Role::operator_, Role::viewer}) {
      if (route.roles & only(role)) line += " " + std::string(name(role));
    }
    served.insert(line);
  }
  EXPECT_EQ(described, served);
}

TEST(EventTypes, are_those_of_the_documentation) {
  std::ifstream in("docs/api/events.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const std::regex row(R"(\n\| `([a-z_.]+)` \|)");
  std::set<std::string> described;
  for (auto at = std::sregex_iterator(page.begin(), page.end(), row); at != std::sregex_iterator(); ++at) {
    described.insert((*at)[1]);
  }
  const auto types = event_types();
  EXPECT_EQ(described, std::set<std::string>(types.begin(), types.end()));
}

}  // namespace
}  // namespace holdfast::api
