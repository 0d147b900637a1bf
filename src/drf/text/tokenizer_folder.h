#pragma once
// What the files of a tokenizer folder say apart from the model: the tokenizer's class, its named special
// tokens, and the tokens that are found inside text.

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "drf/text/tokenizer.h"

namespace drf::text {

struct TokenizerFolder {
  std::filesystem::path folder;
  nlohmann::json config;        ///< tokenizer_config.json; null if it is not there
  nlohmann::json special_map;   ///< special_tokens_map.json; null if it is not there
  std::string tokenizer_class;  ///< without the ending "Fast"; "" if no file says

  static TokenizerFolder read(const std::filesystem::path& folder);
  /// The text of "eos_token" and the like: a string or {"content": ...}; "" if none.
  std::string named_token(const std::string& key) const;
  /// True for the class that diffusers' Wan pipelines use, whose rules go before tokenizer.json's.
  bool is_t5() const;
};

/// Fills ids and tokens from a map of tokens to ids. Throws Error(kInput) naming parts.where for anything
/// else.
void fill_vocabulary(TokenizerParts& parts, const nlohmann::json& vocabulary);

/// Fills ids and tokens from `vocabulary` (by id), then the added tokens of tokenizer.json (`added`, may be
/// null), of tokenizer_config.json and the named ones, giving new ids to those that have none.
void fill_tokens(TokenizerParts& parts, const std::vector<std::string>& vocabulary,
                 const nlohmann::json& added, const TokenizerFolder& folder);

/// Ids that the post-processor (may be null) puts before and after a single text, into parts.prefix and
/// suffix.
void read_post_processor(const nlohmann::json& value, TokenizerParts& parts);

/// The two kinds of unigram folder.
std::unique_ptr<Tokenizer> open_unigram_json(const nlohmann::json& file, const TokenizerFolder& folder);
std::unique_ptr<Tokenizer> open_spiece(const std::filesystem::path& file, const TokenizerFolder& folder);

/// CLIP's (clip_tokenizer.h), from a folder that holds its files.
std::unique_ptr<Tokenizer> open_clip(const TokenizerFolder& folder);

}  // namespace drf::text
