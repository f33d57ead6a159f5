#include "journal/block.h"

#include "base/hex.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace holdfast::journal {
namespace {

struct Parsed {
  std::vector<Bytes> records;
  bool malformed = false;
};

Parsed parse(ByteView records) {
  Parsed out;
  RecordReader reader(records);
  while (const auto record = reader.next()) out.records.push_back(to_bytes(*record));
  out.malformed = reader.malformed();
  return out;
}

TEST(Block, records_come_back_as_they_were_added) {
  EXPECT_TRUE(rc::check([](const std::vector<Bytes>& records) {
    Batch batch;
    for (const Bytes& record : records) batch.add(record);
    RC_ASSERT(batch.count() == records.size());
    const Parsed parsed = parse(batch.records());
    RC_ASSERT(!parsed.malformed);
    RC_ASSERT(parsed.records == records);
  }));
}

TEST(Block, bytes_that_parse_have_one_spelling) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    const Parsed parsed = parse(bytes);
    if (parsed.malformed) return;
    Batch batch;
    for (const Bytes& record : parsed.records) batch.add(record);
    RC_ASSERT(to_bytes(batch.records()) == bytes);
  }));
}

TEST(Block, takes_records_of_every_length_class) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{127}, std::size_t{128},
                                 std::size_t{16383}, std::size_t{16384}, kMaxRecordBytes}) {
    Batch batch;
    batch.add(Bytes(size, 7));
    batch.add(as_bytes("after"));
    const Parsed parsed = parse(batch.records());
    ASSERT_EQ(parsed.records.size(), 2u) << size;
    EXPECT_EQ(parsed.records[0].size(), size);
    EXPECT_EQ(as_text(parsed.records[1]), "after");
  }
}

TEST(Block, malformed_bytes_are_told_apart_from_the_end) {
  for (const char* hex : {"05010203",            // shorter than it says
                          "80",                  // length cut short
                          "8000",                // length not in its shortest form
                          "ffffffff01",          // length too long
                          "81804000",            // one byte over the largest record
                          "0101" "80800100"}) {  // a good record, then one that is not there
    EXPECT_TRUE(parse(*from_hex(hex)).malformed) << hex;
  }
  EXPECT_FALSE(parse({}).malformed);
  EXPECT_FALSE(parse(*from_hex("00")).malformed);
}

TEST(Block, is_bounded) {
  Batch batch;
  EXPECT_FALSE(batch.fits(kMaxRecordBytes + 1));
  std::size_t count = 0;
  for (; batch.fits(kMaxRecordBytes); ++count) batch.add(kMaxRecordBytes);
  EXPECT_EQ(count, kMaxBlockBytes / kMaxRecordBytes - 1);
  EXPECT_LE(batch.records().size(), kMaxBlockBytes);
  EXPECT_DEATH(batch.add(kMaxRecordBytes), "fits");
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.fits(kMaxRecordBytes));
}

}  // namespace
}  // namespace holdfast::journal
