# The few kinds of target this project has.

# What only tests run is not optimized: most of its compile time is matchers, which run once.
function(accord_test_options name)
  # GCC 12 warns wrongly about printers that GoogleTest inlines (GCC bug 105329).
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  target_compile_options(${name} PRIVATE -O0)
endfunction()

# accord_precompiled(name HEADERS h... DEPS x...): headers that cost many files half of their
# compile time, compiled once; NAME_test has GoogleTest's too. A folder whose targets use them
# says set(ACCORD_PCH name). All targets therefore have the same flags. Headers whose inline code
# each user would compile again, such as CLI11's, cost more than they save.
function(accord_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;DEPS" ${ARGN})
  add_library(${name} STATIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  if(BUILD_TESTING AND NOT name MATCHES "_test$")
    accord_precompiled(${name}_test HEADERS ${ARG_HEADERS} <gmock/gmock.h> <gtest/gtest.h>
                       DEPS ${ARG_DEPS} GTest::gmock)
    accord_test_options(${name}_test)
  endif()
endfunction()
accord_precompiled(accord_pch
  HEADERS ${CMAKE_SOURCE_DIR}/cmake/precompiled.h
  DEPS absl::statusor absl::strings absl::time protobuf::libprotobuf)
set(ACCORD_PCH accord_pch)

# accord_library(name SRCS a.cc... DEPS x...): a static library. DEPS are public.
function(accord_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARG_DEPS})
    target_precompile_headers(${name} REUSE_FROM ${ACCORD_PCH})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

# accord_program(name SRCS main.cc... DEPS x...): lands in build/<preset>/bin.
function(accord_program name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_precompile_headers(${name} REUSE_FROM ${ACCORD_PCH})
endfunction()

# accord_test(name LABEL unit|contract|integration|fault|long SRCS ... DEPS ... [TIMEOUT s] [WHOLE])
# WHOLE: one ctest entry for the program, because each process starts costly servers of
# its own; else one for each test, of TIMEOUT seconds. With a sanitizer every program is whole:
# to start one takes as long as most of its tests.
function(accord_test name)
  cmake_parse_arguments(ARG "WHOLE" "LABEL;TIMEOUT" "SRCS;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM ${ACCORD_PCH}_test)
  accord_test_options(${name})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_definitions(${name} PRIVATE
    ACCORD_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ACCORD_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  if(ACCORD_SANITIZER)
    set(ARG_WHOLE TRUE)
    set(ARG_TIMEOUT 600)
  endif()
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
    return()
  endif()
  # NO_PRETTY_VALUES keeps a dump of the parameter's bytes out of test names.
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# accord_fuzzer(name SRCS ... DEPS ...): a libFuzzer program for tools/fuzz; only in the fuzz
# preset, where it lands in build/fuzz/bin.
function(accord_fuzzer name)
  accord_program(${name} ${ARGN})
  target_compile_definitions(${name} PRIVATE ACCORD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()

# accord_proto_library(name PROTOS a/b.proto... [ROOT dir] [GRPC] DEPS x...)
# Generates and compiles the C++ of the protos once. GRPC adds the service code,
# compiled as one unit because each file costs its headers again.
function(accord_proto_library name)
  cmake_parse_arguments(ARG "GRPC" "ROOT" "PROTOS;DEPS" ${ARGN})
  if(NOT ARG_ROOT)
    set(ARG_ROOT ${CMAKE_SOURCE_DIR}/proto)
  endif()
  set(out ${CMAKE_BINARY_DIR}/gen)
  file(MAKE_DIRECTORY ${out})
  set(sources)
  foreach(proto ${ARG_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(files ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    set(grpc_args)
    if(ARG_GRPC)
      list(APPEND files ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
      set(grpc_args --grpc_out=${out}
          --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${files}
      COMMAND protobuf::protoc --cpp_out=${out} ${grpc_args}
              -I ${CMAKE_SOURCE_DIR}/proto -I ${ACCORD_GOOGLE_PROTOS} -I ${ARG_ROOT}
              ${ARG_ROOT}/${proto}
      DEPENDS ${ARG_ROOT}/${proto}
      COMMENT "protoc ${proto}" VERBATIM)
    list(APPEND sources ${out}/${stem}.pb.cc)
    if(ARG_GRPC)
      list(APPEND grpc_sources ${out}/${stem}.grpc.pb.cc)
    endif()
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} protobuf::libprotobuf)
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)  # Their statics have one name.
  # Messages are needed in places where gRPC is not; services are a library apart.
  if(ARG_GRPC)
    add_library(${name}_grpc STATIC ${grpc_sources})
    set_target_properties(${name}_grpc PROPERTIES UNITY_BUILD ON)
    target_link_libraries(${name}_grpc PUBLIC ${name} gRPC::grpc++)
  endif()
endfunction()
