#pragma once
// Who does what one verb says: the state that the kinds of search share. Verbs right behind a thing are in
// subjects_beside.cpp, all others in subjects.cpp.

#include <set>
#include <string>
#include <vector>

#include "drf/templates/chunks.h"

namespace drf::templates {

class SubjectFinder {
 public:
  SubjectFinder(const Chunks& chunks, size_t verb, const std::vector<std::vector<int>>& subjects)
      : chunks_(chunks),
        list_(chunks.list),
        verb_(list_[verb]),
        at_(static_cast<int>(verb)),
        subjects_(subjects) {}

  /// As subjects_of (subjects.h).
  std::vector<int> find();

 private:
  using Kind = Chunk::Kind;
  static constexpr int kNone = -1;

  const Chunk& chunk(int i) const { return list_[static_cast<size_t>(i)]; }
  Kind kind(int i) const { return i < 0 || i >= static_cast<int>(list_.size()) ? Kind::kEnd : chunk(i).kind; }
  // The chunk before i, adverbs left out; kNone at the start.
  int previous(int i) const {
    do --i;
    while (i >= 0 && chunk(i).kind == Kind::kAdverb);
    return i;
  }
  const Thing& thing(int i) const { return chunks_.things[static_cast<size_t>(chunk(i).thing)]; }
  bool many(const std::vector<int>& who) const {
    return who.size() > 1 || chunks_.things[static_cast<size_t>(who[0])].plural;
  }

  static bool is_start(const Chunk& c) {
    static const std::set<std::string> starts = {"begin", "start", "continue"};
    return c.verb && starts.count(c.verb->base) > 0 && !c.negated && !c.modal;
  }
  bool starts(int i) const { return is_start(chunk(i)); }

  // Whether they can do it, and are as many as the verb says.
  bool usable(const std::vector<int>& who) const;
  bool agrees(const std::vector<int>& who) const;

  // The last verb before chunk i in its sentence, or kNone.
  int verb_before(int i) const;
  bool begins_sentence(int i) const { return i < 0 || chunk(i).kind == Kind::kEnd; }

  // Behind a thing (subjects_beside.cpp).
  int root(int p) const;
  std::vector<int> behind_thing(int p) const;
  std::vector<int> coordinated(int p, int conjunction, int verb) const;
  std::vector<int> behind_object(int, int verb) const;
  std::vector<int> participle_in_phrase(int p, int top) const;

  // Behind a conjunction, a comma or a link.
  std::vector<int> shared(int before) const;
  std::vector<int> dangling() const;
  std::vector<int> head_of_phrase(int comma) const;

  std::vector<int> pronoun(int p) const;
  std::vector<int> relative(int p) const;

  const Chunks& chunks_;
  const std::vector<Chunk>& list_;
  const Chunk& verb_;
  const int at_;
  const std::vector<std::vector<int>>& subjects_;
};

}  // namespace drf::templates
