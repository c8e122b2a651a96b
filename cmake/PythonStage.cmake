# Stages the Python packages, importable as they stand, under <build>/src/bindings/python/<build type>,
# for users who set PYTHONPATH instead of installing. A build tree in <source>/build/ (where the presets
# put theirs) stages under <source>/build, whatever the name of the preset, because that is the path
# that scripts look for.
set(build_root ${PROJECT_BINARY_DIR})
cmake_path(GET PROJECT_BINARY_DIR PARENT_PATH parent)
if(parent STREQUAL "${PROJECT_SOURCE_DIR}/build")
    set(build_root ${parent})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(stage_type Debug)
else()
    set(stage_type Release)
endif()
set(TILEWRIGHT_PYTHON_STAGE ${build_root}/src/bindings/python/${stage_type}
    CACHE PATH "Where importable Python packages are staged")

# One target for each folder of python/, named as the package is imported.
set(package_targets "")
file(GLOB packages RELATIVE ${PROJECT_SOURCE_DIR}/python CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/python/*)
foreach(package IN LISTS packages)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/python/${package}/__init__.py)
        continue()
    endif()
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/python
         ${PROJECT_SOURCE_DIR}/python/${package}/*)
    list(FILTER files EXCLUDE REGEX "__pycache__|\\.so$|/(lib|share|bin|include)/")
    set(staged "")
    foreach(file IN LISTS files)
        set(target ${TILEWRIGHT_PYTHON_STAGE}/${file})
        add_custom_command(
            OUTPUT ${target} DEPENDS ${PROJECT_SOURCE_DIR}/python/${file}
            COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/python/${file} ${target} VERBATIM)
        list(APPEND staged ${target})
    endforeach()
    # The library has the name of its package already.
    set(name ${package})
    if(package STREQUAL "tilewright")
        set(name tilewright_package)
    endif()
    add_custom_target(${name} DEPENDS ${staged})
    list(APPEND package_targets ${name})
endforeach()

# The module goes along with the package around it, and finds its library where that was built.
add_custom_target(tilewright_module
    COMMAND ${CMAKE_COMMAND} -E make_directory ${TILEWRIGHT_PYTHON_STAGE}/tilewright
    COMMAND ${CMAKE_COMMAND} -E copy_if_different $<TARGET_FILE:_core>
            ${TILEWRIGHT_PYTHON_STAGE}/tilewright/
    DEPENDS _core VERBATIM)
add_dependencies(tilewright_package tilewright_module tilewright-kernels)
# What `ls` and `ldd` look for there: modules of the packages' names, which are the packages.
foreach(name IN ITEMS stillwater_kpu stillwater_toplevel)
    add_library(${name}_module MODULE EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/src/python/front/front.cpp)
    target_compile_definitions(${name}_module PRIVATE TILEWRIGHT_FRONT=${name})
    target_link_libraries(${name}_module PRIVATE Python::Module tilewright_options)
    # Linked to the library, though it is the package that uses it, so that `ldd` tells which one.
    target_link_libraries(${name}_module PRIVATE -Wl,--no-as-needed tilewright)
    set_target_properties(${name}_module PROPERTIES
        PREFIX "" SUFFIX ".so" OUTPUT_NAME ${name}
        LIBRARY_OUTPUT_DIRECTORY ${TILEWRIGHT_PYTHON_STAGE})
    add_dependencies(${name} ${name}_module)
endforeach()
foreach(name IN LISTS package_targets)
    if(NOT name STREQUAL "tilewright_package")
        add_dependencies(${name} tilewright_package)
    endif()
endforeach()

# An installation through pip takes the packages from their sources.
if(SKBUILD)
    add_custom_target(python_package DEPENDS ${package_targets})
else()
    add_custom_target(python_package ALL DEPENDS ${package_targets})
endif()
