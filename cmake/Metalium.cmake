# tilewright::metalium: the host side of TT-Metalium, with the headers that its programs include. Those
# use the fmt library, which programs then need, too; without it only this library is left out.
find_package(fmt QUIET)
if(NOT fmt_FOUND)
    message(STATUS "tilewright::metalium is left out: the fmt library was not found. Install the Debian "
                   "or Ubuntu package libfmt-dev (Fedora: fmt-devel, Homebrew: fmt).")
    return()
endif()
message(STATUS "tilewright::metalium: with fmt ${fmt_VERSION}")

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/frontends/metalium/*.cpp)
add_library(metalium SHARED ${sources})
add_library(tilewright::metalium ALIAS metalium)
set_target_properties(metalium PROPERTIES OUTPUT_NAME tilewright-metalium
                                          INSTALL_RPATH "${TILEWRIGHT_ORIGIN}")
target_include_directories(metalium PRIVATE ${PROJECT_SOURCE_DIR}/src)
# The names in the headers are others', and so are not marked: all of their namespaces are exported.
set_target_properties(metalium PROPERTIES CXX_VISIBILITY_PRESET default)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(exports ${PROJECT_SOURCE_DIR}/cmake/metalium.map)
    target_link_options(metalium PRIVATE -Wl,--version-script=${exports})
    set_target_properties(metalium PROPERTIES LINK_DEPENDS ${exports})
endif()
target_include_directories(metalium PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/tt-metalium/compat>
    $<INSTALL_INTERFACE:include/tt-metalium/compat>)
target_link_libraries(metalium PUBLIC tilewright fmt::fmt-header-only
                               PRIVATE $<BUILD_INTERFACE:tilewright_options>)
precompile(metalium ${TILEWRIGHT_STANDARD_HEADERS} <fmt/format.h> <tt-metalium/host_api.hpp>
           <tt-metalium/distributed.hpp> <tilewright/runtime/device.hpp>)
# Programs put coordinates, which are size_t, between the braces of 32-bit arguments.
target_compile_options(metalium INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-narrowing>
    $<$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>:-Wno-c++11-narrowing>)

# An export of its own: find_package(tilewright) works where there is no fmt.
install(TARGETS metalium EXPORT tilewright-metalium LIBRARY DESTINATION lib)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tt-metalium ${PROJECT_SOURCE_DIR}/include/tt_stl
                  ${PROJECT_SOURCE_DIR}/include/tt-logger ${PROJECT_SOURCE_DIR}/include/hostdevcommon
                  ${PROJECT_SOURCE_DIR}/include/ttnn
        DESTINATION include)
# What host programs and kernels share that play stories.
install(FILES ${PROJECT_SOURCE_DIR}/kernels/zmachine/protocol.hpp
        DESTINATION include/tilewright/zmachine)
install(EXPORT tilewright-metalium NAMESPACE tilewright:: FILE tilewrightMetaliumTargets.cmake
        DESTINATION lib/cmake/tilewright)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/TT-MetaliumConfig.cmake
        DESTINATION lib/cmake/TT-Metalium)
