#include "drf/text/unigram.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

// How much worse than the worst piece an unknown character is.
constexpr double kUnknownPenalty = 10.0;

std::string byte_piece(unsigned char byte) {
  constexpr char kHex[] = "0123456789ABCDEF";
  return {'<', '0', 'x', kHex[byte >> 4], kHex[byte & 15], '>'};
}

}  // namespace

Unigram::Unigram(TokenizerParts parts, UnigramVocabulary vocabulary, const std::string& mark,
                 bool strip_first_mark)
    : Tokenizer(std::move(parts)),
      vocabulary_(std::move(vocabulary)),
      mark_(mark),
      strip_first_mark_(strip_first_mark) {
  const auto& pieces = vocabulary_.pieces;
  if (pieces.empty()) fail(ErrorKind::kInput, this->parts().where, ": the vocabulary is empty");
  const auto count = static_cast<int64_t>(pieces.size());
  if (vocabulary_.unknown && (*vocabulary_.unknown < 0 || *vocabulary_.unknown >= count)) {
    fail(ErrorKind::kInput, this->parts().where, ": unk_id is ", *vocabulary_.unknown,
         ", but the vocabulary has ", count, " pieces");
  }
  double worst = pieces[0].second;
  sorted_.reserve(pieces.size());
  for (int64_t id = 0; id < count; ++id) {
    worst = std::min(worst, pieces[id].second);
    if (!pieces[id].first.empty()) sorted_.push_back({pieces[id].first, id});
  }
  unknown_score_ = worst - kUnknownPenalty;
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const Entry& a, const Entry& b) { return a.text < b.text; });
  // Backwards, so that of equal texts the last one stays.
  const auto first = std::unique(sorted_.rbegin(), sorted_.rend(),
                                 [](const Entry& a, const Entry& b) { return a.text == b.text; });
  sorted_.erase(sorted_.begin(), first.base());
}

template <typename Visit>
void Unigram::for_each_prefix(std::string_view text, const Visit& visit) const {
  // All entries that agree with the first `length` bytes lie in [low, high), the shortest of them first.
  auto low = sorted_.begin(), high = sorted_.end();
  for (size_t length = 1; length <= text.size() && low != high; ++length) {
    const auto byte = static_cast<unsigned char>(text[length - 1]);
    const auto byte_of = [&](const Entry& entry) {
      return entry.text.size() < length
                 ? -1
                 : static_cast<int>(static_cast<unsigned char>(entry.text[length - 1]));
    };
    low = std::partition_point(low, high, [&](const Entry& entry) { return byte_of(entry) < byte; });
    high = std::partition_point(low, high, [&](const Entry& entry) { return byte_of(entry) == byte; });
    if (low != high && low->text.size() == length) visit(*low);
  }
}

void Unigram::tokenize(std::string_view piece, std::vector<int64_t>& ids) const {
  struct Node {
    double score = 0;
    ptrdiff_t from = -1;  // -1: not reached
    bool unknown = false;
  };
  std::vector<Node> best(piece.size() + 1);
  for (size_t start = 0; start < piece.size();) {
    size_t next = start;
    next_code_point(piece, next);
    const double here = best[start].score;
    const auto reach = [&](size_t end, double score, bool unknown) {
      if (best[end].from < 0 || score > best[end].score) {
        best[end] = {score, static_cast<ptrdiff_t>(start), unknown};
      }
    };
    bool has_single = false;
    for_each_prefix(piece.substr(start), [&](const Entry& entry) {
      const size_t end = start + entry.text.size();
      reach(end, vocabulary_.pieces[static_cast<size_t>(entry.id)].second + here,
            entry.id == vocabulary_.unknown);
      has_single = has_single || end == next;
    });
    if (!has_single) {
      if (!vocabulary_.unknown) {
        fail(ErrorKind::kInput, parts().where, ": '", piece.substr(start, next - start),
             "' is in no piece and unk_id is not set");
      }
      reach(next, unknown_score_ + here, /*unknown=*/true);
    }
    start = next;
  }

  std::vector<std::string_view> stretches;  // last first; unknown ones in a row are one
  bool previous_unknown = false;
  for (size_t end = piece.size(); end > 0;) {
    const Node& node = best[end];
    const auto from = static_cast<size_t>(node.from);
    if (node.unknown && previous_unknown) {
      stretches.back() = piece.substr(from, end - from + stretches.back().size());
    } else {
      stretches.push_back(piece.substr(from, end - from));
    }
    previous_unknown = node.unknown;
    end = from;
  }
  for (auto stretch = stretches.rbegin(); stretch != stretches.rend(); ++stretch) append_ids(*stretch, ids);
}

void Unigram::append_ids(std::string_view stretch, std::vector<int64_t>& ids) const {
  const auto found =
      std::lower_bound(sorted_.begin(), sorted_.end(), stretch,
                       [](const Entry& entry, std::string_view text) { return entry.text < text; });
  if (found != sorted_.end() && found->text == stretch) return ids.push_back(found->id);
  if (vocabulary_.byte_fallback) {
    std::vector<int64_t> bytes;
    for (const char c : stretch) {
      const auto id = id_of(byte_piece(static_cast<unsigned char>(c)));
      if (!id) break;
      bytes.push_back(*id);
    }
    if (bytes.size() == stretch.size()) {
      ids.insert(ids.end(), bytes.begin(), bytes.end());
      return;
    }
  }
  ids.push_back(*vocabulary_.unknown);
}

std::string Unigram::join(const std::vector<std::string>& tokens) const {
  std::string text;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::string& token = tokens[i];
    size_t position = 0;
    for (size_t hit; (hit = token.find(mark_, position)) != std::string::npos;
         position = hit + mark_.size()) {
      text.append(token, position, hit - position);
      if (i > 0 || !strip_first_mark_) text += ' ';
    }
    text.append(token, position);
  }
  return text;
}

}  // namespace drf::text
