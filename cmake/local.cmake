# The module assay-local: backends/local/decoder, on LibTorch, over the rest of backends/local.
file(GLOB_RECURSE sources CONFIGURE_DEPENDS backends/local/decoder/*.cc)
list(FILTER sources EXCLUDE REGEX "/module\\.cc$")
list(SORT sources)
if(NOT sources)
  return()
endif()
add_library(assay_decoder STATIC ${sources})
target_link_libraries(assay_decoder PUBLIC assay_local)
target_include_directories(assay_decoder SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})
target_link_libraries(assay_decoder PUBLIC ${TORCH_LIBRARIES})
# LibTorch 2 brings an fmt of its own among its headers, another version than the one that is linked.
target_compile_definitions(assay_decoder PUBLIC FMT_HEADER_ONLY=1)
target_compile_options(assay_decoder PUBLIC -Wno-deprecated-declarations)
# Compiled as LibTorch itself was (cxx11 ABI or not), without its -W flags.
separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(assay_decoder PUBLIC ${torch_flags})

add_library(assay-local MODULE backends/local/decoder/module.cc)
target_link_libraries(assay-local PRIVATE assay_decoder)
set_target_properties(assay-local PROPERTIES PREFIX lib INSTALL_RPATH_USE_LINK_PATH ON)
