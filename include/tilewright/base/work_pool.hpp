// Threads of the host that carry out a job together with the thread that has it.
//
// Threads start with the first job, spin for some microseconds when it is done, as the next one
// mostly comes soon, and sleep then. A process that was forked has none of its parent's threads:
// it starts its own.
#pragma once

#include <cstdint>
#include <memory>

namespace tilewright {

class WorkPool {
public:
    static constexpr std::uint32_t most_threads = 256;

    /// So many threads in all, with the one that calls run(). ConfigError unless from 1 to
    /// most_threads.
    explicit WorkPool(std::uint32_t threads);
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    std::uint32_t threads() const { return threads_; }

    /// Lets each other thread that has time call work(thread) once, with a number from 1 on, and
    /// does not wait for them: whether the host lets them run nobody knows. `work` has to stay
    /// until wait(), which comes before the next start(). One caller at a time.
    template <class Work>
    void start(Work& work) {
        start_job(
            {[](void* data, std::uint32_t thread) { (*static_cast<Work*>(data))(thread); }, &work});
    }
    /// None begins from now on. Returns when those that have begun have ended, with the first
    /// exception of any of them.
    void wait();

private:
    struct Job {
        void (*call)(void* data, std::uint32_t thread);
        void* data;
    };
    struct Crew;

    void start_job(const Job& job);
    void dismiss();

    std::uint32_t threads_;
    std::unique_ptr<Crew> crew_;
};

}  // namespace tilewright
