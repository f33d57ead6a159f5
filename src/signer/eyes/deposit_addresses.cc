#include "signer/eyes/deposit_addresses.h"

#include "chain/evm/codec/contracts.h"
#include "chain/evm/codec/keccak.h"

#include <algorithm>
#include <array>

namespace holdfast::signer {

chain::evm::Address20 implementation_of(const chain::evm::Address20& factory) {
  static constexpr std::array<std::uint8_t, 2> kListOfAddress = {0xd6, 0x94};  // 22 bytes: 20 bytes, and a number under 128.
  static constexpr std::array<std::uint8_t, 1> kFirst = {0x01};
  const Hash32 hash = chain::evm::keccak256({kListOfAddress, factory.view(), kFirst});
  return chain::evm::Address20::from(hash.view().last(chain::evm::Address20::kSize));
}

bool is_forwarder(const chain::evm::Address20& factory, const chain::evm::Address20& implementation, const Hash32& salt,
                  ByteView address) {
  if (factory.is_zero()) return false;
  const auto right = chain::evm::forwarder_address(factory, implementation, salt);
  return std::ranges::equal(right.view(), address);
}

bool is_wallet_script(const CoinWalletRule& wallet, std::uint32_t index, ByteView script) {
  const auto output = wallet.descriptor.derive(kReceiveBranch, index);
  return output && std::ranges::equal(output->script_pubkey, script);
}

}  // namespace holdfast::signer
