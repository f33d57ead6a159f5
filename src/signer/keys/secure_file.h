// Small files that only their owner may read: written once and durably, and refused when their mode is too wide.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

#include <string>

namespace holdfast::signer {

// Mode 0600; file and folder are synced. refusal key_file_exists; fault key_file_not_written.
Result<void> write_new_private_file(const std::string& path, ByteView bytes);

// Puts the file in the place of an older one, at once and durably: who reads sees either. fault file_not_written.
Result<void> replace_private_file(const std::string& path, ByteView bytes);

// refusal key_file_exposed (group or others may do anything with it, or another user owns it), key_file_malformed (over
// `max_size`); fault key_file_not_read.
Result<Bytes> read_private_file(const std::string& path, std::size_t max_size);

// Overwrites it and removes it, durably. What a disk or a file system keeps of older blocks, and copies, are out of its reach.
// refusal key_file_missing; fault file_not_destroyed.
Result<void> destroy_file(const std::string& path);

// Opens a file with a secret in it, for read_secret_line: only its owner may read it. The caller closes it.
// refusal key_file_exposed; fault key_file_not_read.
Result<int> open_secret_file(const std::string& path);

// Reads a descriptor to its end, or to its first newline, which is dropped; the descriptor stays open behind it.
// refusal secret_too_long (over `max_size` bytes); fault secret_not_read.
Result<Secret> read_secret_line(int descriptor, std::size_t max_size);

// Asks on the terminal of this process, without echo. fault terminal_missing.
Result<Secret> ask_secret(const std::string& prompt, std::size_t max_size);

// Shows words, numbered, on the terminal of this process and nowhere else, until Enter is pressed; then clears it.
// fault terminal_missing.
Result<void> show_words(const Secret& words);

}  // namespace holdfast::signer
