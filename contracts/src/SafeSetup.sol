// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISafe} from "./ISafe.sol";

/// @title Installs guard and module while a Safe is being set up.
/// @notice `Safe.setup` delegatecalls this, so `address(this)` is the new Safe and the calls below come from the Safe
///         itself, as it demands. Owners need not sign, and there is no moment at which the Safe stands unguarded.
contract SafeSetup {
    function install(address guard, address module) external {
        ISafe(address(this)).enableModule(module);
        ISafe(address(this)).setGuard(guard);
    }
}
