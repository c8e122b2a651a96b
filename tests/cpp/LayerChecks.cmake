# That the layers keep to cmake/Layers.cmake: what a layer may not include, the compiler refuses, and
# what it calls is defined in the layers that it sees.
get_property(layer_names GLOBAL PROPERTY tilewright_layer_names)

# Includes: the test reads the compiler's message, because a compiler that fails says nothing.
foreach(layer IN LISTS layer_names)
    get_property(seen GLOBAL PROPERTY tilewright_${layer}_sees)
    foreach(other IN LISTS layer_names)
        file(GLOB headers LIST_DIRECTORIES false RELATIVE ${PROJECT_SOURCE_DIR}/include
             ${PROJECT_SOURCE_DIR}/include/tilewright/${other}/*.hpp)
        if(other STREQUAL layer OR other IN_LIST seen OR NOT headers)
            continue()
        endif()
        list(GET headers 0 header)
        set(source ${CMAKE_CURRENT_BINARY_DIR}/layers/${layer}_includes_${other}.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
        set(test layers.${layer}_cannot_include_${other})
        add_test(NAME ${test} COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only
                 -I${PROJECT_BINARY_DIR}/layers/${layer} ${source})
        set_tests_properties(${test} PROPERTIES
            LABELS quick TIMEOUT 30 PASS_REGULAR_EXPRESSION "fatal error: '?${header}")
    endforeach()
endforeach()

# Links: a library of the layer and those it sees, without which the build fails. Sanitizers leave
# references to their runtime open, and this linker option is not everywhere.
if(TILEWRIGHT_SANITIZE OR NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
    return()
endif()
foreach(layer IN LISTS layer_names)
    if(NOT TARGET tilewright_${layer})
        continue()
    endif()
    get_property(seen GLOBAL PROPERTY tilewright_${layer}_sees)
    # What the layers see that this one sees.
    set(below "")
    foreach(other IN LISTS seen)
        get_property(further GLOBAL PROPERTY tilewright_${other}_sees)
        list(APPEND below ${other} ${further})
    endforeach()
    list(REMOVE_DUPLICATES below)
    list(REMOVE_ITEM below ${layer})
    set(program ${layer}_links)
    add_library(${program} MODULE $<TARGET_OBJECTS:tilewright_${layer}>)
    foreach(other IN LISTS below)
        if(TARGET tilewright_${other})
            target_sources(${program} PRIVATE $<TARGET_OBJECTS:tilewright_${other}>)
        endif()
    endforeach()
    set_target_properties(${program} PROPERTIES
        LINKER_LANGUAGE CXX LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/layers)
    target_link_libraries(${program} PRIVATE Threads::Threads ${CMAKE_DL_LIBS})
    target_link_options(${program} PRIVATE -Wl,--no-undefined)
endforeach()
