// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EvacuationModule} from "../src/EvacuationModule.sol";
import {LimitGuard} from "../src/LimitGuard.sol";
import {OwnerSignatures} from "../src/OwnerSignatures.sol";
import {GasBurner, HeavyToken, Liar, NoBalance, ReturnBomb} from "./HostileTokens.sol";
import {Vm} from "./Cheats.sol";
import {Wallets} from "./Wallets.sol";
import {FalseToken} from "./tokens/FalseToken.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {NoReturnToken} from "./tokens/NoReturnToken.sol";
import {ReentrantToken} from "./tokens/ReentrantToken.sol";

/// @title Any one owner saves everything, to the cold Safe and nowhere else, whatever the tokens do.
contract EvacuationModuleTest is Wallets {
    function testFuzz_each_owner_moves_everything_to_cold(uint256 owner, uint128 native, uint128 tokens) public {
        vm.deal(address(hot), native);
        token.mint(address(hot), tokens);
        uint256 held = token.balanceOf(address(hot));
        _evacuate(within(owner, 0, 2), _assets(address(0), address(token)));
        equal(address(cold).balance, native);
        equal(token.balanceOf(address(cold)), held);
        equal(address(hot).balance + token.balanceOf(address(hot)), 0);
    }

    function testFuzz_only_owners(address caller) public {
        vm.assume(!hot.isOwner(caller));
        vm.prank(caller);
        vm.expectRevert(OwnerSignatures.NotOwner.selector);
        module.evacuate(_assets(address(0), address(token)));
    }

    function test_not_even_cold_or_the_safe_itself() public {
        testFuzz_only_owners(address(cold));
        testFuzz_only_owners(address(hot));
        testFuzz_only_owners(address(guard));
    }

    function test_passes_a_freeze() public {
        vm.prank(vm.addr(hotKeys[0]));
        guard.freeze();
        _evacuate(1, _assets(address(0), address(token)));
        equal(address(cold).balance, 1_000 ether);
    }

    function testFuzz_only_cold_moves_the_destination(address caller) public {
        vm.assume(caller != address(cold));
        vm.prank(caller);
        vm.expectRevert(EvacuationModule.NotCold.selector);
        module.setCold(kPayee);
    }

    function test_cold_moves_the_destination_and_then_has_no_say() public {
        _execCold(address(module), abi.encodeCall(EvacuationModule.setCold, (kPayee)));
        equal(module.cold(), kPayee);
        _evacuate(0, _assets(address(0), address(token)));
        equal(kPayee.balance, 1_000 ether);
        testFuzz_only_cold_moves_the_destination(address(0xC01D));
        vm.prank(address(cold));
        vm.expectRevert(EvacuationModule.NotCold.selector);
        module.setCold(address(cold));
    }

    function test_destination_is_never_nothing_or_the_safe() public {
        address[2] memory bad = [address(0), address(hot)];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.prank(address(cold));
            vm.expectRevert(EvacuationModule.BadCold.selector);
            module.setCold(bad[i]);
            vm.expectRevert(EvacuationModule.BadCold.selector);
            _newModule(address(hot), bad[i]);
        }
    }

    function test_empty_balances_are_reported_as_nothing() public {
        vm.deal(address(hot), 0);
        vm.recordLogs();
        _evacuate(0, _assets(address(0), address(0)));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 2);
        check(_isEvacuated(logs[0], address(0), 0) && _isEvacuated(logs[1], address(0), 0), "nothing left");
    }

    function test_token_without_return_value() public {
        NoReturnToken odd = new NoReturnToken("Tether", "USDT", 6);
        odd.mint(address(hot), 500);
        _evacuate(0, _assets(address(odd), address(token)));
        equal(odd.balanceOf(address(cold)), 500);
    }

    function testFuzz_fee_token_reports_what_left(uint256 amount, uint256 fee) public {
        amount = within(amount, 1, type(uint128).max);
        FeeToken odd = new FeeToken("Fee", "FEE", 18, within(fee, 0, 9_999));
        odd.mint(address(hot), amount);
        vm.recordLogs();
        _evacuate(0, _assets(address(odd), address(token)));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        check(_hasEvacuated(logs, address(odd), amount), "all of it left the Safe");
        equal(odd.balanceOf(address(hot)), 0);
        equal(odd.balanceOf(address(cold)), amount - amount * odd.feeBasisPoints() / 10_000);
    }

    /// @dev Each bad asset is reported, and the good ones before, between and after it all go.
    function test_bad_assets_block_nothing() public {
        address[] memory bad = _badAssets();
        address[] memory list = new address[](bad.length + 2);
        list[0] = address(0);
        for (uint256 i = 0; i < bad.length; ++i) list[i + 1] = bad[i];
        list[bad.length + 1] = address(token);
        vm.recordLogs();
        vm.prank(vm.addr(hotKeys[2]));
        module.evacuate{gas: 5_000_000}(list); // what one asset burns is bounded
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < bad.length; ++i) check(_hasFailed(logs, bad[i]), "failure reported");
        check(_hasEvacuated(logs, address(0), 1_000 ether), "native coin went");
        check(_hasEvacuated(logs, address(token), 100_000e6), "token went");
        equal(token.balanceOf(address(cold)), 100_000e6);
        equal(hot.getThreshold(), 2);
        check(hot.isModuleEnabled(address(module)) && hot.isOwner(vm.addr(hotKeys[0])), "the Safe is as it was");
    }

    function test_address_without_code_is_a_failure_and_not_an_empty_balance() public {
        vm.recordLogs();
        _evacuate(0, _assets(address(0xDEAD), address(0xDEAD)));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 2);
        check(_hasFailed(logs, address(0xDEAD)), "failure reported");
    }

    /// @dev Whatever address is named, what the Safe holds goes to cold or stays.
    function testFuzz_any_asset_address_is_harmless(address asset) public {
        vm.assume(asset != address(0) && asset != address(token));
        _evacuate(0, _assets(asset, address(token)));
        equal(address(hot).balance, 1_000 ether);
        equal(token.balanceOf(address(cold)), 100_000e6);
    }

    function test_reentrant_token_gets_nothing() public {
        ReentrantToken odd = new ReentrantToken("Reentrant", "RE", 18);
        odd.mint(address(hot), 9);
        address[] memory again = _assets(address(0), address(odd));
        uint256 deadline = kStart + 1;
        bytes memory signature = _sign(hotKeys[0], _digest(again, 1, deadline));
        odd.arm(
            address(module), abi.encodeCall(EvacuationModule.evacuateWithSignature, (again, 1, deadline, signature))
        );
        _evacuate(1, _assets(address(odd), address(token)));
        check(!odd.reentered(), "no second evacuation within the first");
        equal(odd.balanceOf(address(cold)), 9);
        equal(address(hot).balance, 1_000 ether);
        module.evacuateWithSignature(again, 1, deadline, signature); // the same call works from outside
        equal(address(cold).balance, 1_000 ether);
    }

    /// @dev A relayer who sends too little gas gets a revert, so the signature is still good.
    function testFuzz_starved_evacuation_moves_all_or_reverts(uint256 gasGiven) public {
        gasGiven = within(gasGiven, 30_000, 2_000_000);
        HeavyToken heavy = new HeavyToken();
        heavy.mint(address(hot), 5);
        address[] memory list = _assets(address(heavy), address(0));
        bytes memory signature = _sign(hotKeys[0], _digest(list, 1, kStart));
        bytes memory call = abi.encodeCall(EvacuationModule.evacuateWithSignature, (list, 1, kStart, signature));
        (bool passed,) = address(module).call{gas: gasGiven}(call);
        equal(address(cold).balance, passed ? 1_000 ether : 0);
        equal(heavy.balanceOf(address(cold)), passed ? 5 : 0);
        check(module.nonceUsed(vm.addr(hotKeys[0]), 1) == passed, "signature used only if it worked");
        check(passed || gasGiven < 1_600_000, "1.6 million is enough");
    }

    function test_module_cannot_be_called_as_an_owner_of_nothing() public {
        EvacuationModule foreign = _newModule(address(cold), address(hot));
        vm.prank(vm.addr(coldKeys[0]));
        foreign.evacuate(_assets(address(0), address(0))); // not enabled on that Safe: fails and moves nothing
        equal(address(hot).balance, 1_000 ether);
    }

    function _badAssets() private returns (address[] memory bad) {
        FalseToken falseToken = new FalseToken("False", "FALSE", 18);
        GasBurner burner = new GasBurner();
        Liar liar = new Liar();
        falseToken.mint(address(hot), 1);
        burner.mint(address(hot), 1);
        liar.mint(address(hot), 1);
        bad = new address[](9);
        bad[0] = address(falseToken);
        bad[1] = address(burner);
        bad[2] = address(liar);
        bad[3] = address(new ReturnBomb());
        bad[4] = address(new NoBalance());
        bad[5] = address(0xDEAD); // no code
        bad[6] = address(hot);
        bad[7] = address(guard);
        bad[8] = address(module);
    }

    function _evacuate(uint256 owner, address[] memory assets) private {
        vm.prank(vm.addr(hotKeys[owner]));
        module.evacuate(assets);
    }

    function _assets(address a, address b) private pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (a, b);
    }

    function _digest(address[] memory assets, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        bytes32 kind = keccak256("Evacuate(address[] assets,uint256 nonce,uint256 deadline)");
        bytes32 message = keccak256(abi.encode(kind, keccak256(abi.encodePacked(assets)), nonce, deadline));
        return keccak256(abi.encodePacked(hex"1901", module.domainSeparator(), message));
    }

    function _isEvacuated(Vm.Log memory log, address asset, uint256 amount) private view returns (bool) {
        return log.emitter == address(module) && log.topics[0] == EvacuationModule.Evacuated.selector
            && log.topics[1] == bytes32(uint256(uint160(asset)))
            && log.topics[2] == bytes32(uint256(uint160(module.cold()))) && abi.decode(log.data, (uint256)) == amount;
    }

    function _hasEvacuated(Vm.Log[] memory logs, address asset, uint256 amount) private view returns (bool found) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(module) && _isEvacuated(logs[i], asset, amount)) found = true;
        }
    }

    function _hasFailed(Vm.Log[] memory logs, address asset) private view returns (bool found) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(module)) continue;
            if (logs[i].topics[0] != EvacuationModule.EvacuationFailed.selector) continue;
            if (logs[i].topics[1] == bytes32(uint256(uint160(asset)))) found = true;
        }
    }
}
