#pragma once
// The matrix product inside the CPU convolutions: a sum of products whose left sides lie in different places
// (frames, transformed planes), the right sides packed once.

#include <cstdint>
#include <vector>

namespace drf::ops {

/// How N columns are cut for this machine's registers: panels of 1 to 3 vectors, together `padded` columns.
struct Panels {
  int64_t padded = 0;
  std::vector<int64_t> widths;
};

Panels panels_for(int64_t N);

/// One summand: rows of C numbers, one after the other, and their right side.
struct Term {
  const float* rows;
  const float* packed;  ///< of pack_columns
};

/// Numbers that a packed right side takes: C * padded.
/// packed <- w [C, N], w[c * row_stride + n * column_stride], missing columns 0.
void pack_columns(const float* w, int64_t row_stride, int64_t column_stride, int64_t C, int64_t N,
                  const Panels& panels, float* packed);

/// y[m, n] = sum over terms and c of rows[m * C + c] * w[c, n], for m < M and n < padded; y has rows of
/// `padded`. Reads and writes whole blocks of rows: `rows` and y must have room for round_up_rows(M).
void sum_of_products(const Term* terms, int64_t num_terms, int64_t C, const Panels& panels, int64_t M,
                     float* y);

/// M plus the rows beyond that sum_of_products may touch.
inline int64_t round_up_rows(int64_t M) { return M + 15; }

}  // namespace drf::ops
