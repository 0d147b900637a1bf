// The two generations of names: until transformers 4.51 the towers lay beside each other, since then below
// "model".
#include "drf/models/qwen2_5_vl/model.h"

namespace drf::qwen {
namespace {

bool starts_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

}  // namespace

std::string parameter_name(const std::string& name, bool tied) {
  if (name == "lm_head.weight") return tied ? "" : name;
  if (starts_with(name, "visual.")) return "model." + name;
  for (const std::string part : {"layers.", "embed_tokens.", "norm."}) {
    if (starts_with(name, "model." + part)) return "model.language_model." + name.substr(6);
  }
  return name;
}

std::vector<nn::LoadedParameter> load(Model& model, const Checkpoint& checkpoint, nn::LoadOptions options) {
  const bool tied = model.config().tie_word_embeddings;
  options.prefix = "";
  options.rename = [tied, seen = model.has_vision()](const std::string& name) {
    const std::string ours = parameter_name(name, tied);
    return !seen && starts_with(ours, "model.visual.") ? "" : ours;
  };
  return nn::load_strict(model, checkpoint, options);
}

}  // namespace drf::qwen
