// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Asset} from "./Asset.sol";
import {IERC165, ITransactionGuard} from "./ISafe.sol";
import {OwnerSignatures} from "./OwnerSignatures.sol";

/// @title Transaction guard of the hot Safe: plain transfers within a daily limit, and nothing else.
/// @notice What a quorum of stolen hot keys can take is bounded here, whatever runs off chain.
///         Laws: the Safe never delegatecalls; it calls nothing but a listed token's `transfer`, a payee or itself with
///         empty data; over any time t at most limit + limit * t / day of an asset leaves; nothing leaves while frozen.
///         The cold Safe, and only it, can let one exact transaction through, and loosen a limit or a freeze.
contract LimitGuard is ITransactionGuard, IERC165, OwnerSignatures {
    /// @notice Why a transaction was refused.
    enum Refusal {
        none,
        frozen,
        delegate_call,
        refund,
        self_call,
        empty_transfer,
        native_with_data,
        not_a_transfer,
        asset_unlisted,
        over_limit
    }

    /// @dev Leaky bucket in one slot: `level` is what had left and not drained at `updatedAt` (Unix time, to 2106).
    struct Bucket {
        uint112 dailyLimit;
        uint112 level;
        uint32 updatedAt;
    }

    event Spent(address indexed asset, address indexed to, uint256 amount);
    event Frozen(address indexed by);
    event Thawed();
    event LimitSet(address indexed asset, uint256 dailyLimit);
    event ApprovedOnce(bytes32 indexed safeTxHash);
    event ApprovalRevoked(bytes32 indexed safeTxHash);
    event ApprovalUsed(bytes32 indexed safeTxHash);

    error Refused(Refusal why);
    error NotSafe();
    error NotCold();
    error BadAsset();
    error LimitTooLarge();
    error LengthMismatch();

    bytes32 private constant kFreezeType = keccak256("Freeze(uint256 nonce,uint256 deadline)");
    uint256 private constant kTransferLength = 68;

    /// @notice The Safe with other keys that alone may loosen anything here.
    address public immutable cold;
    /// @notice While true nothing leaves.
    bool public frozen;
    /// @notice SafeTx hashes that the cold Safe let through and that were not used yet.
    mapping(bytes32 safeTxHash => bool) public approved;
    mapping(address asset => Bucket) private buckets_;

    modifier onlyCold() {
        if (msg.sender != cold) revert NotCold();
        _;
    }

    /// @param safe_ may be an address that has no code yet: the Safe is deployed after its guard.
    /// @param tokens assets that may leave, address(0) for the native coin.
    /// @param dailyLimits one for each asset, in base units.
    constructor(
        address safe_,
        address cold_,
        address[] memory tokens,
        uint256[] memory dailyLimits
    ) OwnerSignatures(safe_, "Holdfast LimitGuard") {
        if (cold_ == address(0)) revert ZeroAddress();
        if (tokens.length != dailyLimits.length) revert LengthMismatch();
        cold = cold_;
        for (uint256 i = 0; i < tokens.length; ++i) _setLimit(tokens[i], dailyLimits[i]);
    }

    /// @inheritdoc ITransactionGuard
    /// @dev The bucket is filled here, before the transfer runs, and never refilled when it fails.
    function checkTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes calldata,
        address
    ) external override {
        if (msg.sender != address(safe)) revert NotSafe();
        if (operation != 0) revert Refused(Refusal.delegate_call);
        bool refunds = gasPrice != 0 || gasToken != address(0) || refundReceiver != address(0);
        Refusal why = refunds ? Refusal.refund : _judge(to, value, data);
        if (why == Refusal.none) return;

        // The Safe has already counted this transaction, hence the nonce before.
        bytes32 safeTxHash = safe.getTransactionHash(
            to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, safe.nonce() - 1
        );
        if (!approved[safeTxHash]) revert Refused(why);
        delete approved[safeTxHash];
        emit ApprovalUsed(safeTxHash);
    }

    /// @inheritdoc ITransactionGuard
    function checkAfterExecution(bytes32, bool) external override {}

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure override returns (bool) {
        return interfaceId == type(ITransactionGuard).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @notice Lets one exact Safe transaction through, once. A delegatecall stays refused.
    function approveOnce(bytes32 safeTxHash) external onlyCold {
        approved[safeTxHash] = true;
        emit ApprovedOnce(safeTxHash);
    }

    /// @notice Takes back an approval that was not used.
    function revokeApproval(bytes32 safeTxHash) external onlyCold {
        delete approved[safeTxHash];
        emit ApprovalRevoked(safeTxHash);
    }

    /// @notice Stops all transfers. Any owner of the Safe alone, or the cold Safe.
    function freeze() external {
        if (msg.sender != cold && !safe.isOwner(msg.sender)) revert NotOwner();
        _freeze(msg.sender);
    }

    /// @notice Stops all transfers on the EIP-712 signature of one owner, whoever relays it.
    function freezeWithSignature(uint256 nonce, uint256 deadline, bytes calldata signature) external {
        bytes32 structHash = keccak256(abi.encode(kFreezeType, nonce, deadline));
        _freeze(_useSignature(structHash, nonce, deadline, signature));
    }

    /// @notice Ends a freeze.
    function thaw() external onlyCold {
        frozen = false;
        emit Thawed();
    }

    /// @notice Sets what may leave at once and drains per 24 hours; 0 takes the asset off the list.
    ///         What has left already keeps counting.
    function setLimit(address asset, uint256 dailyLimit) external onlyCold {
        _setLimit(asset, dailyLimit);
    }

    /// @notice The bucket as stored; `level` was true at `updatedAt`.
    function bucketOf(address asset) external view returns (uint256 dailyLimit, uint256 level, uint256 updatedAt) {
        Bucket memory bucket = buckets_[asset];
        return (bucket.dailyLimit, bucket.level, bucket.updatedAt);
    }

    /// @notice What may leave now, in base units; a freeze is not looked at.
    function available(address asset) external view returns (uint256) {
        Bucket memory bucket = buckets_[asset];
        uint256 level = _drained(bucket);
        return level < bucket.dailyLimit ? bucket.dailyLimit - level : 0;
    }

    /// @dev Says why not, or books the transfer.
    function _judge(address to, uint256 value, bytes calldata data) private returns (Refusal) {
        if (to == address(safe)) {
            // Uses up a nonce, so that a signed transaction can be called off even in a freeze.
            return value == 0 && data.length == 0 ? Refusal.none : Refusal.self_call;
        }
        if (frozen) return Refusal.frozen;
        if (data.length == 0) {
            // Moves nothing: it could only be meant for what the callee does when the Safe calls.
            if (value == 0) return Refusal.empty_transfer;
            return _book(Asset.kNative, to, value);
        }
        if (value != 0) return Refusal.native_with_data;
        if (data.length != kTransferLength || bytes4(data[0:4]) != Asset.kTransfer) return Refusal.not_a_transfer;
        // A token may read dirty upper bytes otherwise than we do.
        if (bytes12(data[4:16]) != 0) return Refusal.not_a_transfer;
        return _book(to, address(bytes20(data[16:36])), uint256(bytes32(data[36:68])));
    }

    function _book(address asset, address to, uint256 amount) private returns (Refusal) {
        Bucket memory bucket = buckets_[asset];
        if (bucket.dailyLimit == 0) return Refusal.asset_unlisted;
        uint256 level = _drained(bucket);
        if (level > bucket.dailyLimit || amount > bucket.dailyLimit - level) return Refusal.over_limit;
        // Fits: level + amount <= dailyLimit, which is a uint112.
        bucket.level = uint112(level + amount);
        bucket.updatedAt = uint32(block.timestamp);
        buckets_[asset] = bucket;
        emit Spent(asset, to, amount);
        return Refusal.none;
    }

    /// @dev The level now. Rounds what drained down, so the bound errs on the safe side.
    function _drained(Bucket memory bucket) private view returns (uint256) {
        uint256 drained = (block.timestamp - bucket.updatedAt) * bucket.dailyLimit / 1 days;
        return drained < bucket.level ? bucket.level - drained : 0;
    }

    function _setLimit(address asset, uint256 dailyLimit) private {
        if (dailyLimit > type(uint112).max) revert LimitTooLarge();
        if (asset != Asset.kNative) {
            // The Safe and the guard are no tokens, and a call to an address without code would succeed and do nothing.
            if (asset == address(safe) || asset == address(this) || asset.code.length == 0) revert BadAsset();
        }
        Bucket memory bucket = buckets_[asset];
        bucket.level = uint112(_drained(bucket));
        bucket.updatedAt = uint32(block.timestamp);
        bucket.dailyLimit = uint112(dailyLimit);
        buckets_[asset] = bucket;
        emit LimitSet(asset, dailyLimit);
    }

    function _freeze(address by) private {
        frozen = true;
        emit Frozen(by);
    }
}
