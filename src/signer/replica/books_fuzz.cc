// Whatever stands in holdfastd's journal, the signer's books go on or refuse: records, each after its length as in a journal's block.
#include "journal/block.h"
#include "signer/replica/books.h"

#include <google/protobuf/stubs/logging.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  static const auto silent = google::protobuf::SetLogHandler(nullptr);  // It would write a line for each broken text.
  static_cast<void>(silent);
  signer::Books books;
  books.listen([](std::uint64_t withdrawal) { return withdrawal % 2 == 1; });
  journal::RecordReader reader({data, size});
  std::uint64_t index = 0;
  while (const auto record = reader.next()) {
    if (!books.apply(index++, *record, {1})) break;
    while (!books.unproven().empty()) {
      const auto claim = books.unproven().begin()->second;
      books.prove(claim.id, claim.fingerprint());
      if (books.unproven().contains(claim.id)) break;
    }
  }
  return 0;
}
