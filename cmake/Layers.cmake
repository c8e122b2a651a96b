# The layers of the library, lowest first, and which others each of them may know.
#
# A layer is a folder of src/ and the folder of the same name in include/tilewright/. Its sources are
# compiled with a view of the headers, a folder of links under <build>/layers, that holds those of the
# layer itself and of the layers it names: including any other header is an error of the compiler.

set(TILEWRIGHT_LAYERS "")

# tilewright_layer(<name> [SEES <layer>...]): the OBJECT library tilewright_<name>, with '/' as '_'.
function(tilewright_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "SEES")
    string(REPLACE / _ target tilewright_${name})
    set_property(GLOBAL APPEND PROPERTY tilewright_layer_names ${name})
    set_property(GLOBAL PROPERTY tilewright_${name}_sees ${layer_SEES})
    set(view ${PROJECT_BINARY_DIR}/layers/${name})
    file(REMOVE_RECURSE ${view})
    foreach(seen IN ITEMS ${name} ${layer_SEES})
        foreach(link IN ITEMS "include/tilewright/${seen} tilewright/${seen}" "src/${seen} ${seen}")
            separate_arguments(link)
            list(GET link 0 folder)
            list(GET link 1 place)
            if(EXISTS ${PROJECT_SOURCE_DIR}/${folder})
                cmake_path(GET place PARENT_PATH parent)
                file(MAKE_DIRECTORY ${view}/${parent})
                file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${view}/${place} SYMBOLIC)
            endif()
        endforeach()
    endforeach()

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
        list(FILTER sources EXCLUDE REGEX "/kernel_avx[0-9]+\\.cpp$")
    endif()
    if(NOT sources)
        return()
    endif()
    add_library(${target} OBJECT ${sources})
    target_include_directories(${target} PRIVATE ${view})
    target_include_directories(${target} SYSTEM PRIVATE ${XXHASH_INCLUDE_DIR})
    target_link_libraries(${target} PRIVATE tilewright_options)
    precompile(${target} FROM tilewright_base ${TILEWRIGHT_STANDARD_HEADERS})
    set(TILEWRIGHT_LAYERS ${TILEWRIGHT_LAYERS} ${target} PARENT_SCOPE)
endfunction()

tilewright_layer(base)
tilewright_layer(memory SEES base)
tilewright_layer(riscv SEES base)
if(TILEWRIGHT_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # Each of its hundreds of indirect jumps leads to each of its labels: instrumented and optimised,
    # that takes clang a quarter of an hour.
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/riscv/execute.cpp PROPERTIES
                                COMPILE_OPTIONS -O0 SKIP_PRECOMPILE_HEADERS ON)
endif()
tilewright_layer(sim SEES base memory)
tilewright_layer(tensix SEES base)
tilewright_layer(race SEES base memory sim)
tilewright_layer(noc SEES base memory riscv sim)
tilewright_layer(tile SEES base memory riscv sim noc)
tilewright_layer(coprocessor SEES base memory riscv sim noc tile tensix)
tilewright_layer(engine SEES base memory sim)
tilewright_layer(chip SEES base memory riscv sim race tensix noc tile coprocessor engine)
tilewright_layer(firmware SEES base memory riscv sim race noc tile engine chip)
tilewright_layer(runtime SEES base memory riscv sim race noc tile engine chip firmware)
tilewright_layer(trace SEES base memory riscv sim race noc tile engine chip firmware runtime)
tilewright_layer(graph SEES base memory riscv sim race noc tile engine chip firmware runtime trace)
tilewright_layer(ops SEES base memory riscv sim race tensix noc tile engine chip firmware runtime)

# The arithmetic of matrix passes: products and sums rounded separately on every host, and one file for
# each instruction set, of which the host's best is taken at run time.
set(systolic ${PROJECT_SOURCE_DIR}/src/engine/systolic)
set_source_files_properties(
    ${systolic}/activation.cpp ${systolic}/array_model.cpp ${systolic}/kernel_baseline.cpp
    PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=off" SKIP_PRECOMPILE_HEADERS ON)
set_source_files_properties(${systolic}/kernel_avx2.cpp
    PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=off;-mavx2" SKIP_PRECOMPILE_HEADERS ON)
set_source_files_properties(${systolic}/kernel_avx512.cpp
    PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=off;-mavx512f" SKIP_PRECOMPILE_HEADERS ON)

# Rows of numbers of the compute engine, likewise; and conversions of numbers, which GCC makes vectors of
# at this level.
set(tensix ${PROJECT_SOURCE_DIR}/src/tensix)
set_source_files_properties(
    ${tensix}/rows/kernel_baseline.cpp ${tensix}/unpack_number.cpp ${tensix}/pack_number.cpp
    PROPERTIES COMPILE_OPTIONS "-O3" SKIP_PRECOMPILE_HEADERS ON)
set_source_files_properties(${tensix}/rows/kernel_avx2.cpp
    PROPERTIES COMPILE_OPTIONS "-O3;-mavx2;-mfma" SKIP_PRECOMPILE_HEADERS ON)
set_source_files_properties(${tensix}/rows/kernel_avx512.cpp
    PROPERTIES COMPILE_OPTIONS "-O3;-mavx512f;-mavx512bw;-mavx512vl;-mprefer-vector-width=512"
               SKIP_PRECOMPILE_HEADERS ON)
