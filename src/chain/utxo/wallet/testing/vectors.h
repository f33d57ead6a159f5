// For tests: the files of tests/vectors/utxo and what stands in their fields.
#pragma once

#include "base/hex.h"
#include "base/secret.h"
#include "chain/utxo/wallet/network.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace holdfast::chain::utxo {

using Json = nlohmann::json;

inline Json cases(const std::string& name) {
  std::ifstream in("tests/vectors/utxo/" + name + ".json");
  Json file = Json::parse(in);
  EXPECT_FALSE(file["cases"].empty());
  return file["cases"];
}

inline std::string text(const Json& c, const char* field) { return c.at(field).get<std::string>(); }
inline Bytes bytes(const Json& c, const char* field) { return *from_hex(text(c, field)); }
inline Secret secret(const Json& c, const char* field) { return Secret::copy_of(bytes(c, field)); }
inline Secret secret_text(std::string_view value) { return Secret::copy_of(as_bytes(value)); }

inline const Network& network(std::string_view name) { return **network_by_name(name); }
inline const Network& bitcoin() { return network("bitcoin-main"); }
inline const Network& litecoin() { return network("litecoin-main"); }

}  // namespace holdfast::chain::utxo
