#include "chain/evm/codec/abi.h"

#include "chain/evm/codec/keccak.h"

namespace holdfast::chain::evm {

namespace {

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes array_tail(std::size_t count) {
  Bytes tail;
  tail.reserve((count + 1) * Word::kSize);
  append(tail, word_of(count).view());
  return tail;
}

}  // namespace

Selector selector_of(std::string_view signature) {
  return Selector::from(keccak256(as_bytes(signature)).view().first(Selector::kSize));
}

bool has_selector(ByteView calldata, const Selector& selector) {
  return calldata.size() >= Selector::kSize && std::ranges::equal(calldata.first(Selector::kSize), selector.bytes);
}

AbiWriter& AbiWriter::word(const Word& value) {
  slots_.push_back({value, {}, false});
  return *this;
}

AbiWriter& AbiWriter::dynamic(Bytes tail) {
  slots_.push_back({{}, std::move(tail), true});
  return *this;
}

AbiWriter& AbiWriter::bytes(ByteView value) {
  Bytes tail = to_bytes(word_of(value.size()).view());
  append(tail, value);
  tail.resize((tail.size() + Word::kSize - 1) / Word::kSize * Word::kSize);
  return dynamic(std::move(tail));
}

AbiWriter& AbiWriter::addresses(const std::vector<Address20>& values) {
  Bytes tail = array_tail(values.size());
  for (const Address20& value : values) append(tail, address_word(value).view());
  return dynamic(std::move(tail));
}

AbiWriter& AbiWriter::words(const std::vector<Word>& values) {
  Bytes tail = array_tail(values.size());
  for (const Word& value : values) append(tail, value.view());
  return dynamic(std::move(tail));
}

Bytes AbiWriter::finish(const Selector& selector) const {
  Bytes out = to_bytes(selector.view());
  append(out, finish());
  return out;
}

Bytes AbiWriter::finish() const {
  Bytes out;
  std::size_t tail_offset = slots_.size() * Word::kSize;
  for (const Slot& slot : slots_) {
    append(out, (slot.is_dynamic ? word_of(tail_offset) : slot.word).view());
    tail_offset += slot.tail.size();
  }
  for (const Slot& slot : slots_) append(out, slot.tail);
  return out;
}

Result<Word> AbiReader::word_at(std::size_t offset) const {
  if (offset > arguments_.size() || arguments_.size() - offset < Word::kSize) return refuse("abi_truncated");
  return Word::from(arguments_.subspan(offset, Word::kSize));
}

Result<Word> AbiReader::word(std::size_t slot) const { return word_at(slot * Word::kSize); }

Result<std::uint64_t> AbiReader::number(std::size_t slot) const {
  const auto value = word(slot);
  if (!value) return Failure(value.error());
  const auto number = uint64_of(*value);
  if (!number) return refuse("abi_number_too_large");
  return *number;
}

Result<Amount> AbiReader::amount(std::size_t slot) const {
  const auto value = word(slot);
  if (!value) return Failure(value.error());
  const auto amount = Amount::from_word(*value);
  if (!amount) return refuse("abi_number_too_large");
  return *amount;
}

Result<Address20> AbiReader::address(std::size_t slot) const {
  const auto value = word(slot);
  if (!value) return Failure(value.error());
  const auto address = address_of_word(*value);
  if (!address) return refuse("abi_dirty_address");
  return *address;
}

Result<AbiReader::Span> AbiReader::dynamic(std::size_t slot) const {
  const auto offset = number(slot);
  if (!offset) return Failure(offset.error());
  if (*offset > arguments_.size()) return refuse("abi_truncated");
  const auto length_word = word_at(*offset);
  if (!length_word) return Failure(length_word.error());
  const auto length = uint64_of(*length_word);
  if (!length || *length > arguments_.size()) return refuse("abi_truncated");
  return Span{*offset + Word::kSize, *length};
}

Result<ByteView> AbiReader::bytes(std::size_t slot) const {
  const auto span = dynamic(slot);
  if (!span) return Failure(span.error());
  if (span->length > arguments_.size() - span->offset) return refuse("abi_truncated");
  return arguments_.subspan(span->offset, span->length);
}

Result<std::vector<Word>> AbiReader::words(std::size_t slot) const {
  const auto span = dynamic(slot);
  if (!span) return Failure(span.error());
  if (span->length > kMaxElements || span->length * Word::kSize > arguments_.size() - span->offset) {
    return refuse("abi_truncated");
  }
  std::vector<Word> out;
  out.reserve(span->length);
  for (std::size_t i = 0; i < span->length; ++i) {
    out.push_back(Word::from(arguments_.subspan(span->offset + i * Word::kSize, Word::kSize)));
  }
  return out;
}

Result<std::vector<Address20>> AbiReader::addresses(std::size_t slot) const {
  const auto values = words(slot);
  if (!values) return Failure(values.error());
  std::vector<Address20> out;
  out.reserve(values->size());
  for (const Word& value : *values) {
    const auto address = address_of_word(value);
    if (!address) return refuse("abi_dirty_address");
    out.push_back(*address);
  }
  return out;
}

}  // namespace holdfast::chain::evm
