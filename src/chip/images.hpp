// The images that the cores of a chip run, by number, and calls from one to another.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tilewright/chip/image.hpp"
#include "tilewright/chip/translation_port.hpp"
#include "tilewright/sim/component.hpp"
#include "tilewright/tile/surroundings.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {

struct ImagesState {
    std::vector<std::shared_ptr<const Image>> images;
    std::vector<std::uint32_t> calls_allowed;  ///< by image: how often calls of it were allowed
    /// Not saved: images that need not be decoded again if they are read.
    std::vector<std::shared_ptr<const Image>> known = {};
};
void fields(ArchiveWriter& archive, const ImagesState& state);
void fields(ArchiveReader& archive, ImagesState& state);

class Images final : public ProgramPort {
public:
    Images(const TileParameters& parameters, const Probes& probes);

    const std::shared_ptr<const Image>& operator[](std::uint32_t number) const {
        return state_.images[number];
    }
    /// nullptr if there is none of that number.
    const Image* find(std::uint32_t number) const {
        return number < state_.images.size() ? state_.images[number].get() : nullptr;
    }
    /// The number of an image, taken if it has none. `in_use(number)` tells of those that must
    /// stay.
    template <class InUse>
    std::uint32_t number_of(const std::shared_ptr<const Image>& image, InUse&& in_use);
    void allow_calls(std::uint32_t number) { ++state_.calls_allowed[number]; }
    void forbid_calls(std::uint32_t number);

    /// From now on; nullptr: programs are interpreted.
    void set_translations(TranslationPort* translations) { translations_ = translations; }

    // ProgramPort
    void interpreted(std::uint32_t image, const std::string& isa, std::uint32_t pc,
                     std::uint64_t instructions) override;
    Program program(std::uint32_t image, const std::string& isa) const override;
    bool environment_call(Tile& tile, std::uint32_t processor) override;

    // The contract of a component
    using State = ImagesState;
    const State& state() const { return state_; }
    State blank() const { return {.images = {}, .calls_allowed = {}, .known = state_.images}; }
    void check(const State& state, const EventQueue& queue) const;
    void adopt(State&& state);
    bool owns(std::uint32_t) const { return false; }
    std::optional<News> handle(const ScheduledEvent&) { return std::nullopt; }
    void count(const CountSink&) const {}
    std::string describe() const { return {}; }
    std::uint32_t busy() const { return 0; }
    void abort() {}

private:
    void call(Tile& tile, std::uint32_t processor);
    void begin_program(Tile& tile, std::uint32_t processor);

    const TileParameters& parameters_;
    const Probes& probes_;
    TranslationPort* translations_ = nullptr;
    ImagesState state_;
};
static_assert(Component<Images>);

// A slot whose image nobody uses any more is used again, so that images do not pile up.
template <class InUse>
std::uint32_t Images::number_of(const std::shared_ptr<const Image>& image, InUse&& in_use) {
    const auto count = static_cast<std::uint32_t>(state_.images.size());
    for (std::uint32_t i = 0; i < count; ++i) {
        if (state_.images[i] == image) return i;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        if (state_.calls_allowed[i] != 0 || in_use(i)) continue;
        state_.images[i] = image;
        return i;
    }
    state_.images.push_back(image);
    state_.calls_allowed.push_back(0);
    return count;
}

}  // namespace tilewright
