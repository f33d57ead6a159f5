// A signer put together from its configuration: its keys open, its journal open for writing.
#pragma once

#include "apps/signer/commands.h"
#include "apps/signer/held_keys.h"
#include "journal/sqlite_storage.h"
#include "signer/config.h"
#include "signer/signer.h"

#include <memory>
#include <string>

namespace holdfast::signer::app {

// Everything that a Signer stands on, in the order in which it has to die.
struct Assembly {
  Config config;
  std::unique_ptr<Keys> keys;
  std::unique_ptr<journal::SqliteStorage> storage;
  journal::LogKey log_key;
  journal::LogKey witness;
  std::unique_ptr<journal::SqliteStorage> copy;  // Of holdfastd's journal.
  SystemClock clock;
  std::unique_ptr<Signer> signer;
};

// `pin`: of the token, where the caller has read it already; it is copied.
Result<std::unique_ptr<Assembly>> assemble(const std::string& config_path, const KeyAccess& access, const Secret* pin = nullptr);

}  // namespace holdfast::signer::app
