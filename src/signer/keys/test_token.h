// A SoftHSM2 token of a test's own, in a folder that goes away with it.
#pragma once

#include "base/check.h"
#include "signer/keys/token_keys.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace holdfast::signer::test {

inline constexpr const char* kSoftHsm = "/usr/lib/softhsm/libsofthsm2.so";
inline constexpr const char* kPin = "482915";

class TestToken {
 public:
  explicit TestToken(const std::string& label = "vault") {
    std::string pattern = testing::TempDir() + "token.XXXXXX";
    HF_CHECK(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    std::filesystem::create_directory(tokens());
    std::ofstream(configuration()) << "directories.tokendir = " << tokens() << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", configuration().c_str(), 1);
    add(label);
  }
  ~TestToken() { std::filesystem::remove_all(folder_); }
  TestToken(const TestToken&) = delete;
  TestToken& operator=(const TestToken&) = delete;

  void add(const std::string& label) const {
    const std::string make = "softhsm2-util --init-token --free --label " + label + " --so-pin 99887766 --pin " + kPin + " > /dev/null";
    HF_CHECK(std::system(make.c_str()) == 0);
  }
  TokenPlace place(const std::string& label = "vault") const { return {kSoftHsm, label, {}}; }
  std::string tokens() const { return folder_ + "/tokens"; }
  std::string configuration() const { return folder_ + "/softhsm2.conf"; }

 private:
  std::string folder_;
};

inline Secret pin(std::string_view text = kPin) { return Secret::copy_of(as_bytes(text)); }

}  // namespace holdfast::signer::test
