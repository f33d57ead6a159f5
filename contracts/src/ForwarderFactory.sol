// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Asset} from "./Asset.sol";
import {Forwarder} from "./Forwarder.sol";

/// @title Deposit addresses nobody holds a key for.
/// @notice An address is known from its salt long before anything is deployed there. Anybody may flush: the coins can
///         only go to the hot wallet, and only the admin (the cold Safe) says which wallet that is.
contract ForwarderFactory {
    /// @notice `amount` is what really left the forwarder, in base units.
    event Flushed(address indexed forwarder, address indexed asset, uint256 amount);
    event FlushFailed(address indexed forwarder, address indexed asset);
    event HotWalletChanged(address indexed from, address indexed to);

    error NotAdmin();
    error ZeroAddress();
    error DeploymentFailed();

    /// @notice The cold Safe.
    address public immutable admin;
    /// @notice What every forwarder delegates to.
    address public immutable implementation;
    /// @notice Hash of a forwarder's creation code, for CREATE2.
    bytes32 public immutable initCodeHash;
    /// @notice Where flushed coins go.
    address public hotWallet;

    constructor(address admin_, address hotWallet_) {
        if (admin_ == address(0)) revert ZeroAddress();
        admin = admin_;
        implementation = address(new Forwarder(address(this)));
        initCodeHash = keccak256(_initCode());
        _setHotWallet(hotWallet_);
    }

    /// @notice The deposit address of a salt, deployed or not.
    function addressOf(bytes32 salt) public view returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), salt, initCodeHash)))));
    }

    /// @notice Sends the native coin and the listed tokens of each salt's forwarder to the hot wallet, deploying the
    ///         forwarder when it is needed. What holds nothing is skipped; what fails stays there for another try.
    function flush(bytes32[] calldata salts, address[] calldata tokens) external {
        address to = hotWallet;
        for (uint256 i = 0; i < salts.length; ++i) {
            address forwarder = addressOf(salts[i]);
            _flush(salts[i], forwarder, Asset.kNative, to);
            for (uint256 j = 0; j < tokens.length; ++j) _flush(salts[i], forwarder, tokens[j], to);
        }
    }

    /// @notice Moves the destination.
    function setHotWallet(address hotWallet_) external {
        if (msg.sender != admin) revert NotAdmin();
        _setHotWallet(hotWallet_);
    }

    function _flush(bytes32 salt, address forwarder, address asset, address to) private {
        (bool known, uint256 before) = Asset.balance(asset, forwarder);
        if (!known) {
            emit FlushFailed(forwarder, asset);
            return;
        }
        if (before == 0) return;
        if (forwarder.code.length == 0) _deploy(salt);
        Forwarder(payable(forwarder)).send(asset, to, before);
        (bool stillKnown, uint256 left) = Asset.balance(asset, forwarder);
        // Believe the balance, not the token's answer.
        if (stillKnown && left < before) emit Flushed(forwarder, asset, before - left);
        else emit FlushFailed(forwarder, asset);
    }

    function _deploy(bytes32 salt) private {
        bytes memory code = _initCode();
        address made;
        assembly ("memory-safe") {
            made := create2(0, add(code, 0x20), mload(code), salt)
        }
        if (made == address(0)) revert DeploymentFailed();
    }

    /// @dev EIP-1167.
    function _initCode() private view returns (bytes memory) {
        return abi.encodePacked(
            hex"3d602d80600a3d3981f3363d3d373d3d3d363d73", implementation, hex"5af43d82803e903d91602b57fd5bf3"
        );
    }

    function _setHotWallet(address hotWallet_) private {
        if (hotWallet_ == address(0)) revert ZeroAddress();
        emit HotWalletChanged(hotWallet, hotWallet_);
        hotWallet = hotWallet_;
    }
}
