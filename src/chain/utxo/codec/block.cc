#include "chain/utxo/codec/block.h"

#include "chain/utxo/codec/compact.h"
#include "chain/utxo/codec/hash.h"

#include <fmt/format.h>

namespace holdfast::chain::utxo {

namespace {

constexpr std::size_t kTransactionMinBytes = 60;  // One input and one output, both with empty scripts.
constexpr std::size_t kInputMinBytes = 41;
constexpr std::size_t kOutputMinBytes = 9;
constexpr std::uint8_t kFlagWitness = 0x01;
constexpr std::uint8_t kFlagMweb = 0x08;
constexpr std::size_t kVersionBytes = 4;
constexpr std::size_t kLocktimeBytes = 4;

// Where the parts of a transaction lie.
struct Parts {
  ByteView whole;
  ByteView version;
  ByteView body;  // Inputs and outputs.
  ByteView locktime;
  bool is_hogex = false;
};

void skip_inputs(WireReader& in, std::size_t count) {
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    in.bytes(Txid::kSize + sizeof(OutPoint::vout));
    in.var_bytes();
    in.bytes(sizeof(TxIn::sequence));
  }
}

void skip_outputs(WireReader& in, std::size_t count) {
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    if (in.u64() > static_cast<std::uint64_t>(kMaxMoneyLitecoin)) in.fail();
    in.var_bytes();
  }
}

void skip_witnesses(WireReader& in, std::size_t inputs) {
  bool any = false;
  for (std::size_t i = 0; i < inputs && in.ok(); ++i) {
    const std::size_t items = in.count(1);
    any = any || items > 0;
    for (std::size_t item = 0; item < items && in.ok(); ++item) in.var_bytes();
  }
  if (!any) in.fail();  // The flag says there is one.
}

// The flag behind an empty list of inputs; zero in the legacy form.
std::uint8_t read_flag(WireReader& in) {
  if (in.rest().empty() || in.rest()[0] != 0) return 0;
  in.u8();
  const std::uint8_t flag = in.u8();
  if (flag == 0 || (flag & ~(kFlagWitness | kFlagMweb)) != 0) in.fail();
  return flag;
}

// Goes over one transaction. Afterwards `in` tells whether it was well-formed.
Parts read_parts(WireReader& in) {
  Parts out;
  const ByteView from = in.rest();
  const std::size_t start = in.position();
  out.version = in.bytes(kVersionBytes);
  const std::uint8_t flag = read_flag(in);
  const ByteView body = in.rest();
  const std::size_t body_start = in.position();
  const std::size_t inputs = in.count(kInputMinBytes);
  skip_inputs(in, inputs);
  const std::size_t outputs = in.count(kOutputMinBytes);
  skip_outputs(in, outputs);
  if (inputs == 0 || outputs == 0) in.fail();
  out.body = body.first(in.position() - body_start);
  if ((flag & kFlagWitness) != 0) skip_witnesses(in, inputs);
  if ((flag & kFlagMweb) != 0) {
    // An optional MWEB transaction, which is absent from a HogEx; transactions that have one never come into a block.
    if (in.u8() != 0) in.fail();
    out.is_hogex = true;
  }
  out.locktime = in.bytes(kLocktimeBytes);
  out.whole = from.first(in.position() - start);
  return out;
}

// Tells the visitor what read_parts has found well-formed.
void tell(const TransactionView& view, ByteView body, BlockVisitor& visitor) {
  visitor.begin(view);
  WireReader in(body);
  for (std::size_t inputs = in.count(kInputMinBytes); inputs > 0; --inputs) {
    OutPoint point;
    point.txid = in.hash();
    point.vout = in.u32();
    in.var_bytes();
    in.u32();
    visitor.input(point);
  }
  const std::size_t outputs = in.count(kOutputMinBytes);
  for (std::size_t vout = 0; vout < outputs; ++vout) {
    const auto value = static_cast<std::int64_t>(in.u64());
    visitor.output(static_cast<std::uint32_t>(vout), value, in.var_bytes());
  }
  visitor.end(view);
}

// Takes the leaves; nothing when two equal ones stand side by side, which lets a block be forged (CVE-2012-2459).
std::optional<Hash32> merkle_root(std::vector<Hash32> level) {
  while (level.size() > 1) {
    const std::size_t pairs = (level.size() + 1) / 2;
    for (std::size_t i = 0; i < pairs; ++i) {
      const bool alone = 2 * i + 1 == level.size();
      const Hash32& left = level[2 * i];
      const Hash32& right = alone ? left : level[2 * i + 1];
      if (!alone && left == right) return std::nullopt;
      level[i] = sha256d({left.view(), right.view()});
    }
    level.resize(pairs);
  }
  return level[0];
}

}  // namespace

Result<BlockHeader> decode_header(ByteView raw) {
  if (raw.size() != kBlockHeaderBytes) return refuse("block_malformed", fmt::format("a header of {} bytes", raw.size()));
  WireReader in(raw);
  BlockHeader out;
  out.version = static_cast<std::int32_t>(in.u32());
  out.previous = in.hash();
  out.merkle_root = in.hash();
  out.time_s = in.u32();
  out.bits = in.u32();
  out.nonce = in.u32();
  return out;
}

Hash32 block_hash(ByteView header) { return sha256d(header); }

Result<BlockHeader> visit_block(ByteView raw, BlockVisitor& visitor) {
  const auto header = decode_header(raw.first(std::min(raw.size(), kBlockHeaderBytes)));
  if (!header) return header;
  WireReader in(raw.subspan(kBlockHeaderBytes));
  const std::size_t count = in.count(kTransactionMinBytes);
  if (count == 0) return refuse("block_malformed", "the transactions' count");
  std::vector<Hash32> txids;
  txids.reserve(count);
  bool has_extension = false;
  for (std::size_t index = 0; index < count; ++index) {
    if (has_extension) return refuse("block_malformed", "a HogEx before the last transaction");
    const Parts parts = read_parts(in);
    if (!in.ok()) return refuse("block_malformed", fmt::format("transaction {}", index));
    txids.push_back(sha256d({parts.version, parts.body, parts.locktime}));
    tell({index, parts.whole, txids.back()}, parts.body, visitor);
    has_extension = parts.is_hogex;
  }
  if (!in.at_end() && !has_extension) return refuse("block_malformed", "bytes behind the last transaction");
  const auto root = merkle_root(std::move(txids));
  if (!root) return refuse("block_merkle_root", "a transaction twice");
  if (*root != header->merkle_root) return refuse("block_merkle_root", fmt::format("it is {}", display(*root)));
  return header;
}

}  // namespace holdfast::chain::utxo
