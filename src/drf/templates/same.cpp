#include "drf/templates/same.h"

#include <sstream>
#include <vector>

namespace drf::templates {
namespace {

// A row a meaning, its spellings parted by '|': whole questions, "=" the quality of any thing, "*" a thing
// that is there.
const std::vector<std::string> kOfTheVideo = {
    "Is it sunny?|=sunny|=sunlit",
    "Is it dawn?|Is it morning?|Is it sunrise?",
    "Is it dusk?|Is it sunset?|Is it evening?",
    "Is it night?|=moonlit|=nighttime|Is the moon visible?",
    "Is it snowing?|=snowing",
    "=snowy|=snow-covered|=snow-capped|*snow",
    "=icy|*ice",
    "Is it foggy?|=foggy|=misty|*fog|*mist",
    "Is it raining?|=rainy|*rain|*drizzle",
    "Is the weather stormy?|=stormy|*storm",
    "Is it windy?|=windy|*wind",
    "Is the sky overcast?|=overcast|=cloudy|Is it cloudy?",
    "=grassy|*grass",
    "=mossy|=moss-covered|*moss",
    "=deserted|=empty of people|Is the scene free of people?|Is the scene free of passengers?|=abandoned",
    "=crowded|=busy|*crowd",
    "Is the background out of focus?|Is the background blurred?",
    "Are the colors muted?|Are the colors pale?",
    "Does the camera move closer?|Does the camera zoom in?",
    "Does the camera move away?|Does the camera zoom out?|Does the camera pull back?",
    "Does the camera move?|Does the camera pan?",
    "Is the video free of text?|Is the scene free of text?",
    "Is the video in sepia tones?|Is the video in black and white?"};

// A row qualities of which the others say no more of one thing.
const std::vector<std::string> kOfAThing = {"big large huge massive enormous gigantic giant",
                                            "small little tiny miniature",
                                            "old elderly",
                                            "young little",
                                            "fluffy furry shaggy",
                                            "muddy dirty dusty",
                                            "wet flooded",
                                            "thin skinny slim",
                                            "fat chubby plump",
                                            "torn tattered ragged",
                                            "broken cracked ruined",
                                            "lit burning glowing",
                                            "shiny polished sparkling",
                                            "empty deserted",
                                            "crowded busy",
                                            "happy smiling",
                                            "abandoned deserted",
                                            "bald shaven"};

std::string row_of(const std::vector<std::string>& rows, const std::string& what, char between) {
  for (size_t r = 0; r < rows.size(); ++r) {
    std::istringstream in(rows[r]);
    for (std::string entry; std::getline(in, entry, between);) {
      if (entry == what) return std::to_string(r);
    }
  }
  return "";
}

}  // namespace

namespace {

// "Does the sand begin to tremble before the eye opens?" as its two halves without articles; empty for
// others.
std::pair<std::string, std::string> halves(const std::string& question) {
  std::string bare, word;
  for (std::istringstream in(question.substr(0, question.size() - 1)); in >> word;) {
    if (word != "the" && word != "a" && word != "an") bare += " " + word;
  }
  for (const char* start : {" begin to ", " start to "}) {
    if (const size_t at = bare.find(start); at != std::string::npos)
      bare.replace(at, std::string(start).size(), " ");
  }
  const size_t middle = bare.find(" before ");
  if (middle == std::string::npos) return {};
  return {bare.substr(0, middle) + " ", bare.substr(middle + 8) + " "};
}

bool begins_alike(const std::string& one, const std::string& other) {
  return one.rfind(other, 0) == 0 || other.rfind(one, 0) == 0;
}

}  // namespace

bool Meanings::tell(const Fact& fact, const std::string& question) {
  if (const auto order = halves(question); !order.first.empty()) {
    for (const auto& [first, second] : orders_) {
      if (begins_alike(first, order.first) && begins_alike(second, order.second)) return false;
    }
    orders_.push_back(order);
  }
  std::vector<std::string> keys;
  std::string spelled = question;
  if (fact.kind == Fact::Kind::kAttribute && fact.attribute) spelled = "=" + fact.attribute->phrase;
  if (fact.kind == Fact::Kind::kPlain && question.rfind("Is the ", 0) == 0) {  // "Is the meadow foggy?"
    const size_t blank = question.rfind(' ') + 1;
    const std::string quality = "=" + question.substr(blank, question.size() - blank - 1);
    if (!row_of(kOfTheVideo, quality, '|').empty()) spelled = quality;
  }
  if (fact.kind == Fact::Kind::kExists) {
    const Thing& t = caption_.things[static_cast<size_t>(fact.thing)];
    spelled = "*" + (t.noun ? t.noun->kin : t.name);
    if (t.name == "moon") spelled = question;
  }
  if (const std::string row = row_of(kOfTheVideo, spelled, '|'); !row.empty()) keys.push_back("video " + row);
  if (fact.kind == Fact::Kind::kAttribute && fact.attribute) {
    const std::string row = row_of(kOfAThing, fact.attribute->phrase, ' ');
    if (!row.empty()) keys.push_back(std::to_string(fact.thing) + " " + row);
  }
  if (fact.kind == Fact::Kind::kAction || fact.kind == Fact::Kind::kPassive ||
      fact.kind == Fact::Kind::kPlain) {  // "toss the pins to the partner?", "toss pins to the partner?"
    std::string bare, word;
    for (std::istringstream in(question); in >> word;) {
      if (word != "the" && word != "a" && word != "an") bare += " " + word;
    }
    keys.push_back(bare);
  }
  for (const std::string& key : keys) {
    if (!told_.insert(key).second) return false;
  }
  return true;
}

}  // namespace drf::templates
