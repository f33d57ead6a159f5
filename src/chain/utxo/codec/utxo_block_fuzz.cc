// What a block's visitor is told is what full decoding of each transaction says.
#include "base/check.h"
#include "chain/utxo/codec/block.h"

#include <cstddef>
#include <cstdint>

using namespace holdfast;
using namespace holdfast::chain::utxo;

namespace {

// Compares as it goes. A HogEx has no full decoding.
class Checker : public BlockVisitor {
 public:
  void begin(const TransactionView& view) override {
    auto decoded = decode_transaction(view.raw, {kMaxMoneyLitecoin, true});
    known_ = decoded.has_value();
    transaction_ = known_ ? std::move(*decoded) : Transaction();
    HF_CHECK(!known_ || txid_of(transaction_) == view.txid);
    inputs_ = outputs_ = 0;
  }
  void input(const OutPoint& point) override {
    HF_CHECK(!known_ || transaction_.inputs.at(inputs_).previous == point);
    ++inputs_;
  }
  void output(std::uint32_t vout, std::int64_t value, ByteView script) override {
    HF_CHECK(vout == outputs_ && value >= 0 && value <= kMaxMoneyLitecoin);
    HF_CHECK(!known_ || (transaction_.outputs.at(vout).value == value && std::ranges::equal(transaction_.outputs[vout].script, script)));
    ++outputs_;
  }
  void end(const TransactionView&) override {
    HF_CHECK(inputs_ > 0 && outputs_ > 0);
    HF_CHECK(!known_ || (inputs_ == transaction_.inputs.size() && outputs_ == transaction_.outputs.size()));
  }

 private:
  Transaction transaction_;
  bool known_ = false;
  std::size_t inputs_ = 0;
  std::size_t outputs_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Checker checker;
  const auto header = visit_block({data, size}, checker);
  HF_CHECK(header || header.error().code == "block_malformed" || header.error().code == "block_merkle_root");
  return 0;
}
