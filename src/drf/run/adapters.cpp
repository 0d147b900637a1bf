#include "drf/run/adapters.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/nn/lora.h"
#include "drf/nn/lora_file.h"
#include "drf/nn/residence.h"
#include "drf/nn/trainable_weights.h"
#include "drf/run/engine.h"

namespace drf::run {
namespace {

namespace fs = std::filesystem;

const char* key_of(size_t network) { return network == 0 ? "lora.init_from" : "lora.init_from_2"; }

/// What the adapters of the networks have, as far as the configuration can say it: of ranks and alphas that
/// differ the most frequent, of layers all.
struct Settled {
  std::map<int64_t, int64_t> ranks;
  std::map<double, int64_t> alphas;
  std::vector<std::string> paths;
  bool as_targeted = true;  ///< these are the layers that lora.targets choose

  void add(const std::vector<nn::NamedLinear>& adapters, const std::vector<nn::NamedLinear>& targeted) {
    std::vector<std::string> own, wanted;
    for (const nn::NamedLinear& layer : adapters) {
      const int64_t rank = layer.linear->lora_A().size(0);
      ++ranks[rank];
      ++alphas[layer.linear->lora_scale() * static_cast<double>(rank)];
      own.push_back(layer.path);
      if (std::find(paths.begin(), paths.end(), layer.path) == paths.end()) paths.push_back(layer.path);
    }
    for (const nn::NamedLinear& layer : targeted) wanted.push_back(layer.path);
    as_targeted = as_targeted && own == wanted;
  }
  template <typename T>
  static T most_frequent(const std::map<T, int64_t>& counts) {
    return std::max_element(counts.begin(), counts.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }
  int64_t rank() const { return most_frequent(ranks); }
  double alpha() const { return most_frequent(alphas); }
};

bool same_alpha(double a, double b) { return std::abs(a - b) <= 1e-6 * a; }  // a file may round it

// What was given and differs would change nothing.
void refuse_contradictions(const Settled& file, const fs::path& path, const char* key,
                           const RunConfig& config) {
  const auto refuse = [&](const char* setting, const auto& got, const auto& has) {
    fail(ErrorKind::kConfig, "lora.", setting, " is ", got, ", but the adapters of ", path.string(), " have ",
         has, ", which would be used; leave lora.", setting, " out, or start without ", key);
  };
  const LoraConfig& lora = config.lora;
  if (config.given_keys.count("lora.rank") && file.rank() != lora.rank)
    refuse("rank", lora.rank, file.rank());
  if (config.given_keys.count("lora.alpha") && !same_alpha(file.alpha(), lora.alpha))
    refuse("alpha", lora.alpha, file.alpha());
  if (config.given_keys.count("lora.targets") && !file.as_targeted)
    refuse("targets", lora.targets, concat(file.paths.size(), " layers, not these"));
}

}  // namespace

void start_adapters(models::Denoiser& denoiser, const std::vector<bool>& trains, RunConfig& config) {
  const std::vector<models::Component> networks = denoiser.components();
  const LoraConfig given = config.lora;
  const AdapterFiles files{given.init_from, given.init_from_2};
  check_adapter_files(files, {key_of(0), key_of(1)});
  if (networks.size() < 2 && !given.init_from_2.empty()) {
    fail(ErrorKind::kConfig, "lora.init_from_2 is ", given.init_from_2, ", but ", config.generator.path,
         " has one transformer; leave it out");
  }
  // A given lora.alpha fills the gap of a file that is silent about it.
  std::optional<double> silent_alpha;
  if (config.given_keys.count("lora.alpha")) silent_alpha = given.alpha;
  Settled all;
  bool any_file = false;
  for (size_t i = 0; i < networks.size(); ++i) {
    nn::Module& root = *networks[i].root;
    const fs::path& file = files.at(i);
    if (!trains.at(i)) {
      if (!file.empty()) {
        fail(ErrorKind::kConfig, key_of(i), " is ", file.string(), ", but no step that trains is one of ",
             networks[i].name, "'s: train earlier or more steps (flow.K), or leave it out");
      }
      continue;
    }
    if (file.empty()) {
      // Networks with layers of the same name start from numbers of their own.
      const uint64_t seed = static_cast<uint64_t>(config.seed) ^ (static_cast<uint64_t>(i) << 44);
      nn::attach_lora(root, {given.rank, given.alpha, given.targets}, seed);
    } else {
      const auto loaded = nn::load_lora(root, file, networks[i].names, silent_alpha);
      if (loaded.sigma_max && given.steps == "all") {
        fail(ErrorKind::kConfig, key_of(i), " is ", file.string(), ", whose adapters compute below sigma ",
             *loaded.sigma_max, " only: set lora.steps = \"trained\", or start from others");
      }
      if (const auto here = adapters_compute(config, denoiser).at(i);
          here && loaded.sigma_max && std::abs(*here - *loaded.sigma_max) > 1e-6) {
        log_warning("lora", key_of(i), ": the adapters of ", file.string(),
                    " were trained to compute below sigma ", *loaded.sigma_max, ", and compute below ", *here,
                    " in this run, by its sampling and flow");
      }
      Settled own;
      own.add(nn::adapters_of(root), nn::targeted(root, given.targets));
      refuse_contradictions(own, file, key_of(i), config);
      any_file = true;
    }
    all.add(nn::adapters_of(root), nn::targeted(root, given.targets));
  }
  if (!any_file) return;
  config.lora.rank = all.rank();
  if (!same_alpha(all.alpha(), given.alpha)) config.lora.alpha = all.alpha();
  if (!all.as_targeted) config.lora.targets = all.paths;
}

void check_adapter_files(const AdapterFiles& files, const std::vector<const char*>& keys) {
  std::error_code ec;
  if (files.size() < 2 || files[0].empty() || files[1].empty()) return;
  if (files[0] != files[1] && !fs::equivalent(files[0], files[1], ec)) return;
  fail(ErrorKind::kConfig, keys[0], " and ", keys[1], " are one file, ", files[0].string(),
       ": each transformer has adapters of its own; drf saves them as adapters.safetensors and "
       "adapters_2.safetensors");
}

std::vector<nn::SigmaMax> load_adapters(models::Denoiser& denoiser, const AdapterFiles& files) {
  const std::vector<models::Component> networks = denoiser.components();
  for (size_t i = networks.size(); i < files.size(); ++i) {
    if (files[i].empty()) continue;
    fail(ErrorKind::kConfig, "--lora-", i + 1, " is ", files[i].string(),
         ", but the generator has one transformer; leave it out");
  }
  std::vector<nn::SigmaMax> sigma_max(networks.size());
  for (size_t i = 0; i < std::min(files.size(), networks.size()); ++i)
    if (!files[i].empty())
      sigma_max[i] = nn::load_lora(*networks[i].root, files[i], networks[i].names).sigma_max;
  return sigma_max;
}

void add_adapters(models::Denoiser& denoiser, const RunConfig& config, nn::TrainableSet& trained) {
  for (const models::Component& network : denoiser.components()) {
    if (nn::adapters_of(*network.root).empty()) continue;
    nn::add_lora(trained, *network.root, network.name);
    if (config.output.comfyui) nn::check_comfyui(*network.root, network.names);
  }
}

void add_weights(models::Denoiser& denoiser, const AdapterFiles& files, nn::TrainableSet& trained) {
  const std::vector<models::Component> networks = denoiser.components();
  if (networks.size() > 1) {
    fail(ErrorKind::kConfig, "train.weights is \"full\", but the generator has ", networks.size(),
         " transformers, whose weights cannot be trained; leave it out to train adapters");
  }
  const models::Component& network = networks.front();
  if (network.residence) network.residence->come_back();  // what trains is copied from it
  nn::add_weights(trained, *network.root, network.name);
  if (!files.empty())
    nn::read_weights(trained, *network.root, Checkpoint::open(files.front(), "diffusion_pytorch_model"));
}

}  // namespace drf::run
