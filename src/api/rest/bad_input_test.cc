// Everything that is wrong with a request has a problem of its own, and the service goes on.
#include "api/message/digest.h"
#include "api/rest/test_world.h"

namespace holdfast::api {
namespace {

struct BadWithdrawal {
  std::string_view body;
  std::string_view code;
};

constexpr std::string_view kGood =
    R"({"customer":1,"asset":"ETH","amount":"1.5","destination":"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"})";

class BadInput : public ApiTest {
 protected:
  BadInput() { world_.rich_customer("ann", "10"); }
  void expect_still_works() {
    world_.pass(1000);
    EXPECT_EQ(withdraw(std::string(kGood), "good").status, served_++ == 0 ? 201 : 200);
  }
  // The good body with one piece exchanged.
  std::string with(std::string_view what, std::string_view by) const {
    std::string body(kGood);
    return body.replace(body.find(what), what.size(), by);
  }
  int served_ = 0;
};

TEST_F(BadInput, bodies) {
  const BadWithdrawal cases[] = {
      {"{", "json_malformed"},
      {"null", "json_malformed"},
      {"[]", "json_malformed"},
      {"{}{}", "json_malformed"},
      {"\xff\xfe", "json_malformed"},
      {R"({"a":[[[[[[[[[[[]]]]]]]]]]]})", "json_malformed"},
      {"{}", "field_missing"},
      {R"({"customer":1,"asset":"ETH","amount":"1"})", "field_missing"},
      {R"({"customer":1,"customer":1})", "field_unknown"},
      {R"({"customer":1,"colour":"red"})", "field_unknown"},
      {R"({"customer":"1"})", "field_invalid"},
      {R"({"customer":-1})", "field_invalid"},
      {R"({"customer":1.0})", "field_invalid"},
      {R"({"customer":18446744073709551615})", "field_invalid"},
      {R"({"asset":""})", "field_invalid"},
      {R"({"asset":"a\u0000b"})", "field_invalid"},
      {R"({"amount":1.5})", "field_invalid"},
  };
  for (const auto& [body, code] : cases) EXPECT_EQ(withdraw(std::string(body), "k").code, code) << body;
  EXPECT_EQ(withdraw(with("ETH", std::string(257, 'a')), "k").code, "field_invalid");
  expect_still_works();
}

TEST_F(BadInput, amounts) {
  const BadWithdrawal cases[] = {
      {"0", "amount_not_positive"},
      {"0.0", "amount_not_positive"},
      {"-1", "amount_malformed"},
      {"+1", "amount_malformed"},
      {"1e3", "amount_malformed"},
      {"1,5", "amount_malformed"},
      {" 1", "amount_malformed"},
      {".", "amount_malformed"},
      {"0x10", "amount_malformed"},
      {"NaN", "amount_malformed"},
      {"1.0000000000000000001", "amount_too_precise"},
      {"170141183460469231731.687303715884105728", "amount_too_large"},
      {"99999999999999999999999999999999999999999999", "amount_too_large"},
      {"170141183460469231731.687303715884105727", "amount_over_limit"},
      {"1001", "amount_over_limit"},
      {"9.9999", "funds_insufficient"},
  };
  for (const auto& [amount, code] : cases) EXPECT_EQ(withdraw(with("1.5", amount), "k").code, code) << amount;
  expect_still_works();
}

TEST_F(BadInput, assets_and_customers) {
  EXPECT_EQ(withdraw(with("ETH", "BTC"), "k").code, "asset_unknown");
  EXPECT_EQ(withdraw(with("ETH", "eip155:1/slip44:60"), "k").code, "asset_unknown");
  EXPECT_EQ(withdraw(with("ETH", "USDC"), "k").code, "asset_ambiguous");
  EXPECT_EQ(withdraw(with("ETH", "eip155:31337/USDC"), "k").code, "asset_ambiguous");
  EXPECT_EQ(withdraw(with("1,", "7,"), "k").code, "customer_unknown");
  EXPECT_EQ(withdraw(with("1,", "0,"), "k").code, "customer_unknown");
  expect_still_works();
}

TEST_F(BadInput, destinations) {
  const BadWithdrawal cases[] = {
      {"0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "address_checksum_wrong"},
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "address_malformed"},
      {"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "address_malformed"},
      {"vitalik.eth", "address_malformed"},
      {"0x0000000000000000000000000000000000000000", "address_malformed"},
      {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "address_of_other_chain"},
      {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "address_of_other_chain"},
      {"TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "address_of_other_chain"},
      {"eip155:1:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "address_of_other_chain"},
      {"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed00000000000000000000000a", "address_of_other_chain"},
      {"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "destination_is_own_address"},
      {"0x1010101010101010101010101010101010101010", "destination_is_own_address"},
  };
  for (const auto& [to, code] : cases) EXPECT_EQ(withdraw(with(kStranger, to), "k").code, code) << to;
  EXPECT_EQ(withdraw(with(kStranger, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), "lower").status, 201);
  const auto account = withdraw(with(kStranger, "eip155:31337:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), "lower");
  EXPECT_EQ(account.status, 200) << account.json;  // CAIP-10 for the same.
  expect_still_works();
}

TEST_F(BadInput, idempotency_keys) {
  EXPECT_EQ(call(exchange_, "POST", "/v1/withdrawals", std::string(kGood)).code, "idempotency_key_missing");
  EXPECT_EQ(withdraw(std::string(kGood), std::string(129, 'a')).code, "idempotency_key_malformed");
  EXPECT_EQ(withdraw(std::string(kGood), "").code, "idempotency_key_malformed");
  EXPECT_EQ(withdraw(std::string(kGood), "caf\xc3\xa9").code, "idempotency_key_malformed");
  expect_still_works();
}

TEST_F(BadInput, batches) {
  const auto batch = [&](const std::string& body) {
    return call(exchange_, "POST", "/v1/withdrawals/batch", body).code;
  };
  EXPECT_EQ(batch(R"({"withdrawals":[]})"), "batch_size_wrong");
  EXPECT_EQ(batch(R"({"withdrawals":{}})"), "field_invalid");
  EXPECT_EQ(batch(R"({"others":[]})"), "field_unknown");
  EXPECT_EQ(batch("{}"), "field_missing");
  std::string many = R"({"withdrawals":[1)";
  for (std::size_t i = 0; i < kMaxBatch; ++i) many += ",1";
  EXPECT_EQ(batch(many + "]}"), "batch_size_wrong");
  EXPECT_EQ(call(exchange_, "POST", "/v1/withdrawals/batch", R"({"withdrawals":[1]})").json["items"][0]["status"], 422);
  expect_still_works();
}

TEST_F(BadInput, paths_and_queries) {
  EXPECT_EQ(get("/v1/nothing").code, "route_unknown");
  EXPECT_EQ(get("/v1/withdrawals/abc").code, "route_unknown");
  EXPECT_EQ(get("/v1/withdrawals/01").code, "route_unknown");
  EXPECT_EQ(get("/v1/withdrawals/99999999999999999999").code, "route_unknown");
  EXPECT_EQ(get("/v1/withdrawals/").code, "route_unknown");
  EXPECT_EQ(get("//v1/status").code, "route_unknown");
  EXPECT_EQ(get("/v1/" + std::string(3000, 'a')).code, "uri_too_long");
  EXPECT_EQ(call(viewer_, "DELETE", "/v1/withdrawals/1").code, "method_not_allowed");
  for (const char* query : {"limit=0", "limit=1001", "limit=x", "limit=1&limit=1", "colour=red", "limit", "after=-1",
                            "after=1&before=2", "state=lost", "customer=0", "state=%zz", "state=%0", "state="}) {
    EXPECT_EQ(get(std::string("/v1/withdrawals?") + query).code, "parameter_invalid") << query;
  }
  expect_still_works();
}

TEST_F(BadInput, freezes) {
  const BadWithdrawal cases[] = {
      {R"({"scope":"moon"})", "field_invalid"},
      {R"({"scope":"platform","wallet":1})", "field_unknown"},
      {R"({"scope":"wallet"})", "field_missing"},
      {R"({"scope":"chain","chain":"eip155:1"})", "chain_unknown"},
      {R"({"scope":"asset","asset":"USDC"})", "asset_ambiguous"},
  };
  for (const auto& [body, code] : cases)
    EXPECT_EQ(call(desk_, "POST", "/v1/freezes", std::string(body)).code, code) << body;
}

TEST_F(BadInput, headers_of_the_body) {
  RequestHead request = head("POST", "/v1/withdrawals", std::string(kGood), {{"idempotency-key", "k"}});
  const RequestHead whole = request;
  const auto refusal = [&] { return send(request, std::string(kGood)).code; };
  request.headers.push_back({"content-encoding", "gzip"});
  EXPECT_EQ(refusal(), "content_encoding_unsupported");
  request = whole;
  for (Header& header : request.headers) {
    if (header.name == "content-type") header.value = "text/plain";
  }
  EXPECT_EQ(refusal(), "content_type_unsupported");
  request = whole;
  for (Header& header : request.headers) {
    if (header.name == "content-length") header.value = "1048577";
  }
  EXPECT_EQ(refusal(), "body_too_large");
  for (Header& header : request.headers) {
    if (header.name == "content-length") header.value = "1x";
  }
  EXPECT_EQ(refusal(), "request_malformed");
}

TEST_F(BadInput, signatures) {
  const std::string body(kGood);
  RequestHead request = head("POST", "/v1/withdrawals", body, {{"idempotency-key", "k"}});
  EXPECT_EQ(send(request, body).code, "signature_missing");
  exchange_.sign(request, body, kNowMs / 1000);
  EXPECT_EQ(send(request, body + " ").code, "content_digest_wrong");
  EXPECT_EQ(send(request, body).code, "request_replayed");

  const auto stranger = client("nobody", 7);
  EXPECT_EQ(call(stranger, "GET", "/v1/status").code, "signature_key_unknown");
  const auto forger = client("exchange", 7);
  EXPECT_EQ(call(forger, "GET", "/v1/status").code, "signature_wrong");
  expect_still_works();
}

TEST_F(BadInput, a_signature_is_good_for_a_minute_to_both_sides) {
  const auto at = [&](std::int64_t second) {
    RequestHead request = head("GET", "/v1/status", "");
    viewer_.sign(request, "", second);
    return send(request, "");
  };
  const std::int64_t now_s = kNowMs / 1000;
  EXPECT_EQ(at(now_s + 60).status, 200);
  EXPECT_EQ(at(now_s + 61).code, "signature_expired");
  EXPECT_EQ(at(now_s - 1).code, "signature_expired");  // Before the start: whether it was seen is not known.
  world_.pass(100'000);
  EXPECT_EQ(at(now_s + 40).status, 200);
  EXPECT_EQ(at(now_s + 39).code, "signature_expired");
}

TEST(Gate, remembers_nonces_while_they_are_fresh_and_no_more_than_it_may) {
  NonceMemory memory(1000, 3);
  using Verdict = NonceMemory::Verdict;
  EXPECT_EQ(memory.admit(1000, "a"), Verdict::fresh);
  EXPECT_EQ(memory.admit(1000, "a"), Verdict::replayed);
  EXPECT_EQ(memory.admit(1001, "a"), Verdict::fresh);
  EXPECT_EQ(memory.admit(1060, "b"), Verdict::fresh);
  EXPECT_EQ(memory.admit(1060, "c"), Verdict::full);
  EXPECT_EQ(memory.admit(1060, "b"), Verdict::replayed);
  memory.forget_before(1001);
  EXPECT_EQ(memory.floor(), 1001);
  EXPECT_EQ(memory.admit(1060, "c"), Verdict::fresh);
  EXPECT_EQ(memory.admit(1001, "a"), Verdict::replayed);
  memory.forget_before(5000);
  EXPECT_EQ(memory.floor(), 5000);
  EXPECT_EQ(memory.admit(5000, "a"), Verdict::fresh);
}

}  // namespace
}  // namespace holdfast::api
