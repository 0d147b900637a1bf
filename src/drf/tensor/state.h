#pragma once
// What lasts from one update to the next, as one walk: the same function writes it and reads it back. Whoever
// remembers something visits it in a state(StateVisitor&) of its own, and nobody lists what others remember.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace drf {

class StateVisitor {
 public:
  virtual ~StateVisitor() = default;
  /// Whether values are read (into what is visited) or written (from it).
  virtual bool reads() const = 0;
  /// The tensors that follow lie in STEM.safetensors.
  virtual void file(const std::string& stem) = 0;
  /// Required.
  virtual void operator()(const std::string& name, int64_t& value) = 0;
  /// Left out where it is `absent`; that is what is read where it is not there.
  virtual void operator()(const std::string& name, int64_t& value, int64_t absent) = 0;
  /// Left out where they are empty.
  virtual void operator()(const std::string& name, std::string& text) = 0;
  virtual void operator()(const std::string& name, std::vector<double>& values) = 0;
  /// Filled in place with the same bits, once all that is read is known to fit; written without being copied.
  virtual void operator()(const std::string& name, at::Tensor& fixed) = 0;
  /// NAME.0, NAME.1, ...; as many as there are, of any size, on the CPU: the owner checks. Without any the
  /// file may be missing.
  virtual void operator()(const std::string& name, std::vector<at::Tensor>& list) = 0;
  /// While reading: throws Error(kInput) that names the file, `name` and `problem`.
  [[noreturn]] virtual void reject(const std::string& name, const std::string& problem) = 0;
};

}  // namespace drf
