#include "drf/cli/one_process.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "drf/base/error.h"

namespace drf::cli {
namespace {

// The number in an environment variable, 0 if it is not set or is none.
int64_t number(const char* name) {
  const char* const text = std::getenv(name);
  int64_t value = 0;
  if (!text) return 0;
  const char* const end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, value);
  return parsed.ec == std::errc() && parsed.ptr == end ? value : 0;
}

[[noreturn]] void refuse(const char* name) {
  fail(
      ErrorKind::kConfig, name, " is ", number(name),
      " in the environment: a launcher (torchrun, mpirun, srun) started several processes, but drf trains in "
      "one process; start drf by itself, or unset ",
      name);
}

}  // namespace

void require_one_process() {
  // How many there are: torchrun and accelerate, Open MPI, MPICH and Intel MPI, srun.
  for (const char* size : {"WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    if (number(size) > 1) refuse(size);
  }
  // A batch script of Slurm has SLURM_NTASKS of the whole allocation and is one process: rank 0.
  if (number("SLURM_NTASKS") > 1 && number("SLURM_PROCID") > 0) refuse("SLURM_NTASKS");
  if (number("RANK") > 0) refuse("RANK");
}

}  // namespace drf::cli
