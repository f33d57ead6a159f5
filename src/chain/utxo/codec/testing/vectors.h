// Reads the vectors of tests/vectors/utxo. For tests only.
#pragma once

#include "base/hex.h"
#include "base/secret.h"
#include "chain/utxo/codec/transaction.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace holdfast::chain::utxo {

using Json = nlohmann::json;

inline Json vectors(const std::string& name) {
  std::ifstream in("tests/vectors/utxo/" + name + ".json");
  Json file = Json::parse(in);
  EXPECT_FALSE(file["cases"].empty());
  return file;
}

// By value: a loop over a part of what vectors() gives would outlive it.
inline Json cases(const std::string& name) { return vectors(name)["cases"]; }

inline Bytes bytes(const Json& value) { return *from_hex(value.get<std::string>()); }
inline Hash32 hash(const Json& value) { return *fixed_from_hex<32>(value.get<std::string>()); }
inline std::optional<Hash32> maybe_hash(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(hash(value));
}
inline Secret secret(const Json& value) { return Secret::copy_of(bytes(value)); }

// The code of a refusal, or "accepted".
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "accepted" : std::string(result.error().code);
}

}  // namespace holdfast::chain::utxo
