#include "drf/templates/whole_video.h"

#include <set>

#include "drf/templates/words.h"

namespace drf::templates {
namespace {

// Where the clip is another one from: "then", "until", "at the end"; the number of tokens where there is
// none.
size_t turning_point(const std::vector<Token>& tokens, size_t from) {
  static const std::set<std::string> words = {
      "then",   "until", "till",  "finally", "afterwards", "afterward", "later",   "eventually", "ends",
      "ending", "end",   "turns", "turning", "becomes",    "becoming",  "changes", "changing"};
  for (size_t i = from; i < tokens.size(); ++i) {
    if (words.count(word_at(tokens, i))) return i;
  }
  return tokens.size();
}

}  // namespace

// Said of one shot of several, or of what lies behind.
bool of_a_part(const std::string& question, const Caption& caption) {
  const auto has = [&](const char* words) { return caption.text.find(words) != std::string::npos; };
  const bool view = question.rfind("Is the scene seen", 0) == 0 || question.rfind("Is it a ", 0) == 0 ||
                    question.rfind("Does the camera", 0) == 0 || question.rfind("Is it ", 0) == 0;
  if (view && (has(" cuts to ") || has(" cut to ") || has(" opens on ") || has(" opens with ") ||
               has(" begins with ") || has(" starts with ") || has(" transition") || has(" interior ") ||
               has(" the scene changes ") || has(" next shot ") || has(" second shot ") ||
               has(" from day to ") || has(" to night ") || has(" cuts ")))
    return true;
  return question == "Is the picture blurry?" &&
         (has(" behind ") || has(" background ") || has(" foreground "));
}

// Weather, light and time of day that the prompt says of a part: it tells of the sky on both sides of a
// turning point, or says that it changes.
bool passes(const std::vector<Token>& tokens, size_t at, const std::string& question) {
  // "from dawn to dusk", "by sunrise"
  if (at > 0 && (word_at(tokens, at - 1) == "to" || word_at(tokens, at - 1) == "from" ||
                 (word_at(tokens, at - 1) == "by" && word_at(tokens, at) != "by")))
    return true;
  const bool sky = question.rfind("Is it ", 0) == 0 || question.rfind("Is the weather", 0) == 0 ||
                   question.rfind("Is the sky", 0) == 0 || question.rfind("Is the light", 0) == 0 ||
                   question.rfind("Are there stars", 0) == 0;
  const bool still =
      question == "Does the camera stay still?" || question == "Is the video in black and white?";
  if ((!sky && !still) || question.rfind("Is it a ", 0) == 0) return false;
  static const std::set<std::string> skies = {
      "sun",       "sunlight", "sunshine",     "sunset",   "sunrise",  "rain",     "storm",     "snow",
      "cloud",     "clouds",   "sky",          "fog",      "mist",     "night",    "day",       "dawn",
      "dusk",      "light",    "dark",         "darkness", "moon",     "stars",    "lightning", "morning",
      "noon",      "evening",  "thunderstorm", "drizzle",  "twilight", "daylight", "blizzard",  "rainbow",
      "moonlight", "midnight", "sunny",        "shower"};
  static const std::set<std::string> shots = {"camera", "zooms",  "pans",   "tilts",
                                              "color",  "colors", "colour", "colours"};
  static const std::set<std::string> changes = {"clears", "clearing", "gives", "breaks", "lifts",
                                                "passes", "stops",    "fades", "fading", "falls",
                                                "begins", "starts",   "rises", "sets",   "approaches"};
  const auto& words = sky ? skies : shots;
  const size_t turn = turning_point(tokens, 0);
  for (size_t i = turn; i < tokens.size(); ++i) {
    if (i != at && words.count(word_at(tokens, i))) return true;
  }
  bool here = turn < at;
  for (size_t i = at; here && i > turn; --i)
    here = !(tokens[i].kind == Token::Kind::kMark && (tokens[i].text == "." || tokens[i].text == ";"));
  if (here) return true;
  for (size_t i = 1; sky && i < tokens.size(); ++i) {
    const std::string& w =
        word_at(tokens, i).empty() ? word_at(tokens, i) : tokens[i].raw;  // "clears" is no slip
    if ((w == "gives" || w == "giving") && word_at(tokens, i + 1) == "way") return true;
    if (changes.count(w) && skies.count(word_at(tokens, i - 1))) return true;  // "as night falls"
  }
  return false;
}

// Where no sky is seen, no picture tells the time of day, a storm or wind: in a subway station at midnight.
bool without_sky(const Caption& caption, const std::string& question) {
  static const std::set<std::string> times = {"Is it night?",   "Is it day?",    "Is it morning?",
                                              "Is it noon?",    "Is it dawn?",   "Is it dusk?",
                                              "Is it evening?", "Is it sunset?", "Is the weather stormy?",
                                              "Is it windy?"};
  const auto has = [&](const std::string& word) {
    return caption.text.find(" " + word + " ") != std::string::npos;
  };
  if (!times.count(question)) return false;
  for (const char* sky : {"sky", "skies", "moon", "moonlight", "moonlit", "stars", "sun", "sunlight",
                          "street", "outside", "window", "windows", "entrance", "skyline", "daylight"}) {
    if (has(sky)) return false;
  }
  for (const char* place :
       {"subway",      "metro",     "underground", "tunnel",  "mine",      "mineshaft", "cave",
        "cavern",      "basement",  "cellar",      "bunker",  "studio",    "cinema",    "theater",
        "theatre",     "vault",     "sewer",       "dungeon", "crypt",     "catacombs", "elevator",
        "supermarket", "nightclub", "disco",       "casino",  "submarine", "closet"}) {
    if (has(place)) return true;
  }
  return false;
}

}  // namespace drf::templates
