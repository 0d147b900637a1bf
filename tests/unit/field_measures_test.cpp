// Spread, spectrum and the error against the solution equal numpy's (tools/fields/measures.py).
#include "drf/rewards/field_measures.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::rewards {
namespace {

using testing::close;
using testing::error_of;
using testing::Golden;
using testing::says;

TEST(FieldMeasures, EqualTheReference) {
  const Golden golden("fields.safetensors");
  const FieldStatistics generated = field_statistics(golden["measure.generated"]),
                        data = field_statistics(golden["measure.data"]);
  EXPECT_TRUE(close(at::tensor(generated.variance, at::kDouble), golden["measure.variance"], 1e-13));
  ASSERT_EQ(generated.power.size(), 2u);
  for (int64_t c = 0; c < 2; ++c) {
    EXPECT_TRUE(testing::close_relative(at::tensor(generated.power[static_cast<size_t>(c)], at::kDouble),
                                        golden["measure.power"][c], 1e-12));
  }
  const FieldComparison comparison = compare(generated, data);
  EXPECT_TRUE(close(at::tensor(comparison.spread, at::kDouble), golden["measure.spread"], 1e-12));
  EXPECT_TRUE(close(at::tensor(comparison.spectrum, at::kDouble), golden["measure.spectrum"], 1e-12));
  EXPECT_NEAR(solve_error(fields::Equation::kHelmholtz, golden["solve.fields"]),
              golden["solve.error"].item<double>(), 1e-12);
}

TEST(FieldMeasures, DataAgainstItselfIsRightAndHalfOfAChannelShows) {
  const at::Tensor q = Golden("fields.safetensors")["measure.data"];
  const FieldStatistics data = field_statistics(q);
  const FieldComparison same = compare(data, data);
  at::Tensor halved = q.clone();
  halved.select(1, 1).mul_(0.5);
  const FieldComparison half = compare(field_statistics(halved), data);
  for (const size_t c : {0, 1}) {
    EXPECT_DOUBLE_EQ(same.spread[c], 1);
    EXPECT_DOUBLE_EQ(same.spectrum[c], 0);
  }
  EXPECT_DOUBLE_EQ(half.spread[0], 1);
  EXPECT_NEAR(half.spread[1], 0.5, 1e-12);
  EXPECT_NEAR(half.spectrum[1], 2 * std::log10(2.0), 1e-12);
}

// A wave of k half periods along one axis lies on ring k alone.
TEST(FieldMeasures, AWaveLiesOnItsRing) {
  const int64_t H = 6, W = 9;
  const at::Tensor wave =
      at::cos(M_PI * 4 * (at::arange(W, at::kDouble) + 0.5) / static_cast<double>(W)).expand({H, W});
  const FieldStatistics s = field_statistics(at::stack({wave, -wave}).unsqueeze(1));
  ASSERT_EQ(s.power[0].size(), 5u);
  for (size_t ring = 1; ring <= 5; ++ring) {
    if (ring == 4) {
      EXPECT_GT(s.power[0][ring - 1], 0.1);
    } else {
      EXPECT_LT(s.power[0][ring - 1], 1e-25);
    }
  }
}

TEST(FieldMeasures, DataOfAnotherSizeAreRefused) {
  const FieldStatistics small = field_statistics(at::randn({2, 2, 4, 4})),
                        large = field_statistics(at::randn({2, 2, 8, 8})),
                        one = field_statistics(at::randn({2, 1, 4, 4}));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { compare(small, large); }), "4 points"));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { compare(small, one); }), "channels"));
}

}  // namespace
}  // namespace drf::rewards
