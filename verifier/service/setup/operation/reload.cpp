#include "verifier/service/setup/operation/reload.h"

#include <csignal>
#include <ctime>
#include <exception>
#include <utility>

#include <fmt/core.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "evidence/base/text.h"

namespace assay::setup {
namespace {

sigset_t hangup() {
    sigset_t out{};
    sigemptyset(&out);
    sigaddset(&out, SIGHUP);
    return out;
}

// systemd asks for the time of the word, so that it can tell it from an older one.
std::int64_t monotonic_us() {
    constexpr std::int64_t kSecond_us = 1'000'000, kMicrosecond_ns = 1000;
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * kSecond_us + now.tv_nsec / kMicrosecond_ns;
}

void tell_systemd(const std::string& text) {
    sd_notify(0, text.c_str());
}

}  // namespace

void hold_hangups() {
    // `nohup` leaves it ignored, and what is ignored is never waiting.
    std::signal(SIGHUP, SIG_DFL);
    const auto signals = hangup();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Reloads::Reloads(Reload reload, api::Metrics& metrics)
    : reload_(std::move(reload)), metrics_(metrics), thread_([this] { run(); }) {}

Reloads::~Reloads() {
    ends_ = true;
    ::pthread_kill(thread_.native_handle(), SIGHUP);
    thread_.join();
}

void Reloads::run() {
    const auto signals = hangup();
    for (;;) {
        int signal = 0;
        if (::sigwait(&signals, &signal) != 0) continue;
        if (ends_) return;
        once();
    }
}

void Reloads::once() {
    tell_systemd(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reloading", monotonic_us()));
    Result<std::string> done = fail(ErrorCode::internal, "nothing was tried");
    try {
        done = reload_();
    } catch (const std::exception& error) {
        done = fail(ErrorCode::internal, error.what());
    }
    metrics_.reloaded(done.has_value());
    const auto at = utc_text(static_cast<std::int64_t>(std::time(nullptr)));
    if (done) {
        spdlog::info("reloaded: {}", *done);
        tell_systemd(fmt::format("READY=1\nSTATUS=serving; reloaded at {}", at));
        return;
    }
    const auto why = printable(describe(done.error()));
    spdlog::error(
        "reload refused, nothing of it was taken, and what was loaded before is served on: {}; mend that, "
        "'assay-verifier check' says the same of the files, then 'systemctl reload assay-verifier' again",
        why);
    tell_systemd(
        fmt::format("READY=1\nSTATUS=serving what was loaded before; reload at {} refused: {}", at, why));
}

}  // namespace assay::setup
