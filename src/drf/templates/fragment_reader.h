#pragma once
// Reads a thing and what stands right behind it: whom it is told of (fragments.cpp), what that does or has
// done to it (fragment_deeds.cpp), and where it is (fragment_places.cpp).

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

class FragmentReader {
 public:
  FragmentReader(const std::vector<Token>& tokens, Caption& caption) : tokens_(tokens), caption_(caption) {}
  void run();

 private:
  const std::string& word(size_t i) const { return word_at(tokens_, i); }
  std::string raw(size_t i) const { return tokens_[i].raw.empty() ? tokens_[i].text : tokens_[i].raw; }
  static bool his(const std::string& w) { return w == "his" || w == "her" || w == "its" || w == "their"; }
  const Thing* thing_at(size_t i) const;
  bool names(int thing, const Thing& t) const {
    return thing >= 0 && &caption_.things[static_cast<size_t>(thing)] == &t;
  }
  const std::string& name_of(int thing) const { return caption_.things[static_cast<size_t>(thing)].name; }

  // fragments.cpp
  bool tells(size_t i) const;
  void piece(size_t begin, size_t end);
  const Thing* told_of(size_t begin, size_t end) const;
  bool stirs(size_t i) const;
  void add(const Thing& t, const std::string& question);

  // fragment_deeds.cpp
  std::string deed(const Thing& t, size_t p, size_t end, bool finite) const;
  std::string doing(const Thing& t, size_t p, size_t end) const;
  std::string done(const Thing& t, size_t p, size_t end, bool finite) const;
  bool needs_object(size_t p) const;
  bool asked(const Thing& t, const std::string& base, const std::string& rest) const;
  std::optional<std::string> rest_of(const Thing& t, size_t from, size_t end) const;

  // fragment_places.cpp
  bool may_tell(size_t i, const Thing& t) const;
  size_t phrase_end(size_t i, size_t end, bool sees, const Thing& t) const;
  std::string place(size_t p, size_t end, const Thing& t) const;
  bool placed(const Thing& t, const std::string& place) const;

  const std::vector<Token>& tokens_;
  Caption& caption_;
  std::set<size_t> verbs_{};  // finite ones, by token
  bool goes_on_ = false;      // something happens next
  size_t made_ = 0;
};

}  // namespace drf::templates
