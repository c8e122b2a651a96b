#include "tilewright/base/work_pool.hpp"

#include <unistd.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tilewright/base/error.hpp"
#include "tilewright/base/pause.hpp"

namespace tilewright {
namespace {

/// Waits until the number is another one than `old`.
void wait_for_change(const std::atomic<std::uint32_t>& number, std::uint32_t old,
                     std::uint32_t spins) {
    for (std::uint32_t i = 0; i < spins; ++i) {
        if (number.load(std::memory_order_acquire) != old) return;
        pause();
    }
    number.wait(old, std::memory_order_acquire);
}

}  // namespace

/// The threads beside the caller's, and what they share.
struct WorkPool::Crew {
    explicit Crew(std::uint32_t helpers) : process(getpid()) {
        // With more threads than processors, one that spins keeps another from its work.
        const bool crowded = std::thread::hardware_concurrency() <= helpers;
        spins = crowded ? 0 : 4000;
        for (std::uint32_t t = 1; t <= helpers; ++t) {
            threads.emplace_back([this, t] { serve(t); });
        }
    }
    ~Crew() {
        ending = true;
        ++jobs;
        jobs.notify_all();
    }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    void serve(std::uint32_t thread) {
        for (std::uint32_t seen = 0;;) {
            wait_for_change(jobs, seen, spins);
            if (ending) return;
            const bool joined = join();
            seen = jobs.load(std::memory_order_acquire);  // which stays while anybody is at one
            if (!joined) continue;
            try {
                job.call(job.data, thread);
            } catch (...) {
                const std::lock_guard lock(failing);
                if (!failure) failure = std::current_exception();
            }
            at_work.fetch_sub(1, std::memory_order_acq_rel);
        }
    }
    bool join() {
        std::uint32_t now = at_work.load(std::memory_order_relaxed);
        while (now < closed) {
            if (at_work.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel)) return true;
        }
        return false;
    }

    static constexpr std::uint32_t closed = 1u << 31;  ///< in at_work: nobody may join
    const pid_t process;
    std::uint32_t spins = 0;
    Job job{};
    std::atomic<std::uint32_t> jobs{0};          ///< so far
    std::atomic<std::uint32_t> at_work{closed};  ///< threads that are at the job
    std::atomic<bool> ending{false};
    std::mutex failing;
    std::exception_ptr failure;
    std::vector<std::jthread> threads;  ///< the last member: they use the others
};

WorkPool::WorkPool(std::uint32_t threads) : threads_(threads) {
    if (threads >= 1 && threads <= most_threads) return;
    throw ConfigError("threads: expected 1 to " + std::to_string(most_threads) + ", not " +
                      std::to_string(threads));
}

WorkPool::~WorkPool() {
    dismiss();
}

void WorkPool::dismiss() {
    if (crew_ == nullptr) return;
    if (crew_->process == getpid()) {
        crew_.reset();
    } else {
        // They are threads of the process that this one was forked from: nobody can join them.
        static_cast<void>(crew_.release());
    }
}

void WorkPool::start_job(const Job& job) {
    if (threads_ == 1) return;
    if (crew_ == nullptr || crew_->process != getpid()) {
        dismiss();
        crew_ = std::make_unique<Crew>(threads_ - 1);
    }
    crew_->job = job;
    crew_->at_work.store(0, std::memory_order_release);
    crew_->jobs.fetch_add(1, std::memory_order_acq_rel);
    crew_->jobs.notify_all();
}

void WorkPool::wait() {
    if (crew_ == nullptr) return;
    Crew& crew = *crew_;
    crew.at_work.fetch_or(Crew::closed, std::memory_order_acq_rel);
    for (std::uint32_t i = 0; crew.at_work.load(std::memory_order_acquire) != Crew::closed; ++i) {
        pause_or_yield(i);
    }
    if (crew.failure) std::rethrow_exception(std::exchange(crew.failure, nullptr));
}

}  // namespace tilewright
