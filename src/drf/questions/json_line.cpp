#include "drf/questions/json_line.h"

#include "drf/base/blank.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/nearest.h"

namespace drf::questions {
using nlohmann::json;

void require_plain_text(const std::string& text, const std::string& what, const std::string& where,
                        size_t most) {
  if (text.size() > most)
    fail(ErrorKind::kInput, where, ": the ", what, " has ", text.size(), " bytes, wanted ", most, " at most");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F) {
      fail(ErrorKind::kInput, where, ": control character ", static_cast<int>(byte), " in the ", what,
           "; is this a text file?");
    }
  }
}

JsonLine::JsonLine(const std::filesystem::path& path, size_t number, const std::string& line)
    : where_(concat(path, ":", number)) {
  std::string problem;
  object_ = parse_json(line, problem);
  if (!object_.is_object()) reject("the line is not a JSON object", problem.empty() ? "" : ": ", problem);
}

JsonLine::JsonLine(const std::string& where, json object) : where_(where), object_(std::move(object)) {}

void JsonLine::require_known_keys(const std::vector<std::string>& keys) const {
  for (const auto& [key, value] : object_.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const auto near = nearest(key, keys, 1);
    reject("unknown key \"", key, "\"",
           near.empty() ? concat(", wanted ", keys) : concat("; did you mean \"", near[0], "\"?"));
  }
}

const json* JsonLine::find(const std::string& key) const {
  const auto it = object_.find(key);
  return it == object_.end() ? nullptr : &*it;
}

const json& JsonLine::at(const std::string& key) const {
  if (const json* value = find(key)) return *value;
  std::vector<std::string> keys;
  for (const auto& [other, value] : object_.items()) keys.push_back(other);
  reject("key \"", key, "\" is missing; the object has ", keys);
}

int64_t JsonLine::integer(const std::string& key, int64_t least) const {
  const json& value = at(key);
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX) &&
                    value.get<int64_t>() >= least;
  if (!fits) reject("\"", key, "\" is ", value.dump(), ", wanted an integer from ", least);
  return value.get<int64_t>();
}

std::string JsonLine::text(const std::string& key) const { return text_of(at(key), key); }

std::string JsonLine::text_of(const json& value, const std::string& key) const {
  if (!value.is_string()) reject("\"", key, "\" is ", value.dump(), ", wanted a string");
  const auto& text = value.get_ref<const std::string&>();
  if (is_blank(text)) reject("\"", key, "\" is empty");
  require_plain_text(text, key, where_);
  return text;
}

JsonLine JsonLine::object(const std::string& key) const {
  const json& value = at(key);
  if (!value.is_object()) reject("\"", key, "\" is ", value.dump(), ", wanted an object");
  return JsonLine(concat(where_, ": ", key), value);
}

void for_each_json_line(const std::filesystem::path& path, std::string_view text,
                        const std::function<void(size_t, const JsonLine&)>& visit) {
  for_each_line(text, [&](size_t number, const std::string& line) {
    if (is_blank(line)) return;
    if (!is_utf8(line))
      fail(ErrorKind::kInput, path, ":", number, ": the line is not UTF-8; save the file as UTF-8");
    visit(number, JsonLine(path, number, line));
  });
}

}  // namespace drf::questions
