# The shared library, one folder of sources for each layer, and the host tools that link to it.
file(GLOB_RECURSE sources CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/src/base/*.cpp ${PROJECT_SOURCE_DIR}/src/memory/*.cpp
     ${PROJECT_SOURCE_DIR}/src/riscv/*.cpp ${PROJECT_SOURCE_DIR}/src/sim/*.cpp
     ${PROJECT_SOURCE_DIR}/src/fabric/*.cpp ${PROJECT_SOURCE_DIR}/src/compute/*.cpp
     ${PROJECT_SOURCE_DIR}/src/chip/*.cpp ${PROJECT_SOURCE_DIR}/src/runtime/*.cpp
     ${PROJECT_SOURCE_DIR}/src/frontends/stillwater/*.cpp)
# What engines do at every burst and pass: calls within these files are inlined as in a program, though
# in a shared library somebody could replace the functions.
set_source_files_properties(
    ${PROJECT_SOURCE_DIR}/src/chip/engines.cpp ${PROJECT_SOURCE_DIR}/src/chip/engine_run.cpp
    ${PROJECT_SOURCE_DIR}/src/chip/array_passes.cpp ${PROJECT_SOURCE_DIR}/src/memory/dram_bank.cpp
    PROPERTIES COMPILE_OPTIONS "-fno-semantic-interposition")
# The arithmetic of matrix passes: products and sums rounded separately on every host, and one file for
# each instruction set, of which the host's best is taken at run time.
set_source_files_properties(
    ${PROJECT_SOURCE_DIR}/src/compute/activation.cpp ${PROJECT_SOURCE_DIR}/src/compute/array_model.cpp
    ${PROJECT_SOURCE_DIR}/src/compute/kernel_baseline.cpp
    PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=off")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/compute/kernel_avx2.cpp
        PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=off;-mavx2")
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/compute/kernel_avx512.cpp
        PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=off;-mavx512f")
else()
    list(FILTER sources EXCLUDE REGEX "/compute/kernel_avx[0-9]+\\.cpp$")
endif()
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

# src/tools/some_tool.cpp becomes the program some-tool.
file(GLOB tool_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/tools/*.cpp)
set(TILEWRIGHT_TOOLS "")
foreach(source IN LISTS tool_sources)
    cmake_path(GET source STEM name)
    string(REPLACE "_" "-" name ${name})
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE tilewright tilewright_options)
    set_target_properties(${name} PROPERTIES INSTALL_RPATH "${TILEWRIGHT_ORIGIN}/../lib")
    list(APPEND TILEWRIGHT_TOOLS ${name})
endforeach()
