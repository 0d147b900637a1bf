#pragma once
// The second reader of a caption: what the rules left out, read off a dependency parse (syntax.h)
// where it leaves no doubt. It adds things, what they do in the caption's own words, where they are and the
// order of deeds, to the facts that the rules have read.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "drf/templates/caption.h"
#include "drf/templates/syntax.h"

namespace drf::templates {

class ClauseReader {
 public:
  /// subjects: of each chunk that is a verb, as the rules have them. doubted: things that the rules hold not
  /// to be there, whatever the parser says.
  ClauseReader(const std::vector<Token>& tokens, const Chunks& chunks,
               const std::vector<std::vector<int>>& subjects, std::set<int> doubted, Caption& caption);

  /// Appends facts to the caption.
  void read();

 private:
  struct Sentence {
    std::vector<Node> nodes;
    std::vector<int> things;  ///< of each node that is a noun: what it names, or -1
    bool part = false;        ///< a clause that stands behind a "then", read apart from its sentence
  };
  /// A deed: what `verb` says of `subject`, up to each of its phrases.
  struct Deed {
    const Sentence* in = nullptr;
    int verb = -1, subject = -1, object = -1;
    std::string value{};  ///< with all that belongs to it
    int fact = -1;        ///< the last one that asks it; -1 none, -2 the rules'
    bool ends = false;    ///< is over when the next one begins
    bool goal = false;    ///< leads somewhere: "runs into the barn"
    int place = -1;       ///< where it is done, or what with
    std::string link{};  ///< of a clause of time that hangs on verb `of`: "before"; it is not asked by itself
    int of = -1;
    bool own_words =
        false;  ///< holds something that no list knows: told of only where a word tells the order
  };

  /// "For a moment the screen is completely dark": what the picture does in tokens [begin, end).
  struct Moment {
    size_t begin = 0, end = 0;
    std::string what{}, value{};  ///< "screen", "go dark"
  };

  // What is named (clause_things.cpp).
  bool unreal(size_t token) const;
  bool readable(size_t begin, size_t end) const;
  size_t behind_look(size_t begin, size_t end) const;
  int thing_of(Sentence& s, int node);
  bool read_phrase(const Sentence& s, size_t start, size_t head, Thing& thing) const;
  int known_thing(const Thing& thing) const;
  std::string the(int thing) const;

  // What of it is there (clause_presence.cpp).
  void exists(const Sentence& s, int node);
  bool named(const Sentence& s, int node) const;
  bool of_nobody(const Sentence& s, int node) const;
  bool excluded(const Sentence& s, int node) const;
  bool joined(const Sentence& s, int node) const;

  // What the parse does not bear out (clause_vetoes.cpp).
  void doubt_participles(const Sentence& s);
  void doubt_pronouns(const Sentence& s);
  void silence(int who, const std::string& base, int object);

  // What is said of it beside its deeds (clause_states.cpp).
  void states(const Sentence& s, int node);
  void has(const Sentence& s, int node);
  void where(const Sentence& s, int node);
  void there_are(const Sentence& s, int verb);
  void state(const Sentence& s, int node);
  bool stands(const Sentence& s, int node) const;
  bool told_first(const Sentence& s, int node) const;
  bool may_be_verb(size_t with, size_t token, bool several) const;
  void instead(size_t begin, size_t end);
  void plain(int of, const std::string& start, const std::string& rest, const std::string& twin);

  // Where in the picture it is (clause_places.cpp).
  int told_of(const Sentence& s, int preposition) const;
  void in_picture(const Sentence& s, int preposition);
  void fronted(const Sentence& s, int preposition);

  // What is not so (clause_absences.cpp).
  void absences(const Sentence& s);
  bool nobody(const Sentence& s, int node) const;
  void nobody_does(const Sentence& s, int node);
  void not_so(const Sentence& s, int verb);
  void refrains_from(const Sentence& s, int verb);
  void free_of(const Sentence& s, int node);
  std::string empty_place(const Sentence& s, int preposition) const;
  // ... or left as it was (clause_undone.cpp).
  int64_t told(const std::string& noun) const;
  bool refrains(const std::string& base) const;
  void ask_of(const Sentence& s, int node, const std::string& value, const std::string& twin);
  std::string named_as(const Sentence& s, int node) const;
  int subject_node(const Sentence& s, int verb) const;
  bool for_a_part() const;
  int passed(const Sentence& s, int verb, int before, bool several) const;
  bool told_elsewhere(const std::set<std::string>& bases, int but) const;
  void undone(const Sentence& s, int preposition);
  void leaves_nothing(const Sentence& s, int verb, int object, int who);
  void by_itself(const Sentence& s, int node);
  void not_touching(const Sentence& s, int verb);

  // What happens: deeds (clause_deeds.cpp, _doers.cpp, _turns.cpp). Whether what hangs at a node is
  // told as so, of the clip's time.
  bool real(const Sentence& s, int node) const;
  bool short_of(const Sentence& s, int verb) const;
  static std::string base_of(const Sentence& s, int verb);
  bool asked(int who, const std::string& base, int object) const;
  bool remade(int thing, int token) const;
  int last_thing(const Sentence& s, int preposition) const;
  void deed(const Sentence& s, int verb);
  void becomes(Deed deed);
  static bool figure(const Thing& thing);
  bool figure_of_one(const Sentence& s, int verb) const;
  bool bids(const Sentence& s, int verb) const;
  int let_go(const Sentence& s, int verb) const;
  std::string turned_to(const Sentence& s, int verb) const;
  bool turns_color(const Sentence& s, int verb) const;
  void comes_to(const Sentence& s, int verb, int who);
  static const VerbEntry* plain_verb(const std::string& base);

  // Which of two deeds comes first (clause_orders.cpp): by a word, by what is over when the next
  // one begins (_over.cpp), by what one sets off (_triggers.cpp), by a moment between them (_moments.cpp).
  std::string time_link(const Sentence& s, int verb) const;
  bool told_in_time(const Sentence& s, int verb) const;
  bool next_to(const Deed& a, const Deed& b) const;
  int timed(const Deed& a, const Deed& b) const;
  bool sequel(const Deed& a, const Deed& b) const;
  bool story_goes_on(const Deed& a, const Deed& b) const;
  static bool makes_way(const Deed& deed);
  static bool finished(const Deed& deed);
  bool takes_both_hands(const Deed& deed) const;
  bool goes_past(const Deed& deed) const;
  bool over(const Deed& deed) const;
  bool begins_anew(const Deed& deed) const;
  bool listed_one(const Deed& deed) const;
  bool triggers(const Deed& a, const Deed& b) const;
  bool leads_to(const Deed& a, const Deed& b) const;
  bool begins_by(const Deed& a, const Deed& b) const;
  bool waits_for(const Deed& a, const Deed& b) const;
  bool gives_way(const Deed& a, const Deed& b) const;
  bool melts_into(const Deed& a, const Deed& b) const;
  std::vector<std::pair<size_t, size_t>> clauses(size_t begin, size_t end) const;
  bool read_clause(size_t begin, size_t end, bool part);
  void find_moment(size_t begin, size_t end);
  void around(const Moment& moment);
  void orders();
  void add_order(const Deed& a, const Deed& b);

  // Who does it (clause_subjects.cpp).
  int subject_of(const Sentence& s, int verb) const;
  std::vector<int> subjects_of_both(const Sentence& s, int verb) const;
  bool agrees(const Sentence& s, int verb, const std::vector<int>& subjects) const;
  bool beside(const Sentence& s, int verb) const;
  int leader(const Sentence& s, int verb) const;
  int top(const Sentence& s, int verb) const;

  // Whom a pronoun means (clause_pronouns.cpp).
  int meant(const Sentence& s, int pronoun, int apart) const;
  int told_on(const Sentence& s, int pronoun) const;
  int newcomer(const Sentence& s, int pronoun) const;
  void find_pair(const Sentence& s, int pronoun);
  int parallel(const Sentence& s, int pronoun) const;
  bool another_meant(const Sentence& s, int pronoun, int taken) const;

  // Phrases as questions say them (clause_phrases.cpp), "" where they are not certain.
  std::string phrase(const Sentence& s, int node, int apart, bool indefinite = false) const;
  bool of_another(const Sentence& s, int node, const std::string& whose, int subject) const;
  std::string own_words(const Sentence& s, int node) const;
  std::string place(const Sentence& s, int preposition, int subject, int object) const;

  // The tree.
  std::string known_words() const;
  int previous(const Sentence& s, int node) const;
  bool coherent(const Sentence& s) const;
  std::vector<int> children(const Sentence& s, int of) const;
  int child(const Sentence& s, int of, const char* dep) const;
  const Thing& thing(int i) const { return caption_.things[static_cast<size_t>(i)]; }
  static const Node& at(const Sentence& s, int i) { return s.nodes[static_cast<size_t>(i)]; }
  Fact& add(Fact::Kind kind, int thing) {
    Fact& fact = caption_.facts.emplace_back();
    fact.kind = kind;
    fact.thing = thing;
    return fact;
  }

  const std::vector<Token>& tokens_;
  const Chunks& chunks_;
  const std::vector<std::vector<int>>& subjects_;
  const std::set<int> doubted_;
  Caption& caption_;
  std::vector<int> chunk_of_;  // of each token
  std::vector<Sentence> sentences_;
  std::vector<Deed> deeds_;
  std::vector<Moment> moments_;
  std::map<int, int> pairs_;  // of the token of a "they" that means two: the thing "robot and the kitten"
  std::set<int> asked_;       // things whose being there is asked
};

}  // namespace drf::templates
