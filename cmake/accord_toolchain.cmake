# Compiler flags of every target: warnings are errors, sanitizers by preset.
set(ACCORD_SANITIZER "" CACHE STRING
    "address (with undefined), fuzzer (with both), thread, or empty")

add_compile_options(-Wall -Wextra -Werror -pthread)

if(CMAKE_UNITY_BUILD)
  # The first takes what a .cc keeps to itself for a header's; the second guesses wrongly about
  # variants when it sees more code at once.
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>
                      $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
endif()

if(ACCORD_SANITIZER STREQUAL "address")
  # vptr checks need typeinfo that Debian's gRPC hides.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ACCORD_SANITIZER STREQUAL "thread")
  # Instrumented code confuses these warnings of GCC 12 about the standard library.
  add_compile_options(-fsanitize=thread -Wno-tsan -Wno-array-bounds -Wno-maybe-uninitialized
                      -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(ACCORD_SANITIZER STREQUAL "fuzzer")
  # Clang's. Counts branches everywhere; accord_fuzzer links the engine.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(NOT ACCORD_SANITIZER STREQUAL "")
  message(FATAL_ERROR "ACCORD_SANITIZER must be address, fuzzer, thread or empty")
endif()

find_program(ACCORD_CCACHE ccache)
if(ACCORD_CCACHE)
  # The sloppiness is what ccache needs to cache precompiled headers.
  set(launcher ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${ACCORD_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>
                      "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
