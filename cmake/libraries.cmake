# assay_library(NAME FOLDER DEPENDENCY...): assay_NAME from every .cc and .c below FOLDER but main.cc, and but
# what lies below a folder of ASSAY_APART, which is a library of its own.
function(assay_library name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cc ${folder}/*.c)
  foreach(apart IN LISTS ASSAY_APART)
    if(NOT folder STREQUAL apart)
      list(FILTER sources EXCLUDE REGEX "^${CMAKE_CURRENT_SOURCE_DIR}/${apart}/")
    endif()
  endforeach()
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(NOT sources)
    add_library(assay_${name} INTERFACE)
    target_link_libraries(assay_${name} INTERFACE ${ARGN})
    return()
  endif()
  list(SORT sources)
  add_library(assay_${name} STATIC ${sources})
  target_link_libraries(assay_${name} PUBLIC ${ARGN})
endfunction()

# assay_embed(TARGET FOLDER EXT [NAME]): compiles the text of every FOLDER/**.EXT into TARGET as
# assay::embedded_NAME(), a span of {path relative to FOLDER, text} (harness/base/embedded.h); NAME is FOLDER where
# it is not given.
function(assay_embed target folder ext)
  set(name ${folder})
  if(ARGC GREATER 3)
    set(name ${ARGV3})
  endif()
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.${ext})
  list(SORT files)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cc)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DFOLDER=${CMAKE_CURRENT_SOURCE_DIR}/${folder} -DNAME=${name}
            "-DFILES=${files}" -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${files} ${CMAKE_CURRENT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
