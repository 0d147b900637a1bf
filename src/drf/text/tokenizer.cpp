#include "drf/text/tokenizer.h"

#include "drf/base/error.h"
#include "drf/text/unicode.h"

namespace drf::text {

Tokenizer::Tokenizer(TokenizerParts parts) : parts_(std::move(parts)) {
  parts_.added.prepare(parts_.normalizer);
  // The reference spells tokens that are looked for in normalised text as normalised, also when decoding.
  for (const auto& [id, token] : parts_.added.tokens()) {
    if (token.normalized) parts_.tokens[static_cast<size_t>(id)] = parts_.normalizer.apply(token.content);
  }
}

std::vector<int64_t> Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  require_utf8(text, "text to tokenize");
  std::vector<int64_t> ids;
  if (options.add_special_tokens) ids = parts_.prefix;
  for (const Segment& segment : parts_.added.split(text, parts_.normalizer, options.parse_special)) {
    if (segment.id) {
      ids.push_back(*segment.id);
      continue;
    }
    for (const std::string& piece : parts_.pre_tokenizer.apply(segment.text)) tokenize(piece, ids);
  }
  if (options.add_special_tokens) ids.insert(ids.end(), parts_.suffix.begin(), parts_.suffix.end());
  return ids;
}

PaddedIds Tokenizer::encode_padded(std::string_view text, int64_t length) const {
  const auto added = static_cast<int64_t>(parts_.prefix.size() + parts_.suffix.size());
  if (length < std::max<int64_t>(added, 1)) {
    fail(ErrorKind::kConfig, "text length ", length, " is too short: ", parts_.where, " alone adds ", added,
         " tokens to every text");
  }
  PaddedIds result;
  result.ids = encode(text);
  if (static_cast<int64_t>(result.ids.size()) > length) {
    result.cut = static_cast<int64_t>(result.ids.size()) - length;
    result.ids.resize(static_cast<size_t>(length) - parts_.suffix.size());
    result.ids.insert(result.ids.end(), parts_.suffix.begin(), parts_.suffix.end());
  }
  result.mask.assign(result.ids.size(), 1);
  result.mask.resize(static_cast<size_t>(length), 0);
  if (static_cast<int64_t>(result.ids.size()) < length) {
    if (!parts_.pad) {
      fail(ErrorKind::kInput, parts_.where, ": no pad_token is named: add it to tokenizer_config.json");
    }
    result.ids.resize(static_cast<size_t>(length), *parts_.pad);
  }
  return result;
}

std::string Tokenizer::decode(const std::vector<int64_t>& ids, bool skip_special) const {
  std::vector<std::string> tokens;
  for (const int64_t id : ids) {
    const std::string& token = token_of(id);
    if (!skip_special || !parts_.added.is_special(id)) tokens.push_back(token);
  }
  return lossy_utf8(join(tokens));
}

std::optional<int64_t> Tokenizer::id_of(const std::string& token) const {
  const auto found = parts_.ids.find(token);
  return found == parts_.ids.end() ? std::nullopt : std::optional<int64_t>(found->second);
}

const std::string& Tokenizer::token_of(int64_t id) const {
  if (id < 0 || id >= size() || parts_.tokens[static_cast<size_t>(id)].empty()) {
    fail(ErrorKind::kInput, parts_.where, ": there is no token with id ", id, " (the vocabulary has ", size(),
         ")");
  }
  return parts_.tokens[static_cast<size_t>(id)];
}

std::optional<std::string> Tokenizer::bytes_of(int64_t id) const {
  const std::string& token = parts_.tokens.at(static_cast<size_t>(id));
  if (token.empty() || parts_.added.tokens().count(id) != 0) return std::nullopt;
  return join({token});
}

std::string Tokenizer::special_in(std::string_view text) const {
  const std::string normalized = parts_.normalizer.apply(text);
  for (const auto& [id, token] : parts_.added.tokens()) {
    if (!token.special) continue;
    if (text.find(token.content) != std::string::npos) return token.content;
    if (token.normalized && normalized.find(parts_.normalizer.apply(token.content)) != std::string::npos)
      return token.content;
  }
  return "";
}

std::optional<int64_t> Tokenizer::single_token(std::string_view text) const {
  const auto ids = encode(text, {.add_special_tokens = false, .parse_special = false});
  return ids.size() == 1 ? std::optional<int64_t>(ids[0]) : std::nullopt;
}

}  // namespace drf::text
