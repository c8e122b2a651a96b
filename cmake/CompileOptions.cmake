# The language, the warnings and the sanitizers that every target of the project is built with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# A shared library exports what TILEWRIGHT_API marks (include/tilewright/base/export.hpp), so that what is
# inside can change, and calls within it are direct.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_library(tilewright_options INTERFACE)
target_compile_options(tilewright_options INTERFACE -Wall -Wextra -Wpedantic
                       -Wmissing-declarations)
if(TILEWRIGHT_WERROR)
    target_compile_options(tilewright_options INTERFACE -Werror)
endif()
if(TILEWRIGHT_SANITIZE)
    add_compile_options(-fsanitize=${TILEWRIGHT_SANITIZE} -fno-sanitize-recover=all
                        -fno-omit-frame-pointer -g)
    add_link_options(-fsanitize=${TILEWRIGHT_SANITIZE})
    # GCC's own advice: with sanitizers these warnings see what is not there, in <regex> and in sums of
    # strings.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(tilewright_options INTERFACE -Wno-maybe-uninitialized -Wno-array-bounds
                                                            -Wno-stringop-overflow -Wno-restrict)
    endif()
endif()
