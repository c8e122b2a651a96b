# Refuses, at configure time and naming why, the platforms that Tilewright does not support, and finds
# what it needs from the system.
if(WIN32)
    message(FATAL_ERROR
        "Tilewright does not build on Windows: it maps device memory with mmap and starts the kernel "
        "compiler with posix_spawn. Use WSL, where it builds as on Linux.")
endif()
if(CMAKE_CXX_BYTE_ORDER STREQUAL "BIG_ENDIAN")
    message(FATAL_ERROR
        "Tilewright needs a little-endian host: simulated cores are little-endian, and their memory is "
        "read and written in place. ${CMAKE_SYSTEM_PROCESSOR} is big-endian.")
endif()
if(CMAKE_SIZEOF_VOID_P LESS 8)
    message(FATAL_ERROR
        "Tilewright needs a 64-bit host: the memories of one chip do not fit into a 32-bit address "
        "space. ${CMAKE_SYSTEM_PROCESSOR} has ${CMAKE_SIZEOF_VOID_P}-byte pointers.")
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
    message(FATAL_ERROR "Tilewright needs g++ 12 or later for C++20, found "
        "${CMAKE_CXX_COMPILER_VERSION} (${CMAKE_CXX_COMPILER}).")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)
    message(FATAL_ERROR "Tilewright needs clang++ 15 or later for C++20, found "
        "${CMAKE_CXX_COMPILER_VERSION} (${CMAKE_CXX_COMPILER}).")
endif()

find_path(XXHASH_INCLUDE_DIR xxhash.h)
if(NOT XXHASH_INCLUDE_DIR)
    message(FATAL_ERROR
        "xxhash.h was not found. It is a header of the xxHash library: install the Debian or Ubuntu "
        "package libxxhash-dev (Fedora: xxhash-devel, Homebrew: xxhash), or set XXHASH_INCLUDE_DIR.")
endif()
find_package(Threads REQUIRED)
