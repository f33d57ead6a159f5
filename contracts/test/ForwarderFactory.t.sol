// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Forwarder} from "../src/Forwarder.sol";
import {ForwarderFactory} from "../src/ForwarderFactory.sol";
import {GasBurner, Liar, NoBalance, ReturnBomb} from "./HostileTokens.sol";
import {Vm} from "./Cheats.sol";
import {Wallets} from "./Wallets.sol";
import {FakeDeposits, ITransfer} from "./tokens/FakeDeposits.sol";
import {FalseToken} from "./tokens/FalseToken.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {NoReturnToken} from "./tokens/NoReturnToken.sol";
import {ReentrantToken} from "./tokens/ReentrantToken.sol";

/// @title What arrives at a deposit address can only go to the hot wallet, and anybody can send it there.
contract ForwarderFactoryTest is Wallets {
    ForwarderFactory private factory_;

    function setUp() public override {
        super.setUp();
        factory_ = _newFactory(address(cold), address(hot));
        vm.deal(address(hot), 0);
        vm.deal(address(this), 1_000_000 ether);
    }

    function testFuzz_address_is_eip_1167_and_create2(bytes32 salt) public {
        bytes memory code = abi.encodePacked(
            hex"3d602d80600a3d3981f3363d3d373d3d3d363d73",
            factory_.implementation(),
            hex"5af43d82803e903d91602b57fd5bf3"
        );
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", address(factory_), salt, keccak256(code)));
        address forwarder = factory_.addressOf(salt);
        equal(forwarder, address(uint160(uint256(hash))));
        token.mint(forwarder, 1);
        _flush(salt, address(token));
        bytes memory runtime = abi.encodePacked(
            hex"363d3d373d3d3d363d73", factory_.implementation(), hex"5af43d82803e903d91602b57fd5bf3"
        );
        check(keccak256(forwarder.code) == keccak256(runtime), "an EIP-1167 clone stands there");
    }

    function testFuzz_anybody_flushes_native_and_tokens(address caller, bytes32 salt, uint96 native, uint96 amount)
        public
    {
        address forwarder = factory_.addressOf(salt);
        uint256 tokensBefore = token.balanceOf(address(hot));
        vm.deal(forwarder, native);
        token.mint(forwarder, amount);
        vm.recordLogs();
        vm.prank(caller);
        factory_.flush(_one(salt), _list(address(token)));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(address(hot).balance, native);
        equal(token.balanceOf(address(hot)) - tokensBefore, amount);
        check(_flushed(logs, forwarder, address(0)) == native, "native reported");
        check(_flushed(logs, forwarder, address(token)) == amount, "token reported");
    }

    function test_native_coin_arrives_before_and_after_deployment() public {
        bytes32 salt = bytes32(uint256(1));
        address forwarder = factory_.addressOf(salt);
        for (uint256 i = 0; i < 3; ++i) {
            (bool paid,) = forwarder.call{value: 5 ether}("");
            check(paid, "forwarder takes native coin");
            _flush(salt, address(0));
            equal(address(hot).balance, (i + 1) * 5 ether);
        }
    }

    function test_nothing_there_deploys_nothing() public {
        bytes32 salt = bytes32(uint256(1));
        vm.recordLogs();
        _flush(salt, address(token));
        equal(vm.getRecordedLogs().length, 0);
        equal(factory_.addressOf(salt).code.length, 0);
    }

    function testFuzz_many_salts_in_one_call(uint256 count, uint256 amount) public {
        count = within(count, 1, 20);
        amount = within(amount, 1, 1e18);
        uint256 tokensBefore = token.balanceOf(address(hot));
        bytes32[] memory salts = new bytes32[](count + 1);
        for (uint256 i = 0; i < count; ++i) {
            salts[i] = bytes32(i);
            token.mint(factory_.addressOf(salts[i]), amount);
            vm.deal(factory_.addressOf(salts[i]), amount);
        }
        salts[count] = salts[0]; // twice the same changes nothing
        factory_.flush(salts, _list(address(token)));
        equal(address(hot).balance, amount * count);
        equal(token.balanceOf(address(hot)) - tokensBefore, amount * count);
    }

    function testFuzz_fee_token_reports_what_left(uint256 amount) public {
        amount = within(amount, 1, type(uint128).max);
        FeeToken odd = new FeeToken("Fee", "FEE", 18, 100);
        address forwarder = factory_.addressOf(0);
        odd.mint(forwarder, amount);
        vm.recordLogs();
        _flush(0, address(odd));
        equal(_flushed(vm.getRecordedLogs(), forwarder, address(odd)), amount);
        equal(odd.balanceOf(address(hot)), amount - amount / 100);
    }

    function test_bad_tokens_block_nothing() public {
        bytes32[] memory salts = new bytes32[](2);
        salts[1] = bytes32(uint256(1));
        address[] memory tokens = _badTokens(factory_.addressOf(0));
        NoReturnToken odd = new NoReturnToken("Tether", "USDT", 6);
        tokens[tokens.length - 1] = address(odd);
        for (uint256 i = 0; i < 2; ++i) {
            vm.deal(factory_.addressOf(salts[i]), 3);
            odd.mint(factory_.addressOf(salts[i]), 5);
        }
        vm.recordLogs();
        factory_.flush{gas: 5_000_000}(salts, tokens); // what one token burns is bounded
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(address(hot).balance, 6);
        equal(odd.balanceOf(address(hot)), 10);
        for (uint256 i = 0; i + 1 < tokens.length; ++i) {
            check(_failed(logs, factory_.addressOf(0), tokens[i]), "failure reported");
        }
    }

    function test_reentrant_token_diverts_nothing() public {
        ReentrantToken odd = new ReentrantToken("Reentrant", "RE", 18);
        address forwarder = factory_.addressOf(0);
        vm.deal(factory_.addressOf(bytes32(uint256(1))), 7);
        odd.mint(forwarder, 9);
        odd.arm(
            address(factory_),
            abi.encodeCall(ForwarderFactory.flush, (_one(bytes32(uint256(1))), _list(address(token))))
        );
        _flush(0, address(odd));
        equal(odd.balanceOf(address(hot)), 9);
        equal(address(hot).balance, 7);
    }

    function test_flush_follows_the_hot_wallet() public {
        vm.deal(factory_.addressOf(0), 4);
        _execCold(address(factory_), abi.encodeCall(ForwarderFactory.setHotWallet, (kPayee)));
        equal(factory_.hotWallet(), kPayee);
        _flush(0, address(0));
        equal(kPayee.balance, 4);
    }

    function testFuzz_only_the_right_caller(address caller, address elsewhere) public {
        vm.deal(factory_.addressOf(0), 4);
        _flush(0, address(0));
        Forwarder clone = Forwarder(payable(factory_.addressOf(0)));
        Forwarder implementation = Forwarder(payable(factory_.implementation()));
        if (caller != address(cold)) {
            vm.prank(caller);
            vm.expectRevert(ForwarderFactory.NotAdmin.selector);
            factory_.setHotWallet(elsewhere);
        }
        if (caller != address(factory_)) {
            vm.prank(caller);
            vm.expectRevert(Forwarder.NotFactory.selector);
            clone.send(address(0), elsewhere, 1);
            vm.prank(caller);
            vm.expectRevert(Forwarder.NotFactory.selector);
            implementation.send(address(0), elsewhere, 1);
        }
    }

    function test_owners_have_no_say() public {
        testFuzz_only_the_right_caller(vm.addr(hotKeys[0]), kPayee);
        testFuzz_only_the_right_caller(vm.addr(coldKeys[0]), kPayee);
        testFuzz_only_the_right_caller(address(hot), kPayee);
    }

    function test_zero_addresses_refused() public {
        vm.expectRevert(ForwarderFactory.ZeroAddress.selector);
        _newFactory(address(0), address(hot));
        vm.expectRevert(ForwarderFactory.ZeroAddress.selector);
        _newFactory(address(cold), address(0));
        vm.prank(address(cold));
        vm.expectRevert(ForwarderFactory.ZeroAddress.selector);
        factory_.setHotWallet(address(0));
    }

    // ---- what the deposit tests rely on

    function test_fake_deposits_move_what_they_say() public {
        FakeDeposits fakes = new FakeDeposits();
        token.mint(address(fakes), 100);
        address payable to = payable(factory_.addressOf(0));
        fakes.payThenUndo{value: 1}(to);
        fakes.transferThenUndo(ITransfer(address(token)), to, 1);
        fakes.transferZero(ITransfer(address(token)), to);
        fakes.logFakeTransfer(kPayee, to, 1);
        equal(to.balance + token.balanceOf(to), 0);
        fakes.payInternally{value: 2}(to);
        equal(to.balance, 2);
        fakes.payBySelfDestruct{value: 3}(to);
        equal(to.balance, 5);
    }

    function _newFactory(address admin, address hotWallet) private returns (ForwarderFactory) {
        return ForwarderFactory(_shipped("ForwarderFactory", abi.encode(admin, hotWallet)));
    }

    function _flush(bytes32 salt, address asset) private {
        factory_.flush(_one(salt), _list(asset));
    }

    function _one(bytes32 salt) private pure returns (bytes32[] memory salts) {
        salts = new bytes32[](1);
        salts[0] = salt;
    }

    function _list(address asset) private pure returns (address[] memory tokens) {
        tokens = new address[](1);
        tokens[0] = asset;
    }

    /// @dev Leaves the last place free.
    function _badTokens(address holder) private returns (address[] memory bad) {
        FalseToken falseToken = new FalseToken("False", "FALSE", 18);
        GasBurner burner = new GasBurner();
        Liar liar = new Liar();
        falseToken.mint(holder, 1);
        burner.mint(holder, 1);
        liar.mint(holder, 1);
        bad = new address[](7);
        bad[0] = address(falseToken);
        bad[1] = address(burner);
        bad[2] = address(liar);
        bad[3] = address(new ReturnBomb());
        bad[4] = address(new NoBalance());
        bad[5] = address(0xDEAD);
    }

    function _flushed(Vm.Log[] memory logs, address forwarder, address asset) private view returns (uint256 total) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (!_isFrom(logs[i], ForwarderFactory.Flushed.selector, forwarder, asset)) continue;
            total += abi.decode(logs[i].data, (uint256));
        }
    }

    function _failed(Vm.Log[] memory logs, address forwarder, address asset) private view returns (bool found) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (_isFrom(logs[i], ForwarderFactory.FlushFailed.selector, forwarder, asset)) found = true;
        }
    }

    function _isFrom(Vm.Log memory log, bytes32 kind, address forwarder, address asset) private view returns (bool) {
        return log.emitter == address(factory_) && log.topics[0] == kind
            && log.topics[1] == bytes32(uint256(uint160(forwarder)))
            && log.topics[2] == bytes32(uint256(uint160(asset)));
    }
}
