#include "drf/english/nonprojective.h"

#include <algorithm>

namespace drf::english {
namespace {

constexpr char kMark[] = "||";
constexpr size_t kMarkSize = 2;

class Tree {
 public:
  Tree(std::vector<Arc>& arcs, const std::vector<bool>& blanks)
      : arcs_(arcs), blanks_(blanks), children_(arcs.size()), first_(arcs.size()), last_(arcs.size()) {
    for (size_t i = 0; i < arcs.size(); ++i) {
      first_[i] = last_[i] = i;
      if (arcs[i].head != i) children_[arcs[i].head].push_back(i);
    }
    // The words between which a word's descendants lie. A projective tree needs one walk to and one fro.
    const auto widen = [&](size_t i) {
      const size_t head = arcs[i].head;
      first_[head] = std::min(first_[head], first_[i]);
      last_[head] = std::max(last_[head], last_[i]);
    };
    for (size_t i = 0; i < arcs.size(); ++i) widen(i);
    for (size_t i = arcs.size(); i-- > 0;) widen(i);
  }

  size_t find(size_t word, const std::string& label) const {
    std::vector<size_t> level{arcs_[word].head};
    while (!level.empty()) {
      std::vector<size_t> below;
      for (const size_t parent : level) {
        for (const size_t child : children_[parent]) {
          if (blanks_[child] || child == word) continue;
          if (arcs_[child].label == label) return child;
          below.push_back(child);
        }
      }
      level.swap(below);
    }
    return arcs_[word].head;
  }

  void move(size_t word, size_t head) {
    std::vector<size_t>& from = children_[arcs_[word].head];
    from.erase(std::find(from.begin(), from.end(), word));
    arcs_[word].head = head;
    // spaCy sees a child only between the bounds that its head had before any word was moved.
    std::vector<size_t>& to = children_[head];
    if (word >= first_[head] && word <= last_[head])
      to.insert(std::lower_bound(to.begin(), to.end(), word), word);
  }

 private:
  std::vector<Arc>& arcs_;
  const std::vector<bool>& blanks_;
  std::vector<std::vector<size_t>> children_;
  std::vector<size_t> first_, last_;
};

}  // namespace

void deprojectivize(std::vector<Arc>& arcs, const std::vector<bool>& blanks) {
  const auto mark_in = [](const Arc& arc) { return arc.label.find(kMark); };
  if (std::none_of(arcs.begin(), arcs.end(),
                   [&](const Arc& arc) { return mark_in(arc) != std::string::npos; }))
    return;
  Tree tree(arcs, blanks);
  for (size_t i = 0; i < arcs.size(); ++i) {
    const size_t mark = mark_in(arcs[i]);
    if (mark == std::string::npos) continue;
    const std::string label = arcs[i].label.substr(mark + kMarkSize);
    const size_t head = tree.find(i, label);
    if (head != arcs[i].head) tree.move(i, head);
    arcs[i].label.resize(mark);
  }
}

}  // namespace drf::english
