# The shared library, of the layers and the frontend that needs nothing else, and the host tools that
# link to it.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/frontends/stillwater/*.cpp)
foreach(layer IN LISTS TILEWRIGHT_LAYERS)
    list(APPEND sources $<TARGET_OBJECTS:${layer}>)
endforeach()
add_library(tilewright SHARED ${sources})
add_library(tilewright::tilewright ALIAS tilewright)
add_library(StillwaterKPU::Simulator ALIAS tilewright)
target_include_directories(tilewright PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_include_directories(tilewright PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_include_directories(tilewright SYSTEM PRIVATE ${XXHASH_INCLUDE_DIR})
target_compile_features(tilewright PUBLIC cxx_std_20)
target_link_libraries(tilewright PRIVATE $<BUILD_INTERFACE:tilewright_options> Threads::Threads
                                         ${CMAKE_DL_LIBS})

# The same with all that is inside it, for tests and fuzzers of that.
add_library(tilewright_internals STATIC EXCLUDE_FROM_ALL ${sources})
target_include_directories(tilewright_internals PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                       ${PROJECT_SOURCE_DIR}/src)
target_include_directories(tilewright_internals SYSTEM PUBLIC ${XXHASH_INCLUDE_DIR})
target_link_libraries(tilewright_internals PRIVATE tilewright_options
                                           PUBLIC Threads::Threads ${CMAKE_DL_LIBS})

# The RISC-V core alone, for programs with a bus of their own.
add_library(riscv STATIC $<TARGET_OBJECTS:tilewright_base> $<TARGET_OBJECTS:tilewright_riscv>)
add_library(tilewright::riscv ALIAS riscv)
set_target_properties(riscv PROPERTIES OUTPUT_NAME tilewright-riscv LINKER_LANGUAGE CXX)
target_include_directories(riscv PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_compile_features(riscv PUBLIC cxx_std_20)

# src/tools/some_tool.cpp becomes the program some-tool.
file(GLOB tool_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/tools/*.cpp)
set(TILEWRIGHT_TOOLS "")
foreach(source IN LISTS tool_sources)
    cmake_path(GET source STEM name)
    string(REPLACE "_" "-" name ${name})
    add_executable(${name} ${source})
    if(name STREQUAL "tilewright-riscv")
        target_link_libraries(${name} PRIVATE riscv tilewright_options)
    else()
        target_link_libraries(${name} PRIVATE tilewright tilewright_options)
    endif()
    set_target_properties(${name} PROPERTIES INSTALL_RPATH "${TILEWRIGHT_ORIGIN}/../lib")
    list(APPEND TILEWRIGHT_TOOLS ${name})
endforeach()

# What only the build itself runs: it translates the kernels that ship.
add_executable(tilewright-translate EXCLUDE_FROM_ALL
               ${PROJECT_SOURCE_DIR}/src/tools/packaging/tilewright_translate.cpp)
target_link_libraries(tilewright-translate PRIVATE tilewright_internals tilewright_options)
