#include "drf/models/wan/vae_config.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::wan {
namespace {

constexpr int64_t kMostChannels = 1 << 14, kMostMultiple = 64;

// The latents' mean and deviation of Wan 2.1, which diffusers' class has as defaults.
const std::vector<double> kMean = {-0.7571, -0.7089, -0.9113, 0.1075,  -0.1745, 0.9653,  -0.1517, 1.5508,
                                   0.4134,  -0.0715, 0.5517,  -0.3632, -0.1922, -0.9497, 0.2503,  -0.2921};
const std::vector<double> kDeviation = {2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743,
                                        3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160};

}  // namespace

VaeConfig VaeConfig::read(const JsonConfig& json) {
  json.require_absent_or("_class_name", "AutoencoderKLWan");
  json.require_absent_or("is_residual", false);
  json.require_absent_or("patch_size", nullptr);
  json.require_absent_or("attn_scales", nlohmann::json::array());

  json.refuse_quantised();
  VaeConfig config;
  config.base_dim = json.size("base_dim", 96, kMostChannels);
  config.decoder_base_dim = json.size("decoder_base_dim", config.base_dim, kMostChannels);
  config.z_dim = json.size("z_dim", 16, kMostChannels);
  config.in_channels = json.size("in_channels", 3, kMostChannels);
  config.out_channels = json.size("out_channels", 3, kMostChannels);
  config.num_res_blocks = json.layers("num_res_blocks", 2);

  config.dim_mult = json.integers("dim_mult", config.dim_mult);
  if (config.dim_mult.empty() || config.dim_mult.size() > 8) {
    json.reject("dim_mult", concat("is ", config.dim_mult, ", must have 1 to 8 levels"));
  }
  const auto [least, most] = std::minmax_element(config.dim_mult.begin(), config.dim_mult.end());
  if (*least < 1 || *most > kMostMultiple) {
    json.reject("dim_mult",
                concat("is ", config.dim_mult, ", must be positive, and ", kMostMultiple, " at most"));
  }

  config.temporal_downsample = json.booleans("temperal_downsample", config.temporal_downsample);
  if (config.temporal_downsample.size() != config.dim_mult.size() - 1) {
    json.reject("temperal_downsample",
                concat("has ", config.temporal_downsample.size(), " entries, but dim_mult ", config.dim_mult,
                       " has ", config.dim_mult.size() - 1, " transitions"));
  }

  config.latents_mean = json.numbers("latents_mean", kMean);
  config.latents_std = json.numbers("latents_std", kDeviation);
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
