#pragma once
// A diffusers WanPipeline folder (Wan 2.1 text to video) as a Denoiser and a Decoder:
// transformer/ vae/ text_encoder/ tokenizer/ scheduler/ model_index.json.

#include "drf/models/denoiser.h"

namespace drf::wan {

/// Reads all parts, strictly. Throws Error(kInput) for other pipelines and variants (image conditioning, a
/// second transformer, residual VAE) and for parts that do not fit each other.
models::Generator open_pipeline(const std::filesystem::path& folder, const models::ModelOptions& options);

}  // namespace drf::wan
