// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TokenLedger} from "./TokenLedger.sol";

/// @title Returns nothing from transfer, as USDT on Ethereum does.
contract NoReturnToken is TokenLedger {
    constructor(string memory name_, string memory symbol_, uint8 decimals_) TokenLedger(name_, symbol_, decimals_) {}

    function transfer(address to, uint256 value) external {
        _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external {
        _spendAllowance(from, value);
        _move(from, to, value);
    }
}
