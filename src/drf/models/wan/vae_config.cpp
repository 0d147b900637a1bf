#include "drf/models/wan/vae_config.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::wan {
namespace {

int64_t positive(const JsonConfig& json, const std::string& key, int64_t fallback) {
  const int64_t value = json.integer(key, fallback);
  if (value < 1) json.reject(key, concat("is ", value, ", must be at least 1"));
  return value;
}

}  // namespace

VaeConfig VaeConfig::read(const JsonConfig& json) {
  json.require_absent_or("_class_name", "AutoencoderKLWan");
  json.require_absent_or("is_residual", false);
  json.require_absent_or("patch_size", nullptr);
  json.require_absent_or("attn_scales", nlohmann::json::array());

  VaeConfig config;
  config.base_dim = positive(json, "base_dim", 96);
  config.decoder_base_dim = positive(json, "decoder_base_dim", config.base_dim);
  config.z_dim = positive(json, "z_dim", 16);
  config.in_channels = positive(json, "in_channels", 3);
  config.out_channels = positive(json, "out_channels", 3);
  config.num_res_blocks = json.has("num_res_blocks") ? json.layers("num_res_blocks") : 2;

  config.dim_mult = json.integers("dim_mult", config.dim_mult);
  if (config.dim_mult.empty() || config.dim_mult.size() > 8) {
    json.reject("dim_mult", concat("is ", config.dim_mult, ", must have 1 to 8 levels"));
  }
  if (*std::min_element(config.dim_mult.begin(), config.dim_mult.end()) < 1) {
    json.reject("dim_mult", concat("is ", config.dim_mult, ", must be positive"));
  }

  if (json.has("temperal_downsample")) config.temporal_downsample = json.booleans("temperal_downsample");
  if (config.temporal_downsample.size() != config.dim_mult.size() - 1) {
    json.reject("temperal_downsample",
                concat("has ", config.temporal_downsample.size(), " entries, but dim_mult ", config.dim_mult,
                       " has ", config.dim_mult.size() - 1, " transitions"));
  }

  config.latents_mean = json.numbers("latents_mean");
  config.latents_std = json.numbers("latents_std");
  const auto z_dim = static_cast<size_t>(config.z_dim);
  if (config.latents_mean.size() != z_dim) {
    json.reject("latents_mean", concat("has ", config.latents_mean.size(), " values, but z_dim is ", z_dim));
  }
  if (config.latents_std.size() != z_dim) {
    json.reject("latents_std", concat("has ", config.latents_std.size(), " values, but z_dim is ", z_dim));
  }
  if (*std::min_element(config.latents_std.begin(), config.latents_std.end()) <= 0) {
    json.reject("latents_std", "must be positive");
  }
  return config;
}

int64_t VaeConfig::temporal_factor() const {
  return int64_t{1} << std::count(temporal_downsample.begin(), temporal_downsample.end(), true);
}

}  // namespace drf::wan
