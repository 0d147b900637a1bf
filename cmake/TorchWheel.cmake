# Finds libtorch in a PyTorch wheel (or in libtorch's own zip) without find_package(Torch), nvcc or Python at
# run time, and offers it as the imported target torchwheel::all.
#
# Input:  -DTORCH_DIR=<folder that holds lib/ and include/> (site-packages/torch, or the unpacked libtorch zip), or
#         -DTORCH_PYTHON=<a Python whose environment has torch>; a .venv beside the sources is tried first.
# Output: TORCH_DIR, TORCH_LIB_DIR, TORCH_WHEEL_VERSION, TORCH_WHEEL_HAS_CUDA.
include_guard(GLOBAL)

set(TORCH_DIR "" CACHE PATH "folder with libtorch's lib/ and include/")
set(TORCH_PYTHON "" CACHE STRING "Python whose environment has torch (asked at configure time only)")

if(NOT TORCH_DIR)
  set(_python "${TORCH_PYTHON}")
  if(NOT _python AND EXISTS "${CMAKE_SOURCE_DIR}/.venv/bin/python")
    set(_python "${CMAKE_SOURCE_DIR}/.venv/bin/python")
  elseif(NOT _python)
    set(_python python3)
  endif()
  execute_process(   # find_spec locates torch without importing it
    COMMAND "${_python}" -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
    OUTPUT_VARIABLE _dir ERROR_VARIABLE _err RESULT_VARIABLE _rc OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT _rc EQUAL 0)
    message(FATAL_ERROR "no libtorch: '${_python}' has no torch. Run 'make venv', or pass -DTORCH_DIR=<torch folder> "
                        "or -DTORCH_PYTHON=<python with torch>.\n${_err}")
  endif()
  set(TORCH_DIR "${_dir}" CACHE PATH "folder with libtorch's lib/ and include/" FORCE)
endif()

set(TORCH_LIB_DIR "${TORCH_DIR}/lib")
if(NOT EXISTS "${TORCH_LIB_DIR}/libtorch_cpu.so" OR NOT EXISTS "${TORCH_DIR}/include/ATen/ATen.h")
  message(FATAL_ERROR "TORCH_DIR=${TORCH_DIR} holds no lib/libtorch_cpu.so with include/ATen/ATen.h")
endif()

set(TORCH_WHEEL_VERSION "unknown")
if(EXISTS "${TORCH_DIR}/version.py")
  file(STRINGS "${TORCH_DIR}/version.py" _version REGEX "^__version__")
  string(REGEX MATCH "[0-9]+\\.[0-9]+[^'\" ]*" TORCH_WHEEL_VERSION "${_version}")
elseif(EXISTS "${TORCH_DIR}/build-version")
  file(STRINGS "${TORCH_DIR}/build-version" TORCH_WHEEL_VERSION LIMIT_COUNT 1)
endif()

find_package(Threads REQUIRED)
# at::parallel_for is a template: in a file compiled without OpenMP it runs on one thread, and says nothing. What is
# linked is libtorch's own libgomp, by its file: one pool of threads for both. The compiler's copy of the same name
# (OpenMP::OpenMP_CXX would link it) would put two libgomp.so.1 on CMake's list of run paths, and a warning on every
# target.
find_package(OpenMP REQUIRED COMPONENTS CXX)
file(GLOB _gomp "${TORCH_LIB_DIR}/libgomp*.so*")
add_library(torchwheel::all INTERFACE IMPORTED GLOBAL)
set(_names c10 torch_cpu torch)
set(TORCH_WHEEL_HAS_CUDA OFF)
if(EXISTS "${TORCH_LIB_DIR}/libtorch_cuda.so")
  set(TORCH_WHEEL_HAS_CUDA ON)
  list(APPEND _names c10_cuda torch_cuda)
endif()
foreach(_name ${_names})
  add_library(torchwheel::${_name} SHARED IMPORTED GLOBAL)
  set_target_properties(torchwheel::${_name} PROPERTIES IMPORTED_LOCATION "${TORCH_LIB_DIR}/lib${_name}.so")
  target_link_libraries(torchwheel::all INTERFACE torchwheel::${_name})
endforeach()
target_include_directories(torchwheel::all SYSTEM INTERFACE
  "${TORCH_DIR}/include" "${TORCH_DIR}/include/torch/csrc/api/include")
target_compile_features(torchwheel::all INTERFACE cxx_std_20)
# Kernels register in static constructors: every library stays NEEDED, also when no symbol of it is used.
# A CUDA wheel's own dependencies (cudart, cudnn, ...) lie in sibling packages that the loader finds by itself.
target_link_options(torchwheel::all INTERFACE "LINKER:--no-as-needed" "LINKER:--allow-shlib-undefined")
target_compile_options(torchwheel::all INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${OpenMP_CXX_FLAGS}>")
if(_gomp)
  list(GET _gomp 0 _gomp)
  add_library(torchwheel::gomp SHARED IMPORTED GLOBAL)
  set_target_properties(torchwheel::gomp PROPERTIES IMPORTED_LOCATION "${_gomp}")
  target_link_libraries(torchwheel::all INTERFACE Threads::Threads torchwheel::gomp)
else()  # built with the system's OpenMP
  target_link_options(torchwheel::all INTERFACE ${OpenMP_CXX_FLAGS})
  target_link_libraries(torchwheel::all INTERFACE Threads::Threads)
endif()
message(STATUS "libtorch ${TORCH_WHEEL_VERSION} in ${TORCH_DIR}, CUDA ${TORCH_WHEEL_HAS_CUDA}")
