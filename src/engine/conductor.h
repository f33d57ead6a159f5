// Moves spends along: plan, have them signed, put the signatures together, broadcast, bump, broadcast again.
//
// It remembers nothing that matters. Everything outstanding is read from the state on each round, so after a crash the same
// work is found again; what is kept here (who was asked, when) only saves asking twice. Every effect may happen twice
// without harm: signers answer the same question with a signature of the same digest, what was broadcast is durable before, and
// a node takes the same bytes once.
//
// One thread drives it. It reads the state through StateView, changes it through Submitter, and does no rules: custody's.
#pragma once

#include "base/instant.h"
#include "chain/port.h"
#include "engine/engine.h"
#include "engine/planner.h"
#include "engine/signer_link.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace holdfast::engine {

struct ConductorOptions {
  PlanLimits limits;
  std::size_t quorum = 2;                    // Owners who must sign for a Safe.
  std::int64_t ask_again_ms = 2'000;         // A signer that has not answered.
  std::int64_t broadcast_again_ms = 10'000;  // Until it is mined.
  std::int64_t signer_gone_ms = 15'000;      // Away for so long, a signer is not waited for.
  std::int64_t hand_out_pause_ms = 1'000;    // Between two sets of evacuations to one signer, while coins come and go.
  std::int64_t bump_after_ms = 30'000;       // A transaction that is next in line and still not mined.
  std::int64_t coin_bump_after_ms = 600'000;  // The same of coins, where blocks are minutes apart; rescues do not wait so long.
};

// Told of each reason for which a signer will not sign a spend, once: the signer's name, the spend, the refusal's code. The
// code is the signer's word: a few letters and underscores, whatever it sent.
using RefusalListener = std::function<void(const std::string&, custody::SpendId, const std::string&)>;

class Conductor {
 public:
  // Everything given must outlive it. `builders` has one entry per chain.
  Conductor(Submitter& submitter, const chain::StateView& view, SignerLink& link, Clock& clock,
            std::map<custody::ChainId, chain::Builder*> builders, ConductorOptions options);

  // One round: takes in what the signers have said, then moves everything one step. True when something changed, so that
  // another round is worth while at once.
  bool step();

  // Before the first step only.
  void listen(RefusalListener listener) { on_refusal_ = std::move(listener); }
  // How many records of the journal are durable: a signer is to have all of them before it judges what it is asked. Before the first
  // step only; without it signers judge by what they have.
  void stand_on(std::function<std::uint64_t()> journal_size) { journal_size_ = std::move(journal_size); }

 private:
  enum class Stage : std::uint8_t { none, authorise, transaction };

  // What is known of a spend's present stage. Losing it costs another question.
  struct Progress {
    Stage stage = Stage::none;
    std::uint64_t request = 0;  // Of the questions asked for this stage.
    Bytes unsigned_transaction;
    chain::FeeQuote fees;
    std::map<std::string, Instant> asked;  // Signer's name -> when.
    std::set<std::string> refused;         // Signers that will not sign this.
    bool for_now = false;                  // One of the refusals at least is not for ever.
    bool alone = false;                    // One signature is enough.
    std::optional<custody::WalletNonce> gas;  // Assigned when it was asked for.
    std::set<std::string> answered;        // Signers whose signature is here.
    std::vector<chain::SignerAnswer> answers;
    custody::TxId broadcast;                        // The attempt last given to the node.
    Instant broadcast_at;
    Instant not_before;                    // A signer found the fees too high: the market has to fall first.
    bool underpriced = false;              // The node wants a higher fee before it takes it.
    bool was_mined = false;                // If it is not any more, it must be broadcast at once.
    std::set<std::pair<std::string, std::string>> told;  // Signers and why they refused.
  };

  bool take_replies();
  void tell_refusal(const std::string& signer, custody::SpendId spend, const std::string& refusal);
  void take_reply(const std::string& signer, const proto::SignReply& reply, std::vector<custody::Command>& out);
  void freeze_signers(const custody::State& state, const std::set<std::string>& attached);
  void refresh_quotes();
  PlanInput plan_input(const custody::State& state, const std::set<std::string>& attached);
  bool submit(const std::vector<custody::Command>& commands);

  void work_on(const custody::State& state, const custody::Spend& spend, const std::set<std::string>& attached);
  // Who has to sign next, what, and how many of them. None: nobody, something else comes first.
  struct Question {
    Stage stage = Stage::none;
    std::vector<custody::SignerId> signers;
    std::size_t needed = 0;
  };
  std::optional<Question> question(const custody::State& state, const custody::Spend& spend) const;
  // So many have refused that it cannot come together.
  bool hopeless(const custody::State& state, const Question& question, const Progress& progress) const;
  void ask_signers(const custody::State& state, const custody::Spend& spend, Progress& progress,
                   const std::set<std::string>& attached);
  void complete(const custody::State& state, const custody::Spend& spend, Progress& progress,
                std::vector<custody::Command>& out);
  bool wants_bump(const custody::State& state, const custody::Spend& spend, const Progress& progress) const;
  chain::FeeQuote fees_for(const custody::State& state, const custody::Spend& spend, bool underpriced) const;
  // Hands each signer the evacuations that lie ready, whoever signed them, so that any one of them can broadcast them alone:
  // all of them once it attaches, and whenever they have changed.
  void hand_out_evacuations(const custody::State& state, const std::set<std::string>& attached);
  void send_out(const custody::State& state, const custody::Spend& spend, Progress& progress);
  std::set<custody::SpendId> given_up(const custody::State& state, const PlanInput& input) const;
  void ask(const custody::State& state, const custody::Spend& spend, Progress& progress, const std::string& signer);
  void start_stage(Progress& progress, Stage stage, Bytes unsigned_transaction, const chain::FeeQuote& fees);
  void broadcast_due();

  chain::Builder* builder(custody::ChainId chain) const;

  struct Outgoing {  // To broadcast, once the lock is gone.
    custody::SpendId spend;
    custody::ChainId chain;
    custody::TxId txid;
    Bytes raw;
    std::vector<Bytes> older;  // Of coins: what may still be mined where a coin that joined later is gone. The newest first.
  };

  Submitter& submitter_;
  const chain::StateView& view_;
  SignerLink& link_;
  Clock& clock_;
  std::map<custody::ChainId, chain::Builder*> builders_;
  ConductorOptions options_;

  std::map<custody::SpendId, Progress> progress_;
  std::map<std::pair<custody::FreezeId, std::string>, Instant> freeze_ordered_;
  struct HandedOut {
    std::uint64_t reserves = 0;  // What was sent: a number that changes whenever the reserves do.
    Instant at;
    bool kept = false;           // The signer has answered.
  };
  std::map<std::pair<std::string, std::string>, HandedOut> handed_out_;  // By signer; by chain and wallet.
  std::map<std::string, Instant> last_attached_;
  std::map<custody::ChainId, chain::FeeQuote> quotes_;
  Instant quoted_at_;
  std::uint64_t last_request_ = 0;
  std::vector<Outgoing> outgoing_;
  RefusalListener on_refusal_;
  std::function<std::uint64_t()> journal_size_ = [] { return std::uint64_t{0}; };
};

// The question a signer is asked about a spend: what it is for, beside the bytes. Pure.
proto::SignRequest sign_request(const custody::State& state, const custody::Spend& spend, proto::SignRequest::Kind kind,
                                std::uint64_t request, ByteView unsigned_transaction);

// The reserves of a wallet that lie ready, most valuable coins first.
std::vector<const custody::Spend*> ready_reserves(const custody::State& state, const custody::Wallet& wallet);
// Their transactions, as many as fit into one message.
proto::KeepEvacuations keep_evacuations(const custody::State& state, const custody::Wallet& wallet,
                                        const std::vector<const custody::Spend*>& reserves);

// Orders every attached signer that has not acknowledged a freeze in force to freeze. For whoever has just seen one placed.
void order_freezes(const custody::State& state, SignerLink& link);

}  // namespace holdfast::engine
