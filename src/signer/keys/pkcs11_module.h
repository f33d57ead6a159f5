// A PKCS#11 module (the vendor's shared library), loaded into this process. Inside of the token's side only.
#pragma once

#include "base/result.h"

#include <p11-kit/pkcs11.h>
#include <sys/types.h>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::signer::pkcs11 {

// fault token_unavailable: which call, and the module's own code for why.
Failure unavailable(std::string_view call, CK_RV code);

class Module {
 public:
  // One for each path and process, initialised: who asks for it again shares it, and the last one to let go of it finalises it.
  // fault token_module_not_loaded, token_unavailable
  static Result<std::shared_ptr<Module>> load(const std::string& path);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const CK_FUNCTION_LIST& calls() const { return *calls_; }
  // Not in a child of the process that loaded it: what a fork leaves behind belongs to the parent.
  bool is_usable() const;

 private:
  Module(CK_FUNCTION_LIST* calls, bool is_ours);

  CK_FUNCTION_LIST* calls_;
  bool is_ours_;  // Initialised by us, so ours to finalise.
  pid_t process_;
};

}  // namespace holdfast::signer::pkcs11
