#include "drf/tensor/dry_run.h"

#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <ATen/Parallel.h>
#include <ATen/native/Resize.h>
#include <c10/core/Allocator.h>
#include <torch/library.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf {
namespace {

thread_local DryRun* current_run = nullptr;

/// Gives no memory, and books as much of it as was asked for while a meter of this thread listens.
class BookingAllocator : public at::Allocator {
 public:
  at::DataPtr allocate(size_t bytes) override {
    Booking* booking = nullptr;
    if (bytes > 0 && c10::memoryProfilingEnabled()) {
      booking = new Booking{static_cast<int64_t>(bytes)};
      book(booking, booking->bytes);
    }
    return {nullptr, booking, &release, at::Device(at::kMeta)};
  }
  void copy_data(void*, const void*, size_t) const override {}
  at::DeleterFnPtr raw_deleter() const override { return nullptr; }

 private:
  struct Booking {
    int64_t bytes;
  };
  static void book(void* which, int64_t bytes) {
    c10::reportMemoryUsageToProfiler(which, bytes, 0, 0, at::Device(at::kMeta));
  }
  static void release(void* which) {
    auto* booking = static_cast<Booking*>(which);
    if (!booking) return;
    book(booking, -booking->bytes);
    delete booking;
  }
};

// The meta forms below give what the CPU's (and, in sizes, CUDA's) operators give, and take the memory that
// those take inside.

at::Scalar item(const at::Tensor& x) {
  if (x.scalar_type() == at::kBool) return false;
  if (at::isIntegralType(x.scalar_type(), false)) return 1;
  return 1.0;
}

at::Tensor index_select(const at::Tensor& x, int64_t dim, const at::Tensor& index) {
  auto sizes = x.sizes().vec();
  if (x.dim() > 0) sizes[at::maybe_wrap_dim(dim, x.dim())] = index.numel();
  return at::empty(sizes, x.options());
}

at::Tensor flipped(const at::Tensor& x, at::IntArrayRef) { return at::empty_like(x); }

at::Tensor one_of_all(const at::Tensor& x) { return at::empty({}, x.options()); }

at::Tensor& like(const at::Tensor& x, at::Tensor& out) {
  at::native::resize_output(out, x.sizes());
  return out;
}

at::Tensor& like_both(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
  at::native::resize_output(out, at::infer_size(a.sizes(), b.sizes()));
  return out;
}

at::Tensor where(const at::Tensor& condition, const at::Tensor& a, const at::Tensor& b) {
  return at::empty(at::infer_size(at::infer_size(condition.sizes(), a.sizes()), b.sizes()),
                   a.options().dtype(at::result_type(a, b)));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm(const at::Tensor& x, c10::SymIntArrayRef shape,
                                                          const std::optional<at::Tensor>&,
                                                          const std::optional<at::Tensor>&, double) {
  const at::Tensor dense = x.contiguous();
  auto sizes = x.sizes().vec();
  for (size_t i = 0; i < shape.size(); ++i) sizes[sizes.size() - 1 - i] = 1;
  return {at::empty(x.sizes(), x.options()), at::empty(sizes, x.options()), at::empty(sizes, x.options())};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_backward(const at::Tensor& grad,
                                                                   const at::Tensor& x, c10::SymIntArrayRef,
                                                                   const at::Tensor&, const at::Tensor&,
                                                                   const std::optional<at::Tensor>& weight,
                                                                   const std::optional<at::Tensor>& bias,
                                                                   std::array<bool, 3> wanted) {
  const at::Tensor dense_grad = grad.contiguous(), dense = x.contiguous();
  return {wanted[0] ? at::empty(x.sizes(), x.options()) : at::Tensor(),
          wanted[1] && weight ? at::empty_like(*weight) : at::Tensor(),
          wanted[2] && bias ? at::empty_like(*bias) : at::Tensor()};
}

/// The flash kernels' work space: a block of scores a thread.
at::Tensor score_blocks(const at::Tensor& q, const at::Tensor& k, int64_t numbers_a_score) {
  const int64_t tokens = q.size(2), rows = std::min<int64_t>(tokens, tokens >= 768   ? 256
                                                                     : tokens >= 192 ? 64
                                                                                     : 32);
  const int64_t columns = std::min<int64_t>(k.size(2), 512);
  const auto wide = q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return at::empty({at::get_num_threads(), rows * (numbers_a_score * columns + 2 + q.size(3))},
                   q.options().dtype(wide));
}

std::tuple<at::Tensor, at::Tensor> flash(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                         double, bool, const std::optional<at::Tensor>&,
                                         std::optional<double>) {
  const auto wide = q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const at::Tensor out = at::empty({q.size(0), q.size(2), q.size(1), v.size(3)}, q.options());
  const at::Tensor lse = at::empty({q.size(0), q.size(2), q.size(1)}, q.options().dtype(wide));
  const at::Tensor work = score_blocks(q, k, 1);
  return {out.transpose(1, 2), lse.transpose(1, 2)};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> flash_backward(const at::Tensor&, const at::Tensor& q,
                                                              const at::Tensor& k, const at::Tensor& v,
                                                              const at::Tensor&, const at::Tensor&, double,
                                                              bool, const std::optional<at::Tensor>&,
                                                              std::optional<double>) {
  const auto heads_last = [](const at::Tensor& x) {
    return at::empty({x.size(0), x.size(2), x.size(1), x.size(3)}, x.options()).transpose(1, 2);
  };
  const at::Tensor work = score_blocks(q, k, 2);
  return {heads_last(q), heads_last(k), heads_last(v)};
}

/// Where libtorch asks whether a fused kernel serves a device, it knows none for meta and would form the
/// whole matrix of scores. On the CPU, and on CUDA for what our models call it with, one does.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask, double, bool causal, std::optional<double> scale,
                     bool) {
  return std::get<0>(at::_scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, causal, mask, scale));
}

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>&,
                       c10::SymIntArrayRef stride, c10::SymIntArrayRef padding, c10::SymIntArrayRef dilation,
                       bool transposed, c10::SymIntArrayRef output_padding, c10::SymInt groups) {
  DRF_CHECK(groups == 1, "a convolution that no model here uses");
  const auto of = [](c10::SymIntArrayRef values, int64_t axis) {  // one value may stand for all axes
    return values[values.size() == 1 ? 0 : static_cast<size_t>(axis)].expect_int();
  };
  std::vector<int64_t> sizes{x.size(0), weight.size(transposed ? 1 : 0)};
  for (int64_t i = 2; i < x.dim(); ++i) {
    const int64_t reach = of(dilation, i - 2) * (weight.size(i) - 1) + 1;
    const int64_t step = of(stride, i - 2), pad = 2 * of(padding, i - 2);
    sizes.push_back(transposed ? (x.size(i) - 1) * step + reach - pad + of(output_padding, i - 2)
                               : (x.size(i) + pad - reach) / step + 1);
  }
  return at::empty(sizes, x.options(), x.suggest_memory_format());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(
    const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight, at::OptionalSymIntArrayRef,
    c10::SymIntArrayRef, c10::SymIntArrayRef, c10::SymIntArrayRef, bool, c10::SymIntArrayRef, c10::SymInt,
    std::array<bool, 3> wanted) {
  return {wanted[0] ? at::empty(x.sizes(), grad.options(), x.suggest_memory_format()) : at::Tensor(),
          wanted[1] ? at::empty_like(weight) : at::Tensor(),
          wanted[2] ? at::empty({weight.size(0)}, grad.options()) : at::Tensor()};
}

void register_meta_forms() {
  static BookingAllocator allocator;
  c10::SetAllocator(at::kMeta, &allocator, /*priority=*/1);
  static torch::Library forms(torch::Library::IMPL, "aten", c10::DispatchKey::Meta, __FILE__, __LINE__);
  forms.impl("_local_scalar_dense", item);
  forms.impl("index_select", index_select);
  forms.impl("flip", flipped);
  forms.impl("min", one_of_all);
  forms.impl("max", one_of_all);
  forms.impl("where.self", where);
  forms.impl("abs.out", like);
  forms.impl("logical_or.out", like_both);
  forms.impl("native_layer_norm", layer_norm);
  forms.impl("native_layer_norm_backward", layer_norm_backward);
  forms.impl("_scaled_dot_product_flash_attention_for_cpu", flash);
  forms.impl("_scaled_dot_product_flash_attention_for_cpu_backward", flash_backward);
  forms.impl("convolution", convolution);
  forms.impl("convolution_backward", convolution_backward);
  static torch::Library differentiable(torch::Library::IMPL, "aten", c10::DispatchKey::AutogradMeta, __FILE__,
                                       __LINE__);
  differentiable.impl("scaled_dot_product_attention", attention);
}

}  // namespace

DryRun::DryRun(at::DeviceType stands_for) : stands_for_(stands_for) {
  DRF_CHECK(current_run == nullptr, "a dry run inside another");
  [[maybe_unused]] static const bool registered = (register_meta_forms(), true);
  current_run = this;
}
DryRun::~DryRun() { current_run = nullptr; }
DryRun* DryRun::current() { return current_run; }

at::Tensor DryRun::load(const std::string& checkpoint, const std::vector<int64_t>& shape,
                        at::ScalarType stored, at::ScalarType dtype, bool aligned) {
  if (weights_.empty() || weights_.back().checkpoint != checkpoint) weights_.push_back({checkpoint});
  Weights& booked = weights_.back();
  const auto options = at::TensorOptions().device(at::kMeta).dtype(dtype);
  const bool shared = stands_for_ == at::kCPU && stored == dtype && aligned;
  // Shared: storage of no bytes at all, as from_blob on the mapping takes none.
  const at::Tensor tensor = shared ? at::from_blob(
                                         nullptr, shape, [](void*) {}, options, at::Device(at::kMeta))
                                   : at::empty(shape, options);
  const auto bytes = static_cast<int64_t>(tensor.nbytes());
  (shared ? booked.mapped : booked.allocated) += bytes;
  loaded_.push_back({tensor.storage().getWeakStorageImpl(), shared ? 0 : bytes, shared ? bytes : 0});
  return tensor;
}

at::Tensor DryRun::again(const at::Tensor& loaded) const {
  const auto* storage = loaded.storage().unsafeGetStorageImpl();
  const auto found = std::find_if(loaded_.begin(), loaded_.end(),
                                  [&](const Loaded& l) { return l.storage._unsafe_get_target() == storage; });
  DRF_CHECK(found != loaded_.end(), "bytes of a tensor that was not loaded");
  const auto options = loaded.options().requires_grad(false);
  return found->mapped > 0 ? at::from_blob(
                                 nullptr, loaded.sizes(), [](void*) {}, options, at::Device(at::kMeta))
                           : at::empty(loaded.sizes(), options);
}

DryRun::Weights DryRun::weights_alive() const {
  Weights alive;
  for (const Loaded& tensor : loaded_) {
    const auto storage = tensor.storage.lock();
    if (!storage || storage->nbytes() == 0) continue;
    alive.allocated += tensor.allocated;
    alive.mapped += tensor.mapped;
  }
  return alive;
}

bool stands_for_cpu(const at::Tensor& t) {
  return t.is_cpu() || (t.is_meta() && current_run && current_run->stands_for() == at::kCPU);
}

}  // namespace drf
