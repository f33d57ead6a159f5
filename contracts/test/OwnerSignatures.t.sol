// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EvacuationModule} from "../src/EvacuationModule.sol";
import {LimitGuard} from "../src/LimitGuard.sol";
import {OwnerSignatures} from "../src/OwnerSignatures.sol";
import {Wallets} from "./Wallets.sol";

/// @title One owner's signature works once, in time, on this chain and at this contract only.
/// @dev The hashes are built here from the type strings, not taken from the contracts.
contract OwnerSignaturesTest is Wallets {
    uint256 private constant kHome = 31337;
    uint256 private constant kOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant kDeadline = kStart + 1 hours;
    address[] private assets_;

    function setUp() public override {
        super.setUp();
        vm.chainId(kHome);
        assets_.push(address(0));
        assets_.push(address(token));
    }

    function testFuzz_each_owner_may_freeze_by_signature(uint256 owner, uint256 nonce, address relayer) public {
        uint256 key = hotKeys[within(owner, 0, 2)];
        vm.prank(relayer);
        guard.freezeWithSignature(nonce, kDeadline, _sign(key, _freezeDigest(address(guard), kHome, nonce)));
        check(guard.frozen(), "frozen");
        check(guard.nonceUsed(vm.addr(key), nonce), "nonce used");
        _expectRefused(_pay(1), LimitGuard.Refusal.frozen);
    }

    function testFuzz_each_owner_may_evacuate_by_signature(uint256 owner, uint256 nonce, address relayer) public {
        uint256 key = hotKeys[within(owner, 0, 2)];
        vm.prank(relayer);
        module.evacuateWithSignature(assets_, nonce, kDeadline, _sign(key, _evacuateDigest(nonce)));
        equal(address(cold).balance, 1_000 ether);
        equal(token.balanceOf(address(cold)), 100_000e6);
    }

    function testFuzz_strangers_may_not(uint256 key, uint256 nonce) public {
        key = within(key, 1, kOrder - 1);
        vm.assume(!hot.isOwner(vm.addr(key)));
        bytes memory freeze = _sign(key, _freezeDigest(address(guard), kHome, nonce));
        _expectFreeze(OwnerSignatures.NotOwner.selector, nonce, freeze);
        _expectEvacuate(OwnerSignatures.NotOwner.selector, nonce, _sign(key, _evacuateDigest(nonce)));
    }

    function test_cold_owners_may_not() public {
        _expectEvacuate(OwnerSignatures.NotOwner.selector, 1, _sign(coldKeys[0], _evacuateDigest(1)));
    }

    function test_no_replay() public {
        bytes memory freeze = _sign(hotKeys[0], _freezeDigest(address(guard), kHome, 7));
        guard.freezeWithSignature(7, kDeadline, freeze);
        vm.prank(address(cold));
        guard.thaw();
        _expectFreeze(OwnerSignatures.NonceUsed.selector, 7, freeze);
        check(!guard.frozen(), "still thawed");

        bytes memory evacuate = _sign(hotKeys[0], _evacuateDigest(7));
        module.evacuateWithSignature(assets_, 7, kDeadline, evacuate);
        vm.deal(address(hot), 1 ether);
        _expectEvacuate(OwnerSignatures.NonceUsed.selector, 7, evacuate);
        equal(address(hot).balance, 1 ether);
    }

    function test_nonces_are_each_owners_own() public {
        guard.freezeWithSignature(7, kDeadline, _sign(hotKeys[0], _freezeDigest(address(guard), kHome, 7)));
        guard.freezeWithSignature(7, kDeadline, _sign(hotKeys[1], _freezeDigest(address(guard), kHome, 7)));
    }

    function test_deadline_is_the_last_good_second() public {
        bytes memory signature = _sign(hotKeys[0], _freezeDigest(address(guard), kHome, 1));
        vm.warp(kDeadline + 1);
        _expectFreeze(OwnerSignatures.Expired.selector, 1, signature);
        vm.warp(kDeadline);
        guard.freezeWithSignature(1, kDeadline, signature);
    }

    function testFuzz_signature_is_for_one_chain(uint64 other) public {
        vm.assume(other != kHome);
        bytes memory here = _sign(hotKeys[0], _freezeDigest(address(guard), kHome, 1));
        bytes memory there = _sign(hotKeys[0], _freezeDigest(address(guard), other, 1));
        _expectRefusedFreeze(1, kDeadline, there);
        vm.chainId(other); // a fork of the chain takes its own, not the old ones
        _expectRefusedFreeze(1, kDeadline, here);
        guard.freezeWithSignature(1, kDeadline, there);
    }

    function test_signature_is_for_one_contract() public {
        LimitGuard other =
            _newGuard(address(hot), address(cold), new address[](0), new uint256[](0));
        bytes memory signature = _sign(hotKeys[0], _freezeDigest(address(other), kHome, 1));
        _expectRefusedFreeze(1, kDeadline, signature);
        other.freezeWithSignature(1, kDeadline, signature);
    }

    function testFuzz_signature_is_for_one_message(uint256 nonce, uint256 deadline) public {
        deadline = within(deadline, kStart, type(uint256).max);
        vm.assume(nonce != 1 || deadline != kDeadline);
        bytes memory signature = _sign(hotKeys[0], _freezeDigest(address(guard), kHome, 1));
        _expectRefusedFreeze(nonce, deadline, signature);
    }

    function test_evacuation_signature_covers_every_asset_in_order() public {
        bytes memory signature = _sign(hotKeys[0], _evacuateDigest(1));
        (assets_[0], assets_[1]) = (assets_[1], assets_[0]);
        _expectRefusedEvacuation(1, signature);
        (assets_[0], assets_[1]) = (assets_[1], assets_[0]);
        assets_.push(kPayee);
        _expectRefusedEvacuation(1, signature);
        assets_.pop();
        module.evacuateWithSignature(assets_, 1, kDeadline, signature);
    }

    function test_second_spelling_of_a_signature_refused() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(hotKeys[0], _freezeDigest(address(guard), kHome, 1));
        bytes memory high = abi.encodePacked(r, kOrder - uint256(s), v == 27 ? uint8(28) : uint8(27));
        _expectFreeze(OwnerSignatures.BadSignature.selector, 1, high);
        _expectFreeze(OwnerSignatures.BadSignature.selector, 1, abi.encodePacked(r, s, v - 27));
        _expectFreeze(OwnerSignatures.BadSignature.selector, 1, abi.encodePacked(r, s));
        _expectFreeze(OwnerSignatures.BadSignature.selector, 1, abi.encodePacked(r, s, v, v));
        _expectFreeze(OwnerSignatures.BadSignature.selector, 1, "");
    }

    function test_removed_owner_may_not() public {
        SafeTx memory t =
            _plain(address(hot), 0, abi.encodeCall(hot.swapOwner, (_ownerBefore(0), vm.addr(hotKeys[0]), kPayee)));
        bytes32 hash = _hashOf(t, hot.nonce());
        _execCold(address(guard), abi.encodeCall(LimitGuard.approveOnce, (hash)));
        _exec(t);
        _expectEvacuate(OwnerSignatures.NotOwner.selector, 1, _sign(hotKeys[0], _evacuateDigest(1)));
    }

    /// @dev The Safe keeps its owners in the order of its setup, which is that of hotKeys.
    function _ownerBefore(uint256 index) private view returns (address) {
        return index == 0 ? address(1) : vm.addr(hotKeys[index - 1]);
    }

    function _domain(string memory name, uint256 chain, address at_) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                chain,
                at_
            )
        );
    }

    function _freezeDigest(address at_, uint256 chain, uint256 nonce) private pure returns (bytes32) {
        bytes32 message = keccak256(abi.encode(keccak256("Freeze(uint256 nonce,uint256 deadline)"), nonce, kDeadline));
        return keccak256(abi.encodePacked(hex"1901", _domain("Holdfast LimitGuard", chain, at_), message));
    }

    function _evacuateDigest(uint256 nonce) private view returns (bytes32) {
        bytes32 assets = keccak256(abi.encodePacked(assets_));
        bytes32 kind = keccak256("Evacuate(address[] assets,uint256 nonce,uint256 deadline)");
        bytes32 message = keccak256(abi.encode(kind, assets, nonce, kDeadline));
        bytes32 domain = _domain("Holdfast EvacuationModule", kHome, address(module));
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    function _expectFreeze(bytes4 error_, uint256 nonce, bytes memory signature) private {
        vm.expectRevert(error_);
        guard.freezeWithSignature(nonce, kDeadline, signature);
    }

    function _expectEvacuate(bytes4 error_, uint256 nonce, bytes memory signature) private {
        vm.expectRevert(error_);
        module.evacuateWithSignature(assets_, nonce, kDeadline, signature);
    }

    /// @dev A signature over something else recovers to some stranger, or to nobody.
    function _expectRefusedFreeze(uint256 nonce, uint256 deadline, bytes memory signature) private {
        bytes memory call = abi.encodeCall(LimitGuard.freezeWithSignature, (nonce, deadline, signature));
        _expectSignatureRefused(address(guard), call);
        check(!guard.frozen(), "not frozen");
    }

    function _expectRefusedEvacuation(uint256 nonce, bytes memory signature) private {
        bytes memory call =
            abi.encodeCall(EvacuationModule.evacuateWithSignature, (assets_, nonce, kDeadline, signature));
        _expectSignatureRefused(address(module), call);
    }

    function _expectSignatureRefused(address callee, bytes memory call) private {
        (bool passed, bytes memory answer) = callee.call(call);
        bytes4 why = bytes4(answer);
        bool expected = why == OwnerSignatures.NotOwner.selector || why == OwnerSignatures.BadSignature.selector;
        check(!passed && expected, "signature must be refused");
    }
}
