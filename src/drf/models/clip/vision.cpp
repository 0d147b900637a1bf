#include "drf/models/clip/vision.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"

namespace drf::clip {

VisionTower::VisionTower(const VisionConfig& c)
    : config_(c),
      pre_layrnorm_(c.tower.hidden_size, c.tower.eps),
      encoder_(c.tower),
      post_layernorm_(c.tower.hidden_size, c.tower.eps) {
  const int64_t D = c.tower.hidden_size;
  register_parameter("embeddings.class_embedding", class_embedding_, {D});
  register_parameter("embeddings.patch_embedding.weight", patch_embedding_,
                     {D, 3, c.patch_size, c.patch_size});
  register_parameter("embeddings.position_embedding.weight", position_embedding_,
                     {1 + c.grid() * c.grid(), D});
  register_module("pre_layrnorm", pre_layrnorm_);
  register_module("encoder", encoder_);
  register_module("post_layernorm", post_layernorm_);
}

at::Tensor VisionTower::forward(const at::Tensor& pixels_N3HW, const nn::BlockRunner& run) const {
  const int64_t side = config_.image_size, patch = config_.patch_size, grid = config_.grid();
  DRF_CHECK(pixels_N3HW.dim() == 4 && pixels_N3HW.size(1) == 3 && pixels_N3HW.size(2) == side &&
                pixels_N3HW.size(3) == side,
            "pixels ", pixels_N3HW.sizes(), " for images of ", side);
  const int64_t N = pixels_N3HW.size(0), seen = grid * patch;
  const at::Tensor patches = pixels_N3HW.to(patch_embedding_.scalar_type())
                                 .narrow(2, 0, seen)
                                 .narrow(3, 0, seen)
                                 .reshape({N, 3, grid, patch, grid, patch})
                                 .permute({0, 2, 4, 1, 3, 5})
                                 .reshape({N, grid * grid, 3 * patch * patch});
  const at::Tensor embedded = at::linear(patches, patch_embedding_.flatten(1));
  at::Tensor x_NLD = at::cat({class_embedding_.expand({N, 1, -1}), embedded}, 1) + position_embedding_;
  x_NLD = encoder_.forward(pre_layrnorm_.forward(x_NLD), /*causal=*/false, run);
  return post_layernorm_.forward(x_NLD.select(1, 0));
}

}  // namespace drf::clip
