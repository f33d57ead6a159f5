#include "signer/keys/pkcs11_module.h"

#include <dlfcn.h>
#include <fmt/core.h>
#include <unistd.h>
#include <map>
#include <mutex>

namespace holdfast::signer::pkcs11 {
namespace {

struct Loaded {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Module>> modules;
};

Loaded& loaded() {
  static Loaded* const out = new Loaded;  // Never destroyed: modules have work of their own at the exit.
  return *out;
}

Result<CK_FUNCTION_LIST*> open_library(const std::string& path) {
  // Never closed again: modules leave threads and exit handlers behind.
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fault("token_module_not_loaded", path + ": " + ::dlerror());
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* calls = nullptr;
  if (get == nullptr || get(&calls) != CKR_OK || calls == nullptr) {
    return fault("token_module_not_loaded", path + ": is no PKCS#11 module");
  }
  return calls;
}

}  // namespace

Failure unavailable(std::string_view call, CK_RV code) {
  return fault("token_unavailable", fmt::format("{} gives 0x{:x}", call, code));
}

Module::Module(CK_FUNCTION_LIST* calls, bool is_ours) : calls_(calls), is_ours_(is_ours), process_(::getpid()) {}

Module::~Module() {
  if (is_ours_ && is_usable()) calls_->C_Finalize(nullptr);
}

bool Module::is_usable() const { return ::getpid() == process_; }

Result<std::shared_ptr<Module>> Module::load(const std::string& path) {
  const std::lock_guard lock(loaded().mutex);
  auto& known = loaded().modules[path];
  if (auto module = known.lock(); module && module->is_usable()) return module;
  const auto calls = open_library(path);
  if (!calls) return Failure(calls.error());
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV begun = (*calls)->C_Initialize(&arguments);
  if (begun != CKR_OK && begun != CKR_CRYPTOKI_ALREADY_INITIALIZED) return unavailable("C_Initialize", begun);
  std::shared_ptr<Module> module(new Module(*calls, begun == CKR_OK));
  known = module;
  return module;
}

}  // namespace holdfast::signer::pkcs11
