// The file under a timeline: what cannot be written is remembered and told at the end, so that a
// full disk does not stop a run.
#include <cerrno>
#include <cstring>

#include "tilewright/base/error.hpp"
#include "trace/sink.hpp"

namespace tilewright::detail {

TraceFile::TraceFile(const std::filesystem::path& path)
    : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) {
        throw FileError("trace: cannot write " + path_.string() + ": " + std::strerror(errno));
    }
}

void TraceFile::flush() {
    failed_ =
        failed_ || std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size();
    buffer_.clear();
}

void TraceFile::close() {
    if (!file_) return;
    flush();
    failed_ = std::fclose(file_.release()) != 0 || failed_;
    if (failed_) throw FileError("trace: " + path_.string() + " could not be written in full");
}

}  // namespace tilewright::detail
