#include "tilewright/firmware/signature.hpp"

#include <string_view>

#include "tilewright/base/error.hpp"

namespace tilewright::firmware {

std::optional<std::string> signature(const riscv::ElfImage& program, const std::string& name) {
    const auto section = program.section(abi::signature_section);
    if (!section) return std::nullopt;
    std::string_view letters(reinterpret_cast<const char*>(section->data()), section->size());
    letters = letters.substr(0, letters.find('\0'));
    if (letters.find_first_not_of("uifUIdBS") != std::string_view::npos) {
        throw ElfError("'" + name + "': unknown parameter letters '" + std::string(letters) +
                       "' in section " + abi::signature_section);
    }
    return std::string(letters);
}

std::string parameter_name(abi::Parameter parameter) {
    switch (parameter) {
        case abi::Parameter::u32:
            return "uint32_t";
        case abi::Parameter::i32:
            return "int32_t";
        case abi::Parameter::f32:
            return "float";
        case abi::Parameter::u64:
            return "uint64_t";
        case abi::Parameter::i64:
            return "int64_t";
        case abi::Parameter::f64:
            return "double";
        case abi::Parameter::buffer:
            return "Buffer";
        case abi::Parameter::semaphore:
            return "Semaphore";
    }
    return "unknown";
}

}  // namespace tilewright::firmware
