# What find_package(TT-Metalium) runs: TT::Metalium is tilewright::metalium, the same headers and calls on
# simulated devices. Variables that name parts of the vendor's build (umd_DIR, spdlog_DIR,
# tt-logger_DIR, ...) may be set and are not used.
include(CMakeFindDependencyMacro)
find_dependency(tilewright PATHS "${CMAKE_CURRENT_LIST_DIR}/../tilewright" NO_DEFAULT_PATH)
if(NOT TARGET tilewright::metalium)
    set(TT-Metalium_FOUND FALSE)
    set(TT-Metalium_NOT_FOUND_MESSAGE
        "tilewright::metalium is not there: it needs the fmt library (Debian and Ubuntu: libfmt-dev), both when Tilewright is built and here.")
    return()
endif()
foreach(name Metalium STL)
    if(NOT TARGET TT::${name})
        add_library(TT::${name} INTERFACE IMPORTED)
        target_link_libraries(TT::${name} INTERFACE tilewright::metalium)
    endif()
endforeach()
