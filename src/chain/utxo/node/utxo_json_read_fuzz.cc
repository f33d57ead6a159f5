// A node may answer anything: no answer may end the process.
#include "base/check.h"
#include "chain/utxo/node/json_numbers.h"
#include "chain/utxo/node/json_read.h"
#include "chain/utxo/node/mweb.h"
#include "chain/utxo/node/zmq_source.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::utxo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input{data, size};
  zmq_address_at("host", as_text(input));
  if (has_mweb_flag(input)) {
    const auto plain = without_mweb(input);
    HF_CHECK(!plain || (plain->size() < size && !has_mweb_flag(*plain)));
  }
  simdjson::dom::parser parser;
  JsonElement element;
  const std::string text = with_numbers_as_text(as_text(input));
  if (parser.parse(text).get(element) != simdjson::SUCCESS) return 0;
  const auto acceptable = [](const auto& result) {
    HF_CHECK(result || (result.error().kind == ErrorKind::fault && result.error().code == "node_answer_malformed"));
  };
  acceptable(read_id(element));
  acceptable(read_ids(element));
  acceptable(read_bytes(element));
  acceptable(read_info(element));
  acceptable(read_header(element));
  acceptable(read_pool(element));
  acceptable(read_pool_entry(element));
  acceptable(read_acceptance(element));
  acceptable(read_unspent(element));
  acceptable(read_fees(element, element, element));
  acceptable(read_verbose_transaction(element));
  acceptable(read_notifications(element));
  const auto scanned = read_scan(element);
  acceptable(scanned);
  if (!scanned) return 0;
  std::int64_t total = 0;
  for (const ScannedCoin& coin : scanned->coins) total += coin.output.value;
  HF_CHECK(total == scanned->total);
  return 0;
}
