// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title Burns a part of each transfer: less arrives than was sent.
contract FeeToken is TestToken {
    uint256 public immutable feeBasisPoints;

    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 feeBasisPoints_)
        TestToken(name_, symbol_, decimals_)
    {
        require(feeBasisPoints_ <= 10_000, "fee");
        feeBasisPoints = feeBasisPoints_;
    }

    function _move(address from, address to, uint256 value) internal override {
        uint256 fee = value * feeBasisPoints / 10_000;
        super._move(from, to, value - fee);
        super._move(from, address(0), fee);
    }
}
