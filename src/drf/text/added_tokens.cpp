#include "drf/text/added_tokens.h"

#include <algorithm>

#include "drf/text/unicode.h"

namespace drf::text {
namespace {

bool word_before(std::string_view text, size_t position) {
  if (position == 0) return false;
  size_t start = previous_boundary(text, position);
  return is_word_character(next_code_point(text, start));
}

bool word_after(std::string_view text, size_t position) {
  return position < text.size() && is_word_character(next_code_point(text, position));
}

}  // namespace

void AddedTokens::add(AddedToken token) {
  if (token.content.empty()) return;
  if (const auto same = id_of_.find(token.content); same != id_of_.end()) tokens_.erase(same->second);
  if (const auto replaced = tokens_.find(token.id); replaced != tokens_.end())
    id_of_.erase(replaced->second.content);
  id_of_[token.content] = token.id;
  tokens_[token.id] = std::move(token);
}

void AddedTokens::insert(Needles& needles, std::string text, int64_t id) {
  if (text.empty()) return;
  auto& bucket = needles[static_cast<unsigned char>(text[0])];
  bucket.push_back(Needle{std::move(text), id});
}

void AddedTokens::prepare(const Normalizer& normalizer) {
  for (const auto& [id, token] : tokens_) {
    if (token.normalized) {
      insert(normalized_, normalizer.apply(token.content), id);
    } else {
      insert(raw_, token.content, id);
    }
  }
  for (Needles* needles : {&raw_, &normalized_}) {
    for (auto& bucket : *needles) {
      std::stable_sort(bucket.begin(), bucket.end(),
                       [](const Needle& a, const Needle& b) { return a.text.size() > b.text.size(); });
    }
  }
}

std::vector<Segment> AddedTokens::cut(std::string_view text, const Needles& needles,
                                      bool parse_special) const {
  std::vector<Segment> segments;
  size_t done = 0;
  const auto add_text = [&](size_t end) {
    if (end > done) segments.push_back({std::nullopt, std::string(text.substr(done, end - done))});
  };
  for (size_t i = 0; i < text.size();) {
    const auto& bucket = needles[static_cast<unsigned char>(text[i])];
    const auto hit = std::find_if(bucket.begin(), bucket.end(), [&](const Needle& needle) {
      return text.compare(i, needle.text.size(), needle.text) == 0;
    });
    if (hit == bucket.end()) {
      ++i;
      continue;
    }
    size_t begin = i, end = i + hit->text.size();
    i = end;  // a match that is then discarded is not searched again, as in the reference
    const AddedToken& token = tokens_.at(hit->id);
    if (token.special && !parse_special) continue;
    if (token.single_word && (word_before(text, begin) || word_after(text, end))) continue;
    while (token.lstrip && begin > done) {
      const size_t start = previous_boundary(text, begin);
      size_t position = start;
      if (!is_white_space(next_code_point(text, position))) break;
      begin = start;
    }
    for (size_t next = end; token.rstrip && next < text.size(); end = next) {
      if (!is_white_space(next_code_point(text, next))) break;
    }
    // White space that the token before has swallowed is gone.
    add_text(std::max(begin, done));
    segments.push_back({hit->id, {}});
    done = end;
  }
  add_text(text.size());
  return segments;
}

std::vector<Segment> AddedTokens::split(std::string_view text, const Normalizer& normalizer,
                                        bool parse_special) const {
  std::vector<Segment> result;
  for (Segment& raw : cut(text, raw_, parse_special)) {
    if (raw.id) {
      result.push_back(std::move(raw));
      continue;
    }
    for (Segment& part : cut(normalizer.apply(raw.text), normalized_, parse_special)) {
      result.push_back(std::move(part));
    }
  }
  return result;
}

bool AddedTokens::is_special(int64_t id) const {
  const auto found = tokens_.find(id);
  return found != tokens_.end() && found->second.special;
}

}  // namespace drf::text
