// An event as the journal stores it: protobuf message holdfast.record.Event (proto/custody.proto).
//
// The bytes are what is hashed, so they are written once and never made again from the event: a newer Holdfast may
// encode differently, and must still read what stands there.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "custody/events.h"
#include "journal/block.h"

namespace holdfast::engine {

// Adds the event to the batch, or says that it does not fit (then the batch is as it was).
bool encode(const custody::Event& event, journal::Batch& batch);

// The same bytes on their own.
Bytes encode(const custody::Event& event);

//   corruption record_unreadable   not a record of a kind this version knows, or a value out of its bounds
Result<custody::Event> decode(ByteView record);

}  // namespace holdfast::engine
