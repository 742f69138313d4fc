# Everything that deploy/install-deps.sh installs, found once.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)  # Module mode: Debian ships no CMake config.
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)  # Its CMake config is broken.
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
# Its -D_FILE_OFFSET_BITS=64 says nothing on a 64-bit system, and all our targets share
# the flags of the precompiled headers.
set_target_properties(PkgConfig::HIREDIS PROPERTIES INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(RHONABWY REQUIRED IMPORTED_TARGET librhonabwy)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(LIBCURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(PUGIXML REQUIRED IMPORTED_TARGET pugixml)
find_library(LIBCSV csv REQUIRED)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# The google.* protos come from npm as a build input; nothing is vendored.
set(ACCORD_GOOGLE_PROTOS ${CMAKE_SOURCE_DIR}/node_modules/google-proto-files
    CACHE PATH "Folder that holds google/rpc, google/api and google/type")
if(NOT EXISTS ${ACCORD_GOOGLE_PROTOS}/google/rpc/error_details.proto)
  message(FATAL_ERROR "google-proto-files is missing: run 'make deps' first")
endif()
