// What TILEWRIGHT_REPORT says of programs.
#include "frontends/metalium/report.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "programs.hpp"

namespace tt::tt_metal {
namespace {

using namespace test;

TEST(Report, CountsCyclesWithAKernelOnce) {
    tilewright::Run run;
    const auto core = [&](std::uint64_t start, std::uint64_t end) {
        run.cores.push_back({.core = {},
                             .start = tilewright::Cycle{start},
                             .end = tilewright::Cycle{end},
                             .output = {}});
    };
    EXPECT_EQ(detail::busy_cycles(run), 0u);
    core(100, 200);
    core(150, 250);  // overlaps
    core(110, 120);  // inside
    EXPECT_EQ(detail::busy_cycles(run), 150u);
    core(1000, 1001);  // of another program, later
    core(10, 20);
    EXPECT_EQ(detail::busy_cycles(run), 161u);
}

TEST(Report, HasALineForEachTimeTheHostWaited) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("tilewright-report-" + std::to_string(getpid()));
    std::filesystem::remove(file);
    ::setenv("TILEWRIGHT_REPORT", file.c_str(), 1);
    {
        auto mesh = MeshDevice::create_unit_mesh(0);
        for (int i = 0; i < 2; ++i) {
            Program program = CreateProgram();
            add_kernel(program, "", CoreCoord{0, 0});
            run(*mesh, std::move(program));
        }
        distributed::Finish(mesh->mesh_command_queue());  // nothing ran: no line
    }
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_SAYS(lines[0], R"({"device": 0, "chip": "blackhole", "cycles": )");
    EXPECT_EQ(lines[0].back(), '}');
    std::filesystem::remove(file);

    ::setenv("TILEWRIGHT_REPORT", "/nonexistent/report", 1);
    auto mesh = MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    add_kernel(program, "", CoreCoord{0, 0});
    EXPECT_SAYS(tilewright::message_of<std::runtime_error>([&] { run(*mesh, std::move(program)); }),
                "TILEWRIGHT_REPORT: '/nonexistent/report' cannot be written");
    ::unsetenv("TILEWRIGHT_REPORT");
}

}  // namespace
}  // namespace tt::tt_metal
