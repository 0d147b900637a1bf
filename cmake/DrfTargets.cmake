# drf_library(NAME [NO_TORCH] SOURCES ... DEPS ...): one static library a folder; DEPS is the layer law.
# drf_test(NAME SOURCES ... DEPS ... LABEL unit|parity|gradient|run|cuda): one GoogleTest binary.
include_guard(GLOBAL)

# One precompiled header for everything that sees tensors; no file relies on it (build with -DDRF_PCH=OFF to check).
add_library(drf_pch OBJECT ${CMAKE_SOURCE_DIR}/src/drf/pch.cpp)
target_link_libraries(drf_pch PUBLIC torchwheel::all)
if(DRF_PCH)
  target_precompile_headers(drf_pch PRIVATE ${CMAKE_SOURCE_DIR}/src/drf/pch.h)
endif()

function(drf_library name)
  cmake_parse_arguments(ARG "NO_TORCH" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  if(NOT ARG_NO_TORCH)
    target_link_libraries(${name} PUBLIC torchwheel::all)
    if(DRF_PCH)
      target_precompile_headers(${name} REUSE_FROM drf_pch)
    endif()
  endif()
endfunction()

function(drf_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE DRF_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} torchwheel::all GTest::gtest GTest::gtest_main)
  if(DRF_PCH)
    target_precompile_headers(${name} REUSE_FROM drf_pch)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  # `ctest -j` runs tests of one thread beside each other. Those of the gradient, which hold our own kernels, take two
  # threads and so many places: what runs on several threads is tested on several.
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT 900)
  if(ARG_LABEL STREQUAL gradient)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "OMP_WAIT_POLICY=passive;OMP_NUM_THREADS=2" PROCESSORS 2)
  else()
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "OMP_WAIT_POLICY=passive;OMP_NUM_THREADS=1")
  endif()
endfunction()
