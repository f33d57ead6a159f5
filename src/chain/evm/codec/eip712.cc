#include "chain/evm/codec/eip712.h"

#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/keccak.h"

namespace holdfast::chain::evm {

Hash32 domain_separator(std::string_view name, std::uint64_t chain_id, const Address20& contract) {
  static const Hash32 kType =
      keccak256(as_bytes("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"));
  static const Hash32 kVersion = keccak256(as_bytes("1"));
  return keccak256(AbiWriter()
                       .word(kType)
                       .word(keccak256(as_bytes(name)))
                       .word(kVersion)
                       .number(chain_id)
                       .address(contract)
                       .finish());
}

Hash32 safe_domain_separator(std::uint64_t chain_id, const Address20& safe) {
  static const Hash32 kType = keccak256(as_bytes("EIP712Domain(uint256 chainId,address verifyingContract)"));
  return keccak256(AbiWriter().word(kType).number(chain_id).address(safe).finish());
}

Hash32 typed_data_hash(const Hash32& domain, const Hash32& struct_hash) {
  static constexpr std::array<std::uint8_t, 2> kMark = {0x19, 0x01};
  return keccak256({kMark, domain.view(), struct_hash.view()});
}

}  // namespace holdfast::chain::evm
