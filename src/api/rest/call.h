// A call: one request that was let in, and what its handler has at hand. A handler answers with JSON or a problem; it
// knows nothing of sockets, signatures or headers.
#pragma once

#include "api/feed/feed.h"
#include "api/rest/input.h"
#include "api/rest/keys.h"
#include "api/text/view.h"
#include "base/instant.h"
#include "chain/port.h"
#include "engine/engine.h"
#include "identity/verify.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

// The `number`th deposit address of a customer on a chain, from 0 upward: the same each time where it is assigned already.
// On a chain of coins the first that is not is of the wallet's next index, which another customer may be given first.
using DeriveAddress =
    std::function<Result<custody::DepositAddress>(custody::CustomerId, custody::ChainId, std::uint64_t number)>;

// What the API stands on. Everything must outlive it, and may be called from any thread.
struct Ports {
  engine::Submitter& submitter;
  const chain::StateView& view;
  EventFeed& feed;
  Clock& clock;
  std::function<journal::Head()> head;  // Engine::head
  DeriveAddress derive_address;
  std::function<std::vector<std::string>()> signers_connected;  // Their names.
  std::string exchange{};                   // The journal's origin name: it stands in every text that somebody signs.
  identity::RelyingParty relying_party{};  // Whose passkeys are taken.
};

struct Call {
  Ports& ports;
  const Directory& directory;
  const ApiKey& key;
  const RequestHead& head;
  std::string_view body;
  std::uint64_t id = 0;  // From the path, where it has one.
};

struct Reply {
  int status = 200;
  Json json;
};

using Handler = Answer<Reply> (*)(const Call&);

// Through the engine; an operator's with the signature of the request in front of them, for the journal.
std::vector<engine::Outcome> submit_all(const Call& call, std::vector<custody::Command> commands);
// One command. A refusal of custody becomes the problem of its name.
Answer<engine::Outcome> submit(const Call& call, custody::Command command);

Json problem_json(const Problem& problem, const Call& call);

// A batch, each item by itself: those that can be read became commands, and are to be submitted together.
struct BatchCommands {
  std::vector<Json> items;  // In the batch's order: the problem of what could not be read, else nothing yet.
  std::vector<custody::Command> commands;
  std::vector<std::size_t> places;  // In the batch, of each command.
};
BatchCommands read_commands(const Call& call, const std::vector<Answer<Fields>>& batch,
                            const std::function<Answer<custody::Command>(const Fields&)>& read);

// A thing of the state by id, copied; or the refusal that it is unknown.
template <class Id, class Thing>
Answer<Thing> look_up(const Call& call, const custody::Table<Id, Thing> custody::State::* table, Id id,
                      custody::Refusal unknown) {
  std::optional<Thing> found;
  call.ports.view.read([&](const custody::State& state) {
    if (const Thing* thing = (state.*table).find(id)) found = *thing;
  });
  if (!found) return refused(unknown);
  return std::move(*found);
}

// Which part of a list is wanted: ids below `before` (the newest first), or above `after` (the oldest first).
struct Page {
  static constexpr std::uint64_t kDefaultLimit = 100;
  static constexpr std::uint64_t kMaxLimit = 1000;
  static constexpr std::uint64_t kMaxVisited = 20'000;  // Per request: a filter that finds little ends a page early.

  std::uint64_t limit = kDefaultLimit;
  std::optional<std::uint64_t> after;
  std::optional<std::uint64_t> before;
  static Answer<Page> of(const Query& query);
};

// Walks a table by the page and takes what `wanted` accepts. `next` is where the next page begins; 0 at the end.
template <class Id, class Thing, class Wanted, class Take>
std::uint64_t walk(const custody::Table<Id, Thing>& table, const Page& page, Wanted wanted, Take take) {
  const bool up = page.after.has_value();
  const std::uint64_t size = table.size();
  std::uint64_t id = up ? *page.after + 1 : std::min(page.before.value_or(size + 1), size + 1) - 1;
  std::uint64_t taken = 0;
  for (std::uint64_t visited = 0; id >= 1 && id <= size; id = up ? id + 1 : id - 1, ++visited) {
    if (taken == page.limit || visited == Page::kMaxVisited) return up ? id - 1 : id + 1;
    const Thing& thing = table.at(Id{id});
    if (!wanted(thing)) continue;
    take(thing);
    ++taken;
  }
  return 0;
}

}  // namespace holdfast::api
