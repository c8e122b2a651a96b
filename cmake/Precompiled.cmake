# Headers that many files include are compiled once for all of them: about a third of the time of a
# build. Files still include what they use; the fuzzers' build, without this, keeps them to it.

set(TILEWRIGHT_STANDARD_HEADERS
    <algorithm> <array> <bit> <chrono> <cmath> <cstddef> <cstdint> <cstdio> <cstdlib> <cstring>
    <exception> <filesystem> <fstream> <functional> <iterator> <limits> <map> <memory> <mutex> <numeric>
    <optional> <set> <span> <sstream> <stdexcept> <string> <string_view> <tuple> <type_traits> <utility>
    <variant> <vector>)

# precompile(<target> [FROM <target>] [<header>...]): the headers for all files of the target, or what
# another target, which is compiled with the same options, has precompiled already.
function(precompile target)
    if(NOT TILEWRIGHT_PRECOMPILE)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 1 precompile "" "FROM" "")
    if(precompile_FROM AND NOT precompile_FROM STREQUAL target)
        target_precompile_headers(${target} REUSE_FROM ${precompile_FROM})
    else()
        target_precompile_headers(${target} PRIVATE ${precompile_UNPARSED_ARGUMENTS})
    endif()
endfunction()
