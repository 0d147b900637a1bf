#include "drf/tensor/json_config.h"

#include <cstdint>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"

namespace drf {

namespace {

// One that fits 64 bits with a sign.
bool is_integer(const nlohmann::json& v) {
  return v.is_number_integer() && !(v.is_number_unsigned() && v.get<uint64_t>() > INT64_MAX);
}
bool is_number(const nlohmann::json& v) { return v.is_number(); }
bool is_boolean(const nlohmann::json& v) { return v.is_boolean(); }
bool is_text(const nlohmann::json& v) { return v.is_string(); }
template <bool (*Is)(const nlohmann::json&)>
bool is_list_of(const nlohmann::json& v) {
  return v.is_array() && std::all_of(v.begin(), v.end(), Is);
}
}  // namespace

JsonConfig JsonConfig::read(const std::filesystem::path& file) {
  std::string problem;
  nlohmann::json value = parse_json(read_file(file), problem);
  if (!problem.empty()) fail(ErrorKind::kInput, file, ": not a JSON object: ", problem);
  return JsonConfig(std::move(value), file.string());
}

JsonConfig::JsonConfig(nlohmann::json value, std::string where)
    : value_(std::move(value)), where_(std::move(where)) {
  if (!value_.is_object()) fail(ErrorKind::kInput, where_, ": not a JSON object");
}

void JsonConfig::reject(const std::string& key, const std::string& message) const {
  fail(ErrorKind::kInput, where_, ": ", key, ": ", message);
}

bool JsonConfig::has(const std::string& key) const { return value_.contains(key) && !value_[key].is_null(); }
bool JsonConfig::is_null(const std::string& key) const {
  return value_.contains(key) && value_[key].is_null();
}

template <typename T>
T JsonConfig::as(const std::string& key, bool (*is)(const nlohmann::json&), const char* wanted) const {
  if (!has(key)) reject(key, concat("is missing, wanted ", wanted));
  if (!is(value_[key])) reject(key, concat("is ", value_[key].dump(), ", wanted ", wanted));
  return value_[key].get<T>();
}

JsonConfig JsonConfig::object(const std::string& key) const {
  if (!has(key)) reject(key, "is missing, wanted an object");
  if (!value_[key].is_object()) reject(key, concat("is ", value_[key].dump(), ", wanted an object"));
  return JsonConfig(value_[key], where_ + ": " + key);
}

int64_t JsonConfig::integer(const std::string& key) const {
  return as<int64_t>(key, is_integer, "an integer");
}
int64_t JsonConfig::integer(const std::string& key, int64_t fallback) const {
  return has(key) ? integer(key) : fallback;
}
int64_t JsonConfig::layers(const std::string& key, int64_t fallback) const {
  if (is_null(key)) reject(key, "is null, wanted a number");
  const int64_t value = integer(key, fallback);
  if (value < 1 || value > 1000) reject(key, concat("is ", value, ", must be positive, and 1000 at most"));
  return value;
}
int64_t JsonConfig::size(const std::string& key, int64_t fallback, int64_t most) const {
  const int64_t value = integer(key, fallback);
  if (value < 1 || value > most)
    reject(key, concat("is ", value, ", must be positive, and ", most, " at most"));
  return value;
}
double JsonConfig::number(const std::string& key) const { return as<double>(key, is_number, "a number"); }
double JsonConfig::number(const std::string& key, double fallback) const {
  return has(key) ? number(key) : fallback;
}
double JsonConfig::positive(const std::string& key, double fallback) const {
  const double value = number(key, fallback);
  if (!(value > 0)) reject(key, concat("is ", value, ", must be above 0"));
  return value;
}
bool JsonConfig::boolean(const std::string& key, bool fallback) const {
  return has(key) ? as<bool>(key, is_boolean, "true or false") : fallback;
}
std::string JsonConfig::text(const std::string& key) const {
  return as<std::string>(key, is_text, "a string");
}
std::string JsonConfig::text(const std::string& key, const std::string& fallback) const {
  return has(key) ? text(key) : fallback;
}
std::vector<int64_t> JsonConfig::integers(const std::string& key) const {
  return as<std::vector<int64_t>>(key, is_list_of<is_integer>, "a list of integers");
}
std::vector<int64_t> JsonConfig::integers(const std::string& key, std::vector<int64_t> fallback) const {
  return has(key) ? integers(key) : fallback;
}
std::vector<double> JsonConfig::numbers(const std::string& key) const {
  return as<std::vector<double>>(key, is_list_of<is_number>, "a list of numbers");
}
std::vector<double> JsonConfig::numbers(const std::string& key, std::vector<double> fallback) const {
  return has(key) ? numbers(key) : fallback;
}
std::vector<bool> JsonConfig::booleans(const std::string& key, std::vector<bool> fallback) const {
  return has(key) ? as<std::vector<bool>>(key, is_list_of<is_boolean>, "a list of true/false") : fallback;
}

void JsonConfig::require_absent_or(const std::string& key, const nlohmann::json& wanted) const {
  if (has(key) && value_[key] != wanted) {
    reject(key, concat("is ", value_[key].dump(), "; only ", wanted.dump(), " is supported"));
  }
}

void JsonConfig::refuse_quantised() const {
  for (const char* key : {"quantization_config", "compression_config", "quantization"}) {
    if (!has(key)) continue;
    std::string method;
    for (const char* name : {"quant_method", "quant_algo", "format"}) {
      if (method.empty() && value_[key].is_object() && value_[key].contains(name) &&
          value_[key][name].is_string())
        method = value_[key][name].get<std::string>();
    }
    reject(key,
           concat("the checkpoint is quantised", method.empty() ? "" : concat(" (", method, ")"),
                  ", which is not supported; use the plain one of the same model (bfloat16 or float32)"));
  }
}

}  // namespace drf
