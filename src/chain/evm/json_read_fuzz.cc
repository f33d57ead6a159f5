// A node may answer anything: no answer may end the process.
#include "base/check.h"
#include "chain/evm/json_read.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::evm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  simdjson::dom::parser parser;
  JsonElement element;
  if (parser.parse(data, size).get(element) != simdjson::SUCCESS) return 0;
  const auto acceptable = [](const auto& result) {
    HF_CHECK(result || (result.error().kind == ErrorKind::fault && result.error().code == "node_answer_malformed"));
  };
  acceptable(read_uint64(element));
  acceptable(read_amount(element));
  acceptable(read_hash(element));
  acceptable(read_header(element));
  acceptable(read_block(element));
  acceptable(read_transaction(element));
  acceptable(read_log(element));
  acceptable(read_receipt(element));
  acceptable(read_block_trace(element));
  return 0;
}
