// What is said of the whole video and of where it is set, as questions.
#include <algorithm>

#include "drf/templates/sentences.h"

namespace drf::templates {

// "golden light, cool colors": either may be seen.
bool Sentences::both_lights(const std::string& twin) const {
  static const std::map<std::string, std::vector<const char*>> lights = {
      {"Are the colors warm?",
       {"warm", "golden", "sunrise", "sunset", "orange", "fire", "firelight", "candle", "candlelight",
        "flame", "lava", "amber", "lantern"}},
      {"Are the colors cold?",
       {"cold", "cool", "blue", "moonlight", "moonlit", "ice", "snow", "icy", "turquoise", "neon", "night"}}};
  const auto it = lights.find(twin);
  return it != lights.end() && std::any_of(it->second.begin(), it->second.end(),
                                           [&](const char* word) { return caption_.words.count(word) > 0; });
}

bool Sentences::asks_camera() const {
  return std::any_of(caption_.facts.begin(), caption_.facts.end(), [](const Fact& one) {
    return one.kind == Fact::Kind::kCamera && !one.silent && one.contrast == "stay still";
  });
}

QuestionPair Sentences::setting(size_t f, RandomStream& random) const {
  const Fact& fact = caption_.facts[f];
  const Thing& t = thing(fact.thing);
  const std::string other = twins_.other_place(*t.noun, random);
  static const std::set<std::string> bare = {"outer space", "downtown", "underwater", "woods", "woodland"};
  const std::string name = bare.count(t.name)                              ? t.name
                           : t.noun->kin == "ocean" || t.name == "seaside" ? "the " + t.name
                                                                           : with_article(t.name);
  int64_t settings = 0;
  for (size_t other_fact = 0; other_fact < caption_.facts.size(); ++other_fact) {
    const Fact& one = caption_.facts[other_fact];
    if (one.kind != Fact::Kind::kSetting) continue;
    ++settings;
    // "a highway", and then "the road"
    if (other_fact < f && thing(one.thing).noun->kin == t.noun->kin) return {};
  }
  bool parts = false;
  for (const char* word :
       {"then", "cuts", "cut", "opens", "interior", "finally", "after", "before", "travel", "travels",
        "traveling", "journey", "voyage", "adventure", "trek", "wanders", "world"})
    parts |= caption_.words.count(word) > 0;
  // "cliff edge, stormy sea": in view, not where it is set
  static const std::set<std::string> waters = {"ocean", "lake", "river"};
  parts |= caption_.tags && waters.count(t.noun->kin) > 0;
  // Where there are two, or more than one sentence, either may be the setting of a part.
  const std::string start =
      settings > 1 || caption_.sentences > 1 || parts ? "Does the video show " : "Is the setting ";
  // A story that moves on may come by any other place.
  const bool fixed = settings == 1 && !parts;
  return {start + name + "?", other.empty() || !fixed ? "" : start + other + "?"};
}

// What is said of the whole video.
QuestionPair Sentences::overall(const Fact& fact) const {
  // "Is there rain?" has been asked.
  for (const Fact& one : caption_.facts) {
    if (one.kind != Fact::Kind::kExists) continue;
    const std::string& name = thing(one.thing).name;
    const std::string& asked = fact.global->question;
    if ((name == "rain" && asked == "Is it raining?") || (name == "snow" && asked == "Is it snowing?") ||
        ((name == "fog" || name == "mist") && asked == "Is it foggy?") ||
        (name == "stars" && asked == "Are there stars in the sky?"))
      return {};
  }
  if (fact.global->question == "Is it morning?") {  // "at three in the morning": at night
    for (const char* hour : {"one", "two", "three", "four", "1", "2", "3", "4"}) {
      if (caption_.text.find(" " + std::string(hour) + " in the morning") != std::string::npos) return {};
    }
  }
  if (both_lights(fact.global->twin) || light_said(fact.global->twin)) return {fact.global->question, ""};
  // "Does the camera stay still?" has been asked.
  if (fact.global->twin == "Is the camera perfectly still?" && asks_camera())
    return {fact.global->question, ""};
  // "steals a boat at dawn ... In the end": of a part of the day
  static const std::set<std::string> times = {
      "Is it dawn?",    "Is it sunset?",  "Is it dusk?",     "Is it night?", "Is it noon?",
      "Is it morning?", "Is it evening?", "Is it midnight?", "Is it day?",   "Is the weather stormy?"};
  if (times.count(fact.global->question) && caption_.sentences > 1 && moves_on())
    return {fact.global->question, ""};
  return {fact.global->question, unless_said(fact.global->twin)};
}

}  // namespace drf::templates
