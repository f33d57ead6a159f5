// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface ITransfer {
    function transfer(address to, uint256 value) external returns (bool);
}

/// @title Makes transactions that look like deposits, and deposits that are easily missed.
contract FakeDeposits {
    event Transfer(address indexed from, address indexed to, uint256 value);

    error Undone();

    receive() external payable {}

    /// @notice A true deposit that no transaction's `to` and `value` show.
    function payInternally(address payable to) external payable {
        _pay(to, msg.value);
    }

    /// @notice A true deposit of which the payee's code knows nothing.
    function payBySelfDestruct(address payable to) external payable {
        // Creation code: PUSH20 to, SELFDESTRUCT.
        bytes memory code = abi.encodePacked(hex"73", to, hex"ff");
        uint256 value = msg.value;
        address made;
        assembly ("memory-safe") {
            made := create(value, add(code, 0x20), mload(code))
        }
        require(made != address(0), "create");
    }

    /// @notice Several true deposits in one transaction.
    function payMany(address payable[] calldata to, uint256[] calldata values) external payable {
        for (uint256 i = 0; i < to.length; ++i) _pay(to[i], values[i]);
    }

    /// @notice The same with a token that this contract holds.
    function transferMany(ITransfer token, address[] calldata to, uint256[] calldata values) external {
        for (uint256 i = 0; i < to.length; ++i) token.transfer(to[i], values[i]);
    }

    /// @notice No deposit: the payment is undone inside a transaction that succeeds.
    function payThenUndo(address payable to) external payable {
        try this.payAndRevert(to, msg.value) {} catch {}
    }

    /// @notice No deposit: the same with a token that this contract holds.
    function transferThenUndo(ITransfer token, address to, uint256 value) external {
        try this.transferAndRevert(token, to, value) {} catch {}
    }

    /// @notice No deposit: a Transfer event of nothing.
    function transferZero(ITransfer token, address to) external {
        token.transfer(to, 0);
    }

    /// @notice No deposit: a Transfer event from a contract that is not the token.
    function logFakeTransfer(address from, address to, uint256 value) external {
        emit Transfer(from, to, value);
    }

    function payAndRevert(address payable to, uint256 value) external {
        _pay(to, value);
        revert Undone();
    }

    function transferAndRevert(ITransfer token, address to, uint256 value) external {
        token.transfer(to, value);
        revert Undone();
    }

    function _pay(address payable to, uint256 value) private {
        (bool paid,) = to.call{value: value}("");
        require(paid, "pay");
    }
}
