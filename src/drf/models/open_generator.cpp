#include "drf/base/error.h"
#include "drf/models/denoiser.h"
#include "drf/models/wan/field_pipeline.h"
#include "drf/models/wan/pipeline.h"
#include "drf/tensor/json_config.h"
#include "drf/tensor/model_folder.h"

namespace drf::models {

Generator open_generator(const std::filesystem::path& folder, const ModelOptions& options) {
  require_model_folder(folder, "generator", "model_index.json");
  const JsonConfig index = JsonConfig::read(folder / "model_index.json");
  const std::string name = index.text("_class_name");
  if (name == "WanPipeline") return wan::open_pipeline(folder, options);
  if (name == "WanFieldPipeline") return wan::open_field_pipeline(folder, options);
  index.reject("_class_name", concat("is ", name,
                                     "; supported are WanPipeline (Wan 2.1 text to video, for example "
                                     "Wan-AI/Wan2.1-T2V-1.3B-Diffusers) and WanFieldPipeline (fields)"));
}

}  // namespace drf::models
