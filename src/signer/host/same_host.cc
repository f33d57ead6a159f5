#include "signer/host/same_host.h"

#include "base/hex.h"

#include <sodium.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace holdfast::signer {
namespace {

// A name has room for 107 bytes; a descriptor is longer.
std::string socket_name(const std::string& wallet) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), as_bytes(wallet).data(), wallet.size());
  return "holdfast-signer/" + to_hex(hash);
}

// The socket, or why not as errno has it.
std::expected<int, int> hold_name(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // The zero in front makes it abstract.
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const int out = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (out < 0) return std::unexpected(errno);
  if (::bind(out, reinterpret_cast<const sockaddr*>(&address), size) == 0) return out;
  const int why = errno;
  ::close(out);
  return std::unexpected(why);
}

}  // namespace

std::vector<std::string> guarded_wallets(const Policy& policy) {
  std::vector<std::string> out;
  for (const ChainRule& chain : policy.chains) {
    for (const SafeRule& safe : chain.safes) out.push_back(chain.caip2 + ":" + chain::evm::to_checksum_text(safe.address));
    for (const AccountRule& account : chain.accounts) out.push_back(chain.caip2 + ":" + chain::evm::to_checksum_text(account.address));
  }
  for (const CoinChainRule& chain : policy.coin_chains) {
    for (const CoinWalletRule& wallet : chain.wallets) out.push_back(chain.caip2 + ":" + wallet.descriptor.to_text());
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

SameHostGuard::SameHostGuard(SameHostGuard&& other) noexcept
    : sockets_(std::exchange(other.sockets_, {})), shared_(std::move(other.shared_)) {}

SameHostGuard::~SameHostGuard() {
  for (const int one : sockets_) ::close(one);
}

Result<SameHostGuard> SameHostGuard::hold(const std::vector<std::string>& wallets, bool allow) {
  SameHostGuard out;
  for (const std::string& wallet : wallets) {
    const auto held = hold_name(socket_name(wallet));
    if (held) {
      out.sockets_.push_back(*held);
    } else if (held.error() != EADDRINUSE) {
      return fault("guard_not_held", wallet + ": " + std::strerror(held.error()));  // NOLINT: at the start there is one thread
    } else if (!allow) {
      return refuse("wallet_guarded_here", "another signer on this host guards " + wallet +
                                               ": whoever has the host has both keys; for demos and tests there is allow_same_host");
    } else {
      out.shared_.push_back(wallet);
    }
  }
  return out;
}

}  // namespace holdfast::signer
