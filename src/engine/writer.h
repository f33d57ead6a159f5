// Group commit: gathers the commands of many threads and gives them to the engine together, so that one fdatasync serves all
// that came in while the last one ran.
#pragma once

#include "engine/engine.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace holdfast::engine {

class Writer final : public Submitter {
 public:
  explicit Writer(Engine& engine);
  ~Writer() override;  // Finishes what was submitted, then stops.
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // From any thread; returns when the commands are durable or refused.
  std::vector<Outcome> submit(std::span<const custody::Command> commands) override;

 private:
  struct Ticket {
    std::span<const custody::Command> commands;
    std::vector<Outcome> outcomes;
    bool done = false;
  };
  void run();

  Engine& engine_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable answered_;
  std::deque<Ticket*> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace holdfast::engine
