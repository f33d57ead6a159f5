// Litecoin's transactions with a part for the extension block.
#include "chain/utxo/node/mweb.h"

#include "chain/utxo/node/pool_feed.h"

#include <gtest/gtest.h>

namespace holdfast::chain::utxo {
namespace {

Transaction payment(bool with_witness) {
  Transaction out;
  for (std::uint8_t i = 1; i <= 2; ++i) {
    TxIn input{{Txid::from(Bytes(32, i)), i}, Bytes(i, 0x51), kSequenceFinal, {}};
    if (with_witness) input.witness = {Bytes(64, i), Bytes(), Bytes(33, i)};
    out.inputs.push_back(std::move(input));
  }
  out.outputs = {{5, Bytes(22, 7)}, {6, {}}};
  out.locktime = 0x01020304;
  return out;
}

// The same with the flag, and `extra` where the part of the extension block stands.
Bytes with_mweb(const Transaction& transaction, const Bytes& extra) {
  Bytes out = encode(transaction);
  if (transaction.has_witness()) {
    out[5] |= 8;
  } else {
    out.insert(out.begin() + 4, {0, 8});
  }
  out.insert(out.end() - 4, extra.begin(), extra.end());
  return out;
}

TEST(mweb, what_is_mined_stays) {
  for (const bool witness : {false, true}) {
    const Transaction transaction = payment(witness);
    for (const Bytes& extra : {Bytes{0}, Bytes(1000, 0xab)}) {
      const Bytes raw = with_mweb(transaction, extra);
      ASSERT_TRUE(has_mweb_flag(raw));
      EXPECT_EQ(without_mweb(raw), encode(transaction));
      const auto checked = checked_transaction(txid_of(transaction), raw);
      ASSERT_TRUE(checked.has_value() && checked->has_value());
      EXPECT_EQ((*checked)->raw, encode(transaction));
      EXPECT_EQ(checked_transaction(Txid{}, raw).error().code, "node_answer_malformed");
    }
    EXPECT_FALSE(has_mweb_flag(encode(transaction)));
  }
}

TEST(mweb, nothing_stays_of_what_is_cut_short_or_all_inside) {
  const Bytes raw = with_mweb(payment(true), {});
  EXPECT_FALSE(without_mweb(raw).has_value());  // The flag without the part.
  for (std::size_t size = 7; size < raw.size(); ++size) {
    EXPECT_FALSE(without_mweb(ByteView(raw).first(size)).has_value()) << size;
  }
  Bytes inside = {2, 0, 0, 0, 0, 8, 0, 0};
  inside.resize(500, 0xab);
  EXPECT_FALSE(without_mweb(inside).has_value());
  Bytes other_flag = with_mweb(payment(false), {0});
  other_flag[5] |= 4;
  EXPECT_FALSE(without_mweb(other_flag).has_value());
  EXPECT_FALSE(has_mweb_flag(Bytes{2, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace holdfast::chain::utxo
