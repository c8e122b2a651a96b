// Parts of the worker grid: programs bound to them, and what is refused.
#include <array>
#include <span>

#include "programs.hpp"

namespace tt::tt_metal {
namespace {

using namespace test;

constexpr auto tensix = HalProgrammableCoreType::TENSIX;

SubDevice of(const CoreRangeSet& cores) {
    return SubDevice(std::array{cores});
}

Program on(const CoreRangeSet& cores) {
    Program program = CreateProgram();
    add_kernel(program, "DPRINT << \"here\" << ENDL();", cores);
    return program;
}

TEST(SubDevices, AreTheWholeGridUntilASetIsLoaded) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    EXPECT_EQ(mesh->num_sub_devices(), 1u);
    const CoreCoord grid = mesh->logical_grid_size();
    EXPECT_EQ(mesh->num_worker_cores(tensix, SubDeviceId{0}), grid.x * grid.y);

    const auto manager = mesh->create_sub_device_manager(
        {of(CoreRange({0, 0}, {1, 0})), of(CoreRange({2, 0}, {2, 2}))}, 3200);
    EXPECT_EQ(mesh->num_sub_devices(), 1u);  // not loaded yet
    mesh->load_sub_device_manager(manager);
    EXPECT_EQ(mesh->get_active_sub_device_manager_id(), manager);
    ASSERT_EQ(mesh->num_sub_devices(), 2u);
    EXPECT_EQ(mesh->num_worker_cores(tensix, SubDeviceId{0}), 2u);
    EXPECT_EQ(mesh->worker_cores(tensix, SubDeviceId{1}), CoreRangeSet(CoreRange({2, 0}, {2, 2})));
    EXPECT_TRUE(mesh->worker_cores(HalProgrammableCoreType::ACTIVE_ETH, SubDeviceId{1}).empty());
    EXPECT_SAYS(message_of<std::runtime_error>([&] { mesh->worker_cores(tensix, SubDeviceId{2}); }),
                "sub-device 2 does not exist; there are 2");

    EXPECT_SAYS(message_of<std::runtime_error>([&] { mesh->remove_sub_device_manager(manager); }),
                "is loaded");
    mesh->clear_loaded_sub_device_manager();
    EXPECT_EQ(mesh->num_worker_cores(tensix, SubDeviceId{0}), grid.x * grid.y);
    mesh->remove_sub_device_manager(manager);
    EXPECT_SAYS(message_of<std::runtime_error>([&] { mesh->load_sub_device_manager(manager); }),
                "does not exist");
}

TEST(SubDevices, BindProgramsToThem) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    mesh->load_sub_device_manager(mesh->create_sub_device_manager(
        {of(CoreRange({0, 0}, {1, 0})), of(CoreRange({2, 0}, {3, 0}))}, 0));
    testing::internal::CaptureStdout();
    run(*mesh, on(CoreRange({2, 0}, {3, 0})));
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "0:(x=2,y=0):BR: here\n0:(x=3,y=0):BR: here\n");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    run(*mesh, on(CoreRange({1, 0}, {2, 0})));
                }),
                "no loaded sub-device has all of");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    run(*mesh, on(CoreRange({0, 1}, {0, 1})));
                }),
                "no loaded sub-device has all of");
    mesh->clear_loaded_sub_device_manager();
    testing::internal::CaptureStdout();
    run(*mesh, on(CoreRange({1, 0}, {2, 0})));
    EXPECT_SAYS(testing::internal::GetCapturedStdout(), "(x=2,y=0)");
}

TEST(SubDevices, AreRefusedWhereTheyMakeNoSense) {
    auto mesh = MeshDevice::create_unit_mesh(0);
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    mesh->create_sub_device_manager(
                        {of(CoreRange({0, 0}, {1, 1})), of(CoreRange({1, 1}, {2, 2}))}, 0);
                }),
                "sub-devices 0 and 1 share cores");
    EXPECT_SAYS(message_of<std::runtime_error>([&] {
                    mesh->create_sub_device_manager({of(CoreRange({0, 0}, {99, 0}))}, 0);
                }),
                "not all in the grid");
    EXPECT_SAYS(message_of<std::runtime_error>([&] { mesh->create_sub_device_manager({}, 0); }),
                "0 sub-devices");
    EXPECT_SAYS(
        message_of<std::runtime_error>([&] {
            SubDevice(std::array{CoreRangeSet(CoreCoord{0, 0}), CoreRangeSet(CoreCoord{0, 0})});
        }),
        "not simulated");
    const std::array group{SubDeviceId{7}};
    EXPECT_SAYS(message_of<std::runtime_error>([&] { mesh->set_sub_device_stall_group(group); }),
                "sub-device 7 does not exist");
}

TEST(SubDevices, AreCheckedForProgramsOfTheOlderGeneration) {
    IDevice* device = CreateDevice(0);
    device->load_sub_device_manager(device->create_sub_device_manager({of(CoreCoord{1, 1})}, 0));
    Program program = on(CoreCoord{0, 0});
    EXPECT_SAYS(message_of<std::runtime_error>(
                    [&] { EnqueueProgram(device->command_queue(), program, true); }),
                "no loaded sub-device has all of");
    CloseDevice(device);
}

}  // namespace
}  // namespace tt::tt_metal
