#include "chain/utxo/psbt/qr.h"

#include "base/check.h"

#include <qrencode.h>

#include <algorithm>
#include <memory>

namespace holdfast::chain::utxo {

namespace {

constexpr int kQuiet = 4;  // Modules around a code that have to be light.

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};
using Code = std::unique_ptr<QRcode, FreeCode>;

bool is_ur(std::string_view text) {
  return text.size() > 3 && (text[0] | 0x20) == 'u' && (text[1] | 0x20) == 'r' && text[2] == ':';
}

// version 0: the smallest that holds it.
Code encode(std::string text, int version) {
  if (is_ur(text)) {
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
  }
  return Code(QRcode_encodeString(text.c_str(), version, QR_ECLEVEL_L, QR_MODE_8, 1));
}

// All of the same size.
Result<std::vector<Code>> encode_all(const std::vector<std::string>& texts) {
  if (texts.empty()) return refuse("qr_empty");
  if (texts.size() > kMaxQrFrames) return refuse("qr_too_long", std::to_string(texts.size()) + " frames");
  int version = 0;
  for (const std::string& text : texts) {
    if (text.empty() || text.find('\0') != std::string::npos) return refuse("qr_empty");
    const Code code = encode(text, 0);
    if (!code) return refuse("qr_too_long", std::to_string(text.size()) + " characters");
    version = std::max(version, code->version);
  }
  std::vector<Code> codes;
  for (const std::string& text : texts) {
    codes.push_back(encode(text, version));
    HF_CHECK(codes.back());
  }
  return codes;
}

// With the quiet zone; outside of the code everything is light.
bool is_dark(const QRcode& code, int x, int y) {
  if (x < kQuiet || y < kQuiet || x >= code.width + kQuiet || y >= code.width + kQuiet) return false;
  return (code.data[(y - kQuiet) * code.width + (x - kQuiet)] & 1U) != 0;
}

// One path: a rectangle for every run of dark modules in a row.
std::string path_of(const QRcode& code) {
  std::string path;
  const int size = code.width + 2 * kQuiet;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      if (!is_dark(code, x, y)) continue;
      const int begin = x;
      while (is_dark(code, x, y)) ++x;
      const std::string run = std::to_string(x - begin);
      path += "M" + std::to_string(begin) + " " + std::to_string(y) + "h" + run + "v1h-" + run + "z";
    }
  }
  return path;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

// Percent with three digits behind the point: how long one of so many frames is seen.
std::string share_of(std::size_t frames) {
  const std::size_t thousandths = 100'000 / frames;
  const std::string digits = std::to_string(thousandths % 1000);
  return std::to_string(thousandths / 1000) + "." + std::string(3 - digits.size(), '0') + digits + "%";
}

// Every frame goes through the same keyframes, each later than the one before it by the time of one frame.
std::string style_of(std::size_t frames, std::chrono::milliseconds frame_time) {
  const auto whole = std::to_string(frame_time.count() * static_cast<std::int64_t>(frames)) + "ms";
  return "<style>path{visibility:hidden;animation:show " + whole + " step-end infinite}@keyframes show{0%{visibility:visible}" +
         share_of(frames) + "{visibility:hidden}}</style>";
}

}  // namespace

Result<std::string> qr_svg(const std::vector<std::string>& texts, std::chrono::milliseconds frame_time) {
  HF_CHECK(frame_time.count() > 0);
  const auto codes = encode_all(texts);
  if (!codes) return Failure(codes.error());
  const std::string size = std::to_string(codes->front()->width + 2 * kQuiet);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + " " + size +
                    "\" shape-rendering=\"crispEdges\">";
  const bool moves = codes->size() > 1;
  if (moves) svg += style_of(codes->size(), frame_time);
  svg += "<rect width=\"" + size + "\" height=\"" + size + "\" fill=\"#fff\"/>\n";
  for (std::size_t i = 0; i < codes->size(); ++i) {
    const auto delay = std::to_string(frame_time.count() * static_cast<std::int64_t>(i));
    svg += "<path" + (moves ? " style=\"animation-delay:" + delay + "ms\"" : std::string()) + " d=\"" + path_of(*(*codes)[i]) +
           "\"/>\n";
  }
  return svg + "</svg>\n";
}

Result<std::string> qr_html(std::string_view title, const std::vector<std::string>& texts,
                            std::chrono::milliseconds frame_time) {
  const auto svg = qr_svg(texts, frame_time);
  if (!svg) return svg;
  const std::string shown = escape(title);
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
         "<title>" + shown + "</title>\n"
         "<style>body{margin:1rem;background:#fff;color:#000;font:1rem sans-serif;text-align:center}"
         "svg{width:min(90vw,80vh);height:auto}</style></head>\n<body><h1>" + shown + "</h1>\n" + *svg + "</body></html>\n";
}

Result<std::vector<std::string>> qr_terminal(const std::vector<std::string>& texts) {
  const auto codes = encode_all(texts);
  if (!codes) return Failure(codes.error());
  std::vector<std::string> frames;
  for (const Code& code : *codes) {
    const int size = code->width + 2 * kQuiet;
    std::string& frame = frames.emplace_back();
    for (int y = 0; y < size; y += 2) {
      for (int x = 0; x < size; ++x) {
        const bool upper = !is_dark(*code, x, y);
        const bool lower = y + 1 < size && !is_dark(*code, x, y + 1);
        frame += upper ? (lower ? "\u2588" : "\u2580") : (lower ? "\u2584" : " ");
      }
      frame += '\n';
    }
  }
  return frames;
}

}  // namespace holdfast::chain::utxo
