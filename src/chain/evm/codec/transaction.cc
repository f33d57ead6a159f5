#include "chain/evm/codec/transaction.h"

#include "base/check.h"
#include "chain/evm/codec/keccak.h"
#include "chain/evm/codec/rlp.h"

namespace holdfast::chain::evm {

namespace {

constexpr std::uint8_t kType = 0x02;
constexpr std::size_t kUnsignedFields = 9;
constexpr std::size_t kSignedFields = 12;
constexpr std::uint8_t kVBase = 27;

Bytes fields_of(const Eip1559Transaction& transaction) {
  Bytes out;
  append_rlp_uint64(out, transaction.chain_id);
  append_rlp_uint64(out, transaction.nonce);
  append_rlp_amount(out, transaction.max_priority_fee);
  append_rlp_amount(out, transaction.max_fee);
  append_rlp_uint64(out, transaction.gas);
  append_rlp_string(out, transaction.to.view());
  append_rlp_amount(out, transaction.value);
  append_rlp_string(out, transaction.data);
  append_rlp_list(out, {});
  return out;
}

Bytes typed_list(ByteView fields) {
  Bytes out{kType};
  append_rlp_list(out, fields);
  return out;
}

ByteView without_leading_zeroes(ByteView bytes) {
  while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
  return bytes;
}

Result<std::vector<RlpItem>> read_fields(ByteView input, std::size_t count) {
  if (input.size() > kTransactionMaxBytes) return refuse("transaction_too_large");
  if (input.empty() || input[0] != kType) return refuse("transaction_type", "not an EIP-1559 transaction");
  auto list = decode_rlp(input.subspan(1));
  if (!list) return Failure(list.error());
  if (!list->is_list || list->items.size() != count) return refuse("transaction_fields");
  return std::move(list->items);
}

// The value of `result`, or remembers its error for later: lets nine fields be read in a row.
template <class T>
T take(const Result<T>& result, std::optional<Error>& error) {
  if (result) return *result;
  if (!error) error = result.error();
  return {};
}

Result<Eip1559Transaction> read_transaction(const std::vector<RlpItem>& fields) {
  if (fields[5].is_list || fields[7].is_list || !fields[8].is_list) return refuse("transaction_fields");
  if (fields[5].string.empty()) return refuse("transaction_creates_contract");
  if (fields[5].string.size() != Address20::kSize) return refuse("transaction_fields", "recipient");
  if (!fields[8].items.empty()) return refuse("transaction_access_list");
  std::optional<Error> error;
  Eip1559Transaction out;
  out.chain_id = take(rlp_uint64(fields[0]), error);
  out.nonce = take(rlp_uint64(fields[1]), error);
  out.max_priority_fee = take(rlp_amount(fields[2]), error);
  out.max_fee = take(rlp_amount(fields[3]), error);
  out.gas = take(rlp_uint64(fields[4]), error);
  out.to = Address20::from(fields[5].string);
  out.value = take(rlp_amount(fields[6]), error);
  out.data = to_bytes(fields[7].string);
  if (error) return Failure(*error);
  return out;
}

// r and s are numbers: no leading zeroes, at most 32 bytes, not zero.
bool read_scalar(const RlpItem& item, std::uint8_t* out) {
  const std::size_t size = item.string.size();
  if (item.is_list || size == 0 || size > Hash32::kSize || item.string.front() == 0) return false;
  std::copy(item.string.begin(), item.string.end(), out + (Hash32::kSize - size));
  return true;
}

}  // namespace

Bytes encode_unsigned(const Eip1559Transaction& transaction) { return typed_list(fields_of(transaction)); }

Bytes encode_signed(const SignedTransaction& transaction) {
  const ByteView signature = transaction.signature.view();
  HF_CHECK(signature[64] == kVBase || signature[64] == kVBase + 1);
  Bytes fields = fields_of(transaction.transaction);
  append_rlp_uint64(fields, signature[64] - std::uint64_t{kVBase});
  append_rlp_string(fields, without_leading_zeroes(signature.first(Hash32::kSize)));
  append_rlp_string(fields, without_leading_zeroes(signature.subspan(Hash32::kSize, Hash32::kSize)));
  return typed_list(fields);
}

Result<Eip1559Transaction> decode_unsigned(ByteView unsigned_transaction) {
  const auto fields = read_fields(unsigned_transaction, kUnsignedFields);
  if (!fields) return Failure(fields.error());
  return read_transaction(*fields);
}

Result<SignedTransaction> decode_signed(ByteView raw) {
  const auto fields = read_fields(raw, kSignedFields);
  if (!fields) return Failure(fields.error());
  auto transaction = read_transaction(*fields);
  if (!transaction) return Failure(transaction.error());
  SignedTransaction out{std::move(*transaction), {}};
  const auto parity = rlp_uint64((*fields)[9]);
  if (!parity || *parity > 1) return refuse("signature_malformed", "y parity");
  out.signature.bytes[64] = static_cast<std::uint8_t>(kVBase + *parity);
  std::uint8_t* scalars = out.signature.bytes.data();
  if (!read_scalar((*fields)[10], scalars) || !read_scalar((*fields)[11], scalars + Hash32::kSize)) {
    return refuse("signature_malformed", "r or s");
  }
  return out;
}

Hash32 signing_hash(const Eip1559Transaction& transaction) { return keccak256(encode_unsigned(transaction)); }

Hash32 transaction_id(ByteView raw) { return keccak256(raw); }

Result<Address20> sender_of(const SignedTransaction& transaction) {
  return recover(signing_hash(transaction.transaction), transaction.signature);
}

}  // namespace holdfast::chain::evm
