// The daemon's threads. Each drives one part until it is told to stop; faults are logged once and tried again.
#pragma once

#include "apps/daemon/chains.h"
#include "chain/port.h"
#include "engine/conductor.h"
#include "engine/engine.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

namespace holdfast::daemon {

// Lets any thread end the conductor's pause.
class Wake {
 public:
  void signal();
  // Returns at a signal given since the last wait, at stop, or after the time.
  void wait(std::stop_token stop, std::int64_t timeout_ms);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool signalled_ = false;
};

struct Loops {
  engine::Submitter& submitter;
  const chain::StateView& view;
  engine::SignerLink& link;
  Wake& wake;
};

void pause(std::stop_token stop, std::int64_t ms);  // Ends early at stop.

// Blocks, reorganisations, finality.
void follow_chain(std::stop_token stop, const Loops& loops, ChainParts& chain);
// The mempool. A theft that shows here has every signer ordered to freeze as soon as the incident is durable.
void watch_pool(std::stop_token stop, const Loops& loops, ChainParts& chain);
// Plans, signatures, broadcasts.
void conduct(std::stop_token stop, const Loops& loops, engine::Conductor& conductor);

}  // namespace holdfast::daemon
