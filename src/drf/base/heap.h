#pragma once
// How the C library's heap treats large blocks.

namespace drf {

/// From here on a freed block of 4 MiB or more goes back to the system at once, where glibc is the C library
/// and MALLOC_MMAP_THRESHOLD_ does not say otherwise. Left alone, the heap keeps such blocks and fragments:
/// the process then holds up to twice what its tensors need. Costs about a tenth of the time of large tensors
/// (fresh pages).
void return_large_blocks();

}  // namespace drf
