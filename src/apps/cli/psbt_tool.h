// Looks at partially signed transactions and puts them together, without holdfastd and without keys.
#pragma once

#include "apps/cli/session.h"
#include "chain/utxo/psbt/psbt.h"

#include <string>
#include <vector>

namespace holdfast::cli {

struct PsbtPlace {
  std::vector<std::string> files;  // Binary or base64, as anybody writes them.
  std::string base64;              // In place of a file.
  std::string chain;               // As in descriptor_tool.h: a PSBT does not say whose it is.
  std::string out;                 // Where a PSBT is written, in binary; empty: base64 on the terminal.
};

enum class QrForm { terminal, html, svg };
struct QrPlace {
  QrForm form = QrForm::terminal;
  std::string out;    // Of html and svg.
  bool once = false;  // terminal: every frame once, one below the other, instead of an animation without end.
  std::size_t fragment_bytes = 100;
};

// Refuses `file_unreadable`, and what read_psbt refuses.
Result<chain::utxo::Psbt> read_psbt_file(const std::string& path);

// Everything that a person has to see before signing: coins, amounts, payees, fee, and whose signatures hold.
Result<void> show_psbt(const Settings& settings, const PsbtPlace& place);
// Joins what several signers have added to the same transaction.
Result<void> combine_psbts(const Settings& settings, const PsbtPlace& place);
// Prints the network's form, in hex. Refuses `psbt_incomplete`.
Result<void> finalize_psbt(const Settings& settings, const PsbtPlace& place);
// As QR codes that hardware wallets and Sparrow scan (ur:psbt).
Result<void> show_psbt_as_qr(const Settings& settings, const PsbtPlace& place, const QrPlace& qr);

}  // namespace holdfast::cli
