#pragma once
// The other value in a negated twin: near (the same kind of thing), yet not to be expected beside what the
// caption names.

#include <string>

#include "drf/base/random.h"
#include "drf/templates/caption.h"

namespace drf::templates {

/// How near the twins of one prompt are, for `drf questions --stats`.
struct TwinCount {
  int64_t near = 0;  ///< existence asked of another thing of the same narrow kind, or of another value
  int64_t far = 0;   ///< existence asked of a thing of the same wide kind only (a tool for a toy)
};

class Twins {
 public:
  explicit Twins(const Caption& caption);

  /// A noun (singular) for a thing of the same category that is not to be seen, or "".
  std::string absent_noun(const Thing& thing, RandomStream& random, TwinCount& count);
  /// A noun (singular) that the verb takes as well as the object, and that is not mentioned, or "".
  std::string other_object(const std::string& verb, const Thing& object, RandomStream& random) const;
  /// Another color, material or opposite, or "".
  std::string other_quality(const Thing& thing, const AttributeEntry& entry, RandomStream& random) const;
  /// Where the video is not set: a place with its article, or "".
  std::string other_place(const NounEntry& place, RandomStream& random) const;
  /// Whether the caption has the word, one of its kin, or a form of the verb.
  bool said(const std::string& word) const { return said_.count(word) > 0; }

 private:
  static bool said_as_all(const NounEntry& noun);
  // Whether nothing in the caption is that thing, a kind of it, or something that it is a kind or a part of,
  // and none of the words tells of a scene where it would be no surprise.
  bool absent(const std::string& word, const std::set<std::string>& beside) const;
  // Whether nothing is there that may have any shape.
  bool only_shapes() const;
  std::string any_of(const std::vector<std::string>& choices, RandomStream& random) const;
  const Caption& caption_;
  std::set<std::string> said_, groups_;
  std::set<uint32_t> concepts_;  // all that the caption's words may mean
  int64_t persons_ = 0;
};

}  // namespace drf::templates
