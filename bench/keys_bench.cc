// How many signatures of 32 bytes one core makes: the curve's own library, a key file's key, and a key in a token (SoftHSM2), which is
// verified and brought into Ethereum's form after it. Prints JSON.
//
//   keys_bench [seconds of each]
#include "base/check.h"
#include "bench/measure.h"
#include "chain/evm/codec/keccak.h"
#include "signer/keys/token_keys.h"

#include <fmt/format.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::signer;

struct Rate {
  double per_second;      // Of this thread's own processor time.
  double per_wall_second;
};

Rate measure(double seconds, const std::function<void(const Hash32&)>& sign) {
  const double begun = bench::seconds(), cpu_begun = bench::cpu_seconds();
  std::uint64_t count = 0;
  Hash32 digest = chain::evm::keccak256({});
  while (bench::seconds() - begun < seconds) {
    for (int i = 0; i < 16; ++i) {
      digest.bytes[static_cast<std::size_t>(count) % Hash32::kSize] ^= static_cast<std::uint8_t>(count);
      sign(digest);
      ++count;
    }
  }
  const auto made = static_cast<double>(count);
  return {made / (bench::cpu_seconds() - cpu_begun), made / (bench::seconds() - begun)};
}

// A token that goes away with the folder.
TokenPlace make_token(const std::string& folder) {
  std::filesystem::create_directory(folder + "/tokens");
  std::ofstream(folder + "/softhsm2.conf") << "directories.tokendir = " << folder << "/tokens\nlog.level = ERROR\n";
  ::setenv("SOFTHSM2_CONF", (folder + "/softhsm2.conf").c_str(), 1);
  HF_CHECK(std::system("softhsm2-util --init-token --free --label bench --so-pin 99887766 --pin 482915 > /dev/null") == 0);
  return {"/usr/lib/softhsm/libsofthsm2.so", "bench", {}};
}

Rate measure_library(double seconds) {
  secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  const Bytes key(32, 1);
  secp256k1_ecdsa_recoverable_signature made;
  const Rate out = measure(seconds, [&](const Hash32& digest) {
    HF_CHECK(secp256k1_ecdsa_sign_recoverable(context, &made, digest.bytes.data(), key.data(), nullptr, nullptr) == 1);
  });
  secp256k1_context_destroy(context);
  return out;
}

Rate measure_keys(double seconds, const Keys& keys) {
  return measure(seconds, [&](const Hash32& digest) { HF_CHECK(keys.sign(keys.owner(), digest).has_value()); });
}

void print(const char* name, const Rate& rate, const char* end) {
  fmt::print("  \"{}\": {{\"per_cpu_second\": {:.0f}, \"per_second\": {:.0f}}}{}\n", name, rate.per_second, rate.per_wall_second, end);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
  std::string folder = std::filesystem::temp_directory_path().string() + "/keys_bench.XXXXXX";
  HF_CHECK(::mkdtemp(folder.data()) != nullptr);
  const auto pin = [] { return Secret::copy_of(as_bytes("482915")); };
  const TokenPlace place = make_token(folder);
  HF_CHECK(create_token_keys(place, "bench", {}, pin()).has_value());
  const Rate library = measure_library(seconds);
  const Rate file = measure_keys(seconds, *KeyRing::of(Secret::copy_of(Bytes(32, 1)), {}));
  Rate token{};
  {
    const auto keys = TokenKeys::open(place, "bench", pin(), {});
    HF_CHECK(keys.has_value());
    token = measure_keys(seconds, **keys);
  }
  std::filesystem::remove_all(folder);
  fmt::print("{{\n");
  print("library", library, ",");
  print("key_file", file, ",");
  print("token", token, "");
  fmt::print("}}\n");
}
