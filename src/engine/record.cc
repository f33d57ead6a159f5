#include "engine/record.h"

#include "engine/fields.h"
#include "engine/wire.h"

#include <array>
#include <variant>

namespace holdfast::engine {
namespace {

using custody::EventBody;

constexpr std::uint32_t kAt = 1;
constexpr std::uint32_t kFirstBody = 2;

template <class Wanted, class... Body>
constexpr std::uint32_t number_of(BodyList<Body...>) {
  std::uint32_t number = kFirstBody;
  const bool found = (... || (std::is_same_v<Wanted, Body> || (++number, false)));
  return found ? number : throw "an event without a number";  // never at run time
}

template <class Body>
constexpr std::uint32_t kBody = number_of<Body>(Bodies{});

using ReadBody = void (*)(Reader& reader, EventBody& body);

template <class Body>
void read_body(Reader& reader, EventBody& body) {
  reader(kBody<Body>, body.emplace<Body>());
}

// By number less kFirstBody.
template <class... Body>
constexpr auto body_readers(BodyList<Body...>) {
  static_assert(sizeof...(Body) == std::variant_size_v<EventBody>);
  return std::array<ReadBody, sizeof...(Body)>{read_body<Body>...};
}
constexpr auto kBodyReaders = body_readers(Bodies{});

// The bytes are good until the next call on this thread.
ByteView write(const custody::Event& event) {
  thread_local Bytes memory;
  Writer writer(memory);
  writer(kAt, event.at);
  std::visit([&]<class Body>(const Body& body) { writer(kBody<Body>, body); }, event.body);
  return writer.written();
}

}  // namespace

bool encode(const custody::Event& event, journal::Batch& batch) {
  const ByteView record = write(event);
  if (!batch.fits(record.size())) return false;
  batch.add(record);
  return true;
}

Bytes encode(const custody::Event& event) { return to_bytes(write(event)); }

Result<custody::Event> decode(ByteView record) {
  Result<custody::Event> event;
  Reader reader(record);
  reader(kAt, event->at);
  const std::uint32_t number = reader.next_message().value_or(0);
  const bool known = number >= kFirstBody && number - kFirstBody < kBodyReaders.size();
  if (known) kBodyReaders[number - kFirstBody](reader, event->body);
  if (!known || !reader.finish()) {
    event = corruption("record_unreadable", "not a record of a kind this version knows, or a value out of its bounds");
  }
  return event;
}

}  // namespace holdfast::engine
