// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Asset} from "./Asset.sol";
import {OwnerSignatures} from "./OwnerSignatures.sol";

/// @title Any one owner of the hot Safe can send everything to the cold Safe, and nowhere else.
/// @notice One key can save: an evacuation needs no quorum and passes a freeze. One key cannot steal: the destination
///         is fixed and only the cold Safe moves it. A bad asset costs its own gas and does not stop the next one.
contract EvacuationModule is OwnerSignatures {
    /// @notice `amount` is what left the Safe, in base units; 0 when there was nothing.
    event Evacuated(address indexed asset, address indexed to, uint256 amount);
    event EvacuationFailed(address indexed asset);
    event ColdChanged(address indexed from, address indexed to);

    error NotCold();
    error BadCold();
    error NotEnoughGas();

    bytes32 private constant kEvacuateType = keccak256("Evacuate(address[] assets,uint256 nonce,uint256 deadline)");
    /// @dev Two balances and a transfer at their caps, and what surrounds them. It is more than an asset's contract is
    ///      ever given, so none can evacuate from inside an evacuation.
    uint256 private constant kAssetGas = 1_000_000;

    /// @notice Where everything goes.
    address public cold;

    /// @param safe_ may be an address that has no code yet: the Safe is deployed after its module.
    constructor(address safe_, address cold_) OwnerSignatures(safe_, "Holdfast EvacuationModule") {
        _setCold(cold_);
    }

    /// @notice Moves the whole balance of each asset to `cold`. Any owner of the Safe alone.
    function evacuate(address[] calldata assets) external {
        if (!safe.isOwner(msg.sender)) revert NotOwner();
        _evacuate(assets);
    }

    /// @notice The same on the EIP-712 signature of one owner, whoever relays it.
    function evacuateWithSignature(
        address[] calldata assets,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external {
        bytes32 assetsHash = keccak256(abi.encodePacked(assets));
        _useSignature(keccak256(abi.encode(kEvacuateType, assetsHash, nonce, deadline)), nonce, deadline, signature);
        _evacuate(assets);
    }

    /// @notice Moves the destination. Only the current one may.
    function setCold(address cold_) external {
        if (msg.sender != cold) revert NotCold();
        _setCold(cold_);
    }

    function _evacuate(address[] calldata assets) private {
        for (uint256 i = 0; i < assets.length; ++i) {
            // Without this a relayer could use up a signature with too little gas for the transfers.
            if (gasleft() < kAssetGas) revert NotEnoughGas();
            _evacuateOne(assets[i], cold);
        }
    }

    function _evacuateOne(address asset, address to) private {
        (bool known, uint256 before) = Asset.balance(asset, address(safe));
        uint256 left = before;
        if (known && before != 0) {
            _transferFromSafe(asset, to, before);
            (known, left) = Asset.balance(asset, address(safe));
        }
        // Believe the balance, not the token's answer.
        if (known && (before == 0 || left < before)) emit Evacuated(asset, to, before - left);
        else emit EvacuationFailed(asset);
    }

    function _transferFromSafe(address asset, address to, uint256 amount) private {
        if (asset == Asset.kNative) {
            try safe.execTransactionFromModule{gas: Asset.kTransferGas}(to, amount, "", 0) {} catch {}
        } else {
            bytes memory order = abi.encodeWithSelector(Asset.kTransfer, to, amount);
            try safe.execTransactionFromModule{gas: Asset.kTransferGas}(asset, 0, order, 0) {} catch {}
        }
    }

    function _setCold(address cold_) private {
        if (cold_ == address(0) || cold_ == address(safe)) revert BadCold();
        emit ColdChanged(cold, cold_);
        cold = cold_;
    }
}
