#pragma once
// The one exception of the program. Whatever a user, a file or the machine can cause is thrown as an Error
// with a kind; the kind decides the exit code (docs/cli.md). DRF_CHECK is for our own bugs only.

#include <filesystem>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace drf {

enum class ErrorKind {
  kBug,        ///< exit code 1: a defect of drf itself
  kConfig,     ///< exit code 2: command line or configuration
  kInput,      ///< exit code 3: checkpoint, prompt, question, video or tensor file
  kNumerics,   ///< exit code 4: non-finite values, an alarm that stops the run
  kResources,  ///< exit code 5: memory, disk, permissions
};

/// The process exit code that stands for `kind`.
int exit_code(ErrorKind kind);

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

namespace detail {
inline void print(std::ostream& out, const std::filesystem::path& path) { out << path.string(); }
template <typename T>
void print(std::ostream& out, const T& value) {
  out << value;
}
template <typename T>
void print(std::ostream& out, const std::vector<T>& values) {
  out << '[';
  for (size_t i = 0; i < values.size(); ++i) out << (i ? ", " : "") << values[i];
  out << ']';
}
}  // namespace detail

/// All parts in one string; vectors print as [a, b], paths without quotes.
template <typename... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (detail::print(out, parts), ...);
  return out.str();
}

/// Throws Error(kind): where, what was got, what was wanted, the remedy.
template <typename... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, concat(parts...));
}

}  // namespace drf

/// A condition that only a bug of ours can break.
#define DRF_CHECK(condition, ...)                                  \
  do {                                                             \
    if (!(condition))                                              \
      ::drf::fail(::drf::ErrorKind::kBug, __FILE__, ":", __LINE__, \
                  ": " #condition " " __VA_OPT__(, ) __VA_ARGS__); \
  } while (false)
