#include <ATen/ATen.h>

#include <vector>

#include "drf/base/error.h"
#include "drf/ops/device_program.h"
#include "drf/ops/device_rows.h"
#include "drf/tensor/dry_run.h"

namespace drf::ops {
namespace {

constexpr int kThreads = 256, kRowsABlock = kThreads / 32;

DeviceProgram& program() {
  static DeviceProgram rows("rows", kDeviceRowsSource);
  return rows;
}

std::string named(const char* kernel, const at::Tensor& x) {
  const char* type = x.scalar_type() == at::kFloat ? "float" : x.scalar_type() == at::kHalf ? "f16" : "bf16";
  return concat(kernel, "_", type);
}

int64_t packet(const at::Tensor& x) { return 16 / static_cast<int64_t>(x.element_size()); }

/// What a kernel is told of x [..., C].
struct Rows {
  explicit Rows(const at::Tensor& x)
      : C(static_cast<int>(x.size(-1))), rows(x.numel() / std::max<int64_t>(x.size(-1), 1)) {}
  int64_t of(const at::Tensor& groups) const { return rows / (groups.numel() / C); }
  int64_t blocks() const { return (rows + kRowsABlock - 1) / kRowsABlock; }
  int C;
  int64_t rows;
};

int64_t packet_blocks(const at::Tensor& x) { return (x.numel() / packet(x) + kThreads - 1) / kThreads; }

void launch(const char* kernel, const at::Tensor& x, int64_t blocks, at::ArrayRef<const void*> args) {
  if (x.is_meta()) return;
  program().launch(x.device(), named(kernel, x), blocks, kThreads, args);
}

const void* pointer(const at::Tensor& t) { return t.is_meta() ? nullptr : t.const_data_ptr(); }

/// A norm's kernel on x, which has one row of weights for all rows or for each group of them. It is told x,
/// `more` (weights first), what it writes, the rows, of groups how many a group has, C and a number.
enum class Weights { kOfAll, kOfGroups };
at::Tensor over_rows(const char* kernel, const at::Tensor& x, const std::vector<at::Tensor>& more,
                     Weights weights, double number) {
  at::Tensor y = at::empty_like(x);
  const Rows r(x);
  const int64_t group = weights == Weights::kOfGroups ? r.of(more[0]) : 0;
  const auto narrow = static_cast<float>(number);
  std::vector<const void*> pointers = {pointer(x)}, args;
  for (const at::Tensor& t : more) pointers.push_back(pointer(t));
  pointers.push_back(pointer(y));
  for (const void*& p : pointers) args.push_back(&p);
  args.push_back(&r.rows);
  if (weights == Weights::kOfGroups) args.push_back(&group);
  args.insert(args.end(), {&r.C, &narrow});
  launch(kernel, x, r.blocks(), args);
  return y;
}

}  // namespace

bool is_aligned(const at::Tensor& t) {
  return t.is_meta() || reinterpret_cast<uintptr_t>(t.const_data_ptr()) % 16 == 0;
}

at::Tensor for_device_rows(const at::Tensor& grad) {
  const at::Tensor dense = grad.contiguous();
  return is_aligned(dense) ? dense : dense.clone();
}

bool has_device_rows(const at::Tensor& x) {
  const auto dtype = x.scalar_type();
  if (dtype != at::kFloat && dtype != at::kBFloat16 && dtype != at::kHalf) return false;
  if (x.dim() == 0 || x.size(-1) % packet(x) != 0 || x.size(-1) > (1 << 24) || !x.is_contiguous())
    return false;
  // A dry run plans for the card that is here, if there is one.
  if (x.is_meta())
    return DryRun::current() && !stands_for_cpu(x) &&
           (!at::globalContext().hasCUDA() || program().runs_on(at::Device(at::kCUDA, 0)));
  return x.is_cuda() && is_aligned(x) && program().runs_on(x.device());
}

bool fits_rows(const at::Tensor& weights, const at::Tensor& x, bool same_type) {
  return weights.device() == x.device() && weights.is_contiguous() && weights.size(-1) == x.size(-1) &&
         weights.scalar_type() == (same_type ? x.scalar_type() : at::kFloat) && is_aligned(weights);
}

at::Tensor device_layer_norm(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                             double eps) {
  return over_rows("layer_norm", x, {gamma, beta}, Weights::kOfGroups, eps);
}

at::Tensor device_layer_norm_backward(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& grad,
                                      double eps) {
  return over_rows("layer_norm_back", x, {gamma, grad}, Weights::kOfGroups, eps);
}

at::Tensor device_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return over_rows("rms_norm", x, {weight}, Weights::kOfAll, eps);
}

at::Tensor device_rms_norm_backward(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& grad,
                                    double eps) {
  return over_rows("rms_norm_back", x, {weight, grad}, Weights::kOfAll, eps);
}

at::Tensor device_rms_silu(const at::Tensor& x, const at::Tensor& gamma, double floor) {
  return over_rows("rms_silu", x, {gamma}, Weights::kOfAll, floor);
}

at::Tensor device_rms_silu_backward(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& grad,
                                    double floor) {
  return over_rows("rms_silu_back", x, {gamma, grad}, Weights::kOfAll, floor);
}

at::Tensor device_gated(const at::Tensor& x, const at::Tensor& a, const at::Tensor& gate) {
  at::Tensor y = at::empty_like(a);
  const Rows r(a);
  const int64_t group = r.of(gate), count = a.numel();
  const void *px = x.defined() ? pointer(x) : nullptr, *pa = pointer(a), *pg = pointer(gate),
             *py = pointer(y);
  launch("gated", a, packet_blocks(a), {&px, &pa, &pg, &py, &count, &group, &r.C});
  return y;
}

at::Tensor device_rotate_pairs(const at::Tensor& x, const at::Tensor& table, bool back) {
  at::Tensor y = at::empty_like(x);
  const int64_t count = x.numel(), tokens = x.size(1);
  const int heads = static_cast<int>(x.size(2)), E = static_cast<int>(x.size(3));
  const float direction = back ? -1.0f : 1.0f;
  const void *px = pointer(x), *pt = pointer(table), *py = pointer(y);
  launch("rotate_pairs", x, packet_blocks(x), {&px, &pt, &py, &count, &tokens, &heads, &E, &direction});
  return y;
}

}  // namespace drf::ops
