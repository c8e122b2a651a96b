// The kinds of cores by name.
#include "tilewright/tile/tile_config.hpp"

#include "tilewright/base/error.hpp"

namespace tilewright {

std::string_view name(CoreKind kind) {
    switch (kind) {
        case CoreKind::data_movement:
            return "data_movement";
        case CoreKind::compute:
            return "compute";
        case CoreKind::cube:
            return "cube";
        case CoreKind::vector:
            return "vector";
        case CoreKind::control:
            return "control";
    }
    return "unknown";
}

CoreKind core_kind(std::string_view wanted) {
    std::string known;
    for (const CoreKind kind : {CoreKind::data_movement, CoreKind::compute, CoreKind::cube,
                                CoreKind::vector, CoreKind::control}) {
        if (name(kind) == wanted) return kind;
        known += (known.empty() ? "" : ", ") + std::string(name(kind));
    }
    throw ConfigError("no kind of core is called '" + std::string(wanted) +
                      "'; expected one of: " + known);
}

}  // namespace tilewright
