#pragma once

#include <exception>
#include <functional>
#include <stdexcept>

#include <pthread.h>

namespace assay::test {

/// Runs `work` to its end on a thread whose stack is `size` bytes; what it throws comes out here. An overflow
/// hits the guard page and ends the program.
inline void on_small_stack(const std::function<void()>& work, std::size_t size = 256U << 10U) {
    struct Run {
        const std::function<void()>& work;
        std::exception_ptr thrown;
    } run{work, {}};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_t thread{};
    const bool started = pthread_attr_setstacksize(&attributes, size) == 0 &&
                         pthread_create(
                             &thread, &attributes,
                             [](void* argument) -> void* {
                                 auto& its = *static_cast<Run*>(argument);
                                 try {
                                     its.work();
                                 } catch (...) {
                                     its.thrown = std::current_exception();
                                 }
                                 return nullptr;
                             },
                             &run) == 0;
    pthread_attr_destroy(&attributes);
    if (!started) throw std::runtime_error("no thread with a small stack");
    pthread_join(thread, nullptr);
    if (run.thrown) std::rethrow_exception(run.thrown);
}

}  // namespace assay::test
