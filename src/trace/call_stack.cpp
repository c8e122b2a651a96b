#include "tilewright/trace/call_stack.hpp"

#include <algorithm>

namespace tilewright {

using Kind = riscv::CallRecord::Kind;

void CallStack::run(const std::shared_ptr<const riscv::ElfImage>& program) {
    if (!programs_.empty() && programs_.back() == program) return;
    programs_.push_back(program);
    std::erase_if(programs_, [&](const auto& p) {
        return p != program && std::ranges::none_of(frames_, [&](const Frame& frame) {
                   return frame.program == p.get();
               });
    });
}

std::size_t CallStack::staying(const riscv::CallRecord& record) {
    std::size_t stays = frames_.size();
    if (record.kind == Kind::call || stays == 0) return stays;
    const Frame& top = frames_.back();
    if (left_out_ != 0 && record.sp < top.sp) return stays;
    if (record.kind == Kind::tail_call) return top.function == record.target ? stays : stays - 1;
    if (top.link == record.target) return stays - 1;
    while (stays != 0 && frames_[stays - 1].sp <= record.sp) --stays;
    return stays;
}

void CallStack::apply(const riscv::CallRecord& record, std::size_t staying) {
    const bool ended = staying != frames_.size();
    switch (record.kind) {
        case Kind::call:
            if (frames_.size() == deepest) {
                ++left_out_;
                return;
            }
            frames_.push_back({.begin = record.cycle,
                               .function = record.target,
                               .link = record.link,
                               .sp = record.sp,
                               .program = programs_.back().get()});
            return;
        case Kind::tail_call: {
            if (!ended && !frames_.empty()) return;
            const Frame caller = ended ? frames_[staying] : Frame{.sp = record.sp};
            frames_.resize(staying);
            frames_.push_back({.begin = record.cycle,
                               .function = record.target,
                               .link = caller.link,
                               .sp = caller.sp,
                               .program = programs_.back().get()});
            left_out_ = 0;
            return;
        }
        case Kind::come_back:
            if (left_out_ != 0) left_out_ = ended ? 0 : left_out_ - 1;
            frames_.resize(staying);
            return;
        case Kind::none:
            return;
    }
}

void CallStack::clear() {
    frames_.clear();
    programs_.clear();
    left_out_ = 0;
}

}  // namespace tilewright
