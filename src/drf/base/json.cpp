#include "drf/base/json.h"

#include <type_traits>
#include <unordered_set>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/nesting.h"

namespace drf {
namespace {

// An object that keeps the file's order looks through all its keys at each new one.
constexpr size_t kOrderedKeys = 20'000;

// Nesting and size, seen before the parser is: it follows nesting by recursion. Commas and colons outside
// strings count the values.
std::string limits_broken(std::string_view bytes) {
  if (json_nesting(bytes) > kMaxNesting) return concat("it is nested deeper than ", kMaxNesting, " levels");
  size_t values = 0;
  bool in_string = false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (!in_string && (c == ',' || c == ':')) ++values;
  }
  return values > kJsonValues ? concat("it holds more than ", kJsonValues, " values") : "";
}

std::string encoding_problem(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return "it is UTF-16; save it as UTF-8";
  return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos ? "it is empty" : "";
}

template <typename Json>
Json parse(std::string_view bytes, std::string& problem) {
  problem = encoding_problem(bytes);
  if (problem.empty()) problem = limits_broken(bytes);
  if (!problem.empty()) return Json(Json::value_t::discarded);
  std::vector<std::unordered_set<std::string>> keys;  // of the objects that are open
  const auto watch = [&](int, typename Json::parse_event_t event, Json& value) {
    using Event = typename Json::parse_event_t;
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && problem.empty()) {
      const auto& key = value.template get_ref<const std::string&>();
      if (!keys.back().insert(key).second)
        problem = concat("the key \"", key, "\" stands twice in one object");
      if (std::is_same_v<Json, nlohmann::ordered_json> && keys.back().size() > kOrderedKeys)
        problem = concat("it holds an object of more than ", kOrderedKeys, " keys");
    }
    return problem.empty();  // nothing more is kept
  };
  try {
    Json value = Json::parse(bytes.begin(), bytes.end(), watch);
    if (problem.empty()) return value;
  } catch (const typename Json::parse_error& error) {
    problem = error.byte > bytes.size() ? concat("it ends too early, after ", bytes.size(), " bytes")
                                        : concat("a fault at byte ", error.byte, " of ", bytes.size());
  } catch (const typename Json::exception&) {
    problem = "it holds a number that is too large";
  }
  return Json(Json::value_t::discarded);
}

}  // namespace

nlohmann::json parse_json(std::string_view bytes, std::string& problem) {
  return parse<nlohmann::json>(bytes, problem);
}

nlohmann::ordered_json parse_ordered_json(std::string_view bytes, std::string& problem) {
  return parse<nlohmann::ordered_json>(bytes, problem);
}

nlohmann::json read_json(const std::filesystem::path& file) {
  std::string problem;
  nlohmann::json value = parse_json(read_file(file), problem);
  if (value.is_discarded()) {
    fail(ErrorKind::kInput, file, ": is not JSON: ", problem, "; is the file damaged or truncated?");
  }
  return value;
}

}  // namespace drf
