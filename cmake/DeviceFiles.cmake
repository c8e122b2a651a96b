# Stages what runs on, or is compiled for, the device under <build>/share/tilewright: kernel headers,
# start-up code, the compiler's arithmetic routines, and the kernels that ship ready to run.
set(stage ${PROJECT_BINARY_DIR}/share/tilewright)
set(device_files "")

# stage_file(<file> <path below the stage>): a copy that follows its source.
function(stage_file source target)
    add_custom_command(
        OUTPUT ${stage}/${target} DEPENDS ${source}
        COMMAND ${CMAKE_COMMAND} -E copy ${source} ${stage}/${target} VERBATIM)
    set(device_files ${device_files} ${stage}/${target} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/kernels
     ${PROJECT_SOURCE_DIR}/kernels/include/*.hpp ${PROJECT_SOURCE_DIR}/kernels/include/*.h)
file(GLOB runtime CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/kernels
     ${PROJECT_SOURCE_DIR}/kernels/runtime/*)
foreach(file IN LISTS headers runtime)
    stage_file(${PROJECT_SOURCE_DIR}/kernels/${file} ${file})
endforeach()
foreach(shared_header IN ITEMS
        tile/address_space.hpp tile/core_registers.hpp noc/registers.hpp engine/limits.hpp
        engine/registers.hpp firmware/abi.hpp firmware/graph_layout.hpp coprocessor/registers.hpp
        tensix/instructions.def tensix/config_fields.hpp tensix/format.hpp)
    stage_file(${PROJECT_SOURCE_DIR}/include/tilewright/${shared_header}
               include/tilewright/${shared_header})
endforeach()

# What kernels written for TT-Metalium include. Their published names all lead to the same header.
file(GLOB_RECURSE metalium_headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/kernels/metalium
     ${PROJECT_SOURCE_DIR}/kernels/metalium/*.h)
foreach(file IN LISTS metalium_headers)
    stage_file(${PROJECT_SOURCE_DIR}/kernels/metalium/${file} metalium/include/${file})
endforeach()
# The story interpreter, for kernels that include it.
file(GLOB zmachine_headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/kernels
     ${PROJECT_SOURCE_DIR}/kernels/zmachine/*.hpp)
foreach(file IN LISTS zmachine_headers)
    stage_file(${PROJECT_SOURCE_DIR}/kernels/${file} metalium/include/tilewright/${file})
endforeach()
foreach(header IN ITEMS shared_types.h constants.hpp buffer_types.hpp circular_buffer_constants.h)
    stage_file(${PROJECT_SOURCE_DIR}/include/tt-metalium/${header}
               metalium/include/tt-metalium/${header})
endforeach()
foreach(header IN ITEMS hostdevcommon/tensor_accessor/arg_config.hpp tt_stl/enum_names.hpp)
    stage_file(${PROJECT_SOURCE_DIR}/include/${header} metalium/include/${header})
endforeach()
foreach(name IN ITEMS
        dataflow_api.h dataflow_api_addrgen.h dataflow_internal.h firmware_common.h risc_attribs.h
        risc_common.h compile_time_args.h debug/dprint.h debug/assert.h debug/waypoint.h
        debug/dprint_tile.h debug/device_print.h debug/pause.h debug/ring_buffer.h
        hostdevcommon/common_values.hpp hostdevcommon/common_runtime_address_map.h
        hostdevcommon/kernel_structs.h hostdevcommon/dprint_common.h tools/profiler/kernel_profiler.hpp
        accessor/tensor_accessor.h accessor/tensor_accessor_args.h noc_nonblocking_api.h noc_parameters.h
        noc/noc_parameters.h api/debug/dprint_pages.h
        circular_buffer.h circular_buffer_interface.h internal/circular_buffer_interface.h ethernet/dataflow_api.h
        internal/risc_attribs.h internal/dataflow/dataflow_api_addrgen.h
        api/compile_time_args.h api/alignment.h api/dataflow/dataflow_api.h api/tensor/tensor_accessor.h
        api/tensor/tensor_accessor_args.h api/debug/pause.h api/debug/ring_buffer.h remote_circular_buffer_api.h
        experimental/circular_buffer.h experimental/core_local_mem.h experimental/endpoints.h
        experimental/lock.h experimental/noc.h experimental/noc_semaphore.h experimental/tensor.h
        api/debug/dprint.h api/debug/device_print.h api/debug/assert.h api/debug/waypoint.h
        api/debug/dprint_tile.h api/debug/kernel_profiler.hpp experimental/kernel_args.h
        api/kernel_thread_globals.h api/tensor/tensor_binding_token.h api/dataflow/dfb_access.h
        api/dataflow/dfb_binding_token.h api/dataflow/semaphore_binding_token.h
        api/scratchpad_binding_token.h ckernel.h ckernel_defs.h llk_defs.h internal/mod_div_lib.h
        api/numeric/bfloat16.h api/tensor/page.h api/tensor/pages_address_iterator.h
        api/tensor/shard_pages_address_iterator.h)
    file(CONFIGURE OUTPUT ${stage}/metalium/include/${name}
         CONTENT "#pragma once\n#include \"tilewright/metalium/prelude.h\"\n")
endforeach()
foreach(name IN ITEMS
        dataflow/circular_buffer dataflow/dataflow_buffer dataflow/endpoints dataflow/noc
        dataflow/noc_semaphore core_local_mem lock scratchpad semaphore tensor/noc_traits
        tensor/local_tensor_accessor remote_circular_buffer)
    file(CONFIGURE OUTPUT ${stage}/metalium/include/api/${name}.h
         CONTENT "#pragma once\n#include \"tilewright/metalium/objects.h\"\n")
endforeach()
foreach(header IN ITEMS
        debug/dprint_tensix.h api/debug/dprint_tensix.h sfpi.h sfpi_fp16.h ckernel_sfpu.h llk_sfpu_types.h
        ckernel_sfpu_copy_dest_values.h
        llk_math_eltwise_sfpu_common.h llk_math_eltwise_unary_sfpu.h llk_math_eltwise_unary_sfpu_init.h
        llk_math_eltwise_unary_sfpu_params.h llk_math_eltwise_unary_sfpu_macros.h
        llk_math_eltwise_binary_sfpu.h llk_math_eltwise_binary_sfpu_init.h
        llk_math_eltwise_binary_sfpu_params.h llk_math_eltwise_binary_sfpu_macros.h
        llk_math_eltwise_ternary_sfpu.h llk_math_eltwise_ternary_sfpu_init.h
        llk_math_eltwise_ternary_sfpu_params.h llk_math_eltwise_ternary_sfpu_macros.h)
    file(CONFIGURE OUTPUT ${stage}/metalium/include/${header}
         CONTENT "#pragma once\n#include \"tilewright/metalium/compute.h\"\n")
endforeach()
foreach(name IN ITEMS compute_kernel_api compute_kernel_api/common compute_kernel_api/matmul
        compute_kernel_api/tile_move_copy compute_kernel_api/eltwise_binary compute_kernel_api/bcast
        compute_kernel_api/reduce compute_kernel_api/tilize compute_kernel_api/untilize
        compute_kernel_api/pack compute_kernel_api/reg_api compute_kernel_api/cb_api
        compute_kernel_api/transpose_wh compute_kernel_api/transpose compute_kernel_api/pack_untilize
        compute_kernel_api/reduce_custom compute_kernel_api/experimental/matmul_custom
        compute_kernel_api/experimental/reg_api
        compute_kernel_api/reconfig_data_format compute_kernel_api/layernorm compute_kernel_api/softmax
        compute_kernel_api/eltwise_binary_sfpu compute_kernel_api/compute_kernel_hw_startup
        compute_kernel_api/mask compute_kernel_api/copy_dest_values compute_kernel_api/transpose_wh_dest
        compute_kernel_api/transpose_dest compute_kernel_api/eltwise_unary/recip
        compute_kernel_api/eltwise_unary/sqrt compute_kernel_api/eltwise_unary/rsqrt
        compute_kernel_api/eltwise_unary/eltwise_unary compute_kernel_api/eltwise_unary/sfpu_split_includes
        compute_kernel_api/eltwise_unary/exp compute_kernel_api/eltwise_unary/relu
        compute_kernel_api/eltwise_unary/fill compute_kernel_api/eltwise_unary/negative
        compute_kernel_api/eltwise_unary/binop_with_scalar
        compute_kernel_api/add_int_sfpu compute_kernel_api/sub_int_sfpu compute_kernel_api/mul_int_sfpu
        compute_kernel_api/mul_int32_sfpu compute_kernel_api/binary_bitwise_sfpu
        compute_kernel_api/binary_comp compute_kernel_api/binary_fmod compute_kernel_api/binary_max_min
        compute_kernel_api/binary_remainder compute_kernel_api/binary_shift compute_kernel_api/cumsum
        compute_kernel_api/atan2 compute_kernel_api/reshuffle compute_kernel_api/topk
        compute_kernel_api/sfpu_binary_bcast compute_kernel_api/situ_glu
        compute_kernel_api/clamped_silu_glu compute_kernel_api/ema
        compute_kernel_api/quantization compute_kernel_api/gcd compute_kernel_api/lcm
        compute_kernel_api/xlogy compute_kernel_api/logsigmoid
        compute_kernel_api/common_globals compute_kernel_api/blank compute_kernel_api/div_int32_floor
        compute_kernel_api/div_int32_sfpu compute_kernel_api/isclose compute_kernel_api/logaddexp
        compute_kernel_api/logaddexp2 compute_kernel_api/nextafter
        compute_kernel_api/experimental/fast_untilize compute_kernel_api/experimental/layernorm)
    string(REPLACE compute_kernel_api/ api/compute/ today ${name})
    if(name STREQUAL "compute_kernel_api")
        set(today api/compute/compute_kernel_api)
    endif()
    foreach(header IN ITEMS ${name} ${today})
        file(CONFIGURE OUTPUT ${stage}/metalium/include/${header}.h
             CONTENT "#pragma once\n#include \"tilewright/metalium/compute.h\"\n")
    endforeach()
endforeach()

# Kernels that include this one take std::array from it.
foreach(folder IN ITEMS compute_kernel_api api/compute)
    file(CONFIGURE OUTPUT ${stage}/metalium/include/${folder}/welford.h
         CONTENT "#pragma once\n#include <array>\n#include \"tilewright/metalium/compute.h\"\n")
endforeach()

foreach(name IN ITEMS
        activations addcdiv addcmul bitwise bitwise_and bitwise_not bitwise_or bitwise_xor cbrt clamp comp
        digamma dropout elu erf_erfc erfinv expm1 exp2 floor fmod gelu hardmish hardsigmoid hardtanh heaviside i0 i1 identity
        isinf_isnan left_shift lerp lgamma log1p logical_not logical_not_noti logical_not_unary mac mish
        polygamma power prelu rand rdiv remainder reverseops right_shift rounding rpow rsub selu sigmoid
        softcap softplus softshrink softsign shift sign signbit snake_beta tanh tanh_derivative tanhshrink threshold trigonometry typecast unary_comp
        unary_max_min where xielu max min sfpu_int_sum)
    foreach(folder IN ITEMS compute_kernel_api api/compute)
        file(CONFIGURE OUTPUT ${stage}/metalium/include/${folder}/eltwise_unary/${name}.h
             CONTENT "#pragma once\n#include \"tilewright/metalium/compute.h\"\n")
    endforeach()
endforeach()

# The sources go along with the executables: the demonstration compiles one, and people read them.
file(GLOB builtin_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/builtin/*.cpp)
foreach(source IN LISTS builtin_sources)
    cmake_path(GET source FILENAME file)
    stage_file(${source} kernels/${file})
endforeach()

# Soft floating point and 64-bit division, in sections of their own so that a kernel links only its own.
set(compiler_rt ${stage}/lib/libcompiler_rt.a)
file(MAKE_DIRECTORY ${stage}/lib ${stage}/kernels)
add_custom_command(
    OUTPUT ${compiler_rt}
    COMMAND ${CMAKE_COMMAND} -E env ZIG_GLOBAL_CACHE_DIR=${PROJECT_BINARY_DIR}/zig-cache
            ZIG_LOCAL_CACHE_DIR=${PROJECT_BINARY_DIR}/zig-cache
            ${TILEWRIGHT_ZIG} build-lib ${TILEWRIGHT_ZIGLANG_DIR}/lib/compiler_rt.zig
            -target riscv32-freestanding-none -mcpu=generic_rv32+m+a-f-d-c+zba+zbb -O ReleaseSmall
            -fstrip -ffunction-sections -fdata-sections -femit-bin=${compiler_rt}
    COMMENT "Building the device's libcompiler_rt.a" VERBATIM)
list(APPEND device_files ${compiler_rt})
add_custom_target(tilewright-device-files DEPENDS ${device_files})

# One ELF for each file of kernels/builtin, and one for each folder that is a kernel by itself.
set(kernel_elfs "")
function(add_builtin_kernel name)
    set(elf ${stage}/kernels/${name}.elf)
    list(GET ARGN 0 first_source)
    cmake_path(GET first_source PARENT_PATH folder)
    file(GLOB private_headers CONFIGURE_DEPENDS ${folder}/*.hpp)
    add_custom_command(
        OUTPUT ${elf} DEPENDS tilewright-cc ${device_files} ${ARGN} ${private_headers}
        COMMAND ${CMAKE_COMMAND} -E env TILEWRIGHT_CACHE=${PROJECT_BINARY_DIR}/kernel-cache
                $<TARGET_FILE:tilewright-cc> ${ARGN} -o ${elf} ${kernel_flags}
                --toolchain ${TILEWRIGHT_ZIG} --device-dir ${stage}
        COMMENT "Compiling the kernel ${name}" VERBATIM)
    set(kernel_elfs ${kernel_elfs} ${elf} PARENT_SCOPE)
endfunction()

foreach(source IN LISTS builtin_sources)
    cmake_path(GET source STEM name)
    add_builtin_kernel(${name} ${source})
endforeach()
file(GLOB zmachine_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/zmachine/*.cpp)
if(zmachine_sources)
    add_builtin_kernel(zmachine ${zmachine_sources})
endif()
add_builtin_kernel(graph_scheduler ${PROJECT_SOURCE_DIR}/kernels/graph/scheduler.cpp)
set(kernel_flags -D TILEWRIGHT_TASK_PRIORITIES=1)
add_builtin_kernel(graph_scheduler_priorities ${PROJECT_SOURCE_DIR}/kernels/graph/scheduler.cpp)
unset(kernel_flags)
add_builtin_kernel(graph_worker ${PROJECT_SOURCE_DIR}/kernels/graph/worker.cpp)
add_builtin_kernel(graph_follower ${PROJECT_SOURCE_DIR}/kernels/graph/follower.cpp)
set(kernel_flags --isa rv32imf_zicsr_zaamo_zba_zbb_zalrsc_zawrs)
add_builtin_kernel(graph_worker_float ${PROJECT_SOURCE_DIR}/kernels/graph/worker.cpp)
unset(kernel_flags)
# A matmul on compute engines: what moves the tiles, and what each core of the engine runs on each
# architecture. Circular buffer 2 holds the sums, as numbers of 32 bits that
# go to Dst as they are.
add_builtin_kernel(matmul_left ${PROJECT_SOURCE_DIR}/kernels/matmul/left.cpp)
add_builtin_kernel(matmul_right ${PROJECT_SOURCE_DIR}/kernels/matmul/right.cpp)
foreach(architecture IN ITEMS blackhole wormhole)
    string(TOUPPER ${architecture} ARCHITECTURE)
    foreach(core IN ITEMS unpack:0 math:1 pack:2)
        string(REPLACE ":" ";" core ${core})
        list(POP_FRONT core role number)
        string(TOUPPER ${role} ROLE)
        math(EXPR processor "${number} + 1")
        set(kernel_flags --isa rv32im_zicsr_zaamo_zalrsc_zawrs_zba_zbb_xtttensix
            -I ${stage}/metalium/include)
        foreach(define IN ITEMS KERNEL_BUILD=1 ARCH_${ARCHITECTURE}=1 COMPILE_FOR_TRISC=${number}
                TRISC_${ROLE} UCK_CHLKC_${ROLE} PROCESSOR_INDEX=${processor} NOC_INDEX=0 NUM_NOCS=2
                NUM_DRAM_BANKS=1 NUM_L1_BANKS=1 DRAM_ALIGNMENT=64 L1_ALIGNMENT=16
                KERNEL_COMPILE_TIME_ARGS= TILEWRIGHT_COMPUTE_ENGINE=1 TILEWRIGHT_MATH_FIDELITY=4
                TILEWRIGHT_DST_WIDE=true TILEWRIGHT_DST_FULL=false TILEWRIGHT_MATH_APPROX=false
                TILEWRIGHT_TILE_FORMATS={2,0,4096,32,32,true,false})
            list(APPEND kernel_flags -D ${define})
        endforeach()
        if(role STREQUAL "math")
            list(APPEND kernel_flags --vector-values)
        endif()
        add_builtin_kernel(matmul_${role}_${architecture}
                           ${PROJECT_SOURCE_DIR}/kernels/matmul/compute.cpp)
    endforeach()
endforeach()
unset(kernel_flags)

# Translations of those that run long, for the cores and the timing that most presets have: found by
# content, so that the name here is only that of the list of what was made. Of large programs the
# functions where the time goes, which scripts/hot_functions.py has found.
set(translations "")
function(add_translation name isa)
    set(elf ${stage}/kernels/${name}.elf)
    set(list ${PROJECT_BINARY_DIR}/translations/${name})
    set(functions "")
    set(option "")
    if(ARGC GREATER 2)
        set(functions ${PROJECT_SOURCE_DIR}/kernels/${ARGV2})
        set(option --functions ${functions})
    endif()
    add_custom_command(
        OUTPUT ${list} DEPENDS tilewright-translate ${elf} ${functions}
        COMMAND ${CMAKE_COMMAND} -E env TILEWRIGHT_CACHE=${PROJECT_BINARY_DIR}/kernel-cache
                $<TARGET_FILE:tilewright-translate> ${elf} --isa ${isa} ${option}
                -o ${stage}/translations --list ${list} --toolchain ${TILEWRIGHT_ZIG}
        COMMENT "Translating the kernel ${name}" VERBATIM)
    set(translations ${translations} ${list} PARENT_SCOPE)
endfunction()
set(mover rv32im_zicsr_zaamo_zba_zbb_zalrsc_zawrs)
# Builds that look for mistakes run the interpreter: it is what they look at.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TILEWRIGHT_SANITIZE)
    add_translation(zmachine ${mover} zmachine/hot_functions.txt)
    add_translation(scale_add ${mover})
endif()
add_custom_target(tilewright-kernels ALL DEPENDS ${device_files} ${kernel_elfs} ${translations})
