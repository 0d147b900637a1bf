#include "drf/models/fields/field_config.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "drf/base/error.h"
#include "drf/base/nearest.h"

namespace drf::fields {
namespace {

Equation read_equation(const JsonConfig& json) {
  const std::string name = json.text("equation");
  const auto& names = equation_names();
  if (std::find(names.begin(), names.end(), name) == names.end())
    json.reject("equation", concat("is \"", name, "\", wanted one of ", names));
  return parse_equation(name, "equation");
}

// The residual reads channels by their place, so another order is another equation.
void require_channels(const JsonConfig& json, Equation equation) {
  const auto& wanted = channels_of(equation);
  if (!json.has("channels")) json.reject("channels", concat("is missing, wanted ", wanted));
  if (json.json().at("channels") != nlohmann::json(wanted)) {
    json.reject("channels",
                concat("is ", json.json().at("channels").dump(), ", but the equation ", name_of(equation),
                       " has ", nlohmann::json(wanted).dump(), " in this order"));
  }
}

std::vector<double> one_a_channel(const JsonConfig& json, const std::string& key, size_t channels) {
  const std::vector<double> values = json.numbers(key);
  if (values.size() != channels)
    json.reject(key, concat("has ", values.size(), " numbers, wanted ", channels, ", one a channel"));
  for (const double value : values) {
    if (!std::isfinite(value)) json.reject(key, concat("holds ", value, ", wanted finite numbers"));
  }
  return values;
}

std::vector<double> positive_ones(const JsonConfig& json, const std::string& key, size_t channels) {
  const std::vector<double> values = one_a_channel(json, key, channels);
  for (const double value : values) {
    if (!(value > 0)) json.reject(key, concat("holds ", value, ", must be above 0"));
  }
  return values;
}

FieldData read_data(const JsonConfig& json, size_t channels) {
  FieldData data;
  data.samples = json.size("samples", 1, int64_t{1} << 40);
  data.mean_abs_r = json.number("mean_abs_r");
  data.mean_square_r = json.number("mean_square_r");
  data.variance = positive_ones(json, "variance", channels);
  if (!json.has("power") || !json.json().at("power").is_array() || json.json().at("power").size() != channels)
    json.reject("power", concat("wanted ", channels, " lists of numbers, one a channel"));
  for (const auto& rings : json.json().at("power")) {
    const bool numbers =
        rings.is_array() && !rings.empty() && std::all_of(rings.begin(), rings.end(), [](const auto& v) {
          return v.is_number() && v.template get<double>() > 0;
        });
    if (!numbers) json.reject("power", "wanted lists of numbers above 0, one a ring");
    data.power.push_back(rings.get<std::vector<double>>());
    if (data.power.back().size() != data.power.front().size())
      json.reject("power", "the channels have unequal numbers of rings");
  }
  return data;
}

}  // namespace

FieldConfig FieldConfig::read(const JsonConfig& json) {
  FieldConfig config;
  config.equation = read_equation(json);
  require_channels(json, config.equation);
  const size_t channels = channels_of(config.equation).size();
  config.mean = one_a_channel(json, "mean", channels);
  config.std = positive_ones(json, "std", channels);
  config.residual_scale = json.positive("residual_scale", 1.0);
  if (config.equation == Equation::kKolmogorov) {
    if (!json.has("time_spacing"))
      json.reject("time_spacing", "is missing: the time between the three fields of kolmogorov");
    config.time_spacing = json.positive("time_spacing", 1.0);
  } else if (json.has("time_spacing")) {
    json.reject("time_spacing", concat("is set, which means nothing for ", name_of(config.equation)));
  }
  if (json.has("data")) config.data = read_data(json.object("data"), channels);
  return config;
}

}  // namespace drf::fields
