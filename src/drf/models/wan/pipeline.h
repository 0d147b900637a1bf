#pragma once
// A diffusers WanPipeline folder (text to video: Wan 2.1; Wan 2.2 of two transformers) as a Denoiser and a
// Decoder: transformer/ [transformer_2/] vae/ text_encoder/ tokenizer/ scheduler/ model_index.json.
//
// With model_index.json's boundary_ratio b, timesteps of b * num_train_timesteps and more are transformer's,
// those below transformer_2's: each is a Component, reads the text itself, and has its guidance. The
// comparison is diffusers' (0.42.1, pipeline_wan.py); what it cannot say is refused: guidance 1 with another
// guidance_2, which would not guide there at all.

#include "drf/models/denoiser.h"

namespace drf::wan {

/// Reads all parts, strictly. Throws Error(kInput) for other pipelines and variants (image conditioning,
/// residual VAE), for parts that do not fit each other, for a transformer that is null, and for a boundary
/// without transformer_2 or the other way round; Error(kConfig) for a second guidance where there is one
/// transformer, and beside guidance 1.
models::Generator open_pipeline(const std::filesystem::path& folder, const models::ModelOptions& options);

}  // namespace drf::wan
