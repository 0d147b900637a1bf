#pragma once
// A WanFieldPipeline folder: a Wan transformer that draws fields of an equation instead of clips.
//   model_index.json   {"_class_name": "WanFieldPipeline", ...}
//   transformer/       a WanTransformer3DModel; its channels are the fields', its text one row of zeros
//   scheduler/         as any pipeline's
//   fields.json        what the channels mean (models/fields/field_config.h)
// There is no VAE, tokenizer or text encoder: latents are what is wanted, and the decoder is null.
// tools/fields/train.py writes such folders.

#include "drf/models/denoiser.h"

namespace drf::wan {

/// Reads all parts, strictly. Throws Error(kInput) for another pipeline, for parts that do not fit each
/// other, and as fields::FieldConfig::read(). The denoiser takes one prompt alone, the empty one, and one
/// frame; a field's height and width are in points.
models::Generator open_field_pipeline(const std::filesystem::path& folder,
                                      const models::ModelOptions& options);

}  // namespace drf::wan
