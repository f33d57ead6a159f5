#include "sim/world.h"

#include "base/hex.h"
#include "sim/coin_installation.h"

#include <fmt/format.h>

#include <algorithm>

namespace holdfast::sim {

using namespace custody;

namespace {

constexpr std::uint64_t kTagFinality = 4;  // Blocks, where the node's own tag decides.
constexpr std::int64_t kCalmStepMs = 2'000;
constexpr int kCalmStepsPerBlock = 5;
constexpr int kCalmStepsPerGift = 100;
constexpr int kCalmRounds = 3'000;
constexpr std::int64_t kLongerThanAnApproval = 31 * 60 * kMsPerSecond;

Weather choose_weather(Prng& prng, Life life) {
  Weather out;
  out.finality_depth = static_cast<std::uint32_t>(prng.one_in(4) ? 0 : 1 + prng.below(5));
  out.traces = !prng.one_in(3);
  out.storms = !prng.one_in(8);
  out.tight_signers = prng.one_in(6);
  out.steps = 300 + prng.below(500);
  if (prng.one_in(4)) out.theft = static_cast<Theft>(1 + prng.below(3));
  if (out.storms && prng.one_in(5)) out.lie = prng.one_in(3) ? Lie::deep : Lie::shallow;
  if (life == Life::accounts) return out;
  out.coins = true;
  out.coin_finality = static_cast<std::uint32_t>(1 + prng.below(5));
  if (prng.one_in(3)) out.coin_theft = static_cast<CoinTheft>(1 + prng.below(3));
  return out;
}

std::vector<std::string> signer_names() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kSigners; ++i) out.push_back(signer_name(i));
  return out;
}

}  // namespace

World::World(std::uint64_t seed, bool trace, Life life)
    : seed_(seed),
      trace_(trace),
      prng_(seed),
      weather_(choose_weather(prng_, life)),
      auditor_(weather_.finality_depth, weather_.coin_finality),
      chain_(prng_, clock_, contracts(), genesis(),
             weather_.finality_depth != 0 ? weather_.finality_depth : kTagFinality),
      node_(prng_, chain_, weather_.traces, [this](ByteView raw) { auditor_.broadcast(raw); }),
      coins_(prng_, clock_, weather_.coins ? own_coin_scripts() : std::set<Bytes>{}, weather_.coin_finality),
      coin_view_(prng_, coins_, [this](ByteView raw) { auditor_.broadcast(raw); }),
      network_(prng_, clock_, signer_names()),
      daemon_(prng_, clock_, node_, weather_.coins ? &coin_view_ : nullptr, network_, auditor_) {
  auditor_.watch(chain_, node_);
  auditor_.coins.watch(coins_, coin_view_);
  if (trace_) auditor_.on_event = [this](const record::Event& event) { tell(event); };
  for (std::size_t i = 0; i < kSigners; ++i) {
    const bool tight = weather_.tight_signers && i != 0;
    stations_.push_back(std::make_unique<Station>(i, tight, weather_.coins, prng_, clock_, network_, auditor_, daemon_.disk, notes_));
  }
}

void World::say(const std::string& what) const {
  if (trace_) fmt::print("{:>9.1f} s  {}\n", static_cast<double>(clock_.at() - SimClock().at()) / 1000, what);
}

void World::tell(const record::Event& event) const {
  constexpr std::size_t kWidth = 180;
  const std::string text = event.ShortDebugString();
  const std::size_t body = text.find("ms: ");
  say("    " + text.substr(body == std::string::npos ? 0 : text.find(' ', body + 4) + 1, kWidth));
}

Report World::live() {
  say(fmt::format("seed {}: finality {}, {} steps{}{}", seed_, weather_.finality_depth, weather_.steps,
                  weather_.storms ? ", storms" : "", weather_.traces ? "" : ", a node without traces"));
  set_up();
  choose_faults();
  for (std::uint64_t i = 0; i < weather_.steps; ++i) step();
  calm_down();
  settle();
  audit_the_end();
  return report();
}

void World::set_up() {
  for (const auto& station : stations_) station->start();
  daemon_.start();
  const auto outcomes = daemon_.submit(registration(weather_.finality_depth));
  HF_CHECK(outcomes && std::ranges::all_of(*outcomes, [](const auto& one) { return one.refusal == Refusal::none; }));
  if (weather_.coins) daemon_.submit(coin_registration(weather_.coin_finality));
  for (int i = 0; i < 4; ++i) customer_arrives();
  daemon_.follow(1);
  for (int i = 0; i < 30; ++i) customer_pays();
  for (int i = 0; i < 8; ++i) chain_.mine();
  daemon_.follow(100);
  if (weather_.coins) coins_set_up();
}

void World::choose_faults() {
  if (!weather_.storms) return;
  const auto sometimes = [&](std::uint64_t one_in) { return prng_.one_in(3) ? 0 : one_in; };
  daemon_.disk.faults.cut_one_in = sometimes(20 + prng_.below(150));
  daemon_.shelf.faults.cut_one_in = sometimes(4);
  for (const auto& station : stations_) {
    station->disk.faults.cut_one_in = sometimes(15 + prng_.below(60));
    station->disk.faults.full_one_in = sometimes(10 + prng_.below(40));
    station->copy.faults = station->disk.faults;
  }
  network_.faults.lose_one_in = sometimes(4 + prng_.below(20));
  network_.faults.twice_one_in = sometimes(4 + prng_.below(10));
  network_.faults.delay_max_ms = static_cast<std::int64_t>(sometimes(100 + prng_.below(5'000)));
  node_.faults.fail_one_in = sometimes(10 + prng_.below(100));
  node_.faults.swallow_one_in = sometimes(5 + prng_.below(20));
  node_.faults.blind_one_in = sometimes(3 + prng_.below(10));
  chain_.faults.skip_one_in = sometimes(2 + prng_.below(5));
  chain_.faults.out_of_gas_one_in = sometimes(10 + prng_.below(30));
  chain_.faults.revive_one_in = sometimes(10 + prng_.below(20));
  if (!weather_.coins) return;
  coin_view_.faults.fail_one_in = sometimes(10 + prng_.below(100));
  coin_view_.faults.swallow_one_in = sometimes(5 + prng_.below(20));
  coin_view_.faults.blind_one_in = sometimes(3 + prng_.below(10));
  coin_view_.faults.pruned_one_in = sometimes(20 + prng_.below(50));
  coins_.faults.skip_one_in = sometimes(2 + prng_.below(5));
  coins_.faults.revive_one_in = sometimes(10 + prng_.below(20));
}

void World::step() {
  static constexpr Choice kAlways[] = {
      {90, &World::engine_works},    {40, &World::engine_follows},    {12, &World::engine_watches},
      {25, &World::block_comes},     {12, &World::customer_pays},     {22, &World::customer_asks},
      {3, &World::customer_repeats}, {3, &World::customer_cancels},   {8, &World::operator_judges},
      {1, &World::customer_arrives}, {2, &World::customer_is_fooled}, {3, &World::time_jumps},
      {3, &World::snapshot_happens}, {3, &World::outsider_relays},    {1, &World::outsider_scribbles},
      {1, &World::outsider_flushes}, {1, &World::outsider_gives},     {8, &World::operators_thaw},
      {20, &World::power_returns},   {12, &World::signer_returns},    {8, &World::operator_lifts},
      {3, &World::thief_strikes}};
  static constexpr Choice kStorm[] = {
      {3, &World::power_fails},  {4, &World::signer_troubles}, {4, &World::chain_reorganises},
      {3, &World::pool_forgets}, {4, &World::fees_move},       {2, &World::node_falls_behind},
      {3, &World::node_lies},    {6, &World::node_repents},    {1, &World::operator_freezes}};
  static constexpr Choice kCoins[] = {
      {25, &World::coin_block_comes},   {40, &World::coins_followed},
      {12, &World::coins_watched},      {15, &World::coin_customer_pays},
      {30, &World::coin_customer_asks}, {3, &World::coin_sender_changes_his_mind},
      {1, &World::coin_stranger_gives}, {4, &World::coin_thief_strikes}};
  static constexpr Choice kCoinStorm[] = {
      {5, &World::coins_reorganise},       {3, &World::coin_pool_forgets}, {4, &World::coin_fees_move},
      {2, &World::coin_node_falls_behind}, {3, &World::coin_node_lies},    {6, &World::coin_node_repents},
      {4, &World::coin_receiver_pins}};
  std::vector<Choice> choices(std::begin(kAlways), std::end(kAlways));
  if (weather_.storms) choices.insert(choices.end(), std::begin(kStorm), std::end(kStorm));
  if (weather_.coins) choices.insert(choices.end(), std::begin(kCoins), std::end(kCoins));
  if (weather_.coins && weather_.storms) choices.insert(choices.end(), std::begin(kCoinStorm), std::end(kCoinStorm));
  std::uint64_t total = 0;
  for (const Choice& choice : choices) total += choice.weight;
  std::uint64_t at = prng_.below(total);
  auto chosen = choices.begin();
  while (at >= chosen->weight) at -= (chosen++)->weight;
  clock_.advance(prng_.between(50, 1'500));
  deliver();
  (this->*chosen->deed)();
}

void World::deliver() {
  std::map<std::string, std::vector<proto::ToSigner>> arrived;
  for (auto& one : network_.take_arrived()) arrived[one.signer].push_back(std::move(one.message));
  for (const auto& station : stations_) {
    station->follow();
    if (const auto mail = arrived.find(station->name()); mail != arrived.end()) station->serve(mail->second);
  }
}

void World::block_comes() { chain_.mine(); }
void World::engine_works() { daemon_.conduct(); }
void World::engine_follows() { daemon_.follow(1 + prng_.below(5)); }
void World::engine_watches() { daemon_.watch(); }

void World::time_jumps() {
  const std::int64_t minutes = prng_.one_in(6) ? prng_.between(5, 40) : 1;
  say(fmt::format("{} minutes pass", minutes));
  clock_.advance(minutes * 60 * kMsPerSecond);
}

// --- The calm -------------------------------------------------------------------------------------------------------

void World::calm_down() {
  say("calm");
  daemon_.disk.faults = {};
  daemon_.shelf.faults = {};
  for (const auto& station : stations_) station->disk.faults = station->copy.faults = {};
  network_.faults = {};
  node_.faults = {};
  node_.behind = 0;
  node_.forged_head.reset();
  chain_.faults = {};
  chain_.set_base_fee(gwei(3));
  coin_view_.faults = {};
  coin_view_.behind = 0;
  coin_view_.forged_head.reset();
  coins_.faults = {};
  coins_.market = 2'000;
  weather_.theft = Theft::none;
  weather_.coin_theft = CoinTheft::none;
  wake_up();
}

void World::wake_up() {
  daemon_.start();
  for (std::size_t i = 0; i < kSigners; ++i) {
    stations_[i]->start();
    network_.set_attached(signer_name(i), true);
    network_.set_slow(signer_name(i), 0);
  }
}

// Operators clear up, then the world runs on until nothing is left to do.
void World::settle() {
  for (int round = 0; round < kCalmRounds; ++round) {
    clock_.advance(kCalmStepMs);
    if (round % kCalmStepsPerBlock == 0) {
      chain_.mine();
      daemon_.watch();
      daemon_.follow(100);
      if (weather_.coins) {
        coins_.mine();
        coins_watched();
        daemon_.follow_coins(100);
      }
      end_incidents();
      operators_thaw();
      judge_all();
    }
    deliver();
    daemon_.conduct();
    if (round % kCalmStepsPerGift == kCalmStepsPerGift - 1) operator_tops_up();
    // What could not be paid in half an hour is given up and given back.
    if (round == kCalmRounds / 3) clock_.advance(kLongerThanAnApproval);
    if (round % kCalmStepsPerBlock == 0 && at_rest()) return;
  }
}

// Only what should be rescued from a wallet that a thief has emptied of its coins may wait for somebody to pay the network.
// And reserves lie where they lie.
bool World::may_wait(const State& state, const Spend& spend) {
  if (spend.purpose == Purpose::reserve) return true;
  return static_cast<bool>(state.wallets.at(spend.wallet).compromised_by) && withdrawals_of(spend).empty();
}

void World::judge_unfinished(const State& state, const Spend& spend) {
  if (may_wait(state, spend)) return;
  throw LawBroken{"4 survival",
                  fmt::format("spend {} of wallet {} (purpose {}, state {}) reaches no end", spend.id.value,
                              spend.wallet.value, static_cast<int>(spend.purpose), static_cast<int>(spend.state))};
}

bool World::at_rest() {
  bool rest = false;
  daemon_.read([&](const State& state) {
    const auto head = state.head(kChain);
    const bool caught_up = head && head->hash == chain_.tip();
    const bool nothing_waits = state.waiting_held.empty() && state.waiting_approved.empty();
    const bool nothing_runs = std::all_of(state.open_spends.begin(), state.open_spends.end(),
                                          [&](SpendId id) { return may_wait(state, state.spends.at(id)); });
    rest = caught_up && coins_at_rest() && nothing_waits && nothing_runs && state.unfinal_deposits.empty();
  });
  return rest;
}

void World::audit_the_end() {
  auditor_.finish();
  daemon_.read([&](const State& state) {
    check(state);
    for (const Customer& customer : state.customers) {
      for (const Asset& asset : state.assets) {
        auditor_.balance_told(customer.id.value, asset.id.value, state.available(customer.id, asset.id).units(),
                              state.held(customer.id, asset.id).units());
      }
    }
    for (const SpendId id : state.open_spends) judge_unfinished(state, state.spends.at(id));
  });
  constexpr std::size_t kMagic = 8;
  constexpr std::size_t kDigest = 32;
  const Bytes snapshot = daemon_.snapshot();
  auditor_.snapshot_balances(
      std::string(as_text(ByteView(snapshot).subspan(kMagic, snapshot.size() - kMagic - kDigest))));
}

Report World::report() {
  Report out;
  out.root = daemon_.head().root;
  out.events = daemon_.head().size;
  out.crashes = daemon_.crashes();
  for (const auto& station : stations_) out.signer_crashes += station->crashes();
  out.blocks = chain_.height();
  out.reorgs = chain_.reorgs() + coins_.reorgs();
  out.deposits = auditor_.ledger().deposits.size();
  out.withdrawals = auditor_.ledger().withdrawals.size();
  out.paid = auditor_.paid();
  out.thefts = thefts_;
  out.lies = lies_;
  out.incidents = auditor_.ledger().incidents;
  out.children = auditor_.ledger().expected;
  return out;
}

}  // namespace holdfast::sim
