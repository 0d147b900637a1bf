#include "drf/english/arc_eager.h"

#include "drf/base/error.h"

namespace drf::english {

ArcEager::ArcEager(size_t words)
    : heads_(words, kNone), left_(words), right_(words), begins_(words), was_returned_(words) {
  if (words > 0) begins_[0] = true;
}

int ArcEager::stack(size_t i) const { return i < stack_.size() ? stack_[stack_.size() - 1 - i] : kNone; }

int ArcEager::buffer(size_t i) const {
  if (i < returned_.size()) return returned_[returned_.size() - 1 - i];
  const size_t word = next_ + i - returned_.size();
  return word < heads_.size() ? static_cast<int>(word) : kNone;
}

bool ArcEager::is_valid(MoveKind kind) const {
  switch (kind) {
    case MoveKind::kShift:
      if (stack_.empty()) return true;
      return buffer_length() >= 2 && !begins_sentence(buffer(0)) &&
             !was_returned_[static_cast<size_t>(buffer(0))];
    case MoveKind::kReduce:
      return !stack_.empty();
    case MoveKind::kLeft:
    case MoveKind::kRight:
      return !stack_.empty() && buffer_length() > 0 && !begins_sentence(buffer(0));
    case MoveKind::kBreak:
      return buffer_length() >= 2 && buffer(1) == buffer(0) + 1 && !begins_sentence(buffer(1));
  }
  return false;
}

void ArcEager::push() {
  const int word = buffer(0);
  if (returned_.empty()) {
    ++next_;
  } else {
    returned_.pop_back();
  }
  stack_.push_back(word);
}

void ArcEager::add_arc(int head, int child) {
  int& held = heads_[static_cast<size_t>(child)];
  if (held != kNone) {
    // Only the stack's top can have a head already, from the word below it, which got no child since.
    std::vector<int>& children = (held > child ? left_ : right_)[static_cast<size_t>(held)];
    DRF_CHECK(!children.empty() && children.back() == child, "an arc that is not its head's last");
    children.pop_back();
  }
  held = head;
  (head > child ? left_ : right_)[static_cast<size_t>(head)].push_back(child);
}

int ArcEager::apply(MoveKind kind) {
  DRF_CHECK(is_valid(kind));
  switch (kind) {
    case MoveKind::kShift:
      push();
      return kNone;
    case MoveKind::kReduce: {
      const int word = stack_.back();
      stack_.pop_back();
      if (heads_[static_cast<size_t>(word)] == kNone && !stack_.empty()) {
        was_returned_[static_cast<size_t>(word)] = true;
        returned_.push_back(word);
      }
      return kNone;
    }
    case MoveKind::kLeft: {
      const int child = stack_.back();
      add_arc(buffer(0), child);
      was_returned_[static_cast<size_t>(buffer(0))] = false;
      stack_.pop_back();
      return child;
    }
    case MoveKind::kRight: {
      const int child = buffer(0);
      add_arc(stack_.back(), child);
      push();
      return child;
    }
    case MoveKind::kBreak:
      begins_[static_cast<size_t>(buffer(1))] = true;
      return kNone;
  }
  return kNone;
}

std::array<int, 8> ArcEager::context() const {
  const auto last = [](const std::vector<std::vector<int>>& children, int word) {
    if (word == kNone || children[static_cast<size_t>(word)].empty()) return kNone;
    return children[static_cast<size_t>(word)].back();
  };
  return {buffer(0),
          buffer(1),
          stack(0),
          stack(1),
          stack(2),
          last(left_, buffer(0)),
          last(left_, stack(0)),
          last(right_, stack(0))};
}

}  // namespace drf::english
