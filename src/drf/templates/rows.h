#pragma once
// How the word lists are cut up, for the files that read them.

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace drf::templates {

inline std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, mark);) {
    const size_t begin = part.find_first_not_of(" \n");
    if (begin == std::string::npos) continue;
    parts.push_back(part.substr(begin, part.find_last_not_of(" \n") - begin + 1));
  }
  return parts;
}

inline std::string spaced(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

template <typename Map, typename Key>
auto find_in(const Map& map, const Key& key) -> decltype(&map.begin()->second) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace drf::templates
