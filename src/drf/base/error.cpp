#include "drf/base/error.h"

namespace drf {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kBug:
      return 1;
    case ErrorKind::kConfig:
      return 2;
    case ErrorKind::kInput:
      return 3;
    case ErrorKind::kNumerics:
      return 4;
    case ErrorKind::kResources:
      return 5;
  }
  return 1;
}

}  // namespace drf
