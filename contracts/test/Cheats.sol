// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The few cheat codes of forge that the tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 time) external;
    function chainId(uint256 id) external;
    function deal(address who, uint256 balance) external;
    function assume(bool condition) external pure;
    function prank(address sender) external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata reason) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function getNonce(address who) external view returns (uint64);
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function load(address target, bytes32 slot) external view returns (bytes32);
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
}

/// @title Cheat codes and assertions.
abstract contract Cheats {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(uint256 is_, uint256 shouldBe);
    error NotTrue(string claim);

    function check(bool condition, string memory claim) internal pure {
        if (!condition) revert NotTrue(claim);
    }

    function equal(uint256 is_, uint256 shouldBe) internal pure {
        if (is_ != shouldBe) revert NotEqual(is_, shouldBe);
    }

    function equal(address is_, address shouldBe) internal pure {
        equal(uint256(uint160(is_)), uint256(uint160(shouldBe)));
    }

    /// @dev Folds a fuzzed number into [low, high].
    function within(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        if (low == 0 && high == type(uint256).max) return x;
        return low + x % (high - low + 1);
    }
}
