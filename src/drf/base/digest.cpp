#include "drf/base/digest.h"

#include <cstring>
#include <fstream>
#include <vector>

#include "drf/base/error.h"

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
  std::ifstream in(file, std::ios::binary);
  Fnv fnv;
  std::vector<char> part(size_t{1} << 20);
  while (in) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    fnv.add(part.data(), static_cast<size_t>(in.gcount()));
  }
  if (!in.eof()) fail(ErrorKind::kInput, file, ": cannot be read");
  return fnv.text();
}

}  // namespace drf
