// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Asset} from "./Asset.sol";

/// @title A deposit address: holds what arrives until its factory takes it.
/// @notice Deployed once; deposit addresses are EIP-1167 clones of it. No key exists for any of them.
contract Forwarder {
    error NotFactory();

    address private immutable factory_;

    constructor(address factory) {
        factory_ = factory;
    }

    receive() external payable {}

    /// @notice Sends `amount` of an asset. The factory looks at the balance to see whether it went.
    function send(address asset, address to, uint256 amount) external {
        if (msg.sender != factory_) revert NotFactory();
        Asset.send(asset, to, amount);
    }
}
