#pragma once
// Minimal filtering (Winograd 1980; Lavin and Gray, arXiv 1509.09308) in front of and behind the matrix
// products of a 3 x 3 convolution, on plain memory. An image is [H, W, C]; its cells are numbered row by row,
// `width` a row. Plane p of a cell lies at planes[p * plane_stride + cell * C].

#include <cstdint>

namespace drf::ops {

/// A frame and what is outside of it: C zeros.
struct Image {
  const float* pixels;
  const float* zeros;
  int64_t H, W, C;
};

/// Where the results of cells go: 2 x 2 pixels of [H, W, C] a cell, those outside of it left out. bias and
/// add (an image like y, added to it) may be null.
struct Target {
  float* pixels;
  const float* bias;
  const float* add;
  const float* zeros;  ///< C of them
  float* nowhere;      ///< room for C numbers
  int64_t H, W, C;
};

/// The cells [first, first + count) of a walk over an image.
struct Cells {
  int64_t first, count, width;
};

/// F(2 x 2, 3 x 3): 16 planes from the 4 x 4 pixels around each cell of 2 x 2.
void planes_of_tiles(const Image& image, const Cells& cells, float* planes, int64_t plane_stride);
/// Its 16 summed planes (rows of `row` numbers) to 2 x 2 pixels.
void tiles_of_planes(const float* planes, int64_t plane_stride, int64_t row, const Cells& cells,
                     const Target& target);

/// A 3 x 3 convolution of the image enlarged twice by nearest neighbour: a cell is a pixel of the small
/// image, and 9 planes suffice, since of the enlarged one's 4 x 4 pixels the middle ones are equal.
void planes_of_pixels(const Image& image, const Cells& cells, float* planes, int64_t plane_stride);
void doubled_pixels_of_planes(const float* planes, int64_t plane_stride, int64_t row, const Cells& cells,
                              const Target& target);
/// The adjoint of both: 9 planes from the 4 x 4 pixels of the enlarged image around each small one; their
/// products with the transposed weights, summed, are the small image's gradient.
void planes_of_doubled_pixels(const Image& image, const Cells& cells, float* planes, int64_t plane_stride);
/// One plane whose cells are the target's pixels.
void pixels_of_plane(const float* plane, int64_t plane_stride, int64_t row, const Cells& cells,
                     const Target& target);

}  // namespace drf::ops
