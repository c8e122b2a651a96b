#include "tilewright/engine/systolic/data_type.hpp"

#include <string>

#include "engine/systolic/names.hpp"

namespace tilewright {

namespace {
constexpr std::string_view names[] = {"float32", "bfloat16", "float16", "int8", "int32"};
}

std::string_view name_of(DataType type) {
    return names[static_cast<std::size_t>(type)];
}

DataType data_type(std::string_view name) {
    return static_cast<DataType>(index_of(name, names, "data type"));
}

}  // namespace tilewright
