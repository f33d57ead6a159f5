// UR texts as QR codes that a hardware wallet's camera reads: an animated picture for a screen, or text for a terminal.
//
// What comes out needs nothing from anywhere: no script, no font, no address that a browser would fetch.
#pragma once

#include "base/result.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::chain::utxo {

inline constexpr std::size_t kMaxQrFrames = 4096;
inline constexpr std::chrono::milliseconds kQrFrameTime{200};  // What cameras follow well.

// URs are written in upper case, which takes fewer modules and means the same; any other text is written as it is. All frames
// have the size of the largest, so that the picture stands still. Refusals: `qr_too_long` (a text that no QR code holds, or
// more frames than kMaxQrFrames), `qr_empty` (no text at all, or an empty one).

// An SVG that shows the texts one after the other, for ever. One text: it stands still.
Result<std::string> qr_svg(const std::vector<std::string>& texts, std::chrono::milliseconds frame_time = kQrFrameTime);
// A page with that picture and a title (any text: it is escaped).
Result<std::string> qr_html(std::string_view title, const std::vector<std::string>& texts,
                            std::chrono::milliseconds frame_time = kQrFrameTime);
// Each text as lines of half blocks, light on dark as most terminals are (cameras read both ways), all of one size.
Result<std::vector<std::string>> qr_terminal(const std::vector<std::string>& texts);

}  // namespace holdfast::chain::utxo
