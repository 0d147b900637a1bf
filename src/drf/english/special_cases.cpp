#include "drf/english/special_cases.h"

#include <algorithm>
#include <utility>

#include "drf/english/model.h"

namespace drf::english {

SpecialCases::SpecialCases() {
  const std::vector<std::string>& list = model().specials;
  for (size_t i = 0; i < list.size();) {
    const std::string_view chunk = list[i++];
    longest_ = std::max(longest_, chunk.size());
    Pieces& pieces = entries_[chunk];
    pieces.resize(std::stoul(list[i++]));
    for (Piece& piece : pieces) {
      piece.word = list[i++];
      piece.norm = list[i++];
    }
    Phrase phrase(std::stoul(list[i++]));
    for (std::string_view& word : phrase) word = list[i++];
    if (!phrase.empty()) phrases_[phrase.front()].push_back(phrase);
  }
}

const SpecialCases::Pieces* SpecialCases::entry(std::string_view chunk) const {
  if (chunk.size() > longest_) return nullptr;  // before a hash is taken of a chunk without end
  const auto found = entries_.find(chunk);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<Token> SpecialCases::find(std::string_view chunk, size_t at) const {
  std::vector<Token> tokens;
  if (const Pieces* pieces = entry(chunk)) {
    for (const Piece& piece : *pieces) {
      tokens.push_back({at, piece.word.size(), false, piece.norm});
      at += piece.word.size();
    }
  }
  return tokens;
}

std::vector<Token> SpecialCases::joined(std::string_view text, const std::vector<Token>& tokens) const {
  const auto word = [&](size_t i) { return text.substr(tokens[i].at, tokens[i].length); };
  std::vector<std::pair<size_t, size_t>> spans;  // length and beginning, in tokens
  for (size_t begin = 0; begin < tokens.size(); ++begin) {
    const auto found = phrases_.find(word(begin));
    if (found == phrases_.end()) continue;
    for (const Phrase& phrase : found->second) {
      bool same = begin + phrase.size() <= tokens.size();
      for (size_t i = 1; same && i < phrase.size(); ++i) same = word(begin + i) == phrase[i];
      if (same) spans.emplace_back(phrase.size(), begin);
    }
  }
  if (spans.empty()) return tokens;
  std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  // A span that another one touches is dropped, and still keeps what it covers from the shorter ones, as in
  // spaCy.
  std::vector<bool> covered(tokens.size());
  std::vector<size_t> length_at(tokens.size());
  for (const auto& [length, begin] : spans) {
    if (!covered[begin] && !covered[begin + length - 1]) length_at[begin] = length;
    std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(begin), length, true);
  }
  std::vector<Token> out;
  for (size_t i = 0; i < tokens.size();) {
    const size_t length = std::max<size_t>(length_at[i], 1);
    const Token& last = tokens[i + length - 1];
    const size_t end = last.at + last.length;
    // Blanks between the pieces are part of what is looked up: "( :" is no smile.
    std::vector<Token> special;
    if (length_at[i] > 0) special = find(text.substr(tokens[i].at, end - tokens[i].at), tokens[i].at);
    if (special.empty()) {
      special.assign(tokens.begin() + static_cast<std::ptrdiff_t>(i),
                     tokens.begin() + static_cast<std::ptrdiff_t>(i + length));
    }
    special.back().spaced = last.spaced;
    out.insert(out.end(), special.begin(), special.end());
    i += length;
  }
  return out;
}

const SpecialCases& special_cases() {
  static const SpecialCases held;
  return held;
}

}  // namespace drf::english
