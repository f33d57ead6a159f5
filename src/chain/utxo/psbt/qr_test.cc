#include "chain/utxo/psbt/qr.h"

#include "base/hex.h"
#include "chain/utxo/psbt/ur.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace holdfast::chain::utxo {
namespace {

std::vector<std::string> some_texts() { return encode_ur("psbt", cbor_of_psbt(Bytes(700, 0x5a)), 100, 3); }

// Dark modules, row by row, out of a terminal's lines.
std::vector<std::string> modules_of(const std::string& frame) {
  std::vector<std::string> rows;
  std::string upper;
  std::string lower;
  for (std::size_t at = 0; at < frame.size(); ++at) {
    if (frame[at] == '\n') {
      rows.push_back(std::exchange(upper, {}));
      rows.push_back(std::exchange(lower, {}));
      continue;
    }
    const bool blank = frame[at] == ' ';
    const std::string_view block = blank ? "" : std::string_view(frame).substr(at, 3);
    upper += blank || block == "\u2584" ? '#' : '.';
    lower += blank || block == "\u2580" ? '#' : '.';
    if (!blank) at += 2;
  }
  return rows;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(Qr, ATerminalShowsCodesOfOneSize) {
  const auto frames = qr_terminal(some_texts());
  ASSERT_TRUE(frames);
  ASSERT_EQ(frames->size(), some_texts().size());
  EXPECT_EQ(std::set<std::string>(frames->begin(), frames->end()).size(), frames->size());
  for (const std::string& frame : *frames) {
    const auto rows = modules_of(frame);
    const std::size_t size = rows.front().size();
    EXPECT_EQ((size - 8 - 17) % 4, 0U);
    EXPECT_EQ(size, modules_of(frames->front()).front().size());
    EXPECT_EQ(rows.size(), size + 1);  // An odd number, two to a line.
    EXPECT_EQ(rows[3], std::string(size, '.'));
    // The finder pattern in the corner, and the quiet zone beside it.
    const char* finder[] = {"....#######.", "....#.....#.", "....#.###.#.", "....#.###.#.",
                            "....#.###.#.", "....#.....#.", "....#######.", "............"};
    for (std::size_t y = 0; y < 8; ++y) EXPECT_EQ(rows[4 + y].substr(0, 12), finder[y]) << frame;
  }
}

TEST(Qr, AnSvgMovesThroughAllFrames) {
  const auto texts = some_texts();
  const auto svg = qr_svg(texts, std::chrono::milliseconds(250));
  ASSERT_TRUE(svg);
  EXPECT_EQ(count(*svg, "<path"), texts.size());
  EXPECT_EQ(count(*svg, "@keyframes"), 1U);
  EXPECT_NE(svg->find("animation:show " + std::to_string(250 * texts.size()) + "ms"), std::string::npos);
  EXPECT_NE(svg->find("animation-delay:" + std::to_string(250 * (texts.size() - 1)) + "ms"), std::string::npos);
  EXPECT_EQ(count(*svg, "<script"), 0U);
  EXPECT_EQ(count(*svg, "http"), 1U);  // The name of the format; nothing is fetched.
}

TEST(Qr, OneTextStandsStill) {
  const auto svg = qr_svg({"ur:psbt/aeadaolazmjendeoti"});
  ASSERT_TRUE(svg);
  EXPECT_EQ(count(*svg, "<path"), 1U);
  EXPECT_EQ(count(*svg, "animation"), 0U);
}

TEST(Qr, UrsAreWrittenInUpperCaseOthersAsTheyAre) {
  EXPECT_EQ(qr_svg({"ur:psbt/aeadaolazmjendeoti"}).value(), qr_svg({"UR:PSBT/AEADAOLAZMJENDEOTI"}).value());
  EXPECT_NE(qr_svg({"abc"}).value(), qr_svg({"ABC"}).value());
}

TEST(Qr, APageEscapesItsTitle) {
  const auto page = qr_html("<b>\"1 & 2\"</b>", some_texts());
  ASSERT_TRUE(page);
  EXPECT_EQ(count(*page, "&lt;b&gt;&quot;1 &amp; 2&quot;&lt;/b&gt;"), 2U);
  EXPECT_EQ(count(*page, "<b>"), 0U);
}

TEST(Qr, RefusesWhatNoCodeHolds) {
  EXPECT_EQ(qr_svg({}).error().code, "qr_empty");
  EXPECT_EQ(qr_terminal({"a", ""}).error().code, "qr_empty");
  EXPECT_EQ(qr_html("x", {std::string(5000, 'a')}).error().code, "qr_too_long");
  EXPECT_EQ(qr_svg(std::vector<std::string>(kMaxQrFrames + 1, "a")).error().code, "qr_too_long");
}

}  // namespace
}  // namespace holdfast::chain::utxo
