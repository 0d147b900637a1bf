#include "drf/english/arcs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "drf/base/error.h"
#include "drf/english/arc_eager.h"
#include "drf/english/linear.h"
#include "drf/english/model.h"
#include "drf/english/tok2vec.h"

namespace drf::english {
namespace {

constexpr size_t kContext = 8, kHidden = 64, kPieces = 2, kSums = kHidden * kPieces, kReduced = 64;

struct Move {
  MoveKind kind;
  std::string label;
};

Move move_of(const std::string& name) {
  const std::string label = name.size() > 2 ? name.substr(2) : "";
  switch (name[0]) {
    case 'S':
      return {MoveKind::kShift, label};
    case 'D':
      return {MoveKind::kReduce, label};
    case 'L':
      return {MoveKind::kLeft, label};
    case 'R':
      return {MoveKind::kRight, label};
    case 'B':
      return {MoveKind::kBreak, label};
    default:
      DRF_CHECK(false, "english.bin has a move ", name);
      return {};
  }
}

// Scores of all moves for the eight words of a context.
class Scorer {
 public:
  Scorer()
      : reduce_(model().tensor("reduce.W", {kReduced, kVectorWidth}), model().tensor("reduce.b", {kReduced})),
        upper_(model().tensor("upper.W", {model().moves.size(), kHidden}),
               model().tensor("upper.b", {model().moves.size()})),
        bias_(model().tensor("lower.b", {kHidden, kPieces}).values),
        pad_(model().tensor("lower.pad", {kContext, kHidden, kPieces}).values) {
    for (const std::string& name : model().moves) moves_.push_back(move_of(name));
    const Tensor& lower = model().tensor("lower.W", {kContext, kHidden, kPieces, kReduced});
    const Tensor no_bias{{kSums}, std::vector<float>(kSums)};
    for (size_t i = 0; i < kContext; ++i) {
      const auto begin = lower.values.begin() + static_cast<std::ptrdiff_t>(i * kSums * kReduced);
      lower_.emplace_back(Tensor{{kSums, kReduced}, {begin, begin + kSums * kReduced}}, no_bias);
    }
  }

  const std::vector<Move>& moves() const { return moves_; }

  std::vector<float> reduced(const std::vector<float>& vectors) const {
    const size_t words = vectors.size() / kVectorWidth;
    std::vector<float> out(words * kReduced);
    reduce_.apply(vectors.data(), words, kVectorWidth, out.data());
    return out;
  }

  void score(const std::array<int, kContext>& context, const std::vector<float>& words, float* scores) const {
    float sums[kSums] = {}, part[kSums], hidden[kHidden];
    for (size_t i = 0; i < kContext; ++i) {
      const float* from = pad_.data() + i * kSums;
      if (context[i] != ArcEager::kNone) {
        lower_[i].apply(words.data() + static_cast<size_t>(context[i]) * kReduced, 1, kReduced, part);
        from = part;
      }
      for (size_t o = 0; o < kSums; ++o) sums[o] += from[o];
    }
    for (size_t o = 0; o < kSums; ++o) sums[o] += bias_[o];
    for (size_t o = 0; o < kHidden; ++o) hidden[o] = std::max(sums[o * kPieces], sums[o * kPieces + 1]);
    upper_.apply(hidden, 1, kHidden, scores);
  }

 private:
  Linear reduce_, upper_;
  std::vector<float> bias_, pad_;
  std::vector<Linear> lower_;  // one for each place of the context
  std::vector<Move> moves_;
};

const Scorer& scorer() {
  static const Scorer held;
  return held;
}

struct Choice {
  size_t move;
  double p;
};

// The first of the best valid moves. One is always valid: with an empty stack a word can be read, else
// reduced.
Choice choose(const ArcEager& state, const std::vector<float>& scores) {
  std::array<bool, kMoveKinds> valid{};
  for (size_t kind = 0; kind < kMoveKinds; ++kind) valid[kind] = state.is_valid(static_cast<MoveKind>(kind));
  const std::vector<Move>& moves = scorer().moves();
  const auto is_valid = [&](size_t i) { return valid[static_cast<size_t>(moves[i].kind)]; };
  size_t best = moves.size();
  for (size_t i = 0; i < moves.size(); ++i)
    if (is_valid(i) && (best == moves.size() || scores[i] > scores[best])) best = i;
  DRF_CHECK(best < moves.size(), "no move is valid");
  double sum = 0;
  for (size_t i = 0; i < moves.size(); ++i)
    if (is_valid(i)) sum += std::exp(static_cast<double>(scores[i]) - scores[best]);
  return {best, 1 / sum};
}

}  // namespace

std::vector<Arc> arcs_of(const std::vector<float>& vectors) {
  const std::vector<float> words = scorer().reduced(vectors);
  const size_t count = words.size() / kReduced;
  std::vector<Arc> arcs(count);
  std::vector<double> left_p(count);  // of the move that took a word without a head off the stack
  ArcEager state(count);
  std::vector<float> scores(scorer().moves().size());
  while (!state.is_final()) {
    scorer().score(state.context(), words, scores.data());
    const auto [index, p] = choose(state, scores);
    const Move& move = scorer().moves()[index];
    const int top = state.top();
    const int child = state.apply(move.kind);
    if (child != ArcEager::kNone) {
      arcs[static_cast<size_t>(child)] = {0, move.label, p};
    } else if (move.kind == MoveKind::kReduce && state.head(top) == ArcEager::kNone) {
      left_p[static_cast<size_t>(top)] = p;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const int head = state.head(static_cast<int>(i));
    if (head != ArcEager::kNone) {
      arcs[i].head = static_cast<size_t>(head);
    } else {
      arcs[i] = {i, "ROOT", left_p[i]};
    }
  }
  return arcs;
}

}  // namespace drf::english
