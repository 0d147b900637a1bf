#include "drf/templates/apart.h"

#include <algorithm>

namespace drf::templates {

bool may_mean(const Thing& t, const Thing& other) {
  return &t != &other && other.sure && !other.negated && other.plural == t.plural &&
         ends_with(other.name, " " + t.name);
}

bool is_named_alone(const Caption& caption, int thing) {
  const Thing& t = caption.things[static_cast<size_t>(thing)];
  return std::none_of(caption.things.begin(), caption.things.end(), [&](const Thing& other) {
    return &other != &t && (other.name == t.name || may_mean(t, other));
  });
}

bool may_be_of_another(const Caption& caption, const Thing& part) {
  // of people alone; and a list of tags tells of its one person
  static const std::set<std::string> human = {"hair",  "beard",    "mustache", "moustache",
                                              "braid", "braids",   "ponytail", "pigtails",
                                              "curls", "eyebrows", "lips",     "cheeks"};
  int64_t owners = 0;
  for (const Thing& t : caption.things) {
    const bool person = t.proper || (t.noun && t.noun->category == "person");
    const bool fits = person || (t.living() && !caption.tags && !human.count(part.name));
    if (fits && !t.negated) owners += t.plural ? 2 : 1;
  }
  return owners > 1;
}

}  // namespace drf::templates
