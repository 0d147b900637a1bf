#pragma once
// drf is one process. Launchers start many, each of which would train the same and write the same folder.

namespace drf::cli {

/// Throws Error(kConfig) if the environment says that a launcher (torchrun, mpirun, srun) started this
/// process as one of several.
void require_one_process();

}  // namespace drf::cli
