#include "engine/writer.h"

#include <iterator>

namespace holdfast::engine {

Writer::Writer(Engine& engine) : engine_(engine), thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

std::vector<Outcome> Writer::submit(std::span<const custody::Command> commands) {
  Ticket ticket;
  ticket.commands = commands;
  std::unique_lock lock(mutex_);
  waiting_.push_back(&ticket);
  work_.notify_one();
  answered_.wait(lock, [&] { return ticket.done; });
  return std::move(ticket.outcomes);
}

void Writer::run() {
  std::vector<Ticket*> taken;
  std::vector<custody::Command> commands;
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    taken.assign(waiting_.begin(), waiting_.end());
    waiting_.clear();
    lock.unlock();
    commands.clear();
    for (const Ticket* ticket : taken) commands.insert(commands.end(), ticket->commands.begin(), ticket->commands.end());
    const std::vector<Outcome> outcomes = engine_.submit(commands);
    lock.lock();
    auto next = outcomes.begin();
    for (Ticket* ticket : taken) {
      const auto end = std::next(next, static_cast<std::ptrdiff_t>(ticket->commands.size()));
      ticket->outcomes.assign(next, end);
      next = end;
      ticket->done = true;
    }
    answered_.notify_all();
  }
}

}  // namespace holdfast::engine
