// The label lists of a running daemon: asked for each withdrawal, and read anew when the catalogue changes.
#pragma once

#include "base/instant.h"
#include "chain/port.h"
#include "engine/engine.h"
#include "labels/label_set.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace holdfast::daemon {

class Screening {
 public:
  // Empty: there are no lists.
  explicit Screening(std::string catalogue) : catalogue_(std::move(catalogue)) {}

  // Reads catalogue and lists. Where that fails, those from before stay.   Refuses as config::load_labels()
  Result<void> load();
  // Since it was last read as a whole.
  bool has_changed() const;

  // Categories with commas, or "none"; empty: there are no lists. From any thread.
  std::string say(std::string_view caip2, const custody::Address& address) const;
  std::string say_alarming(std::string_view caip2, const custody::Address& address) const;  // Empty: nothing.

  // What is loaded, for the journal.
  custody::LoadLabels loaded() const;
  bool has_lists() const { return !catalogue_.empty(); }

 private:
  struct Lists {
    labels::LabelSet set;
    Instant checked_at;
  };

  std::string catalogue_;
  std::filesystem::file_time_type read_at_{};  // The catalogue's time of change then.
  std::atomic<std::shared_ptr<const Lists>> lists_;
};

// Tells the journal which lists there are, and screens what has moved: at once, when the catalogue has changed, and each minute.
// Lists that cannot be read are a warning: those from before stay, and `labels_age` grows.
void keep_screening(std::stop_token stop, Screening& screening, engine::Submitter& submitter, const chain::StateView& view);

std::string address_text(std::string_view caip2, const custody::Address& address);

}  // namespace holdfast::daemon
