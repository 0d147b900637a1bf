# Text files as constants of the program, so that it finds them wherever it runs:
#   cmake -DOUT=FILE.cpp -DHEADER=drf/report/embedded.h -DNAMESPACE=drf::report "-DTEXTS=NAME=FILE|NAME=FILE" -P ...
# HEADER declares each NAME as `extern const std::string_view NAME;`.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "|" ";" pairs "${TEXTS}")  # a path may hold blanks
file(WRITE "${OUT}" "// Made by cmake/embed_text.cmake.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
foreach(pair IN LISTS pairs)
  string(REGEX MATCH "^([A-Za-z]+)=(.+)$" whole "${pair}")
  set(name "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" text)
  string(FIND "${text}" ")drf_text\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${CMAKE_MATCH_2} holds the mark that ends it")
  endif()
  file(APPEND "${OUT}" "const std::string_view ${name} = R\"drf_text(")
  file(APPEND "${OUT}" "${text}")
  file(APPEND "${OUT}" ")drf_text\";\n")
endforeach()
file(APPEND "${OUT}" "}  // namespace ${NAMESPACE}\n")
