// Backup words (BIP 39, English): a seed that people can write down.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <string_view>

namespace holdfast::chain::utxo {

// 16, 20, 24, 28 or 32 bytes of entropy to 12 to 24 words, one blank between them. Refuses `entropy_invalid`.
Result<Secret> words_of_entropy(const Secret& entropy);
// Back. Blanks at the ends and between words may be more than one. Refuses `words_malformed` (a word that is not in the
// list: the text says which place, never which word; or their number), `words_checksum`.
Result<Secret> entropy_of_words(const Secret& words);
// The 64-byte seed: PBKDF2-HMAC-SHA512, 2048 rounds, salt "mnemonic" + passphrase. ASCII passphrases only (others would need
// Unicode's NFKD): refuses `passphrase_not_ascii`. Checks the words first.
Result<Secret> seed_of_words(const Secret& words, const Secret& passphrase);

}  // namespace holdfast::chain::utxo
