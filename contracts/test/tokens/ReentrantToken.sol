// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title Calls out in the middle of each transfer.
contract ReentrantToken is TestToken {
    address public target;
    bytes public callData;
    /// @notice Whether the call made in the latest transfer went through.
    bool public reentered;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function arm(address target_, bytes calldata callData_) external {
        target = target_;
        callData = callData_;
    }

    function _move(address from, address to, uint256 value) internal override {
        address callee = target;
        target = address(0); // once, or the call would come back for ever
        if (callee != address(0)) (reentered,) = callee.call(callData);
        super._move(from, to, value);
    }
}
