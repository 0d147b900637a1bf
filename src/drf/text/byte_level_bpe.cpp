#include "drf/text/byte_level_bpe.h"

#include <nlohmann/json.hpp>
#include <queue>
#include <utility>

#include "drf/base/error.h"
#include "drf/text/byte_alphabet.h"
#include "drf/text/tokenizer_json.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

uint64_t key_of(int64_t left, int64_t right) {
  return static_cast<uint64_t>(left) << 32 | static_cast<uint64_t>(right);
}

void refuse_unless_absent(const nlohmann::json& model, const char* key, const std::string& where) {
  const auto& value = json_or_null(model, key);
  const bool absent = value.is_null() || value == "" || value == false || value == 0.0;
  if (!absent) {
    fail(ErrorKind::kInput, where, ": model.", key, " = ", value.dump(),
         " is not supported for byte-level BPE");
  }
}

}  // namespace

ByteLevelBpe::ByteLevelBpe(TokenizerParts parts, const nlohmann::json& model) : Tokenizer(std::move(parts)) {
  const std::string& where = this->parts().where;
  for (const char* key : {"dropout", "unk_token", "continuing_subword_prefix", "byte_fallback"}) {
    refuse_unless_absent(model, key, where);
  }
  if (!json_or_null(model, "end_of_word_suffix").is_null())
    suffix_ = json_mark(model, "end_of_word_suffix", where);
  ignore_merges_ = json_flag(model, "ignore_merges", false, where);
  for (size_t byte = 0; byte < 256; ++byte) {
    for (const std::string& token : {byte_alphabet()[byte], byte_alphabet()[byte] + suffix_}) {
      if (id_of(token)) continue;
      fail(ErrorKind::kInput, where, ": the vocabulary has no token for byte ", byte, " ('", token,
           "'): not a byte-level BPE, which is the only one supported");
    }
  }
  read_merges(model);
}

void ByteLevelBpe::read_merges(const nlohmann::json& model) {
  const std::string& where = parts().where;
  const auto& list = json_list(model, "merges", where);
  merges_.reserve(list.size());
  int64_t rank = 0;
  for (const auto& merge : list) {
    std::string left, right;
    if (merge.is_string()) {
      const std::string both = merge.get<std::string>();
      const size_t space = both.find(' ');
      left = both.substr(0, space);
      if (space != std::string::npos) right = both.substr(space + 1);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      left = merge[0].get<std::string>();
      right = merge[1].get<std::string>();
    }
    const auto left_id = id_of(left), right_id = id_of(right), joined_id = id_of(left + right);
    if (!left_id || !right_id || !joined_id) {
      fail(ErrorKind::kInput, where, ": merge ", rank, " ('", left, "' and '", right,
           "') names tokens that are not in the vocabulary");
    }
    // Of two entries for one pair the last counts, as in the reference's map.
    merges_[key_of(*left_id, *right_id)] = {rank++, *joined_id};
  }
}

const ByteLevelBpe::Merge* ByteLevelBpe::find(int64_t left, int64_t right) const {
  const auto found = merges_.find(key_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

void ByteLevelBpe::tokenize(std::string_view piece, std::vector<int64_t>& ids) const {
  if (ignore_merges_) {
    if (const auto whole = id_of(std::string(piece) + suffix_)) return ids.push_back(*whole);
  }
  // A doubly linked list of symbols and a queue of candidate joins, lowest rank first and then leftmost:
  // n log n for a piece of n bytes. A candidate is stale if its pair has changed since it was queued.
  struct Symbol {
    int64_t id;
    ptrdiff_t previous, next;
  };
  std::vector<Symbol> symbols;
  for (size_t i = 0; i < piece.size();) {
    const size_t start = i;
    next_code_point(piece, i);
    std::string symbol(piece.substr(start, i - start));
    if (i == piece.size()) symbol += suffix_;
    const auto id = id_of(symbol);
    DRF_CHECK(id.has_value(), "a piece holds a character outside the byte alphabet");
    const auto index = static_cast<ptrdiff_t>(symbols.size());
    symbols.push_back({*id, index - 1, index + 1});
  }
  if (symbols.empty()) return;
  symbols.back().next = -1;

  struct Candidate {
    int64_t rank;
    ptrdiff_t left;
    int64_t joined;
    bool operator>(const Candidate& other) const {
      return std::pair(rank, left) > std::pair(other.rank, other.left);
    }
  };
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](ptrdiff_t left) {
    if (left < 0 || symbols[left].next < 0) return;
    const Merge* merge = find(symbols[left].id, symbols[symbols[left].next].id);
    if (merge != nullptr) queue.push({merge->rank, left, merge->id});
  };
  for (size_t i = 0; i + 1 < symbols.size(); ++i) consider(static_cast<ptrdiff_t>(i));
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = symbols[top.left];
    if (left.id < 0 || left.next < 0) continue;
    const Merge* merge = find(left.id, symbols[left.next].id);
    if (merge == nullptr || merge->id != top.joined) continue;
    Symbol& right = symbols[left.next];
    left.id = top.joined;
    left.next = right.next;
    right.id = -1;
    if (left.next >= 0) symbols[left.next].previous = top.left;
    consider(left.previous);
    consider(top.left);
  }
  for (ptrdiff_t i = 0; i >= 0; i = symbols[i].next) ids.push_back(symbols[i].id);
}

std::string ByteLevelBpe::join(const std::vector<std::string>& tokens) const {
  std::string bytes;
  for (const std::string& token : tokens) bytes += alphabet_to_bytes(token);
  return bytes;
}

}  // namespace drf::text
