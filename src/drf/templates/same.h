#pragma once
// Facts that say the same in other words: sunny and sunlit, snowy and covered in snow, deserted and without
// people. Only the first of them is asked.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

class Meanings {
 public:
  explicit Meanings(const Caption& caption) : caption_(caption) {}
  /// Whether no fact that says the same was told before; remembers this one.
  bool tell(const Fact& fact, const std::string& question);

 private:
  const Caption& caption_;
  std::set<std::string> told_;
  std::vector<std::pair<std::string, std::string>> orders_;  ///< what is told before what
};

}  // namespace drf::templates
