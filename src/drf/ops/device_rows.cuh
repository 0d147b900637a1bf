// CUDA source, compiled when a card first asks for it (device_program.h); device_rows.h says what the kernels
// compute. The tests compile it for the CPU as well, with warps of 32 threads (DRF_EMULATED).
//
// One warp a row, or one thread a packet of 16 bytes. Numbers are float between what is read and what is
// written, and nothing that lies between the operations of a formula is written.

typedef unsigned short u16;
typedef unsigned int u32;
typedef long long i64;

struct bf16 {
  u16 bits;
};
struct f16 {
  u16 bits;
};

__device__ __forceinline__ float wide(float v) { return v; }
__device__ __forceinline__ float wide(bf16 v) { return __uint_as_float(u32(v.bits) << 16); }
__device__ __forceinline__ void put(float& to, float v) { to = v; }
#ifndef DRF_EMULATED  // roundings are the card's own
__device__ __forceinline__ float wide(f16 v) {
  float r;
  asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(v.bits));
  return r;
}
__device__ __forceinline__ void put(bf16& to, float v) {
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to.bits) : "f"(v));
#else
  const u32 bits = __float_as_uint(v);
  to.bits = v != v ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
#endif
}
__device__ __forceinline__ void put(f16& to, float v) {
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(to.bits) : "f"(v));
}
#endif
template <class T>
__device__ __forceinline__ float rounded(float v) {
  T t;
  put(t, v);
  return wide(t);
}

template <class T>
struct alignas(16) Packet {
  enum { N = 16 / sizeof(T) };
  T v[N];
};
template <class T>
__device__ __forceinline__ Packet<T> load(const T* p) {
  return *reinterpret_cast<const Packet<T>*>(p);
}
template <class T>
__device__ __forceinline__ void store(T* p, const Packet<T>& packet) {
  *reinterpret_cast<Packet<T>*>(p) = packet;
}

__device__ __forceinline__ float over_warp(float v) {
  for (int o = 16; o > 0; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
  return v;
}

// This warp's row, or one past the last; and sums over it of a function of (value, place).
__device__ __forceinline__ i64 my_row() { return i64(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32; }
__device__ __forceinline__ int my_lane() { return threadIdx.x % 32; }
template <class T, class F>
__device__ __forceinline__ void each_packet(const T* x, int C, F f) {
  for (int c = my_lane() * Packet<T>::N; c < C; c += 32 * Packet<T>::N) f(load(x + c), c);
}

struct Moments {
  float mean, inverse;
};
template <class T>
__device__ __forceinline__ Moments moments(const T* x, int C, float eps) {
  float sum = 0, squares = 0;
  each_packet(x, C, [&](const Packet<T>& p, int) {
    for (int i = 0; i < p.N; ++i) sum += wide(p.v[i]);
  });
  const float mean = over_warp(sum) / C;
  each_packet(x, C, [&](const Packet<T>& p, int) {
    for (int i = 0; i < p.N; ++i) squares += (wide(p.v[i]) - mean) * (wide(p.v[i]) - mean);
  });
  return {mean, 1 / sqrtf(over_warp(squares) / C + eps)};
}

// y = (x - mean) / deviation * gamma + beta; row r has the gamma and beta of group r / rows_a_group.
template <class T>
__device__ void layer_norm(const T* x, const float* gamma, const float* beta, T* y, i64 rows,
                           i64 rows_a_group, int C, float eps) {
  const i64 row = my_row();
  if (row >= rows) return;
  x += row * C, y += row * C, gamma += row / rows_a_group * C, beta += row / rows_a_group * C;
  const Moments m = moments(x, C, eps);
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    Packet<T> out;
    for (int i = 0; i < p.N; ++i)
      put(out.v[i], (wide(p.v[i]) - m.mean) * m.inverse * gamma[c + i] + beta[c + i]);
    store(y + c, out);
  });
}

// With u = (x - mean) / deviation and w = gamma g:  dx = (w - mean(w) - u mean(w u)) / deviation.
template <class T>
__device__ void layer_norm_back(const T* x, const float* gamma, const T* g, T* dx, i64 rows, i64 rows_a_group,
                                int C, float eps) {
  const i64 row = my_row();
  if (row >= rows) return;
  x += row * C, g += row * C, dx += row * C, gamma += row / rows_a_group * C;
  const Moments m = moments(x, C, eps);
  float sum = 0, along = 0;
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    const Packet<T> q = load(g + c);
    for (int i = 0; i < p.N; ++i) {
      const float w = gamma[c + i] * wide(q.v[i]);
      sum += w, along += w * (wide(p.v[i]) - m.mean);
    }
  });
  sum = over_warp(sum) / C, along = over_warp(along) * m.inverse / C;
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    const Packet<T> q = load(g + c);
    Packet<T> out;
    for (int i = 0; i < p.N; ++i) {
      const float u = (wide(p.v[i]) - m.mean) * m.inverse;
      put(out.v[i], (gamma[c + i] * wide(q.v[i]) - sum - u * along) * m.inverse);
    }
    store(dx + c, out);
  });
}

template <class T>
__device__ __forceinline__ float inverse_rms(const T* x, int C, float eps) {
  float squares = 0;
  each_packet(x, C, [&](const Packet<T>& p, int) {
    for (int i = 0; i < p.N; ++i) squares += wide(p.v[i]) * wide(p.v[i]);
  });
  return 1 / sqrtf(over_warp(squares) / C + eps);
}

// y = weight (x r rounded), r = 1 / sqrt(mean(x^2) + eps).
template <class T>
__device__ void rms_norm(const T* x, const T* weight, T* y, i64 rows, int C, float eps) {
  const i64 row = my_row();
  if (row >= rows) return;
  x += row * C, y += row * C;
  const float r = inverse_rms(x, C, eps);
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    const Packet<T> w = load(weight + c);
    Packet<T> out;
    for (int i = 0; i < p.N; ++i) put(out.v[i], wide(w.v[i]) * rounded<T>(wide(p.v[i]) * r));
    store(y + c, out);
  });
}

// dx = r (w g - x r^2 mean(x w g)).
template <class T>
__device__ void rms_norm_back(const T* x, const T* weight, const T* g, T* dx, i64 rows, int C, float eps) {
  const i64 row = my_row();
  if (row >= rows) return;
  x += row * C, g += row * C, dx += row * C;
  const float r = inverse_rms(x, C, eps);
  float along = 0;
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    const Packet<T> w = load(weight + c), q = load(g + c);
    for (int i = 0; i < p.N; ++i) along += wide(p.v[i]) * wide(w.v[i]) * wide(q.v[i]);
  });
  along = over_warp(along) / C * r * r;
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    const Packet<T> w = load(weight + c), q = load(g + c);
    Packet<T> out;
    for (int i = 0; i < p.N; ++i) put(out.v[i], r * (wide(w.v[i]) * wide(q.v[i]) - wide(p.v[i]) * along));
    store(dx + c, out);
  });
}

// Not fmaxf, which makes a number of NaN.
__device__ __forceinline__ float at_least(float v, float floor) { return v < floor ? floor : v; }

// u = gamma x sqrt(C) / n with n = max(|x|, floor), y = u / (1 + exp(-u)).
template <class T>
__device__ void rms_silu(const T* x, const float* gamma, T* y, i64 rows, int C, float floor) {
  const i64 row = my_row();
  if (row >= rows) return;
  x += row * C, y += row * C;
  float squares = 0;
  each_packet(x, C, [&](const Packet<T>& p, int) {
    for (int i = 0; i < p.N; ++i) squares += wide(p.v[i]) * wide(p.v[i]);
  });
  const float factor = sqrtf(float(C)) / at_least(sqrtf(over_warp(squares)), floor);
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    Packet<T> out;
    for (int i = 0; i < p.N; ++i) {
      const float u = wide(p.v[i]) * factor * gamma[c + i];
      put(out.v[i], u / (1 + expf(-u)));
    }
    store(y + c, out);
  });
}

// dv = gamma silu'(u) g, dx = sqrt(C) / n (dv - x (x . dv) / n^2); at the floor n is a constant.
template <class T>
__device__ void rms_silu_back(const T* x, const float* gamma, const T* g, T* dx, i64 rows, int C,
                              float floor) {
  const i64 row = my_row();
  if (row >= rows) return;
  x += row * C, g += row * C, dx += row * C;
  float squares = 0;
  each_packet(x, C, [&](const Packet<T>& p, int) {
    for (int i = 0; i < p.N; ++i) squares += wide(p.v[i]) * wide(p.v[i]);
  });
  const float norm = sqrtf(over_warp(squares)), n = at_least(norm, floor), factor = sqrtf(float(C)) / n;
  const auto slope = [&](float value, float scale, float grad) {
    const float u = value * factor * scale, s = 1 / (1 + expf(-u));
    return scale * grad * s * (1 + u * (1 - s));
  };
  float dot = 0;
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    const Packet<T> q = load(g + c);
    for (int i = 0; i < p.N; ++i) dot += wide(p.v[i]) * slope(wide(p.v[i]), gamma[c + i], wide(q.v[i]));
  });
  dot = over_warp(dot);
  const float along = norm > floor ? dot / (n * n) : 0;
  each_packet(x, C, [&](const Packet<T>& p, int c) {
    const Packet<T> q = load(g + c);
    Packet<T> out;
    for (int i = 0; i < p.N; ++i) {
      const float v = wide(p.v[i]);
      put(out.v[i], factor * (slope(v, gamma[c + i], wide(q.v[i])) - v * along));
    }
    store(dx + c, out);
  });
}

// Packets of a tensor of `count` numbers, one a thread.
template <class T>
__device__ __forceinline__ i64 my_place() {
  return (i64(blockIdx.x) * blockDim.x + threadIdx.x) * Packet<T>::N;
}

// y = x + a gate, the gate of group row / rows_a_group. Without x (null): y = a gate.
template <class T>
__device__ void gated(const T* x, const T* a, const float* gate, T* y, i64 count, i64 rows_a_group, int C) {
  const i64 at = my_place<T>();
  if (at >= count) return;
  gate += at / C / rows_a_group * C + at % C;
  const Packet<T> p = load(a + at);
  Packet<T> q, out;
  if (x) q = load(x + at);
  for (int i = 0; i < p.N; ++i) put(out.v[i], wide(p.v[i]) * gate[i] + (x ? wide(q.v[i]) : 0.0f));
  store(y + at, out);
}

// Heads of width E, pairs side by side: (a, b) -> (a c - b s, a s + b c), (c, s) of the token's pair; s times
// `direction`.
template <class T>
__device__ void rotate_pairs(const T* x, const float* table, T* y, i64 count, i64 tokens, int heads, int E,
                             float direction) {
  const i64 at = my_place<T>();
  if (at >= count) return;
  const i64 token = at / E / heads % tokens;
  table += token * E + at % E;
  const Packet<T> p = load(x + at);
  Packet<T> out;
  for (int i = 0; i < p.N; i += 2) {
    const float a = wide(p.v[i]), b = wide(p.v[i + 1]), c = table[i], s = direction * table[i + 1];
    put(out.v[i], a * c - b * s);
    put(out.v[i + 1], a * s + b * c);
  }
  store(y + at, out);
}

// A kernel of rows with one row of weights of type W for all, and its backward.
#define EXPORT_ROWS(kernel, W, T)                                                                        \
  extern "C" __global__ void kernel##_##T(const T* x, const W* weight, T* y, i64 rows, int C,            \
                                          float number) {                                                \
    kernel(x, weight, y, rows, C, number);                                                               \
  }                                                                                                      \
  extern "C" __global__ void kernel##_back_##T(const T* x, const W* weight, const T* g, T* dx, i64 rows, \
                                               int C, float number) {                                    \
    kernel##_back(x, weight, g, dx, rows, C, number);                                                    \
  }
#define EXPORT(T)                                                                                          \
  extern "C" __global__ void layer_norm_##T(const T* x, const float* gamma, const float* beta, T* y,       \
                                            i64 rows, i64 group, int C, float eps) {                       \
    layer_norm(x, gamma, beta, y, rows, group, C, eps);                                                    \
  }                                                                                                        \
  extern "C" __global__ void layer_norm_back_##T(const T* x, const float* gamma, const T* g, T* dx,        \
                                                 i64 rows, i64 group, int C, float eps) {                  \
    layer_norm_back(x, gamma, g, dx, rows, group, C, eps);                                                 \
  }                                                                                                        \
  EXPORT_ROWS(rms_norm, T, T)                                                                              \
  EXPORT_ROWS(rms_silu, float, T)                                                                          \
  extern "C" __global__ void gated_##T(const T* x, const T* a, const float* gate, T* y, i64 count,         \
                                       i64 group, int C) {                                                 \
    gated(x, a, gate, y, count, group, C);                                                                 \
  }                                                                                                        \
  extern "C" __global__ void rotate_pairs_##T(const T* x, const float* table, T* y, i64 count, i64 tokens, \
                                              int heads, int E, float direction) {                         \
    rotate_pairs(x, table, y, count, tokens, heads, E, direction);                                         \
  }
EXPORT(float)
EXPORT(bf16)
EXPORT(f16)
