#include "drf/models/scheduler_config.h"

#include "drf/base/error.h"
#include "drf/tensor/json_config.h"

namespace drf::models {

namespace {

// A key that the config leaves out has diffusers' own default, which may be one that is not supported.
void require(const JsonConfig& json, const char* key, const nlohmann::json& diffusers_default,
             const nlohmann::json& wanted) {
  const bool given = json.json().contains(key);  // null is a value here, and never the default
  const nlohmann::json value = given ? json.json().at(key) : diffusers_default;
  if (value == wanted) return;
  json.reject(key, concat(given ? "is " : "is left out, for which diffusers takes ", value.dump(), "; only ",
                          wanted.dump(), " is supported: a model of flow matching"));
}

}  // namespace

SchedulerConfig SchedulerConfig::read(const std::filesystem::path& file) {
  const JsonConfig json = JsonConfig::read(file);
  for (const char* key : {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas",
                          "use_dynamic_shifting", "stochastic_sampling", "invert_sigmas"}) {
    json.require_absent_or(key, false);
  }
  if (json.has("shift_terminal")) json.reject("shift_terminal", "is set, which is not supported");
  SchedulerConfig config;
  config.num_train_timesteps = json.size("num_train_timesteps", 1000, 1 << 20);
  const std::string name = json.text("_class_name");
  if (name == "FlowMatchEulerDiscreteScheduler") {
    config.sampler = "euler";
    config.shift = json.number("shift", 1.0);
  } else if (name == "UniPCMultistepScheduler") {
    config.sampler = "unipc";
    config.shift = json.number("flow_shift", 1.0);
    config.solver_order = json.integer("solver_order", 2);
    require(json, "prediction_type", "epsilon", "flow_prediction");
    require(json, "use_flow_sigmas", false, true);
    json.require_absent_or("predict_x0", true);
    json.require_absent_or("solver_type", "bh2");
    json.require_absent_or("lower_order_final", true);
    json.require_absent_or("thresholding", false);
    json.require_absent_or("final_sigmas_type", "zero");
    json.require_absent_or("disable_corrector", nlohmann::json::array());
    if (config.solver_order != 1 && config.solver_order != 2)
      json.reject("solver_order", "only 1 and 2 are supported");
  } else {
    json.reject("_class_name",
                concat("is ", name, ", wanted FlowMatchEulerDiscreteScheduler or UniPCMultistepScheduler"));
  }
  if (!(config.shift > 0)) json.reject("shift", concat("is ", config.shift, ", must be positive"));
  return config;
}

}  // namespace drf::models
