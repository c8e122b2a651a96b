# Finds the RISC-V capable clang of the Python package `ziglang`, which compiles the kernels that ship
# with the library, through the Python that builds the project.
set(components Interpreter)
if(TILEWRIGHT_BUILD_PYTHON)
    list(APPEND components Development.Module)
endif()
find_package(Python 3.11 REQUIRED COMPONENTS ${components})
message(STATUS "Python ${Python_VERSION}: ${Python_EXECUTABLE}")

if(NOT TILEWRIGHT_ZIGLANG_DIR)
    execute_process(
        COMMAND ${Python_EXECUTABLE} -c "import ziglang, os; print(os.path.dirname(ziglang.__file__))"
        RESULT_VARIABLE status OUTPUT_VARIABLE found ERROR_VARIABLE complaint
        OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(status)
        message(FATAL_ERROR
            "The Python that builds the project (${Python_EXECUTABLE}) has no package `ziglang`, whose "
            "clang compiles the built-in kernels. Install it with: "
            "${Python_EXECUTABLE} -m pip install ziglang\n${complaint}")
    endif()
    set(TILEWRIGHT_ZIGLANG_DIR ${found} CACHE PATH "Folder of the Python package ziglang")
endif()
set(TILEWRIGHT_ZIG ${TILEWRIGHT_ZIGLANG_DIR}/zig)
