// Kept evacuations as files: one for each wallet, in the signer's data folder, one transaction in hexadecimal a line, and behind it
// what it spends (docs/formats/evacuations.md). Anybody who has the file can broadcast them with any node's sendrawtransaction.
#pragma once

#include "signer/evacuations.h"

#include <string>

namespace holdfast::signer {

class EvacuationFiles final : public EvacuationStore {
 public:
  // `data`: the signer's data folder.
  explicit EvacuationFiles(std::string data) : data_(std::move(data)) {}

  // fault file_not_written
  Result<void> replace(std::string_view chain, std::string_view wallet, std::span<const CoinEvacuation> evacuations) override;
  // fault key_file_not_read; refusal key_file_exposed; corruption evacuations_damaged
  Result<std::vector<CoinEvacuation>> kept(std::string_view chain, std::string_view wallet) override;

  std::string path_of(std::string_view chain, std::string_view wallet) const;

 private:
  std::string data_;
};

}  // namespace holdfast::signer
