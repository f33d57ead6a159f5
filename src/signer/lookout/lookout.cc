#include "signer/lookout/lookout.h"

#include "base/hex.h"
#include "signer/eyes/deposit_addresses.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <charconv>
#include <fstream>
#include <utility>

namespace holdfast::signer {
namespace {

// The salts of a customer's addresses count from 1; holdfastd gives few.
constexpr std::uint64_t kMaxAddressesOfCustomer = 64;

bool is_customers_salt(std::uint64_t customer, const Hash32& salt) {
  for (std::uint64_t number = 0; number <= kMaxAddressesOfCustomer; ++number) {
    if (chain::evm::deposit_salt(customer, number) == salt) return true;
  }
  return false;
}

// A chain's name as a file's.
std::string file_name(std::string name) {
  std::ranges::replace(name, ':', '-');
  return name + ".mark";
}

}  // namespace

Lookout::Lookout(Signer& signer, Clock& clock, const std::vector<NodeSettings>& nodes, std::filesystem::path folder)
    : clock_(clock), folder_(std::move(folder)) {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  signer.memory().each_digest([&](const Hash32& digest) { signed_->add(digest); });
  signer.tell_of_signed([digests = signed_](const Hash32& digest) { digests->add(digest); });
  const auto was_signed = [digests = signed_](const Hash32& digest) { return digests->contains(digest); };
  tell_reach(signer);
  for (const NodeSettings& node : nodes) {
    std::unique_ptr<Eyes> eyes;
    if (const ChainRule* rule = signer.policy().chain(node.chain)) {
      eyes = open_eyes(*rule, node, signer.owner(), was_signed, kept_mark(node.chain));
    } else if (const CoinChainRule* coins = signer.policy().coin_chain(node.chain)) {
      const auto reach = [handed_out = handed_out_, chain = node.chain](std::string_view wallet, std::uint32_t branch) {
        return handed_out->get(chain, wallet, branch);
      };
      eyes = open_eyes(*coins, node, was_signed, reach, kept_mark(node.chain));
    }
    if (eyes) eyes_[node.chain] = std::make_unique<EyesThread>(node.chain, std::move(eyes), node.pause_ms, clock_, *this);
  }
}

Lookout::~Lookout() = default;

// --- On the threads of the eyes -----------------------------------------------------------------------------------

void Lookout::on_round(const std::string& chain, const Round& round) {
  const std::lock_guard lock(mutex_);
  for (const Sighting& sighting : round.sightings) told_.sightings.emplace_back(chain, sighting);
  Round last = round;
  last.sightings.clear();
  told_.rounds[chain] = std::move(last);
  if (faults_.erase(chain) > 0) spdlog::info("{}: the own node is well again", chain);
}

void Lookout::on_fault(const std::string& chain, const Error& error) {
  const std::lock_guard lock(mutex_);
  std::string& last = faults_[chain];
  if (std::exchange(last, std::string(error.code)) != error.code) spdlog::warn("{}: the own node: {}: {}", chain, error.code, error.text);
}

void Lookout::on_verdicts(const std::string&, const std::vector<DepositClaim>& claims, const std::vector<Verdict>& verdicts) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < claims.size() && i < verdicts.size(); ++i) told_.verdicts.emplace_back(deposit_key(claims[i]), verdicts[i]);
}

// --- On the thread that signs -------------------------------------------------------------------------------------

std::vector<proto::Alarm> Lookout::round(Signer& signer) {
  const Instant now = clock_.now();
  Told told;
  {
    const std::lock_guard lock(mutex_);
    std::swap(told, told_);
  }
  for (const auto& [chain, sighting] : told.sightings) heed(signer, chain, sighting, now);
  look_at_unknown(signer, now);
  heed(signer, told.verdicts, now);
  for (const auto& [chain, round] : told.rounds) {
    if (round.caught_up) signer.heartbeat(chain, round.at);
    keep_mark(chain, round.seen);  // What was seen up to here was heeded.
  }
  tell_reach(signer);
  take_claims(signer, signer.take_unproven());
  ask_again(now);
  return std::exchange(alarms_, {});
}

void Lookout::tell_reach(const Signer& signer) {
  for (const CoinChainRule& chain : signer.policy().coin_chains) {
    for (const CoinWalletRule& wallet : chain.wallets) {
      handed_out_->set(chain.caip2, wallet.name, kReceiveBranch, signer.follower().books().handed_out(chain.caip2));
      const auto change = signer.memory().coins().change_reach(chain.caip2, wallet.name);
      handed_out_->set(chain.caip2, wallet.name, kChangeBranch, change ? change->highest + 1 : 0);
    }
  }
}

// --- Deposits -----------------------------------------------------------------------------------------------------

// Why an address is not one whose money would be this customer's; empty when it is.
std::string Lookout::why_foreign(const Signer& signer, const BookedDeposit& deposit) const {
  const Books& books = signer.follower().books();
  const BookedAsset* asset = books.asset(deposit.asset);
  const BookedAddress* address = asset == nullptr ? nullptr : books.address(asset->chain, deposit.address);
  if (address == nullptr || address->customer != deposit.customer) return "the address was never given to this customer";
  const std::string& caip2 = books.chain(asset->chain)->caip2;
  if (const ChainRule* rule = signer.policy().chain(caip2)) {
    if (!is_customers_salt(deposit.customer, address->salt)) return "the address's salt is not this customer's";
    if (!is_forwarder(rule->factory, implementation_of(rule->factory), address->salt, deposit.address)) return "no forwarder of our factory";
    return {};
  }
  if (const CoinChainRule* rule = signer.policy().coin_chain(caip2)) {
    const auto is_of = [&](const CoinWalletRule& wallet) { return is_wallet_script(wallet, address->index, deposit.address); };
    return std::ranges::any_of(rule->wallets, is_of) ? "" : "no script of our wallets";
  }
  return "the policy does not name its chain";
}

void Lookout::take_claims(const Signer& signer, std::vector<BookedDeposit> deposits) {
  const Books& books = signer.follower().books();
  std::map<std::string, std::vector<DepositClaim>> by_chain;
  for (BookedDeposit& deposit : deposits) {
    if (const std::string why = why_foreign(signer, deposit); !why.empty()) {
      alarm("deposit_foreign", fmt::format("deposit {}: {}; it does not count", deposit.id, why));
      continue;
    }
    const BookedAsset& asset = *books.asset(deposit.asset);
    const std::string& chain = books.chain(asset.chain)->caip2;
    DepositClaim claim{chain,        deposit.address,  asset.contract, deposit.amount,
                       deposit.txid, deposit.position, deposit.height, deposit.from};
    asked_[deposit_key(claim)] = {deposit.id, deposit.fingerprint(), chain, claim};
    by_chain[chain].push_back(std::move(claim));
  }
  for (auto& [chain, claims] : by_chain) {
    const auto eyes = eyes_.find(chain);
    if (eyes != eyes_.end() && eyes->second->ask(claims)) continue;
    for (const DepositClaim& claim : claims) later_[deposit_key(claim)] = clock_.now() + kAskAgainMs;
  }
}

void Lookout::ask_again(Instant now) {
  std::map<std::string, std::vector<DepositClaim>> by_chain;
  std::erase_if(later_, [&](const auto& entry) {
    if (entry.second > now) return false;
    const Asked& asked = asked_.at(entry.first);
    const bool has_eyes = eyes_.contains(asked.chain);
    if (has_eyes) by_chain[asked.chain].push_back(asked.claim);
    return has_eyes;
  });
  for (auto& [chain, claims] : by_chain) {
    std::vector<DepositClaim> kept = claims;
    if (eyes_.at(chain)->ask(std::move(claims))) continue;
    for (const DepositClaim& claim : kept) later_[deposit_key(claim)] = now + kAskAgainMs;
  }
}

void Lookout::heed(Signer& signer, const std::vector<std::pair<Hash32, Verdict>>& verdicts, Instant now) {
  for (const auto& [key, verdict] : verdicts) {
    const auto asked = asked_.find(key);
    if (asked == asked_.end()) continue;
    switch (verdict.proof) {
      case Proof::proven:
        signer.prove(asked->second.deposit, asked->second.fingerprint);
        asked_.erase(asked);
        break;
      case Proof::not_yet:
        later_[key] = now + kAskAgainMs;
        break;
      case Proof::false_claim:
        alarm("deposit_false", fmt::format("deposit {}: {}: {}; it does not count", asked->second.deposit, verdict.reason, verdict.text));
        asked_.erase(asked);
        break;
    }
  }
}

// --- The watch ----------------------------------------------------------------------------------------------------

void Lookout::heed(Signer& signer, const std::string& chain, const Sighting& sighting, Instant now) {
  if (sighting.kind == SightingKind::unknown_spend) {
    unknown_.push_back({sighting, now});
    return;
  }
  const std::string text =
      fmt::format("{}: {} {} in {}: {}", chain, sighting.wallet, name(sighting.kind), to_hex(sighting.txid.view()), sighting.text);
  // The cold quorum lets the guard go again after an incident; who has that quorum needs no guard.
  if (sighting.what == "guard_loosened") return alarm(sighting.what, text);
  freeze(signer, sighting.what, text);
}

// A quorum of the others may have signed what this signer was not asked about: then the journal tells of it, sooner or later.
void Lookout::look_at_unknown(Signer& signer, Instant now) {
  std::erase_if(unknown_, [&](const Unknown& one) {
    const Books& books = signer.follower().books();
    if (books.knows_intent(one.sighting.digest) || books.knows_intent(one.sighting.txid)) return true;
    if (now - one.since < kGraceMs) return false;
    freeze(signer, one.sighting.what, fmt::format("{}: spent in {}, and the journal tells of no such intent", one.sighting.wallet,
                                                  to_hex(one.sighting.txid.view())));
    return true;
  });
}

void Lookout::freeze(Signer& signer, std::string_view code, const std::string& text) {
  alarm(code, text);
  if (signer.frozen()) return;
  spdlog::error("FROZEN by its own watch");
  if (auto frozen = signer.freeze_self(code); !frozen) spdlog::error("the freeze is not durable yet: {}", frozen.error().text);
}

void Lookout::alarm(std::string_view code, const std::string& text) {
  spdlog::error("{}: {}", code, text);
  proto::Alarm out;
  out.set_code(std::string(code));
  out.set_text(text);
  alarms_.push_back(std::move(out));
}

// --- How far a chain was looked at --------------------------------------------------------------------------------

void Lookout::keep_mark(const std::string& chain, const BlockMark& mark) const {
  const auto path = folder_ / file_name(chain);
  const auto fresh = folder_ / (file_name(chain) + ".new");
  std::ofstream(fresh) << mark.height << ' ' << to_hex(mark.hash.view()) << '\n';
  std::error_code failed;
  std::filesystem::rename(fresh, path, failed);  // Lost, it begins at the newest block.
}

std::optional<BlockMark> Lookout::kept_mark(const std::string& chain) const {
  std::ifstream in(folder_ / file_name(chain));
  BlockMark out;
  std::string hash;
  if (!(in >> out.height >> hash)) return std::nullopt;
  const auto read = fixed_from_hex<32>(hash);
  if (!read) return std::nullopt;
  out.hash = *read;
  return out;
}

}  // namespace holdfast::signer
