// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EvacuationModule} from "../src/EvacuationModule.sol";
import {LimitGuard} from "../src/LimitGuard.sol";
import {ISafe} from "../src/ISafe.sol";
import {SafeSetup} from "../src/SafeSetup.sol";
import {Cheats} from "./Cheats.sol";
import {TestToken} from "./tokens/TestToken.sol";

/// @title More of Safe 1.5.0, for the tests.
interface ITestSafe is ISafe {
    function setup(address[] calldata, uint256, address, bytes calldata, address, address, uint256, address) external;
    function execTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address refundReceiver,
        bytes calldata signatures
    ) external payable returns (bool);
    function getThreshold() external view returns (uint256);
    function isModuleEnabled(address module) external view returns (bool);
    function changeThreshold(uint256 threshold) external;
    function addOwnerWithThreshold(address owner, uint256 threshold) external;
    function swapOwner(address previous, address old, address next) external;
    function disableModule(address previous, address module) external;
    function setFallbackHandler(address handler) external;
    function setModuleGuard(address guard) external;
}

interface ISafeProxyFactory {
    function createProxyWithNonce(address singleton, bytes calldata initializer, uint256 salt)
        external
        returns (address proxy);
}

/// @title A hot and a cold 2-of-3 Safe 1.5.0 with guard and module: the published and the shipped bytecode.
abstract contract Wallets is Cheats {
    /// @dev A Safe transaction; `nonce` comes from the Safe.
    struct SafeTx {
        address to;
        uint256 value;
        bytes data;
        uint8 operation;
        uint256 safeTxGas;
        uint256 gasPrice;
        address gasToken;
        address refundReceiver;
    }

    string private constant kArtifacts = "../node_modules/@safe-global/safe-smart-account/build/artifacts/contracts/";
    bytes32 internal constant kGuardSlot = 0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8;
    /// @dev Tests reckon from this and not from block.timestamp, which the optimizer reads again after a warp.
    uint256 internal constant kStart = 1_700_000_000;
    uint256 internal constant kDay = 1 days;
    uint256 internal constant kNativeLimit = 100 ether;
    uint256 internal constant kTokenLimit = 5_000e6;
    address internal constant kPayee = address(0xBEEF);

    ITestSafe internal hot;
    ITestSafe internal cold;
    LimitGuard internal guard;
    EvacuationModule internal module;
    TestToken internal token;
    /// @dev Keys in the order of their addresses, as a Safe wants signatures.
    uint256[] internal hotKeys;
    uint256[] internal coldKeys;

    function setUp() public virtual {
        vm.warp(kStart);
        hotKeys = _threeKeys("holdfast test hot key");
        coldKeys = _threeKeys("holdfast test cold key");
        token = new TestToken("Test Dollar", "TUSD", 6);
        address singleton = _publish("Safe.sol/Safe.json");
        ISafeProxyFactory proxies = ISafeProxyFactory(_publish("proxies/SafeProxyFactory.sol/SafeProxyFactory.json"));

        cold = ITestSafe(proxies.createProxyWithNonce(singleton, _setupCall(coldKeys, address(0), ""), 0));
        address safeSetup = _shipped("SafeSetup", "");
        // The circle of addresses is cut as tools/deploy.mjs does: guard and module by nonce, the Safe by CREATE2.
        uint256 next = vm.getNonce(address(this));
        address guardAt = vm.computeCreateAddress(address(this), next);
        address moduleAt = vm.computeCreateAddress(address(this), next + 1);
        bytes memory install = abi.encodeCall(SafeSetup.install, (guardAt, moduleAt));
        bytes memory initializer = _setupCall(hotKeys, safeSetup, install);
        address hotAt = _proxyAddress(address(proxies), singleton, initializer);
        (address[] memory assets, uint256[] memory limits) = _limits();
        guard = _newGuard(hotAt, address(cold), assets, limits);
        module = _newModule(hotAt, address(cold));
        hot = ITestSafe(proxies.createProxyWithNonce(singleton, initializer, 0));
        equal(address(hot), hotAt);

        vm.deal(address(hot), 1_000 ether);
        token.mint(address(hot), 100_000e6);
    }

    /// @dev The bytes that contracts/build.mjs made and tools/deploy.mjs sends.
    function _shipped(string memory name, bytes memory args) internal returns (address) {
        return _create(string.concat("out/", name, ".json"), args);
    }

    function _newGuard(address safe, address cold_, address[] memory assets, uint256[] memory limits)
        internal
        returns (LimitGuard)
    {
        return LimitGuard(_shipped("LimitGuard", abi.encode(safe, cold_, assets, limits)));
    }

    function _newModule(address safe, address cold_) internal returns (EvacuationModule) {
        return EvacuationModule(_shipped("EvacuationModule", abi.encode(safe, cold_)));
    }

    function _plain(address to, uint256 value, bytes memory data) internal pure returns (SafeTx memory) {
        return SafeTx(to, value, data, 0, 0, 0, address(0), address(0));
    }

    function _pay(uint256 amount) internal pure returns (SafeTx memory) {
        return _plain(kPayee, amount, "");
    }

    function _payToken(uint256 amount) internal view returns (SafeTx memory) {
        return _plain(address(token), 0, abi.encodeCall(TestToken.transfer, (kPayee, amount)));
    }

    function _hashOf(SafeTx memory t, uint256 nonce) internal view returns (bytes32) {
        return hot.getTransactionHash(
            t.to, t.value, t.data, t.operation, t.safeTxGas, 0, t.gasPrice, t.gasToken, t.refundReceiver, nonce
        );
    }

    /// @dev Two hot owners sign and anybody sends.
    function _exec(SafeTx memory t) internal returns (bool) {
        return _execSigned(t, _twoSignatures(hotKeys, _hashOf(t, hot.nonce())));
    }

    function _execSigned(SafeTx memory t, bytes memory signatures) internal returns (bool) {
        return hot.execTransaction(
            t.to, t.value, t.data, t.operation, t.safeTxGas, 0, t.gasPrice, t.gasToken, t.refundReceiver, signatures
        );
    }

    function _expectRefused(SafeTx memory t, LimitGuard.Refusal why) internal {
        bytes memory signatures = _twoSignatures(hotKeys, _hashOf(t, hot.nonce()));
        vm.expectRevert(abi.encodeWithSelector(LimitGuard.Refused.selector, why));
        _execSigned(t, signatures);
    }

    /// @dev Two cold owners sign a call.
    function _execCold(address to, bytes memory data) internal {
        bytes32 hash =
            cold.getTransactionHash(to, 0, data, 0, 0, 0, 0, address(0), address(0), cold.nonce());
        bytes memory signatures = _twoSignatures(coldKeys, hash);
        cold.execTransaction(to, 0, data, 0, 0, 0, 0, address(0), payable(address(0)), signatures);
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _twoSignatures(uint256[] memory keys, bytes32 hash) internal pure returns (bytes memory) {
        return abi.encodePacked(_sign(keys[0], hash), _sign(keys[1], hash));
    }

    function _limits() private view returns (address[] memory assets, uint256[] memory limits) {
        assets = new address[](2);
        limits = new uint256[](2);
        (assets[0], limits[0]) = (address(0), kNativeLimit);
        (assets[1], limits[1]) = (address(token), kTokenLimit);
    }

    function _threeKeys(string memory seed) private pure returns (uint256[] memory keys) {
        keys = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            keys[i] = uint256(keccak256(abi.encodePacked(seed, i)));
            for (uint256 j = i; j > 0 && vm.addr(keys[j]) < vm.addr(keys[j - 1]); --j) {
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
    }

    function _publish(string memory path) private returns (address) {
        return _create(string.concat(kArtifacts, path), "");
    }

    function _create(string memory artifact, bytes memory args) private returns (address made) {
        bytes memory code = abi.encodePacked(vm.parseJsonBytes(vm.readFile(artifact), ".bytecode"), args);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        check(made != address(0), "bytecode deploys");
    }

    function _setupCall(uint256[] memory keys, address to, bytes memory data) private pure returns (bytes memory) {
        address[] memory owners = new address[](3);
        for (uint256 i = 0; i < 3; ++i) owners[i] = vm.addr(keys[i]);
        return abi.encodeCall(ITestSafe.setup, (owners, 2, to, data, address(0), address(0), 0, address(0)));
    }

    function _proxyAddress(address proxies, address singleton, bytes memory initializer)
        private
        view
        returns (address)
    {
        string memory artifact = vm.readFile(string.concat(kArtifacts, "proxies/SafeProxy.sol/SafeProxy.json"));
        bytes memory code = abi.encodePacked(vm.parseJsonBytes(artifact, ".bytecode"), abi.encode(singleton));
        bytes32 salt = keccak256(abi.encodePacked(keccak256(initializer), uint256(0)));
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", proxies, salt, keccak256(code)));
        return address(uint160(uint256(hash)));
    }
}
