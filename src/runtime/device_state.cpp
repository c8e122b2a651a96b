#include "runtime/device_state.hpp"

#include <cstdlib>
#include <memory>

#include "tilewright/firmware/conventions.hpp"

namespace tilewright::detail {
namespace {

std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

TranslationMode translation_mode(const DeviceOptions& options) {
    if (options.translate) return *options.translate;
    const char* const name = std::getenv("TILEWRIGHT_TRANSLATE");
    if (name == nullptr || *name == '\0') return TranslationMode::on;
    return parse_translation_mode(name, "TILEWRIGHT_TRANSLATE");
}

}  // namespace

DeviceState::DeviceState(const ChipConfig& config, const DeviceOptions& options)
    : serial(next_serial()),
      translator(translation_mode(options)),
      chip(config, firmware::conventions),
      leases(chip),
      memory(chip, leases, tables) {
    chip.set_translations(&translator);
}

void DeviceState::drop(std::uint64_t id, const Allocation& allocation) {
    std::shared_ptr<const void> owner;  // outlives the lock
    const std::lock_guard lock(tables);
    const bool elsewhere = in_use_elsewhere();
    if (elsewhere && allocation.placement.kind == Placement::Kind::host) {
        dropped.emplace_back(id, allocation);
    } else {
        owner = memory.give_back(id, allocation, !elsewhere);
    }
}

void DeviceState::forbid_calls(std::uint32_t number) {
    const std::lock_guard lock(tables);
    if (in_use_elsewhere()) {
        forbidden.push_back(number);
    } else {
        chip.forbid_calls(number);
    }
}

bool DeviceState::in_use_elsewhere() const {
    return user != std::thread::id() && user != std::this_thread::get_id();
}

bool DeviceState::enter() {
    const std::lock_guard lock(tables);
    if (user != std::thread::id()) return false;
    user = std::this_thread::get_id();
    return true;
}

void DeviceState::leave() {
    std::vector<std::shared_ptr<const void>> let_go;  // outlive the lock
    const std::lock_guard lock(tables);
    for (const auto& [id, allocation] : dropped) {
        let_go.push_back(memory.give_back(id, allocation));
    }
    dropped.clear();
    for (const std::uint32_t number : forbidden) chip.forbid_calls(number);
    forbidden.clear();
    user = std::thread::id();
}

std::function<void()> DeviceState::take_callback(std::uint64_t notice) {
    const auto found = callbacks.extract(notice);
    return found.empty() ? nullptr : std::move(found.mapped());
}

void DeviceState::stop_everything() {
    callbacks.clear();
    chip.abort();
    leases.end_launches();
    launches.clear();
    queues.clear();
}

void LeaseHandle::release() const {
    const auto state = device.lock();
    if (!state) return;
    const std::lock_guard lock(state->tables);
    state->leases.give_back(number, holding);
}

bool LeaseHandle::valid() const {
    const auto state = device.lock();
    if (!state) return false;
    const std::lock_guard lock(state->tables);
    return state->leases.knows(number, holding);
}

}  // namespace tilewright::detail
