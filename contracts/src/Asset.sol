// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Reads and moves an asset without trusting its contract.
/// @notice The native coin is address(0). A token may answer nothing, lie, burn all gas it is given or return a
///         megabyte: each call has a gas cap and copies at most one word. Callers judge a transfer by balances only.
library Asset {
    address internal constant kNative = address(0);
    bytes4 internal constant kTransfer = 0xa9059cbb; // transfer(address,uint256)
    bytes4 internal constant kBalanceOf = 0x70a08231; // balanceOf(address)
    uint256 internal constant kBalanceGas = 150_000;
    uint256 internal constant kTransferGas = 600_000;

    /// @return known false when the token has no code or gave no number.
    /// @return amount the balance in base units; 0 when unknown.
    function balance(address asset, address holder) internal view returns (bool known, uint256 amount) {
        if (asset == kNative) return (true, holder.balance);
        bytes memory query = abi.encodeWithSelector(kBalanceOf, holder);
        assembly ("memory-safe") {
            known := staticcall(kBalanceGas, asset, add(query, 0x20), mload(query), 0x00, 0x20)
            known := and(known, gt(returndatasize(), 0x1f))
            if known {
                amount := mload(0x00)
            }
        }
    }

    /// @notice Sends and ignores the answer.
    function send(address asset, address to, uint256 amount) internal {
        if (asset == kNative) {
            assembly ("memory-safe") {
                pop(call(kTransferGas, to, amount, 0x00, 0x00, 0x00, 0x00))
            }
            return;
        }
        bytes memory order = abi.encodeWithSelector(kTransfer, to, amount);
        assembly ("memory-safe") {
            pop(call(kTransferGas, asset, 0, add(order, 0x20), mload(order), 0x00, 0x00))
        }
    }
}
