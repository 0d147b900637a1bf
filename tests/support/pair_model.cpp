#include "tests/support/pair_model.h"

#include <nlohmann/json.hpp>

#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {

namespace fs = std::filesystem;

void write_pair(const fs::path& folder, double boundary, const std::vector<std::string>& networks) {
  const fs::path tiny = source_path("assets/tiny/generator");
  fs::create_directories(folder);
  for (const char* part : {"text_encoder", "tokenizer", "scheduler", "vae"})
    fs::create_directory_symlink(tiny / part, folder / part);
  const SafetensorsFile golden(source_path("tests/goldens/pair_networks.safetensors"));
  for (size_t i = 0; i < 2; ++i) {
    const fs::path place = folder / (i == 0 ? "transformer" : "transformer_2");
    if (networks[i] == "tiny") {
      fs::create_directory_symlink(tiny / "transformer", place);
      continue;
    }
    fs::create_directories(place);
    auto config = nlohmann::json::parse(golden.metadata().at(networks[i]));
    config["_class_name"] = "WanTransformer3DModel";
    write_text(place / "config.json", config.dump());
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    const std::string prefix = networks[i] + ".";
    for (const auto& [name, entry] : golden.entries())
      if (name.rfind(prefix, 0) == 0) tensors.emplace_back(name.substr(prefix.size()), golden.get(name));
    write_safetensors(place / "diffusion_pytorch_model.safetensors", tensors);
  }
  auto index = nlohmann::json::parse(read_file(tiny / "model_index.json"));
  index["transformer_2"] = index["transformer"];
  index["boundary_ratio"] = boundary;
  write_text(folder / "model_index.json", index.dump());
}

}  // namespace drf::testing
