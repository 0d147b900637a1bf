#pragma once
// The state of a parse: words not read yet (buffer), words that may still take part in arcs (stack), the arcs
// made. Five kinds of moves change it. This is spaCy's arc-eager system
// (spacy/pipeline/_parser_internals/_state.pxd and arc_eager.pyx): a word reduced without a head goes back to
// the buffer, and a move may begin a sentence.

#include <array>
#include <cstddef>
#include <vector>

namespace drf::english {

enum class MoveKind { kShift, kReduce, kLeft, kRight, kBreak };
inline constexpr size_t kMoveKinds = 5;

class ArcEager {
 public:
  static constexpr int kNone = -1;  ///< no such word

  explicit ArcEager(size_t words);

  bool is_final() const { return stack_.empty() && buffer_length() == 0; }
  bool is_valid(MoveKind kind) const;
  /// The word that got a head by the move, kNone where none did. The move must be valid.
  int apply(MoveKind kind);

  /// Of a word; kNone where it has none.
  int head(int word) const { return heads_[static_cast<size_t>(word)]; }
  /// The word at the top of the stack; kNone where it is empty.
  int top() const { return stack(0); }

  /// The eight words that the next move is chosen by: the first two of the buffer, three of the stack, and
  /// the last children of the buffer's first (left) and of the stack's top (left, right).
  std::array<int, 8> context() const;

 private:
  int stack(size_t i) const;
  int buffer(size_t i) const;
  size_t buffer_length() const { return heads_.size() - next_ + returned_.size(); }
  bool begins_sentence(int word) const { return word != kNone && begins_[static_cast<size_t>(word)]; }
  void push();
  void add_arc(int head, int child);

  std::vector<int> heads_, stack_, returned_;
  std::vector<std::vector<int>> left_, right_;  // children, in the order in which their arcs were made
  std::vector<bool> begins_, was_returned_;
  size_t next_ = 0;  // the first word never read
};

}  // namespace drf::english
