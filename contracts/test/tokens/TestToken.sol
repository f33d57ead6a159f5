// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TokenLedger} from "./TokenLedger.sol";

/// @title An ERC-20 as it should be.
contract TestToken is TokenLedger {
    constructor(string memory name_, string memory symbol_, uint8 decimals_) TokenLedger(name_, symbol_, decimals_) {}

    function transfer(address to, uint256 value) external virtual returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external virtual returns (bool) {
        _spendAllowance(from, value);
        _move(from, to, value);
        return true;
    }
}
