#pragma once
// CLIP's tokenizer. As in transformers 5, the class's rules count and not tokenizer.json's, of which only
// vocabulary, merges and added tokens are read: NFC, white space runs to one space, lower case by character;
// pieces are contractions, runs of letters, single digits and runs of anything else, white space is dropped;
// byte-level BPE whose last symbol carries "</w>"; a start token before every text and an end token behind.
// No ftfy and no HTML: what the original code does to a text before, transformers does not.

#include <filesystem>
#include <memory>

#include "drf/text/tokenizer.h"

namespace drf::text {

/// From FOLDER/tokenizer.json, else FOLDER/vocab.json and merges.txt; from FOLDER/tokenizer/ where FOLDER has
/// neither. encode() puts start and end around a text, encode_padded() keeps them when it cuts. Throws
/// Error(kInput) naming what is missing, another class that tokenizer_config.json names, a line of merges.txt
/// that is no pair, and a vocabulary without the start token, the end token or a byte.
std::unique_ptr<Tokenizer> open_clip_tokenizer(const std::filesystem::path& folder);

}  // namespace drf::text
