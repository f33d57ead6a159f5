// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LimitGuard} from "../src/LimitGuard.sol";
import {OwnerSignatures} from "../src/OwnerSignatures.sol";
import {ITransactionGuard} from "../src/ISafe.sol";
import {FalseToken} from "./tokens/FalseToken.sol";
import {TestToken} from "./tokens/TestToken.sol";
import {ITestSafe, Wallets} from "./Wallets.sol";

/// @title What a hot quorum may do through the real Safe with our guard, and who may loosen it.
contract LimitGuardTest is Wallets {
    function test_interface_is_what_safe_1_5_asks_for() public view {
        check(type(ITransactionGuard).interfaceId == 0xe6d7a83a, "ITransactionGuard id of Safe 1.5.0");
        check(guard.supportsInterface(0xe6d7a83a) && guard.supportsInterface(0x01ffc9a7), "supported");
        check(!guard.supportsInterface(0xffffffff), "ERC-165 forbids this one");
        equal(address(uint160(uint256(vm.load(address(hot), kGuardSlot)))), address(guard));
        check(hot.isModuleEnabled(address(module)), "module enabled");
    }

    // ---- what passes

    function testFuzz_native_within_limit_passes(uint256 amount) public {
        amount = within(amount, 1, kNativeLimit);
        _exec(_pay(amount));
        equal(kPayee.balance, amount);
        equal(guard.available(address(0)), kNativeLimit - amount);
    }

    function testFuzz_token_within_limit_passes(uint256 amount) public {
        amount = within(amount, 0, kTokenLimit);
        _exec(_payToken(amount));
        equal(token.balanceOf(kPayee), amount);
        equal(guard.available(address(token)), kTokenLimit - amount);
    }

    function test_nonce_can_be_burned_even_when_frozen() public {
        _execCold(address(guard), abi.encodeCall(LimitGuard.freeze, ()));
        uint256 nonce = hot.nonce();
        uint256 balance = address(hot).balance;
        _exec(_plain(address(hot), 0, ""));
        equal(hot.nonce(), nonce + 1);
        equal(address(hot).balance, balance);
    }

    // ---- limits

    function testFuzz_native_over_limit_refused(uint256 amount) public {
        amount = within(amount, kNativeLimit + 1, 1_000 ether);
        _expectRefused(_pay(amount), LimitGuard.Refusal.over_limit);
    }

    function testFuzz_token_over_limit_refused(uint256 amount) public {
        amount = within(amount, kTokenLimit + 1, type(uint256).max);
        _expectRefused(_payToken(amount), LimitGuard.Refusal.over_limit);
    }

    /// @dev The law: over any time t at most limit + limit * t / day. Exactly `available` passes and one more does not.
    function testFuzz_never_more_than_limit_plus_drain(uint256[8] memory amounts, uint256[8] memory pauses) public {
        uint256 time = kStart;
        uint256 out = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            time += within(pauses[i], 0, 2 * kDay);
            vm.warp(time);
            uint256 room = guard.available(address(0));
            uint256 amount = within(amounts[i], 1, kNativeLimit + 1);
            if (amount > room) {
                _expectRefused(_pay(amount), LimitGuard.Refusal.over_limit);
                continue;
            }
            vm.deal(address(hot), amount);
            _exec(_pay(amount));
            out += amount;
            check(out <= kNativeLimit + kNativeLimit * (time - kStart) / kDay, "more left than the law allows");
        }
        equal(kPayee.balance, out);
    }

    /// @dev Spending whatever is available as often as one likes gains nothing.
    function testFuzz_greedy_spender_stays_within_the_law(uint256[16] memory pauses) public {
        uint256 time = kStart;
        for (uint256 i = 0; i < pauses.length; ++i) {
            time += within(pauses[i], 0, kDay / 2);
            vm.warp(time);
            uint256 room = guard.available(address(token));
            _expectRefused(_payToken(room + 1), LimitGuard.Refusal.over_limit);
            _exec(_payToken(room));
            check(
                token.balanceOf(kPayee) <= kTokenLimit + kTokenLimit * (time - kStart) / kDay,
                "more left than the law allows"
            );
        }
    }

    function test_bucket_drains_in_a_day() public {
        _exec(_pay(kNativeLimit));
        _expectRefused(_pay(1), LimitGuard.Refusal.over_limit);
        vm.warp(kStart + kDay / 2);
        equal(guard.available(address(0)), kNativeLimit / 2);
        vm.warp(kStart + kDay);
        equal(guard.available(address(0)), kNativeLimit);
        vm.warp(kStart + 100 * kDay);
        equal(guard.available(address(0)), kNativeLimit);
    }

    function test_assets_have_separate_buckets() public {
        _exec(_pay(kNativeLimit));
        _exec(_payToken(kTokenLimit));
        equal(guard.available(address(0)) + guard.available(address(token)), 0);
    }

    /// @dev With safeTxGas the Safe swallows a failed inner call: the nonce is used and the bucket stays filled.
    function test_failed_transfer_still_counts() public {
        SafeTx memory t = _payToken(kTokenLimit);
        t.safeTxGas = 200_000;
        _emptyToken();
        check(!_exec(t), "inner call fails");
        equal(guard.available(address(token)), 0);
        equal(token.balanceOf(kPayee), 0);
    }

    function test_reverted_transaction_counts_nothing() public {
        _emptyToken();
        SafeTx memory t = _payToken(kTokenLimit);
        bytes memory signatures = _twoSignatures(hotKeys, _hashOf(t, hot.nonce()));
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "balance"));
        _execSigned(t, signatures);
        equal(guard.available(address(token)), kTokenLimit);
    }

    function test_lowered_limit_keeps_what_has_left() public {
        _exec(_pay(kNativeLimit / 2));
        _setLimit(address(0), kNativeLimit / 4);
        equal(guard.available(address(0)), 0);
        _expectRefused(_pay(1), LimitGuard.Refusal.over_limit);
        _setLimit(address(0), kNativeLimit);
        equal(guard.available(address(0)), kNativeLimit / 2);
        _setLimit(address(0), 0);
        _expectRefused(_pay(1), LimitGuard.Refusal.asset_unlisted);
        equal(guard.available(address(0)), 0);
    }

    function test_limit_is_bounded_and_for_real_assets_only() public {
        vm.prank(address(cold));
        vm.expectRevert(LimitGuard.LimitTooLarge.selector);
        guard.setLimit(address(0), uint256(type(uint112).max) + 1);
        address[3] memory bad = [address(hot), address(guard), address(0xDEAD)];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.prank(address(cold));
            vm.expectRevert(LimitGuard.BadAsset.selector);
            guard.setLimit(bad[i], 1);
        }
        _setLimit(address(0), type(uint112).max);
        equal(guard.available(address(0)), type(uint112).max);
    }

    // ---- what never passes

    function testFuzz_delegatecall_refused_even_when_approved(address to, uint256 value, bytes memory data) public {
        SafeTx memory t = _plain(to, value, data);
        t.operation = 1;
        bytes32 hash = _hashOf(t, hot.nonce());
        _execCold(address(guard), abi.encodeCall(LimitGuard.approveOnce, (hash)));
        _expectRefused(t, LimitGuard.Refusal.delegate_call);
    }

    function test_refunds_refused() public {
        SafeTx memory t = _pay(1);
        t.gasPrice = 1;
        _expectRefused(t, LimitGuard.Refusal.refund);
        t = _pay(1);
        t.gasToken = address(token);
        _expectRefused(t, LimitGuard.Refusal.refund);
        t = _pay(1);
        t.refundReceiver = kPayee;
        _expectRefused(t, LimitGuard.Refusal.refund);
        t = _plain(address(hot), 0, ""); // the nonce burn is no way around it
        t.gasPrice = 1;
        _expectRefused(t, LimitGuard.Refusal.refund);
    }

    function test_hot_quorum_cannot_change_its_safe() public {
        bytes[8] memory calls = [
            abi.encodeCall(hot.setGuard, (address(0))),
            abi.encodeCall(hot.enableModule, (kPayee)),
            abi.encodeCall(hot.disableModule, (address(1), address(module))),
            abi.encodeCall(hot.changeThreshold, (1)),
            abi.encodeCall(hot.addOwnerWithThreshold, (kPayee, 1)),
            abi.encodeCall(hot.swapOwner, (address(1), vm.addr(hotKeys[0]), kPayee)),
            abi.encodeCall(hot.setFallbackHandler, (kPayee)),
            abi.encodeCall(hot.setModuleGuard, (kPayee))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _expectRefused(_plain(address(hot), 0, calls[i]), LimitGuard.Refusal.self_call);
        }
        _expectRefused(_plain(address(hot), 1, ""), LimitGuard.Refusal.self_call);
    }

    function testFuzz_self_call_with_data_refused(bytes memory data, uint256 value) public {
        vm.assume(data.length != 0);
        _expectRefused(_plain(address(hot), value, data), LimitGuard.Refusal.self_call);
    }

    function test_empty_call_to_others_refused() public {
        _expectRefused(_plain(kPayee, 0, ""), LimitGuard.Refusal.empty_transfer);
        _expectRefused(_plain(address(guard), 0, ""), LimitGuard.Refusal.empty_transfer);
    }

    function testFuzz_guard_and_module_cannot_be_called(bytes memory data) public {
        vm.assume(data.length != 0);
        _expectNotThrough(_plain(address(guard), 0, data));
        _expectNotThrough(_plain(address(module), 0, data));
    }

    function testFuzz_other_selectors_refused(bytes4 selector, address to, uint256 amount) public {
        vm.assume(selector != TestToken.transfer.selector);
        bytes memory data = abi.encodeWithSelector(selector, to, amount);
        _expectRefused(_plain(address(token), 0, data), LimitGuard.Refusal.not_a_transfer);
    }

    function testFuzz_only_exact_transfer_data_passes(uint256 length) public {
        length = within(length, 1, 200);
        vm.assume(length != 68);
        bytes memory data = new bytes(length);
        bytes memory exact = abi.encodeCall(TestToken.transfer, (kPayee, 1));
        for (uint256 i = 0; i < length && i < exact.length; ++i) data[i] = exact[i];
        _expectRefused(_plain(address(token), 0, data), LimitGuard.Refusal.not_a_transfer);
    }

    function testFuzz_dirty_address_bytes_refused(uint256 place, bytes1 dirt) public {
        vm.assume(dirt != 0);
        bytes memory data = abi.encodeCall(TestToken.transfer, (kPayee, 1));
        data[4 + within(place, 0, 11)] = dirt;
        _expectRefused(_plain(address(token), 0, data), LimitGuard.Refusal.not_a_transfer);
    }

    function testFuzz_value_with_data_refused(uint256 value) public {
        SafeTx memory t = _payToken(1);
        t.value = within(value, 1, type(uint256).max);
        _expectRefused(t, LimitGuard.Refusal.native_with_data);
    }

    function testFuzz_unlisted_token_refused(address asset, uint256 amount) public {
        vm.assume(asset != address(token) && asset != address(hot) && asset != address(0));
        bytes memory data = abi.encodeCall(TestToken.transfer, (kPayee, amount));
        _expectRefused(_plain(asset, 0, data), LimitGuard.Refusal.asset_unlisted);
    }

    function test_one_signature_is_not_enough() public {
        SafeTx memory t = _pay(1);
        bytes memory signature = _sign(hotKeys[0], _hashOf(t, hot.nonce()));
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "GS020"));
        _execSigned(t, signature);
    }

    // ---- approvals by the cold Safe

    function test_approved_transaction_passes_once_and_when_frozen() public {
        SafeTx memory t = _plain(address(hot), 0, abi.encodeCall(hot.changeThreshold, (3)));
        bytes32 hash = _hashOf(t, hot.nonce());
        _execCold(address(guard), abi.encodeCall(LimitGuard.approveOnce, (hash)));
        _execCold(address(guard), abi.encodeCall(LimitGuard.freeze, ()));
        _exec(t);
        equal(hot.getThreshold(), 3);
        check(!guard.approved(hash), "used up");
    }

    function test_approval_is_for_one_nonce() public {
        SafeTx memory t = _plain(address(hot), 0, abi.encodeCall(hot.changeThreshold, (1)));
        bytes32 hash = _hashOf(t, hot.nonce());
        _execCold(address(guard), abi.encodeCall(LimitGuard.approveOnce, (hash)));
        _exec(_pay(1));
        _expectRefused(t, LimitGuard.Refusal.self_call);
    }

    function test_approval_does_not_replace_the_quorum() public {
        SafeTx memory t = _pay(kNativeLimit + 1);
        bytes32 hash = _hashOf(t, hot.nonce());
        _execCold(address(guard), abi.encodeCall(LimitGuard.approveOnce, (hash)));
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "GS026"));
        _execSigned(t, _twoSignatures(coldKeys, hash));
        _exec(t);
        equal(kPayee.balance, kNativeLimit + 1);
    }

    function test_guard_leaves_only_with_approval() public {
        SafeTx memory t = _plain(address(hot), 0, abi.encodeCall(hot.setGuard, (address(0))));
        _expectRefused(t, LimitGuard.Refusal.self_call);
        bytes32 hash = _hashOf(t, hot.nonce());
        _execCold(address(guard), abi.encodeCall(LimitGuard.approveOnce, (hash)));
        _exec(t);
        check(vm.load(address(hot), kGuardSlot) == 0, "guard removed");
    }

    function test_approval_can_be_taken_back() public {
        SafeTx memory t = _plain(address(hot), 0, abi.encodeCall(hot.changeThreshold, (1)));
        bytes32 hash = _hashOf(t, hot.nonce());
        _execCold(address(guard), abi.encodeCall(LimitGuard.approveOnce, (hash)));
        _execCold(address(guard), abi.encodeCall(LimitGuard.revokeApproval, (hash)));
        _expectRefused(t, LimitGuard.Refusal.self_call);
    }

    // ---- freezing

    function test_freeze_stops_transfers_and_thaw_ends_it() public {
        vm.prank(vm.addr(hotKeys[2]));
        guard.freeze();
        _expectRefused(_pay(1), LimitGuard.Refusal.frozen);
        _expectRefused(_payToken(1), LimitGuard.Refusal.frozen);
        _execCold(address(guard), abi.encodeCall(LimitGuard.thaw, ()));
        _exec(_pay(1));
    }

    function test_each_owner_may_freeze() public {
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(vm.addr(hotKeys[i]));
            guard.freeze();
            check(guard.frozen(), "frozen");
            vm.prank(address(cold));
            guard.thaw();
            check(!guard.frozen(), "thawed");
        }
    }

    function testFuzz_only_the_right_caller(address caller) public {
        vm.assume(caller != address(cold));
        _denied(caller, abi.encodeCall(LimitGuard.approveOnce, (bytes32(uint256(1)))), LimitGuard.NotCold.selector);
        _denied(caller, abi.encodeCall(LimitGuard.revokeApproval, (bytes32(0))), LimitGuard.NotCold.selector);
        _denied(caller, abi.encodeCall(LimitGuard.thaw, ()), LimitGuard.NotCold.selector);
        _denied(caller, abi.encodeCall(LimitGuard.setLimit, (address(0), 1)), LimitGuard.NotCold.selector);
        if (!hot.isOwner(caller)) {
            _denied(caller, abi.encodeCall(LimitGuard.freeze, ()), OwnerSignatures.NotOwner.selector);
        }
        if (caller != address(hot)) _denied(caller, _checkCall(), LimitGuard.NotSafe.selector);
    }

    function test_owners_and_the_safe_cannot_loosen() public {
        for (uint256 i = 0; i < 3; ++i) testFuzz_only_the_right_caller(vm.addr(hotKeys[i]));
        testFuzz_only_the_right_caller(address(hot));
        testFuzz_only_the_right_caller(address(module));
        testFuzz_only_the_right_caller(vm.addr(coldKeys[0])); // one cold owner is not the cold Safe
    }

    function test_constructor_checks_its_arguments() public {
        address[] memory none = new address[](0);
        vm.expectRevert(OwnerSignatures.ZeroAddress.selector);
        _newGuard(address(0), address(cold), none, new uint256[](0));
        vm.expectRevert(OwnerSignatures.ZeroAddress.selector);
        _newGuard(address(hot), address(0), none, new uint256[](0));
        vm.expectRevert(LimitGuard.LengthMismatch.selector);
        _newGuard(address(hot), address(cold), none, new uint256[](1));
    }

    // ---- odd tokens

    /// @dev A token that answers false moved nothing, and yet the limit counts it.
    function test_false_token_counts() public {
        FalseToken odd = new FalseToken("False", "FALSE", 18);
        odd.mint(address(hot), 10);
        _setLimit(address(odd), 10);
        _exec(_plain(address(odd), 0, abi.encodeCall(TestToken.transfer, (kPayee, 10))));
        equal(guard.available(address(odd)), 0);
        equal(odd.balanceOf(address(hot)), 10);
    }

    function _setLimit(address asset, uint256 limit) private {
        _execCold(address(guard), abi.encodeCall(LimitGuard.setLimit, (asset, limit)));
    }

    function _emptyToken() private {
        uint256 balance = token.balanceOf(address(hot));
        vm.prank(address(hot));
        token.transfer(address(cold), balance);
    }

    function _checkCall() private pure returns (bytes memory) {
        return abi.encodeCall(
            ITransactionGuard.checkTransaction,
            (kPayee, 1, "", 0, 0, 0, 0, address(0), payable(address(0)), "", address(0))
        );
    }

    function _denied(address caller, bytes memory call, bytes4 expected) private {
        vm.prank(caller);
        (bool passed, bytes memory answer) = address(guard).call(call);
        check(!passed && bytes4(answer) == expected, "must be denied");
    }

    function _expectNotThrough(SafeTx memory t) private {
        bytes memory signatures = _twoSignatures(hotKeys, _hashOf(t, hot.nonce()));
        (bool passed, bytes memory answer) = address(this).call(abi.encodeCall(this.execFromOutside, (t, signatures)));
        check(!passed && bytes4(answer) == LimitGuard.Refused.selector, "must be refused");
    }

    function execFromOutside(SafeTx memory t, bytes memory signatures) external {
        _execSigned(t, signatures);
    }
}
