#include "drf/templates/generic.h"

#include <algorithm>

#include "drf/templates/physics.h"

namespace drf::templates {
namespace {

std::vector<QuestionPair> quality(const Caption& caption, const Wishes& wishes) {
  std::vector<QuestionPair> pairs;
  if (!wishes('b')) pairs.push_back({"Is the video sharp?", "Is the video blurry?"});
  if (!wishes('n'))
    pairs.push_back({"Is the video free of artifacts?", "Are there visible artifacts or noise?"});
  if (!wishes('d'))
    pairs.push_back({"Are the corners and edges of the picture clean?",
                     "Are there spots in the corners of the picture?"});
  if (!wishes('x')) pairs.push_back({"Is the exposure natural?", "Is the picture overexposed or too dark?"});
  const Thing* person = nullptr;
  int64_t persons = 0;
  for (const Thing& t : caption.things) {
    const bool is_person = t.proper || (t.noun && t.noun->category == "person");
    persons += is_person;
    const bool seen = std::any_of(caption.facts.begin(), caption.facts.end(), [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kExists && &caption.things[static_cast<size_t>(fact.thing)] == &t;
    });
    if (is_person && seen && !is_group(t) && !t.proper && !t.plural && t.noun->group != "figure") person = &t;
  }
  // "five ducklings follow their mother"
  static const std::set<std::string> parents = {"mother", "father", "baby", "child", "twin", "owner"};
  if (person && parents.count(person->noun->kin) &&
      std::any_of(caption.things.begin(), caption.things.end(),
                  [](const Thing& t) { return t.noun && t.noun->category == "animal"; }))
    person = nullptr;
  // "the camera follows a cyclist": perhaps from behind
  if (std::any_of(caption.facts.begin(), caption.facts.end(), [](const Fact& fact) {
        return fact.kind == Fact::Kind::kCamera &&
               (fact.value.rfind("follow", 0) == 0 || fact.value.rfind("track", 0) == 0);
      }))
    person = nullptr;
  // "a person polishes a lamp": perhaps their hands alone
  if (person && person->noun->kin == "person") person = nullptr;
  if (person && persons == 1 && !wishes('f'))
    pairs.push_back({"Does the face of the " + person->name + " look natural?",
                     "Is the face of the " + person->name + " distorted?"});
  if (caption.text.find(" text ") != std::string::npos && !wishes('b') && !wishes('n'))
    for (const Fact& fact : caption.facts) {
      if (fact.kind != Fact::Kind::kPlain || fact.value.rfind("Does the text ", 0) != 0) continue;
      pairs.push_back({"Can the text be read?", "Is the text garbled?"});
      break;
    }
  if (pairs.size() < 2 && !wishes('k'))
    pairs.push_back({"Is the picture free of blocky patches?", "Are there blocky patches in the picture?"});
  if (pairs.size() < 2 && !wishes('p'))
    pairs.push_back({"Is the picture free of watermarks?", "Is there a watermark on the picture?"});
  if (pairs.empty())
    pairs.push_back(
        {"Does the look of the picture suit the scene?", "Is the look of the picture out of place?"});
  return pairs;
}

}  // namespace

std::vector<QuestionPair> generic_pairs(questions::Aspect aspect, const Caption& caption) {
  // What a prompt in another language wishes is not known: only what no prompt contradicts.
  if (!caption.english) {
    if (aspect == questions::Aspect::kPF)
      return {{"Does the motion suit the scene?", "Is the motion out of place in the scene?"}};
    return {{"Does the look of the picture suit the scene?", "Is the look of the picture out of place?"}};
  }
  const Wishes wishes(caption);
  return aspect == questions::Aspect::kPF ? physics(caption, wishes) : quality(caption, wishes);
}

}  // namespace drf::templates
