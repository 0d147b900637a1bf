#pragma once
// Loops over numbers on all of libtorch's threads.

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>

#ifndef _OPENMP
#error "at::parallel_for is compiled into every file, and without OpenMP it runs on one thread"
#endif

namespace drf::ops {

/// Items of `size` numbers each that a thread should have at least: less is not worth waking another one.
inline int64_t grain_of(int64_t size) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(size, 1)); }

/// run(first number, number of rows) so that all rows of x's last dimension are covered; not at all in a dry
/// run, where there are no numbers.
template <typename Run>
void over_rows(const at::Tensor& x, const Run& run) {
  if (x.is_meta()) return;
  const int64_t C = x.size(-1), rows = C == 0 ? 0 : x.numel() / C;
  at::parallel_for(0, rows, grain_of(C), [&](int64_t begin, int64_t end) { run(begin * C, end - begin); });
}

}  // namespace drf::ops
