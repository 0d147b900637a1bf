#include "drf/writer/token_mask.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "drf/base/error.h"
#include "drf/writer/json_text.h"

namespace drf::writer {
namespace {

/// How many characters of a string `token` is; 0 if it is anything else.
int32_t plain_characters(const std::string& token) {
  constexpr int32_t kMany = std::numeric_limits<int32_t>::max();
  uint16_t at = 0, code = 0;
  int32_t chars = kMany;
  for (const char c : token) {
    if ((at == 0 && c == '"') || !json_text_step(at, code, chars, static_cast<uint8_t>(c))) return 0;
  }
  return at == 0 ? kMany - chars : 0;
}

}  // namespace

TokenMask::TokenMask(std::vector<std::string> tokens, std::vector<int64_t> end_ids, const std::string& where)
    : tokens_(std::move(tokens)), end_ids_(std::move(end_ids)), same_(tokens_.size(), -1) {
  plain_.assign(tokens_.size(), 0);
  std::vector<int32_t> ids, others;
  std::vector<bool> bytes(256, false);
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].empty()) continue;
    const auto id = static_cast<int32_t>(i);
    ids.push_back(id);
    if (tokens_[i].size() == 1) bytes[static_cast<uint8_t>(tokens_[i][0])] = true;
    const int32_t characters = plain_characters(tokens_[i]);
    if (characters == 0) {
      others.push_back(id);
      continue;
    }
    plain_[i] = 1;
    plain_by_length_.emplace_back(characters, id);
  }
  for (size_t byte = 0x20; byte <= 0xf4; ++byte) {
    if (!bytes[byte] && byte != 0x7f)
      fail(ErrorKind::kInput, where, ": byte ", byte,
           " has no token of its own; its answers cannot be held to a schema");
  }
  std::sort(plain_by_length_.begin(), plain_by_length_.end(), std::greater<>());
  all_ = make_trie(std::move(ids));
  other_ = make_trie(std::move(others));
}

TokenMask::Trie TokenMask::make_trie(std::vector<int32_t> ids) {
  std::sort(ids.begin(), ids.end(), [&](int32_t a, int32_t b) {
    return std::pair(std::string_view(tokens_[a]), a) < std::pair(std::string_view(tokens_[b]), b);
  });
  Trie trie;
  std::vector<uint32_t> path;  // the nodes of the last token
  const auto leave = [&](size_t depth) {
    for (; path.size() > depth; path.pop_back())
      trie.nodes[path.back()].skip = static_cast<uint32_t>(trie.nodes.size());
  };
  const std::string* last = nullptr;
  for (const int32_t id : ids) {
    const std::string& token = tokens_[static_cast<size_t>(id)];
    size_t shared = 0;
    while (last != nullptr && shared < std::min(last->size(), token.size()) &&
           (*last)[shared] == token[shared])
      ++shared;
    leave(shared);
    for (size_t depth = shared; depth < token.size(); ++depth) {
      path.push_back(static_cast<uint32_t>(trie.nodes.size()));
      trie.nodes.push_back({static_cast<uint8_t>(token[depth]), static_cast<uint16_t>(depth), -1, 0});
    }
    trie.deepest = std::max(trie.deepest, token.size());
    int32_t& held = trie.nodes[path.back()].token;
    if (held >= 0 && held != id) same_[static_cast<size_t>(id)] = held;
    held = id;
    last = &token;
  }
  leave(0);
  return trie;
}

bool TokenMask::allow_token(int32_t id, int64_t missing, int64_t tokens_left, uint8_t* allowed) const {
  if (missing >= tokens_left) return false;
  for (; id >= 0; id = same_[static_cast<size_t>(id)]) allowed[id] = 1;
  return true;
}

bool TokenMask::walk(const Trie& trie, const JsonSchema& schema, const JsonSchema::State& state,
                     int64_t tokens_left, uint8_t* allowed) const {
  bool limited = false;
  std::vector<JsonSchema::State> path(trie.deepest + 1, state);  // [depth]: before the byte of that depth
  for (size_t i = 0; i < trie.nodes.size();) {
    const Trie::Node& node = trie.nodes[i];
    JsonSchema::State& here = path[node.depth + 1u];
    here = path[node.depth];
    if (!schema.step(here, node.byte)) {
      i = node.skip;
      continue;
    }
    if (node.token >= 0)
      limited |= !allow_token(node.token, schema.missing_bytes(here), tokens_left, allowed);
    ++i;
  }
  return limited;
}

bool TokenMask::allow(const JsonSchema& schema, const JsonSchema::State& state, int64_t tokens_left,
                      uint8_t* allowed) const {
  DRF_CHECK(tokens_left >= std::max<int64_t>(schema.missing_bytes(state), 1), tokens_left, " tokens left");
  std::memset(allowed, 0, tokens_.size());
  bool limited = false;
  const int32_t room = schema.free_text(state);
  if (room < 0) {
    limited = walk(all_, schema, state, tokens_left, allowed);
  } else {
    limited = walk(other_, schema, state, tokens_left, allowed);
    // Between two characters nothing changes by a whole one but the room.
    const auto fits = std::find_if(plain_by_length_.begin(), plain_by_length_.end(),
                                   [&](const auto& token) { return token.first <= room; });
    if (schema.missing_bytes(state) >= tokens_left) {
      limited |= fits != plain_by_length_.end();
    } else if (fits == plain_by_length_.begin()) {
      for (size_t i = 0; i < plain_.size(); ++i) allowed[i] |= plain_[i];
    } else {
      for (auto token = fits; token != plain_by_length_.end(); ++token) allowed[token->second] = 1;
    }
  }
  if (schema.complete(state)) {
    for (const int64_t id : end_ids_) allowed[id] = 1;
  }
  return limited;
}

void TokenMask::allow_text(uint8_t* allowed) const {
  for (size_t i = 0; i < tokens_.size(); ++i) allowed[i] = !tokens_[i].empty();
  for (const int64_t id : end_ids_) allowed[id] = 1;
}

void TokenMask::take(const JsonSchema& schema, JsonSchema::State& state, int64_t id) const {
  for (const char c : tokens_[static_cast<size_t>(id)]) {
    const bool taken = schema.step(state, static_cast<uint8_t>(c));
    DRF_CHECK(taken, "token ", id, " was not allowed");
  }
}

}  // namespace drf::writer
