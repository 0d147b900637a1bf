#pragma once
// What the prompt wishes that a question on physics or quality would count as a fault (wishes.h).

#include <string>
#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

class Wishes {
 public:
  explicit Wishes(const Caption& caption);
  /// `question`: a letter of wishes.h.
  bool operator()(char question) const { return contradicted_.find(question) != std::string::npos; }
  /// Nothing happens that changes a thing, as far as each word is known.
  bool calm() const { return calm_; }
  /// Whether the prompt has one of the words, written as in wishes.h.
  bool has(const std::string& words) const;

 private:
  bool odd_limbs() const;

  const std::string text_;
  const bool calm_;
  std::vector<std::string> words_;
  std::string contradicted_;
};

/// Several that one word names.
bool is_group(const Thing& t);

}  // namespace drf::templates
