// Keeps all that a block's visitor is told, to be compared with what full decoding says. For tests only.
#pragma once

#include "chain/utxo/codec/block.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::chain::utxo {

struct SeenTransaction {
  Txid txid;
  ByteView raw;
  std::vector<OutPoint> inputs;
  std::vector<TxOut> outputs;

  void expect_is(const Transaction& transaction) const {
    EXPECT_EQ(txid, txid_of(transaction));
    EXPECT_EQ(to_bytes(raw), encode(transaction));
    EXPECT_EQ(outputs, transaction.outputs);
    ASSERT_EQ(inputs.size(), transaction.inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) EXPECT_EQ(inputs[i], transaction.inputs[i].previous);
  }
};

class GatheringVisitor : public BlockVisitor {
 public:
  void begin(const TransactionView& view) override {
    EXPECT_EQ(view.index, seen.size());
    EXPECT_FALSE(open_);
    open_ = true;
    seen.push_back({view.txid, view.raw, {}, {}});
  }
  void input(const OutPoint& point) override {
    EXPECT_TRUE(seen.back().outputs.empty());
    seen.back().inputs.push_back(point);
  }
  void output(std::uint32_t vout, std::int64_t value, ByteView script) override {
    EXPECT_EQ(vout, seen.back().outputs.size());
    seen.back().outputs.push_back({value, to_bytes(script)});
  }
  void end(const TransactionView& view) override {
    EXPECT_EQ(view.txid, seen.back().txid);
    EXPECT_EQ(view.raw.data(), seen.back().raw.data());
    open_ = false;
  }

  std::vector<SeenTransaction> seen;

 private:
  bool open_ = false;
};

}  // namespace holdfast::chain::utxo
