// A program that can never end is an exception of the host's call that waits for it.
#include "metalium/programs.hpp"
#include "tilewright/sim/run_error.hpp"

namespace tt::tt_metal::test {
namespace {

TEST(Livelock, OfAKernelThatPausesBetweenItsLooksIsTold) {
    const std::shared_ptr<MeshDevice> mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    const CoreCoord core{1, 1};
    const std::uint32_t semaphore = CreateSemaphore(program, CoreRange(core), 0);
    add_kernel(
        program,
        "volatile uint32_t* word = (volatile uint32_t*)get_semaphore(" + std::to_string(semaphore) +
            ");\nwhile (*word != 1) {\n    for (volatile int i = 0; i < 10; i = i + 1) {}\n}",
        core);
    const std::string text = message_of<tilewright::DeadlockError>([&] {
        run(*mesh, std::move(program));
        distributed::Finish(mesh->mesh_command_queue());
    });
    EXPECT_SAYS(text, "1 core repeats itself for ever");
    EXPECT_SAYS(text, "it reads semaphore 0 of its program");
    mesh->close();
}

}  // namespace
}  // namespace tt::tt_metal::test
