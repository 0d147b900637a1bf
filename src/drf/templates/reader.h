#pragma once
// The facts of one caption, read off its chunks: the state that the three kinds of reading share. Things are
// in things.cpp, what happens in events.cpp, what does not in denied.cpp, where things are in places.cpp.

#include <set>
#include <string>
#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

/// Whether the sentence at token i is told of tomorrow or yesterday.
bool of_another_day(const std::vector<Token>& tokens, size_t i);

/// Whether a noun that is read alone means another thing beside the words of the prompt.
bool has_other_sense(const std::string& noun, const std::vector<Token>& tokens);

/// "Ok guys, ...": whether the noun at token i is who watches.
bool is_called(const std::vector<Token>& tokens, size_t i);

class Reader {
 public:
  Reader(const std::vector<Token>& tokens, Caption& caption)
      : tokens_(tokens), chunks_(chunks_of(tokens)), caption_(caption), subjects_(chunks_.list.size()) {}

  /// Appends all facts to the caption, in the order of the text; orders of events last.
  void read();

 private:
  using ChunkKind = Chunk::Kind;
  using Kind = Fact::Kind;

  struct Event {
    size_t chunk;
    int fact;
  };

  const Chunk* at(size_t k) const { return k < chunks_.list.size() ? &chunks_.list[k] : nullptr; }
  ChunkKind kind(size_t k) const { return k < chunks_.list.size() ? chunks_.list[k].kind : ChunkKind::kEnd; }
  ChunkKind before(size_t k) const { return k == 0 ? ChunkKind::kEnd : kind(k - 1); }
  const Thing& named(int t) const { return chunks_.things[static_cast<size_t>(t)]; }
  const Thing& thing_at(size_t k) const { return named(chunks_.list[k].thing); }
  Fact& add(Kind kind, int thing) {
    Fact& fact = caption_.facts.emplace_back();
    fact.kind = kind;
    fact.thing = thing;
    return fact;
  }
  // "..., and a green cone on it": what "and" begins is a phrase of its own behind a comma.
  bool after_phrase(size_t i) const { return i >= 2 && kind(i - 2) == ChunkKind::kComma; }

  // "runners", "rollers": people only where they do what people do.
  void doubt_agents();
  // "the guard isn't in his tower": perhaps nowhere to be seen.
  void doubt_absentees();
  // "a sea of clouds", "a forest of masts": no sea and no forest.
  void doubt_figures();

  // "small silver fish dart around", "an empty soda can": words that the parser, told nothing, has for
  // something else than the noun of their phrase (misread.cpp).
  void doubt_misread();
  void doubt_abilities();

  // "makes friends", "listens to the boy's chest" (idioms.cpp).
  void doubt_idioms();
  // "the train of her gown", "the size of a car" (senses.cpp).
  void doubt_senses();
  // "drawn with felt pens", "the dogs head" (apparent.cpp).
  void doubt_apparent();
  // "Gossip column: the singer arrives" (headings.cpp).
  void doubt_heading();
  void doubt_dated_heading();
  // "drops three floors", "muted greens", "shoots up in a fountain" (borrowed.cpp).
  void doubt_borrowed();
  bool only_lights(size_t k) const;
  bool misses_apostrophe(const Chunk& chunk) const;
  bool may_do(size_t k) const;
  bool may_be_order(size_t k) const;
  bool off_screen(size_t k) const;
  int owner_of(size_t k) const;

  // What is there.
  // Whether the phrase at k is denied by what stands before it, through "or" and "and".
  bool denied(size_t k) const;
  // Where the list that goes on at k has its "and" or "or"; 0 where it is none.
  size_t list_ends(size_t k) const;
  // Compared to, wished for, spoken of (unreal.cpp): not there for sure.
  bool unreal(size_t k) const;
  bool nobodys(size_t k) const;
  static bool unreal_verb(const Chunk& verb);
  void thing(size_t k);
  bool is_medium(size_t k) const;
  // "a combine harvester ... the machine", "the combine": what has been named more narrowly.
  bool named_before(size_t k) const;
  bool depicted(size_t k) const;
  // "before he boards the train", "after the rain stops": perhaps not in the video any more, or not yet.
  bool before_clause(size_t k) const;
  bool of_one_shot(size_t k) const;
  void attributes(int index);
  void doings(int index);
  static bool indoors(const Thing& t);
  static bool scene_like(const Thing& t);
  static bool seen_as_none(const Thing& t);
  void absent(size_t k);
  bool only_of_these(size_t k) const;
  void setting(size_t k);

  // Who is alone or the only one, which lamps are off (alone.cpp).
  bool unmistakable(int thing) const;
  bool others_than(int thing) const;
  void alone(size_t k);
  void only_person();
  void nobody_else();
  void switched(size_t k);

  // What happens, and in which order.
  void verb(size_t k);
  bool doubted(size_t k) const;
  bool denied_in_part(size_t k) const;
  // What is not done and not had (denied.cpp).
  bool lacks(size_t k);
  void deny(size_t k, size_t first, size_t next);
  bool takes_along(size_t next) const;
  bool phrasal(size_t k);
  // What a small word makes of the verb before it (particles.cpp): nothing, one deed with it ("ride
  // away"), or another verb that is not asked.
  enum class Second { kNone, kOne, kTorn };
  Second second_word(size_t k, std::string& value) const;
  // "runs across a bridge", "carries five glasses on a tray": what stands at chunk `next`, behind the verb
  // and its object. Returns the fact, or -1.
  int placed(size_t k, const Fact& action, size_t next);
  // "slowly", "quickly" beside the verb or its object
  std::string manner(size_t k, size_t next) const;
  void becomes(size_t k);
  // Who is somebody else from here on.
  void transforms(size_t k);
  // "turns from red to green"
  void turns_color(size_t k);
  // "a dog chased by a cat": the cat does it
  void done_by(size_t k);
  bool object_fits(const Chunk& v, int object, size_t next) const;
  // Verbs that say little by themselves (light_verbs.cpp): "the egg is red", "the cat is on the mat" (a
  // relation, met at its preposition); "puts a cup on the table".
  void copula(size_t k);
  void light(size_t k);
  // "the camera slowly pulls back"
  void camera(size_t k);
  void camera_path(size_t k);
  void orders();
  int first_of(const Event& one, const Event& two) const;
  bool punctual(const Event& event) const;
  bool goes_on_with(const Fact& a, const Fact& b) const;
  bool broken_by_fall(const Event& one, const Event& two) const;
  bool thrown_and_caught(const Event& one, const Event& two) const;
  size_t deeds_in_row(size_t k, size_t until) const;
  bool begins_clause(size_t link) const;
  bool clause_of_head(size_t k) const;
  bool ends_story(size_t k) const;
  bool opens_sentence(size_t k) const;
  std::string sentence_head(size_t k) const;
  // Silences what an event makes untrue of a part of the video.
  void changes();
  std::set<int> remade_things(const std::set<std::string>& verbs) const;
  std::set<int> moved_things() const;
  bool one_of_them() const;
  bool joined_or_left() const;

  // Where it is.
  void relation(size_t k);
  // "a vase full of tulips"
  void contents(size_t k);
  // Whether the sentence has had no verb before i.
  bool verbless(size_t i) const;
  void relate(int of, size_t k, const std::string& relation, const std::string& contrary);

  const std::vector<Token>& tokens_;
  Chunks chunks_;
  Caption& caption_;
  std::vector<std::vector<int>> subjects_;
  std::vector<Event> events_;
  std::set<size_t> measures_;  // chunks that say how far
  std::set<int> mentioned_, transformed_;
  bool irreal_ = false;
};

}  // namespace drf::templates
