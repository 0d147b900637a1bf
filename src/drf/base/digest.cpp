#include "drf/base/digest.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/files.h"

namespace drf {
namespace {

class Fnv {
 public:
  // All parts but the last are whole words.
  void add(const char* bytes, size_t count) {
    length_ += count;
    for (size_t i = 0; i < count; i += 8) {
      uint64_t word = 0;
      const size_t left = count - i < 8 ? count - i : 8;
      for (size_t k = 0; k < left; ++k)
        word |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i + k])) << (8 * k);
      mix(word);
    }
  }
  std::string text() {
    mix(length_);
    char digits[17];
    std::snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(hash_));
    return digits;
  }

 private:
  void mix(uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001b3ULL; }
  uint64_t hash_ = 0xcbf29ce484222325ULL, length_ = 0;
};

}  // namespace

std::string digest(const std::string& bytes) {
  Fnv fnv;
  fnv.add(bytes.data(), bytes.size());
  return fnv.text();
}

std::string digest_file(const std::filesystem::path& file) {
  const InputFile in(file);
  Fnv fnv;
  std::vector<char> part(size_t{1} << 20);
  for (size_t filled = 0;;) {  // a read may give less than is asked for: only whole parts are added
    const ssize_t count = ::read(in.descriptor(), part.data() + filled, part.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(ErrorKind::kInput, file, ": cannot be read: ", std::strerror(errno));
    filled += static_cast<size_t>(count);
    if (count > 0 && filled < part.size()) continue;
    fnv.add(part.data(), filled);
    if (count == 0) return fnv.text();
    filled = 0;
  }
}

}  // namespace drf
