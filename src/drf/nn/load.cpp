#include "drf/nn/load.h"

#include <ATen/ATen.h>

#include <map>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/nn/random_weights.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/foreign_weights.h"

namespace drf::nn {

std::vector<LoadedParameter> load_strict(Module& module, const Checkpoint& checkpoint,
                                         const LoadOptions& options) {
  // module name -> checkpoint name
  std::map<std::string, std::string> offered;
  for (const auto& [name, entry] : checkpoint.entries()) {
    if (name.rfind(options.prefix, 0) != 0) continue;
    const std::string cut = name.substr(options.prefix.size());
    const std::string wanted = options.rename ? options.rename(cut) : cut;
    if (!wanted.empty()) offered[wanted] = name;
  }

  const auto parameters = module.named_parameters();
  std::vector<std::string> missing;
  for (const auto& p : parameters) {
    if (!offered.count(p.name)) missing.push_back(p.name);
  }
  const bool all_found = missing.empty() && parameters.size() == offered.size();
  if (const std::string what = all_found ? "" : foreign_weights(checkpoint); !what.empty())
    fail(ErrorKind::kInput, checkpoint.path(), ": ", what);
  if (!missing.empty()) {
    fail(ErrorKind::kInput, checkpoint.path(), ": tensor '", options.prefix, missing.front(), "' is missing",
         missing.size() > 1 ? concat(" (and ", missing.size() - 1, " more)") : "",
         "; the folder's config.json asks for it: is it another model's config, or an incomplete download?");
  }

  std::vector<LoadedParameter> loaded;
  for (const auto& p : parameters) {
    stop_if_interrupted();
    const std::string source = offered[p.name];
    offered.erase(p.name);
    loaded.push_back({p.tensor, source, checkpoint.file_of(source)});
    const TensorEntry& entry = checkpoint.entries().at(source);
    if (at::IntArrayRef(entry.shape) != p.tensor->sizes()) {
      fail(ErrorKind::kInput, checkpoint.file_of(source), ": tensor '", source, "' has shape ", entry.shape,
           ", but config.json asks for ", p.tensor->sizes().vec(), "; the two belong to different models");
    }
    if (!at::isFloatingType(entry.dtype) || c10::elementSize(entry.dtype) < 2) {
      fail(ErrorKind::kInput, checkpoint.file_of(source), ": tensor '", source, "' is ", entry.dtype_name,
           ", wanted F64, F32, F16 or BF16; quantised weights are not supported: use the plain ",
           "checkpoint of the same model");
    }
    at::ScalarType dtype = options.dtype.value_or(entry.dtype);
    if (options.keep_float32 && p.precision == Precision::kFloat32 && c10::elementSize(dtype) < 4)
      dtype = at::kFloat;
    if (DryRun* dry = DryRun::current(); dry && options.device.is_meta()) {
      const bool aligned = entry.begin % c10::elementSize(entry.dtype) == 0;
      *p.tensor = dry->load(checkpoint.path().string(), entry.shape, entry.dtype, dtype, aligned);
      continue;
    }
    if (const RandomWeights* random = RandomWeights::current(); random && !options.device.is_meta()) {
      *p.tensor = random->draw(source, entry.shape, dtype, options.device);
      continue;
    }
    *p.tensor = checkpoint.get(source).to(options.device, dtype);
  }
  if (!offered.empty()) {
    const auto& [name, source] = *offered.begin();
    fail(ErrorKind::kInput, checkpoint.file_of(source), ": tensor '", source, "' is used by nothing",
         offered.size() > 1 ? concat(" (and ", offered.size() - 1, " more)") : "",
         "; the config.json beside it describes another model");
  }
  return loaded;
}

}  // namespace drf::nn
