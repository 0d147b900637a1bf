#include "drf/base/error.h"
#include "drf/models/denoiser.h"
#include "drf/models/wan/field_pipeline.h"
#include "drf/models/wan/pipeline.h"
#include "drf/tensor/json_config.h"
#include "drf/tensor/model_folder.h"

namespace drf::models {
namespace {

Generator open_by_class(const std::filesystem::path& folder, const ModelOptions& options) {
  require_model_folder(folder, "generator", "model_index.json");
  const JsonConfig index = JsonConfig::read(folder / "model_index.json");
  const std::string name = index.text("_class_name");
  if (name == "WanPipeline") return wan::open_pipeline(folder, options);
  if (name == "WanFieldPipeline") return wan::open_field_pipeline(folder, options);
  index.reject("_class_name", concat("is ", name,
                                     "; supported are WanPipeline (Wan 2.1 text to video, for example "
                                     "Wan-AI/Wan2.1-T2V-1.3B-Diffusers) and WanFieldPipeline (fields)"));
}

}  // namespace

Generator open_generator(const std::filesystem::path& folder, const ModelOptions& options) {
  Generator generator = open_by_class(folder, options);
  const auto networks = generator.denoiser->components();
  if (options.guidance_2 && networks.size() == 1) {
    fail(ErrorKind::kConfig, folder, " has one ", networks.front().name, ", but a second guidance, ",
         *options.guidance_2, ", is given; leave sampling.guidance_2 or --guidance-2 out");
  }
  return generator;
}

}  // namespace drf::models
