// What a node may write, and what it may not.
#include "chain/utxo/node/json_read.h"

#include "chain/utxo/node/json_numbers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

constexpr std::string_view kId = "1111111111111111111111111111111111111111111111111111111111111112";

template <class T>
Result<T> read(Result<T> (*how)(const JsonElement&), std::string_view text) {
  simdjson::dom::parser parser;
  return how(parser.parse(simdjson::padded_string(with_numbers_as_text(text))).value());
}

template <class T>
bool is_malformed(const Result<T>& result) {
  return !result && result.error().kind == ErrorKind::fault && result.error().code == "node_answer_malformed";
}

// Renames each field in turn, and gives it other values: none may be guessed.
template <class T>
void each_field_is_needed(Result<T> (*how)(const JsonElement&), const std::string& good, std::vector<std::string> fields) {
  ASSERT_TRUE(read(how, good).has_value()) << read(how, good).error().text;
  for (const std::string& field : fields) {
    const std::string key = "\"" + field + "\":";
    const std::size_t at = good.find(key);
    ASSERT_NE(at, std::string::npos) << field;
    std::string other = good;
    other.replace(at, 2, "\"X");
    EXPECT_TRUE(is_malformed(read(how, other))) << "without " << field;
    for (const auto* value : {R"({"x":1},"Y":)", R"([[1]],"Y":)", R"("zz","Y":)", R"(null,"Y":)", R"(1e99,"Y":)"}) {
      other = good;
      other.insert(at + key.size(), value);
      EXPECT_TRUE(is_malformed(read(how, other))) << field << " as " << value;
    }
  }
  for (const auto* other : {"null", "[]", "{}", "\"x\"", "5", "true"}) EXPECT_TRUE(is_malformed(read(how, other))) << other;
}

TEST(utxo_json_read, ids_are_64_digits) {
  EXPECT_EQ(read(read_id, fmt::format(R"("{}")", kId))->bytes[0], 0x12);  // Reversed, as displayed.
  for (const std::string& bad : {std::string(kId.substr(2)), std::string(kId) + "11", "0x" + std::string(kId.substr(2)),
                                std::string(63, '1') + "g", std::string()}) {
    EXPECT_TRUE(is_malformed(read(read_id, fmt::format(R"("{}")", bad)))) << bad;
  }
  EXPECT_TRUE(is_malformed(read(read_id, std::string(64, '1'))));  // A number, whatever its digits.
  EXPECT_EQ(read(read_bytes, R"("00fF")").value(), (Bytes{0, 0xff}));
  for (const auto* bad : {R"("0")", R"("0x00")", R"("zz")", "00", "null"}) EXPECT_TRUE(is_malformed(read(read_bytes, bad))) << bad;
}

TEST(utxo_json_read, the_chain) {
  const std::string good = R"({"chain":"test","blocks":7,"headers":9,"initialblockdownload":true,"pruned":true,"pruneheight":3})";
  each_field_is_needed(read_info, good, {"blocks", "headers", "initialblockdownload", "pruned", "pruneheight"});
  const auto info = read(read_info, good);
  EXPECT_EQ(info->height, 7U);
  EXPECT_EQ(info->headers, 9U);
  EXPECT_EQ(info->pruned_below, 3U);
  EXPECT_TRUE(info->initial_download);
  EXPECT_EQ(info->chain, "test");
  for (const auto* chain : {"5", "null", "[]"}) {
    EXPECT_TRUE(is_malformed(read(read_info, fmt::format(
        R"({{"chain":{},"blocks":7,"headers":9,"initialblockdownload":true,"pruned":false}})", chain)))) << chain;
  }
}

TEST(utxo_json_read, headers) {
  const std::string good = fmt::format(
      R"({{"hash":"{0}","height":5,"previousblockhash":"{0}","time":1700000000,"mediantime":1600000000,"confirmations":-1}})", kId);
  each_field_is_needed(read_header, good, {"hash", "height", "previousblockhash", "time", "mediantime", "confirmations"});
  const auto header = read(read_header, good);
  EXPECT_FALSE(header->on_best_chain);
  EXPECT_EQ(header->time, Instant{1'700'000'000'000});
  EXPECT_EQ(header->median_time, Instant{1'600'000'000'000});
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string other = good;
    other.replace(other.find(from), from.size(), to);
    return read(read_header, other);
  };
  EXPECT_TRUE(with("-1", "1")->on_best_chain);
  EXPECT_TRUE(with(R"("height":5,"previousblockhash")", R"("height":0,"x")")->previous.is_zero());
  EXPECT_TRUE(is_malformed(with("1700000000", "18446744073709551615")));
}

TEST(utxo_json_read, the_pool_in_both_its_forms) {
  EXPECT_EQ(read(read_pool, fmt::format(R"(["{}"])", kId))->txids.size(), 1U);
  const auto pool = read(read_pool, fmt::format(R"({{"txids":["{}"],"mempool_sequence":5}})", kId));
  EXPECT_EQ(pool->txids.size(), 1U);
  EXPECT_EQ(pool->sequence, 5U);
  EXPECT_TRUE(is_malformed(read(read_pool, R"({"txids":[5],"mempool_sequence":5})")));
  EXPECT_TRUE(is_malformed(read(read_pool, R"({"txids":[]})")));
  EXPECT_TRUE(is_malformed(read(read_pool, R"("x")")));
}

TEST(utxo_json_read, pool_entries) {
  const std::string good = fmt::format(
      R"({{"fees":{{"base":0.00000141,"modified":1,"ancestor":-0.00000002,"descendant":0.00000003}},"vsize":141,"time":1700000000,)"
      R"("descendantcount":1,"descendantsize":2,"ancestorcount":3,"ancestorsize":4,"bip125-replaceable":false,"spentby":["{}"]}})",
      kId);
  each_field_is_needed(read_pool_entry, good, {"fees", "base", "ancestor", "descendant", "vsize", "time", "descendantcount",
                                               "descendantsize", "ancestorcount", "ancestorsize", "spentby"});
  const auto entry = read(read_pool_entry, good);
  EXPECT_EQ(entry->fee, 141);
  EXPECT_EQ(entry->ancestor_fee, -2);
  EXPECT_EQ(entry->descendant_fee, 3);
  EXPECT_EQ(entry->signals_replacement, false);
  std::string other = good;
  other.replace(other.find("\"bip"), 2, "\"X");
  EXPECT_FALSE(read(read_pool_entry, other)->signals_replacement.has_value());
  other = good;
  other.replace(other.find("0.00000141"), 10, "-0.0000141");
  EXPECT_TRUE(is_malformed(read(read_pool_entry, other)));
}

TEST(utxo_json_read, verdicts) {
  const auto refused = read(read_acceptance, R"([{"allowed":false,"reject-reason":"min relay\nfee"}])");
  EXPECT_FALSE(refused->allowed);
  EXPECT_EQ(refused->reason, "min relay?fee");  // No line of its own in a log.
  const auto allowed = read(read_acceptance, R"([{"allowed":true,"vsize":141,"fees":{"base":0.5}}])");
  EXPECT_TRUE(allowed->allowed);
  EXPECT_EQ(allowed->fee, 50'000'000);
  EXPECT_EQ(allowed->vsize, 141U);
  for (const auto* bad : {"[]", "{}", R"([{"allowed":1}])", R"([{"allowed":false}])", R"([{"allowed":true,"fees":{}}])",
                          R"([{"allowed":true},{"allowed":true}])", "[null]"}) {
    EXPECT_TRUE(is_malformed(read(read_acceptance, bad))) << bad;
  }
}

TEST(utxo_json_read, outputs) {
  const std::string good = fmt::format(
      R"({{"bestblock":"{}","confirmations":0,"value":1.00000001,"coinbase":true,"scriptPubKey":{{"hex":"6a00"}}}})", kId);
  each_field_is_needed(read_unspent, good, {"bestblock", "confirmations", "value", "coinbase", "scriptPubKey", "hex"});
  EXPECT_EQ(read(read_unspent, good)->output, (TxOut{100'000'001, {0x6a, 0}}));
  each_field_is_needed(read_verbose_transaction, R"({"hex":"00"})", {"hex"});
  EXPECT_TRUE(is_malformed(read(read_verbose_transaction, R"({"hex":"00","blockhash":"00"})")));
}

std::string coin(int vout, std::string_view amount) {
  return fmt::format(R"({{"txid":"{}","vout":{},"scriptPubKey":"51","amount":{},"height":9}})", kId, vout, amount);
}

std::string scan(std::string_view coins, std::string_view total, bool success = true) {
  return fmt::format(R"({{"success":{},"height":10,"bestblock":"{}","unspents":[{}],"total_amount":{}}})", success, kId, coins,
                     total);
}

TEST(utxo_json_read, a_scan_is_counted_again) {
  const auto good = read(read_scan, scan(coin(0, "0.1") + "," + coin(1, "0.00000001"), "0.10000001"));
  ASSERT_TRUE(good.has_value()) << good.error().text;
  EXPECT_EQ(good->total, 10'000'001);
  EXPECT_EQ(good->coins.size(), 2U);
  EXPECT_TRUE(is_malformed(read(read_scan, scan(coin(0, "0.1"), "0.2"))));
  EXPECT_TRUE(is_malformed(read(read_scan, scan(coin(0, "0.1") + "," + coin(0, "0.1"), "0.2"))));  // One coin, twice.
  EXPECT_TRUE(is_malformed(read(read_scan, scan(coin(0, "84000000") + "," + coin(1, "84000000"), "84000000"))));
  EXPECT_TRUE(is_malformed(read(read_scan, scan(coin(0, "-0.1"), "-0.1"))));
  EXPECT_TRUE(is_malformed(read(read_scan, scan("", "0", false))));
  each_field_is_needed(read_scan, scan(coin(0, "0.1"), "0.1"),
                       {"success", "height", "bestblock", "unspents", "total_amount", "txid", "vout", "scriptPubKey", "amount"});
}

TEST(utxo_json_read, fees) {
  simdjson::dom::parser first;
  simdjson::dom::parser second;
  simdjson::dom::parser third;
  const auto fees = [&](std::string_view estimate, std::string_view pool, std::string_view network) {
    return read_fees(first.parse(simdjson::padded_string(with_numbers_as_text(estimate))).value(),
                     second.parse(simdjson::padded_string(with_numbers_as_text(pool))).value(),
                     third.parse(simdjson::padded_string(with_numbers_as_text(network))).value());
  };
  constexpr std::string_view kPool = R"({"mempoolminfee":0.00002})";
  constexpr std::string_view kNetwork = R"({"relayfee":0.00001,"incrementalfee":0.000001})";
  const auto good = fees(R"({"feerate":0.00012345,"blocks":2})", kPool, kNetwork);
  EXPECT_EQ(good->rate_per_kvb, 12'345);
  EXPECT_EQ(good->floor_per_kvb, 2000);
  EXPECT_EQ(good->increment_per_kvb, 100);
  EXPECT_FALSE(fees(R"({"errors":["too little"],"blocks":2})", kPool, kNetwork)->rate_per_kvb.has_value());
  EXPECT_TRUE(is_malformed(fees("{}", kPool, kNetwork)));
  EXPECT_TRUE(is_malformed(fees(R"({"feerate":-1})", kPool, kNetwork)));
  EXPECT_TRUE(is_malformed(fees(R"({"feerate":1})", "{}", kNetwork)));
  EXPECT_TRUE(is_malformed(fees(R"({"feerate":1})", kPool, R"({"relayfee":0.00001})")));
}

TEST(utxo_json_read, notifications) {
  const auto good = read(read_notifications, R"([{"type":"pubrawtx","address":"tcp://127.0.0.1:1","hwm":1000}])");
  ASSERT_EQ(good->size(), 1U);
  EXPECT_EQ(good->front().type, "pubrawtx");
  EXPECT_TRUE(is_malformed(read(read_notifications, R"([{"type":"pubrawtx"}])")));
  std::string many = "[";
  for (int i = 0; i < 101; ++i) many += std::string(i == 0 ? "" : ",") + R"({"type":"a","address":"b"})";
  EXPECT_TRUE(is_malformed(read(read_notifications, many + "]")));
}

}  // namespace
}  // namespace holdfast::chain::utxo
