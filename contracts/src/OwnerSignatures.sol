// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISafe} from "./ISafe.sol";

/// @title One owner's signature over EIP-712 data, good once and until a deadline.
/// @notice For acts that any single owner of the Safe may order and anybody may relay. The domain binds a signature to
///         this chain and this contract. Nonces need no order, so that owners who cannot talk to each other can sign.
abstract contract OwnerSignatures {
    error ZeroAddress();
    error Expired();
    error NonceUsed();
    error BadSignature();
    error NotOwner();

    bytes32 private constant kDomainType =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant kVersionHash = keccak256("1");
    /// @dev Half the order of secp256k1: a higher s is the same signature written a second way.
    uint256 private constant kHalfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The Safe whose owners may sign.
    ISafe public immutable safe;
    bytes32 private immutable nameHash_;

    /// @notice True once the signer's signature with this nonce was used here.
    mapping(address signer => mapping(uint256 nonce => bool)) public nonceUsed;

    constructor(address safe_, string memory name) {
        if (safe_ == address(0)) revert ZeroAddress();
        safe = ISafe(safe_);
        nameHash_ = keccak256(bytes(name));
    }

    /// @dev Computed on each call: a chain that forks gets a new id, and old signatures must not follow it there.
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(kDomainType, nameHash_, kVersionHash, block.chainid, address(this)));
    }

    /// @dev Checks the signature and uses up its nonce, or reverts.
    /// @return signer the owner who signed.
    function _useSignature(
        bytes32 structHash,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) internal returns (address signer) {
        if (block.timestamp > deadline) revert Expired();
        signer = _recover(keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash)), signature);
        if (!safe.isOwner(signer)) revert NotOwner();
        if (nonceUsed[signer][nonce]) revert NonceUsed();
        nonceUsed[signer][nonce] = true;
    }

    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address signer) {
        if (signature.length != 65) revert BadSignature();
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > kHalfOrder) revert BadSignature();
        signer = ecrecover(digest, uint8(signature[64]), r, s);
        if (signer == address(0)) revert BadSignature();
    }
}
