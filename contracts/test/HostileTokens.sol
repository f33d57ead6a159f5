// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TestToken} from "./tokens/TestToken.sol";

/// @title Burns all gas it is given, in transfer.
contract GasBurner is TestToken {
    constructor() TestToken("Gas Burner", "BURN", 18) {}

    function transfer(address, uint256) external pure override returns (bool) {
        assembly {
            invalid()
        }
    }
}

/// @title Answers transfer and balanceOf with as many zero bytes as its gas buys, to make the caller pay for copying.
contract ReturnBomb {
    fallback() external {
        assembly {
            let size := 400000
            if lt(gas(), 400000) {
                size := 100000
            }
            mstore(0, 1)
            return(0, size)
        }
    }
}

/// @title Burns all gas it is given, in balanceOf as well.
contract NoBalance {
    fallback() external {
        assembly {
            invalid()
        }
    }
}

/// @title Says true and moves nothing.
contract Liar is TestToken {
    constructor() TestToken("Liar", "LIE", 18) {}

    function transfer(address, uint256) external pure override returns (bool) {
        return true;
    }
}

/// @title A token whose transfer honestly takes some 400,000 gas.
contract HeavyToken is TestToken {
    constructor() TestToken("Heavy", "HEAVY", 18) {}

    function transfer(address to, uint256 value) external override returns (bool) {
        uint256 enough = gasleft() - 400_000;
        while (gasleft() > enough) {}
        _move(msg.sender, to, value);
        return true;
    }
}
