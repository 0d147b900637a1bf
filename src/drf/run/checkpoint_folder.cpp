#include "drf/run/checkpoint_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "drf/base/error.h"
#include "drf/base/files.h"

namespace drf::run {
namespace fs = std::filesystem;
namespace {

const char* const kStep = "step-";
const char* const kPart = ".part-";
const char* const kReplaced = ".replaced-";

// Both names change hands in one step. False where the file system or the kernel cannot.
bool exchange(const fs::path& a, const fs::path& b) {
  if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) return true;
  if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) return false;
  fail(ErrorKind::kResources, b, ": cannot be replaced: ", std::strerror(errno));
}

}  // namespace

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
    entries.push_back(it->path());
  return entries;
}

std::string CheckpointFolder::name_of(int64_t update) {
  char name[32];
  std::snprintf(name, sizeof(name), "%s%06lld", kStep, static_cast<long long>(update));
  return name;
}

int64_t CheckpointFolder::update_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (name.rfind(kStep, 0) != 0) return -1;
  int64_t update = -1;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + std::strlen(kStep), end, update);
  if (parsed.ec != std::errc() || parsed.ptr != end) return -1;
  std::error_code ec;
  return fs::exists(folder / "state.json", ec) ? update : -1;
}

std::vector<fs::path> CheckpointFolder::whole() const {
  std::vector<std::pair<int64_t, fs::path>> found;
  for (const fs::path& entry : entries_of(folder_)) {
    if (const int64_t update = update_of(entry); update >= 0) found.emplace_back(update, entry);
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<fs::path> paths;
  for (auto& [update, path] : found) paths.push_back(std::move(path));
  return paths;
}

void CheckpointFolder::put(const std::string& name, const std::function<void(const fs::path&)>& fill) {
  const fs::path aside = folder_ / concat(kPart, name, "-", ::getpid()), place = folder_ / name;
  std::error_code ec;
  try {
    make_folder(aside);
    fill(aside);
    if (!fs::exists(place, ec)) {
      rename_into_place(aside, place);
      return;
    }
    if (!exchange(aside, place)) {
      const fs::path old = folder_ / concat(kReplaced, name);
      fs::remove_all(old, ec);
      rename_into_place(place, old);  // from here to the next line repair() gives it back
      try {
        rename_into_place(aside, place);
      } catch (...) {
        fs::rename(old, place, ec);
        throw;
      }
      rename_into_place(old, aside);
    }
  } catch (...) {
    fs::remove_all(aside, ec);
    throw;
  }
  fs::remove_all(aside, ec);
}

void CheckpointFolder::keep(int64_t count) {
  if (count <= 0) return;
  const std::vector<fs::path> all = whole();
  for (size_t i = static_cast<size_t>(count); i < all.size(); ++i) {
    // Under another name first: one that is half gone is no checkpoint.
    const fs::path gone = folder_ / concat(kPart, "gone-", all[i].filename());
    std::error_code ec;
    fs::remove_all(gone, ec);
    fs::rename(all[i], gone, ec);
    fs::remove_all(gone, ec);
  }
}

void CheckpointFolder::set_aside(const fs::path& checkpoint) {
  const fs::path place = folder_ / concat("damaged-", checkpoint.filename());
  std::error_code ec;
  fs::remove_all(place, ec);
  rename_into_place(checkpoint, place);
}

void CheckpointFolder::repair() {
  std::error_code ec;
  for (const fs::path& entry : entries_of(folder_)) {
    const std::string name = entry.filename().string();
    if (name.rfind(kReplaced, 0) == 0) {
      const fs::path place = folder_ / name.substr(std::strlen(kReplaced));
      if (fs::exists(place, ec)) {
        fs::remove_all(entry, ec);
      } else {
        rename_into_place(entry, place);
      }
    } else if (name.rfind(kPart, 0) == 0) {
      fs::remove_all(entry, ec);
    }
  }
}

}  // namespace drf::run
