# Install rules and the package that `find_package(tilewright)` reads. The wheel is an install whose
# prefix is the folder of the Python package.
include(CMakePackageConfigHelpers)

install(TARGETS tilewright riscv EXPORT tilewright
        LIBRARY DESTINATION lib ARCHIVE DESTINATION lib)
install(TARGETS ${TILEWRIGHT_TOOLS} RUNTIME DESTINATION bin)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tilewright ${PROJECT_SOURCE_DIR}/include/stillwater
        DESTINATION include
        FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/tilewright DESTINATION share)

# Completion of the command, where the shells look for it: beside the command, not in the package.
if(SKBUILD)
    set(shells ${PROJECT_SOURCE_DIR}/python/tilewright/cli/shells)
    install(FILES ${shells}/tilewright
            DESTINATION ${SKBUILD_DATA_DIR}/share/bash-completion/completions)
    install(FILES ${shells}/_tilewright DESTINATION ${SKBUILD_DATA_DIR}/share/zsh/site-functions)
endif()

install(EXPORT tilewright NAMESPACE tilewright:: FILE tilewrightTargets.cmake
        DESTINATION lib/cmake/tilewright)
configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/tilewrightConfig.cmake.in
    ${PROJECT_BINARY_DIR}/cmake/tilewrightConfig.cmake INSTALL_DESTINATION lib/cmake/tilewright
    NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/tilewrightConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/tilewrightConfig.cmake
              ${PROJECT_BINARY_DIR}/cmake/tilewrightConfigVersion.cmake
        DESTINATION lib/cmake/tilewright)

# find_package(StillwaterKPU 1.0) is the same library by another name; the version is that of the
# interface in stillwater/kpu/kpu.hpp.
configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/StillwaterKPUConfig.cmake.in
    ${PROJECT_BINARY_DIR}/cmake/StillwaterKPUConfig.cmake
    INSTALL_DESTINATION lib/cmake/StillwaterKPU)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/StillwaterKPUConfigVersion.cmake
                                 VERSION 1.0.0 COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/StillwaterKPUConfig.cmake
              ${PROJECT_BINARY_DIR}/cmake/StillwaterKPUConfigVersion.cmake
        DESTINATION lib/cmake/StillwaterKPU)
