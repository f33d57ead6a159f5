// Reads the files that people name, on the command line or inside of other files.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>

namespace holdfast::config {

// All of it, also of a pipe.   Refuses file_unreadable, file_too_large (more than `most` bytes).
Result<std::string> read_file(const std::string& path, std::size_t most);

}  // namespace holdfast::config
