// Compiled with -O3 -fopenmp-simd -fno-trapping-math -fno-math-errno (no option that changes values); on x86
// once for each generation of vector units, chosen when the program starts.
#include "drf/ops/plane_transforms.h"

#include "drf/ops/vector_rows.h"

namespace drf::ops {
namespace {

/// N x N pixels whose first is (top, left).
template <int N>
[[gnu::always_inline]] inline void patch_at(const Image& image, int64_t top, int64_t left,
                                            const float** patch) {
  for (int64_t i = 0; i < N; ++i) {
    for (int64_t j = 0; j < N; ++j) {
      const int64_t h = top + i, w = left + j;
      const bool inside = h >= 0 && h < image.H && w >= 0 && w < image.W;
      patch[i * N + j] = inside ? image.pixels + (h * image.W + w) * image.C : image.zeros;
    }
  }
}

// Eight channels at a time, written out: loops over small arrays inside a loop over channels are not
// vectorised across channels.

struct Tiles {
  static constexpr int kPatch = 4, kPlanes = 4;
  static int64_t corner(int64_t cell) { return 2 * cell - 1; }
  template <typename T>
  [[gnu::always_inline]] static void apply(const T* d, T* v) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }
};

struct Pixels {
  static constexpr int kPatch = 3, kPlanes = 3;
  static int64_t corner(int64_t cell) { return cell - 1; }
  template <typename T>
  [[gnu::always_inline]] static void apply(const T* d, T* v) {
    v[0] = d[0] - d[1];
    v[1] = d[1];
    v[2] = d[2] - d[1];
  }
};

struct DoubledPixels {
  static constexpr int kPatch = 4, kPlanes = 3;
  static int64_t corner(int64_t cell) { return 2 * cell - 1; }
  template <typename T>
  [[gnu::always_inline]] static void apply(const T* d, T* v) {
    v[0] = d[3] - d[1];
    v[1] = d[1] + d[2];
    v[2] = d[0] - d[2];
  }
};

/// Transform along columns, then rows, of the channels of T at c.
template <typename Transform, typename T>
[[gnu::always_inline]] inline void input_channels(const float* const* patch, int64_t c, float* planes,
                                                  int64_t plane_stride) {
  constexpr int N = Transform::kPatch, P = Transform::kPlanes;
  T half[P][N];
#pragma GCC unroll 4
  for (int j = 0; j < N; ++j) {
    T d[N], v[P];
#pragma GCC unroll 4
    for (int i = 0; i < N; ++i) load(patch[i * N + j] + c, d[i]);
    Transform::apply(d, v);
#pragma GCC unroll 4
    for (int i = 0; i < P; ++i) half[i][j] = v[i];
  }
#pragma GCC unroll 4
  for (int i = 0; i < P; ++i) {
    T v[P];
    Transform::apply(half[i], v);
#pragma GCC unroll 4
    for (int j = 0; j < P; ++j) store(planes + (i * P + j) * plane_stride + c, v[j]);
  }
}

template <typename Transform>
[[gnu::always_inline]] inline void input_planes(const Image& image, const Cells& cells, float* planes,
                                                int64_t plane_stride) {
  constexpr int N = Transform::kPatch;
  const int64_t C = image.C;
  for (int64_t cell = 0; cell < cells.count; ++cell, planes += C) {
    const int64_t row = (cells.first + cell) / cells.width, column = (cells.first + cell) % cells.width;
    const float* patch[N * N];
    patch_at<N>(image, Transform::corner(row), Transform::corner(column), patch);
    int64_t c = 0;
    for (; c + kEight <= C; c += kEight) input_channels<Transform, Eight>(patch, c, planes, plane_stride);
    for (; c < C; ++c) input_channels<Transform, float>(patch, c, planes, plane_stride);
  }
}

struct FromTiles {
  static constexpr int kPlanes = 4;
  template <typename T>
  [[gnu::always_inline]] static void apply(const T* m, T* y) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
  }
};

struct FromPixels {
  static constexpr int kPlanes = 3;
  template <typename T>
  [[gnu::always_inline]] static void apply(const T* m, T* y) {
    y[0] = m[0] + m[1];
    y[1] = m[1] + m[2];
  }
};

/// The 2 x 2 pixels of a cell. Those outside of the image point at `nowhere`.
struct Pixels2x2 {
  float* y[4];
  const float* add[4];
};

template <typename Transform, typename T>
[[gnu::always_inline]] inline void output_channels(const float* planes, int64_t plane_stride, int64_t c,
                                                   const float* bias, const Pixels2x2& pixels) {
  constexpr int P = Transform::kPlanes;
  T half[2][P];
#pragma GCC unroll 4
  for (int j = 0; j < P; ++j) {
    T m[P], v[2];
#pragma GCC unroll 4
    for (int i = 0; i < P; ++i) load(planes + (i * P + j) * plane_stride + c, m[i]);
    Transform::apply(m, v);
    half[0][j] = v[0];
    half[1][j] = v[1];
  }
  T b;
  load(bias + c, b);
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    T v[2], add[2];
    Transform::apply(half[i], v);
    load(pixels.add[2 * i] + c, add[0]);
    load(pixels.add[2 * i + 1] + c, add[1]);
    store<T>(pixels.y[2 * i] + c, v[0] + b + add[0]);
    store<T>(pixels.y[2 * i + 1] + c, v[1] + b + add[1]);
  }
}

template <typename Transform>
[[gnu::always_inline]] inline void output_pixels(const float* planes, int64_t plane_stride, int64_t row_size,
                                                 const Cells& cells, const Target& target) {
  const int64_t C = target.C;
  const float* bias = target.bias ? target.bias : target.zeros;
  for (int64_t cell = 0; cell < cells.count; ++cell, planes += row_size) {
    const int64_t top = (cells.first + cell) / cells.width * 2, left = (cells.first + cell) % cells.width * 2;
    Pixels2x2 pixels;
    for (int k = 0; k < 4; ++k) {
      const int64_t h = top + k / 2, w = left + k % 2, offset = (h * target.W + w) * C;
      const bool inside = h < target.H && w < target.W;
      pixels.y[k] = inside ? target.pixels + offset : target.nowhere;
      pixels.add[k] = inside && target.add ? target.add + offset : target.zeros;
    }
    int64_t c = 0;
    for (; c + kEight <= C; c += kEight) {
      output_channels<Transform, Eight>(planes, plane_stride, c, bias, pixels);
    }
    for (; c < C; ++c) output_channels<Transform, float>(planes, plane_stride, c, bias, pixels);
  }
}

}  // namespace

DRF_EVERY_VECTOR_UNIT void planes_of_tiles(const Image& image, const Cells& cells, float* planes,
                                           int64_t plane_stride) {
  input_planes<Tiles>(image, cells, planes, plane_stride);
}
DRF_EVERY_VECTOR_UNIT void planes_of_pixels(const Image& image, const Cells& cells, float* planes,
                                            int64_t plane_stride) {
  input_planes<Pixels>(image, cells, planes, plane_stride);
}
DRF_EVERY_VECTOR_UNIT void planes_of_doubled_pixels(const Image& image, const Cells& cells, float* planes,
                                                    int64_t plane_stride) {
  input_planes<DoubledPixels>(image, cells, planes, plane_stride);
}
DRF_EVERY_VECTOR_UNIT void tiles_of_planes(const float* planes, int64_t plane_stride, int64_t row,
                                           const Cells& cells, const Target& target) {
  output_pixels<FromTiles>(planes, plane_stride, row, cells, target);
}
DRF_EVERY_VECTOR_UNIT void doubled_pixels_of_planes(const float* planes, int64_t plane_stride, int64_t row,
                                                    const Cells& cells, const Target& target) {
  output_pixels<FromPixels>(planes, plane_stride, row, cells, target);
}

DRF_EVERY_VECTOR_UNIT void pixels_of_plane(const float* plane, int64_t, int64_t row, const Cells& cells,
                                           const Target& target) {
  const int64_t C = target.C;
  for (int64_t cell = cells.first; cell < cells.first + cells.count; ++cell, plane += row) {
    const float* bias = target.bias ? target.bias : target.zeros;
    const float* add = target.add ? target.add + cell * C : target.zeros;
    float* y = target.pixels + cell * C;
#pragma omp simd
    for (int64_t c = 0; c < C; ++c) y[c] = plane[c] + bias[c] + add[c];
  }
}

}  // namespace drf::ops
