// A library to preload: counts the program's calls to the disk below one folder, and ends the program at the
// n-th, as a power cut or a kill would. Of a write, half of the bytes get out.
//   DRF_DISK_FOLDER   the folder; without it nothing happens
//   DRF_DISK_KILL_AT  n, from 1; the call itself is not made, the program ends with 137
//   DRF_DISK_LIST     a file that gets one line a call: its name and the path below the folder
//   DRF_DISK_NO_SWAP  set: renameat2 fails, as on a file system that cannot exchange two names
//   DRF_DISK_NO_LOCK  set: flock fails, as on a file system without locks
// For Linux and its C library; the tests alone use it.

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

constexpr size_t kPath = 4096;

const char* folder() { return getenv("DRF_DISK_FOLDER"); }

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// What lies below the folder, or null.
const char* below(const char* path) {
  const char* const root = folder();
  if (!root) return nullptr;
  const size_t length = strlen(root);
  if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0')) return nullptr;
  return path[length] == '/' ? path + length + 1 : ".";
}

std::atomic<long> calls{0};

// One call on `path`; true if the program is to end at it.
bool last_call(const char* name, const char* path) {
  const char* const inside = below(path);
  if (!inside) return false;
  const long number = ++calls;
  if (const char* const list = getenv("DRF_DISK_LIST")) {
    char line[kPath + 64];
    const int length = snprintf(line, sizeof(line), "%s %s\n", name, inside);
    const int fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, list, O_WRONLY | O_CREAT | O_APPEND, 0644));
    if (fd >= 0) {
      if (syscall(SYS_write, fd, line, length) != length) _exit(99);
      syscall(SYS_close, fd);
    }
  }
  const char* const at = getenv("DRF_DISK_KILL_AT");
  return at && number == atol(at);
}

void call(const char* name, const char* path) {
  if (last_call(name, path)) _exit(137);
}

// The path that an open file or folder has.
const char* path_of(int fd, char (&buffer)[kPath]) {
  char link[64];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, buffer, kPath - 1);
  buffer[length > 0 ? length : 0] = '\0';
  return buffer;
}

const char* path_at(int fd, const char* path, char (&buffer)[kPath]) {
  if (fd == AT_FDCWD || path[0] == '/') return path;
  path_of(fd, buffer);
  const size_t length = strlen(buffer);
  snprintf(buffer + length, kPath - length, "/%s", path);
  return buffer;
}

bool writes(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0; }

// A write of `size` bytes: the first half of them by itself if it is the last.
void call_write(int fd, const void* bytes, size_t size) {
  if (!folder()) return;
  char buffer[kPath];
  if (!last_call("write", path_of(fd, buffer))) return;
  if (syscall(SYS_write, fd, bytes, size / 2) < 0) _exit(137);
  _exit(137);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (writes(flags)) call("open", path);
  return real<int(const char*, int, ...)>("open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (writes(flags)) call("open", path);
  return real<int(const char*, int, ...)>("open64")(path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  if (mode[0] != 'r') call("open", path);
  return real<FILE*(const char*, const char*)>("fopen")(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  if (mode[0] != 'r') call("open", path);
  return real<FILE*(const char*, const char*)>("fopen64")(path, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  call_write(fd, bytes, size);
  return real<ssize_t(int, const void*, size_t)>("write")(fd, bytes, size);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  if (count > 0) call_write(fd, parts[0].iov_base, parts[0].iov_len);
  return real<ssize_t(int, const iovec*, int)>("writev")(fd, parts, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  char buffer[kPath];
  call("pwrite", path_of(fd, buffer));
  return real<ssize_t(int, const void*, size_t, off_t)>("pwrite")(fd, bytes, size, at);
}

int ftruncate(int fd, off_t size) noexcept {
  char buffer[kPath];
  call("ftruncate", path_of(fd, buffer));
  return real<int(int, off_t)>("ftruncate")(fd, size);
}

int fsync(int fd) {
  char buffer[kPath];
  call("fsync", path_of(fd, buffer));
  return real<int(int)>("fsync")(fd);
}

int rename(const char* from, const char* to) noexcept {
  call("rename", to);
  return real<int(const char*, const char*)>("rename")(from, to);
}

int renameat2(int from_fd, const char* from, int to_fd, const char* to, unsigned flags) noexcept {
  call("swap", to);
  if (folder() && getenv("DRF_DISK_NO_SWAP")) {
    errno = EINVAL;
    return -1;
  }
  return real<int(int, const char*, int, const char*, unsigned)>("renameat2")(from_fd, from, to_fd, to,
                                                                              flags);
}

int mkdir(const char* path, mode_t mode) noexcept {
  call("mkdir", path);
  return real<int(const char*, mode_t)>("mkdir")(path, mode);
}

int remove(const char* path) noexcept {
  call("remove", path);
  return real<int(const char*)>("remove")(path);
}

int unlink(const char* path) noexcept {
  call("remove", path);
  return real<int(const char*)>("unlink")(path);
}

int unlinkat(int fd, const char* path, int flags) noexcept {
  char buffer[kPath];
  call("remove", path_at(fd, path, buffer));
  return real<int(int, const char*, int)>("unlinkat")(fd, path, flags);
}

int flock(int fd, int operation) noexcept {
  char buffer[kPath];
  call("lock", path_of(fd, buffer));
  if (folder() && getenv("DRF_DISK_NO_LOCK")) {
    errno = ENOLCK;
    return -1;
  }
  return real<int(int, int)>("flock")(fd, operation);
}

}  // extern "C"
