#include "config/files.h"

#include <array>
#include <fstream>

namespace holdfast::config {

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse("file_unreadable", path + " cannot be read");
  std::string text;
  std::array<char, 65'536> piece;
  while (file && text.size() <= most) {
    file.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return refuse("file_unreadable", path + " cannot be read");
  if (text.size() > most) return refuse("file_too_large", path + " is larger than " + std::to_string(most) + " bytes");
  return text;
}

}  // namespace holdfast::config
