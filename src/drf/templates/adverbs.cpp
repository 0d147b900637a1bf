// What stands beside a verb and says how it is done, or that it hardly is.
#include "drf/templates/reader.h"

namespace drf::templates {

std::string Reader::manner(size_t k, size_t next) const {
  static const std::map<std::string, std::string> words = {
      {"slowly", "slowly"}, {"quickly", "quickly"}, {"rapidly", "quickly"}, {"swiftly", "quickly"}};
  for (size_t i = at(k)->begin; i < at(k)->end; ++i) {
    if (const auto it = words.find(tokens_[i].text); it != words.end()) return it->second;
  }
  for (const size_t i : {k + 1, next, k - 1}) {
    if (i >= chunks_.list.size() || kind(i) != ChunkKind::kAdverb) continue;
    if (const auto it = words.find(at(i)->text); it != words.end()) return it->second;
  }
  return "";
}

// "barely moves", "almost falls"
bool Reader::doubted(size_t k) const {
  static const std::set<std::string> doubts = {
      "barely",  "hardly", "scarcely", "almost", "nearly", "seemingly",  "apparently",  "supposedly",
      "perhaps", "maybe",  "possibly", "rarely", "seldom", "impossibly", "practically", "virtually"};
  for (size_t i = k; i > 0 && kind(i - 1) == ChunkKind::kAdverb; --i) {
    if (doubts.count(at(i - 1)->text)) return true;
  }
  for (size_t i = at(k)->begin; i < at(k)->end; ++i) {
    if (doubts.count(tokens_[i].text)) return true;
  }
  if (at(k)->negated && denied_in_part(k)) return true;
  return kind(k + 1) == ChunkKind::kAdverb && doubts.count(at(k + 1)->text) > 0;
}

}  // namespace drf::templates
