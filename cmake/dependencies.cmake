# Every third-party library, found once. Names differ between Debian 12, Debian 13 and Ubuntu 24.04.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(TBB REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)

if(TARGET yaml-cpp::yaml-cpp)
  set(ASSAY_YAML_CPP yaml-cpp::yaml-cpp)
else()
  set(ASSAY_YAML_CPP yaml-cpp)
endif()
set(ASSAY_SQLITE SQLite::SQLite3)
set(ASSAY_CLI11 CLI11::CLI11)
set(ASSAY_BASE_DEPS
  nlohmann_json::nlohmann_json fmt::fmt ${ASSAY_YAML_CPP} ZLIB::ZLIB OpenSSL::Crypto CURL::libcurl
  PkgConfig::RE2 PkgConfig::ZSTD Threads::Threads)

# The packaged oneTBB is not built for ThreadSanitizer and floods it with false reports, so that
# harness/base/parallel.h has a std::thread implementation for that one preset.
if(ASSAY_SANITIZE MATCHES "thread")
  add_compile_definitions(ASSAY_PARALLEL_STD_THREAD=1)
else()
  list(APPEND ASSAY_BASE_DEPS TBB::tbb)
endif()
