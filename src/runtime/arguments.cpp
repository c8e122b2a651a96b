// Launch arguments: what buffers and semaphores of a device are to a kernel.
#include "tilewright/firmware/arguments.hpp"

#include "tilewright/base/error.hpp"
#include "tilewright/runtime/kernel.hpp"

namespace tilewright {
namespace {

firmware::ArgumentValue value_of(std::int64_t number) {
    return number;
}
firmware::ArgumentValue value_of(std::uint64_t number) {
    return number;
}
firmware::ArgumentValue value_of(double number) {
    return number;
}
firmware::ArgumentValue value_of(const Buffer& buffer) {
    return buffer.ref();
}
firmware::ArgumentValue value_of(const Semaphore& semaphore) {
    return firmware::SemaphoreAddress{semaphore.address};
}

}  // namespace

std::vector<std::uint32_t> encode_arguments(const Kernel& kernel, std::span<const Argument> args) {
    std::vector<firmware::ArgumentValue> values;
    values.reserve(args.size());
    const auto where = [&] {
        return "kernel '" + kernel.name() + "', argument " + std::to_string(values.size()) + ": ";
    };
    for (const Argument& argument : args) {
        try {
            values.push_back(std::visit([](const auto& a) { return value_of(a); }, argument));
        } catch (const AddressError& error) {
            throw AddressError(where() + error.what());
        } catch (const ClosedError& error) {
            throw ClosedError(where() + error.what());
        }
    }
    return firmware::encode_arguments(kernel.name(), kernel.signature(), values);
}

}  // namespace tilewright
