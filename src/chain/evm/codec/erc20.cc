#include "chain/evm/codec/erc20.h"

#include "chain/evm/codec/abi.h"
#include "chain/evm/codec/keccak.h"

namespace holdfast::chain::evm {

namespace {

const Selector& transfer_selector() {
  static const Selector kSelector = selector_of("transfer(address,uint256)");
  return kSelector;
}

}  // namespace

Bytes encode_transfer(const TokenTransfer& transfer) {
  return AbiWriter().address(transfer.to).amount(transfer.amount).finish(transfer_selector());
}

Result<TokenTransfer> decode_transfer(ByteView calldata) {
  if (!has_selector(calldata, transfer_selector())) return refuse("not_transfer");
  if (calldata.size() != Selector::kSize + 2 * Word::kSize) return refuse("abi_not_canonical");
  const AbiReader reader(calldata.subspan(Selector::kSize));
  const auto to = reader.address(0);
  if (!to) return Failure(to.error());
  const auto amount = reader.amount(1);
  if (!amount) return Failure(amount.error());
  return TokenTransfer{*to, *amount};
}

Bytes encode_balance_of(const Address20& holder) {
  static const Selector kSelector = selector_of("balanceOf(address)");
  return AbiWriter().address(holder).finish(kSelector);
}

const Hash32& transfer_topic() {
  static const Hash32 kTopic = keccak256(as_bytes("Transfer(address,address,uint256)"));
  return kTopic;
}

}  // namespace holdfast::chain::evm
