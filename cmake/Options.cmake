# What can be switched on and off. The Python module has three names for its switch, because projects
# that build against us bring theirs along; whichever is given last counts.
option(TILEWRIGHT_BUILD_TESTS "Build the C++ tests (needs GoogleTest)" OFF)
option(TILEWRIGHT_BUILD_FUZZERS "Build the fuzzers (needs clang)" OFF)
option(TILEWRIGHT_BUILD_PYTHON "Build the Python module tilewright._core" ON)
option(TILEWRIGHT_PRECOMPILE "Precompile headers that many files include" ON)
option(TILEWRIGHT_WERROR "Treat warnings as errors" OFF)
set(TILEWRIGHT_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined")

set(given "")
foreach(name IN ITEMS KPU_BUILD_PYTHON_BINDINGS BUILD_PYTHON_BINDINGS)
    if(NOT DEFINED ${name})
        continue()
    endif()
    if(${name})
        set(wanted ON)
    else()
        set(wanted OFF)
    endif()
    if(NOT given STREQUAL "" AND NOT given STREQUAL wanted)
        message(FATAL_ERROR
            "KPU_BUILD_PYTHON_BINDINGS and BUILD_PYTHON_BINDINGS are the same switch, but one is on and "
            "the other is off.")
    endif()
    set(given ${wanted})
    set(TILEWRIGHT_BUILD_PYTHON ${wanted} CACHE BOOL "Build the Python module tilewright._core" FORCE)
    # Forgotten again, so that a later -DTILEWRIGHT_BUILD_PYTHON is not overruled by an earlier run.
    unset(${name} CACHE)
    unset(${name})
endforeach()
