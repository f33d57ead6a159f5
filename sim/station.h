// One signer's machine: its disk with its own journal and its copy of the engine's, and the signer as long as the power is on.
#pragma once

#include "signer/signer.h"
#include "sim/auditor.h"
#include "sim/disk.h"
#include "sim/installation.h"
#include "sim/network.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::sim {

class Station {
 public:
  // Everything given must outlive it.
  // `journal` is the engine's, `notes` what the witnesses cosigned last, by signer.
  Station(std::size_t signer, bool tight, bool coins, Prng& prng, SimClock& clock, Network& network, Auditor& auditor,
          const Disk& journal, std::map<std::string, proto::CosignedHead>& notes);

  Disk disk;
  Disk copy;

  const std::string& name() const { return signer_name(signer_index_); }
  bool up() const { return signer_ != nullptr; }
  bool frozen() const { return up() && signer_->frozen(); }
  void start();  // And says hello. Does nothing when it is up.
  void crash();
  void serve(const std::vector<proto::ToSigner>& messages);
  void follow();  // Takes what is new in the engine's journal, cosigns it, and hears the others.
  void thaw();  // By its own operator.
  std::uint64_t crashes() const { return crashes_; }

 private:
  void sign(const std::vector<proto::SignRequest>& requests);
  void freeze(const proto::FreezeOrder& order);
  template <class Work>
  void powered(Work&& work);

  std::size_t signer_index_;
  bool tight_;
  bool coins_;
  Prng& prng_;
  SimClock& clock_;
  Network& network_;
  Auditor& auditor_;
  const Disk& journal_;
  std::map<std::string, proto::CosignedHead>& notes_;
  std::unique_ptr<signer::Signer> signer_;
  std::uint64_t crashes_ = 0;
};

}  // namespace holdfast::sim
