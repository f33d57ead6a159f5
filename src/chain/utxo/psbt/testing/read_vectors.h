// Reads the files of tests/vectors/utxo.
#pragma once

#include "base/bytes.h"
#include "base/check.h"
#include "base/hex.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace holdfast::chain::utxo {

inline nlohmann::json read_vectors(const std::string& name) {
  std::ifstream in("tests/vectors/utxo/" + name);
  HF_CHECK(in.good());
  return nlohmann::json::parse(in);
}

inline Bytes bytes_in(const nlohmann::json& hex) {
  const auto bytes = from_hex(hex.get<std::string>());
  HF_CHECK(bytes);
  return *bytes;
}

}  // namespace holdfast::chain::utxo
