# Libraries from the distribution. scripts/install_deps.sh installs them; every message here names the package.
include_guard(GLOBAL)
find_package(PkgConfig REQUIRED)

function(drf_require_header target header package)
  find_path(${target}_INCLUDE ${header})
  if(NOT ${target}_INCLUDE)
    message(FATAL_ERROR "${header} not found: install ${package} (scripts/install_deps.sh does)")
  endif()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_INCLUDE})
endfunction()

function(drf_require_module target module package)
  pkg_check_modules(${target} QUIET IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${target}_FOUND)
    message(FATAL_ERROR "${module} not found: install ${package} (scripts/install_deps.sh does)")
  endif()
endfunction()

drf_require_header(dep_json nlohmann/json.hpp nlohmann-json3-dev)
drf_require_header(dep_toml toml++/toml.h libtomlplusplus-dev)
drf_require_header(dep_cli11 CLI/CLI.hpp libcli11-dev)
drf_require_module(dep_pcre2 libpcre2-8 libpcre2-dev)            # PkgConfig::dep_pcre2
drf_require_module(dep_utf8proc libutf8proc libutf8proc-dev)     # PkgConfig::dep_utf8proc
drf_require_module(dep_sentencepiece sentencepiece libsentencepiece-dev)
drf_require_module(dep_zlib zlib zlib1g-dev)
if(DRF_TESTS)
  find_package(GTest)
  if(NOT GTest_FOUND)
    message(FATAL_ERROR "GoogleTest not found: install libgtest-dev (scripts/install_deps.sh --tests does), "
                        "or pass -DDRF_TESTS=OFF for the program alone")
  endif()
endif()

set(DRF_HAS_FFMPEG OFF)
if(DRF_WITH_FFMPEG)
  pkg_check_modules(dep_ffmpeg QUIET IMPORTED_TARGET GLOBAL libavformat libavcodec libavutil libswscale)
  if(dep_ffmpeg_FOUND)
    set(DRF_HAS_FFMPEG ON)
  else()
    message(STATUS "FFmpeg's libraries not found: clips are written as PNG strips and GIF only")
  endif()
endif()
