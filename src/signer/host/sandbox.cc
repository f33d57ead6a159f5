#include "signer/host/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

namespace holdfast::signer {
namespace {

// The leak check of sanitizer builds traces its own process when it ends.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsTraced = true;
#else
constexpr bool kIsTraced = false;
#endif

Failure not_entered(const std::string& what, int code) {
  return fault("sandbox_not_entered", what + ": " + std::strerror(code));  // NOLINT: there is one thread
}

constexpr int kForbidden[] = {
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
    // In: a signer listens on nothing.
    SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
    // Other processes, and this one's memory by another way than its own.
    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp), SCMP_SYS(userfaultfd),
    // The kernel.
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(acct),
    SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(adjtimex), SCMP_SYS(clock_adjtime),
    // What does the same by another door.
    SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(add_key), SCMP_SYS(request_key),
    SCMP_SYS(keyctl), SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at), SCMP_SYS(personality),
    // Namespaces and mounts.
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
    SCMP_SYS(mount_setattr), SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsmount)};

int add_rules(scmp_filter_ctx filter) {
  const auto deny = [&](int call) { return ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0); };
  for (const int call : kForbidden) {
    if (const int failed = deny(call); failed != 0) return failed;
  }
  if (kIsTraced) return 0;
  if (const int failed = deny(SCMP_SYS(ptrace)); failed != 0) return failed;
  // Threads and nothing else. What clone3 makes cannot be seen in its registers: the C library then takes clone.
  const int no_clone3 = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  if (no_clone3 != 0) return no_clone3;
  const scmp_arg_cmp makes_no_thread{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0};
  return ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &makes_no_thread);
}

Result<void> enter_seccomp() {
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(::seccomp_init(SCMP_ACT_ALLOW), ::seccomp_release);
  if (!filter) return not_entered("seccomp", ENOMEM);
  // All threads, also one that a module may have begun.
  int failed = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  if (failed == 0) failed = add_rules(filter.get());
  if (failed == 0) failed = ::seccomp_load(filter.get());
  return failed == 0 ? Result<void>{} : Result<void>(not_entered("seccomp", -failed));
}

// As of later kernels than the headers here; the kernel reads as much as it knows.
struct LandlockRules {
  std::uint64_t filesystem = 0;
  std::uint64_t network = 0;
};
constexpr std::uint64_t kTruncate = 1ULL << 14;  // ABI 3
constexpr std::uint64_t kBindTcp = 1ULL << 0;    // ABI 4

constexpr std::uint64_t kWrites =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

std::uint64_t writes_of(int abi) {
  std::uint64_t out = kWrites;
  if (abi >= 2) out |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) out |= kTruncate;
  return out;
}

class Descriptor {
 public:
  explicit Descriptor(long number) : number_(static_cast<int>(number)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

Result<void> allow_writes(int ruleset, const std::string& folder, std::uint64_t writes) {
  const Descriptor opened(::open(folder.c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
  if (opened.get() < 0) return not_entered(folder, errno);
  landlock_path_beneath_attr rule{};
  rule.allowed_access = writes;
  rule.parent_fd = opened.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) return not_entered(folder, errno);
  return {};
}

Result<int> enter_landlock(const std::vector<std::string>& writable) {
  const int abi = landlock_offered();
  if (abi == 0) return 0;
  const std::uint64_t writes = writes_of(abi);
  LandlockRules rules{writes | LANDLOCK_ACCESS_FS_EXECUTE, abi >= 4 ? kBindTcp : 0};
  const Descriptor ruleset(::syscall(SYS_landlock_create_ruleset, &rules, abi >= 4 ? sizeof rules : sizeof rules.filesystem, 0));
  if (ruleset.get() < 0) return not_entered("Landlock", errno);
  for (const std::string& folder : writable) {
    if (auto allowed = allow_writes(ruleset.get(), folder, writes); !allowed) return Failure(allowed.error());
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return not_entered("Landlock", errno);
  return abi;
}

}  // namespace

int landlock_offered() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

Result<Sandbox> enter_sandbox(const std::vector<std::string>& writable) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return not_entered("no_new_privs", errno);
  const auto landlock = enter_landlock(writable);
  if (!landlock) return Failure(landlock.error());
  if (auto entered = enter_seccomp(); !entered) return Failure(entered.error());
  return Sandbox{*landlock};
}

}  // namespace holdfast::signer
