#pragma once
// A caption's facts as questions, each with its negated twin.

#include <map>
#include <string>

#include "drf/templates/generic.h"
#include "drf/templates/twins.h"

namespace drf::templates {

class Sentences {
 public:
  Sentences(const Caption& caption, int64_t index, uint64_t seed);

  /// The question on caption.facts[fact], or "" where it cannot be said without a doubt; its twin may be
  /// missing.
  QuestionPair write(size_t fact, TwinCount& count);

  TwinCount uncounted{};  ///< for those who do not ask the twins

 private:
  // What is there, and how many (presence.cpp).
  QuestionPair exists(const Thing& t, RandomStream& random, TwinCount& count);
  QuestionPair absent(const Fact& fact) const;
  QuestionPair number(const Thing& t) const;
  static std::string there(const std::string& noun, bool plural, bool mass);
  // How it looks (qualities.cpp).
  QuestionPair attribute(const Fact& fact, RandomStream& random) const;
  // The whole video, and where it is set (overall.cpp).
  QuestionPair overall(const Fact& fact) const;
  QuestionPair setting(size_t fact, RandomStream& random) const;
  // Deeds (deeds.cpp).
  QuestionPair action(const Fact& fact, RandomStream& random) const;
  QuestionPair placed(const Fact& fact) const;
  QuestionPair order(const Fact& fact) const;
  QuestionPair direction(const Fact& fact) const;
  QuestionPair relation(const Fact& fact) const;

  bool undoes(const Fact& fact) const;
  /// Whether the prompt goes on to another time ("then", "in the end"): what is so at first may be otherwise.
  bool moves_on() const;
  bool asks_camera() const;
  /// Whether something swings or bounces: it goes the other way as well.
  bool comes_back() const {
    for (const char* word : {"swing", "bounce", "pendulum", "sway", "rebound", "forth", "seesaw", "rock"}) {
      if (twins_.said(word)) return true;
    }
    return false;
  }
  /// ... or tells more of who does it than this.
  bool tells_more(const Fact& fact) const;

  const Thing& thing(int i) const { return caption_.things[static_cast<size_t>(i)]; }
  /// "the dog", "the red ball" where there is another ball, "Albert Einstein"; "" where two cannot be told
  /// apart.
  std::string the(int i) const;
  std::string be(int i) const { return thing(i).plural ? "Are " : "Is "; }
  std::string unless_said(const std::string& text) const { return twins_.said(text) ? "" : text; }
  /// "a dog", "dogs", "water"
  static std::string with_some(const Thing& t) {
    return t.plural || t.mass() ? t.name : with_article(t.name);
  }
  bool both_lights(const std::string& twin) const;
  // "Is the picture dark?", of an overexposed one that goes dark for a moment.
  bool light_said(const std::string& twin) const {
    for (const char* light : {"dark", "cold", "warm"}) {
      if (ends_with(twin, std::string(" ") + light + "?") && twins_.said(light)) return true;
    }
    return false;
  }
  /// "open the envelope"
  std::string deed(const Fact& fact) const;

  const Caption& caption_;
  const int64_t index_;
  const uint64_t seed_;
  Twins twins_;
  std::map<std::string, int> uses_;
};

}  // namespace drf::templates
