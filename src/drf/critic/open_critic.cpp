#include "drf/critic/open_critic.h"

#include "drf/base/error.h"
#include "drf/critic/vlm_critic.h"
#include "drf/models/qwen2_5_vl/vision_language.h"
#include "drf/models/qwen3_vl/vision_language.h"
#include "drf/tensor/json_config.h"
#include "drf/tensor/model_folder.h"

namespace drf::critic {

std::unique_ptr<models::VisionLanguage> open_vision_language(const std::filesystem::path& folder,
                                                             const models::VisionLanguageOptions& options) {
  require_model_folder(folder, "critic", "config.json");
  const JsonConfig config = JsonConfig::read(folder / "config.json");
  const std::string type = config.text("model_type", "qwen2_5_vl");
  if (type == "qwen2_5_vl") return qwen::open_vision_language(folder, options);
  if (type == "qwen3_vl") return qwen3::open_vision_language(folder, options);
  config.reject("model_type",
                concat("is \"", type, "\"; only \"qwen2_5_vl\" and \"qwen3_vl\" are supported"));
}

std::unique_ptr<Critic> open_critic(const std::filesystem::path& folder, const CriticOptions& options) {
  return std::make_unique<VlmCritic>(open_vision_language(folder, options), folder, options);
}

}  // namespace drf::critic
