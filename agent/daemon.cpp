#include "agent/daemon.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <optional>
#include <random>
#include <tuple>
#include <vector>

#include <fmt/core.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "agent/attest/attest.h"
#include "agent/devices/file_descriptor.h"
#include "agent/enrol/self_enrol.h"
#include "agent/enrol/token_file.h"
#include "agent/opened_machine.h"
#include "agent/state/host_identity.h"
#include "agent/state/received_grants.h"
#include "agent/watch.h"
#include "evidence/base/text.h"
#include "files/private.h"

namespace assay::agent {
namespace schedule {

std::chrono::milliseconds jittered(std::chrono::milliseconds interval, double random) {
    constexpr double kShare = 0.1;
    const auto span = static_cast<double>(interval.count()) * kShare;
    return interval + std::chrono::milliseconds(static_cast<std::int64_t>(span * (2 * random - 1)));
}

std::chrono::milliseconds pause_after(unsigned failures, std::chrono::milliseconds interval) {
    constexpr unsigned kMostDoublings = 16;
    const auto doublings = std::min(failures == 0 ? 0U : failures - 1, kMostDoublings);
    return std::min(kFirstPause * (1 << doublings), std::max(interval, kFirstPause));
}

}  // namespace schedule

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPruneAbove = 1U << 20U;  // bytes of journal that are kept without need

// What the signal handler may touch.
std::atomic<int> stop_signal_fd{-1};
std::atomic<bool> stop_wanted{false};
std::atomic<bool> reload_wanted{false};

void on_signal(int number) {
    const int saved = errno;
    (number == SIGHUP ? reload_wanted : stop_wanted) = true;
    static_cast<void>(eventfd_write(stop_signal_fd, 1));
    errno = saved;
}

void handle_signals(int wake_fd) {
    stop_signal_fd = wake_fd;
    struct sigaction action{};
    action.sa_handler = on_signal;  // NOLINT: sigaction's own union
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaction(number, &action, nullptr);
    action.sa_handler = SIG_IGN;  // NOLINT
    sigaction(SIGPIPE, &action, nullptr);
}

/// What tells whether a file changed. All 0 where there is none.
struct Look {
    std::uint64_t inode = 0;
    std::int64_t size = 0, changed_s = 0, changed_ns = 0;
    bool operator==(const Look&) const = default;
};

Look look_at(const std::filesystem::path& file) {
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0) return {};
    return {info.st_ino, info.st_size, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
}

// Whether monitor and TPM can stay as they are.
bool watches_alike(const Settings& before, const Settings& now) {
    const auto part = [](const Settings& all) {
        return std::tie(all.state, all.tcti, all.recorded, all.endorsement_auth, all.endorsement_auth_file,
                        all.journal_anchor, all.gate, all.allow);
    };
    return part(before) == part(now);
}

void set_status(const std::string& text) {
    sd_notify(0, ("STATUS=" + shortened(text, schedule::kStatus)).c_str());
}

class Daemon {
  public:
    Daemon(const Configuration& configuration, FileDescriptor wake)
        : configuration_(configuration), wake_(std::move(wake)) {}

    Result<void> run() {
        handle_signals(wake_.get());
        TRY_VOID(read_watchdog());
        looks_ = look_around();
        take_settings();
        if (settings_) ensure_watch();
        sd_notify(0, "READY=1");  // also where it waits: starting it is all that systemctl can do
        auto due = Clock::now();
        for (;;) {
            wait_until(waits_.is_waiting() ? std::min(due, Clock::now() + schedule::kLook) : due);
            if (stop_wanted) break;
            if (reload_wanted.exchange(false)) {
                reload();
                due = Clock::now();
            } else if (waits_.is_waiting() && found_something_new()) {
                due = Clock::now();
            }
            const auto now = Clock::now();
            if (!waits_.is_waiting() && event_.exchange(false))
                due = std::min(due, now + schedule::kDebounce);
            if (now >= due) due = step();
        }
        sd_notify(0, "STOPPING=1");
        spdlog::info("stopping");
        return {};
    }

  private:
    Result<void> read_watchdog() {
        std::uint64_t microseconds = 0;
        const int wanted = sd_watchdog_enabled(0, &microseconds);
        if (wanted < 0) return fail_errno(-wanted, "WATCHDOG_USEC");
        if (wanted > 0) watchdog_ = std::chrono::microseconds(microseconds / 2);
        return {};
    }

    // Until `due`, an event or a signal; in between only for systemd's watchdog.
    void wait_until(Clock::time_point due) {
        if (watchdog_) {
            sd_notify(0, "WATCHDOG=1");
            due = std::min(due, Clock::now() + std::chrono::duration_cast<Clock::duration>(*watchdog_));
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count();
        pollfd wait{wake_.get(), POLLIN, 0};
        poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        eventfd_t ignored = 0;
        static_cast<void>(eventfd_read(wake_.get(), &ignored));
    }

    // What may end the waiting, and is not the verifier's.
    std::vector<Look> look_around() const {
        std::vector<Look> out{look_at(configuration_.file)};
        if (settings_) {
            for (const auto& file : {settings_->ca_file, settings_->enrol_token_file,
                                     taken_token_file(settings_->state), settings_->ek_certificate})
                out.push_back(look_at(file));
        }
        return out;
    }

    // Somebody put there what was missing, or enrolled the host by hand.
    bool found_something_new() {
        if (settings_ && enrolled_name(settings_->state)) return true;
        const auto now = look_around();
        if (now == looks_) return false;
        const bool configured = now.front() != looks_.front();
        looks_ = now;
        failures_ = 0;
        client_.reset();
        if (configured) take_settings();
        return true;
    }

    void wait_for(Waiting waiting) {
        waits_.tell(std::move(waiting), settings_ ? settings_->state : std::filesystem::path());
    }

    // The settings of before stay where those of now are wrong.
    bool take_settings() {
        auto read = configuration_.load();
        auto access = read ? access_to_tpm(*read) : std::unexpected(read.error());
        if (!access) {
            if (settings_)
                spdlog::error("{}; the settings of before stay", printable(describe(access.error())));
            else
                wait_for({"configuration",
                          describe(access.error()),
                          "correct it; it is read again when it changes",
                          {}});
            return false;
        }
        client_.reset();  // the CA file may be another one
        if (!settings_ || !watches_alike(*settings_, *read)) {
            // The kernel's events wait in their socket while the monitor is another one.
            watch_.reset();
            host_.reset();
            tpm_ = std::make_unique<Tpm>(way_to_tpm(*read), *std::move(access));
        }
        settings_ = *std::move(read);
        for (const auto& text : files::narrow_all(settings_->own_files())) spdlog::warn("{}", text);
        looks_ = look_around();
        return true;
    }

    // systemctl reload
    void reload() {
        sd_notify(0, "RELOADING=1");
        spdlog::info("reading the configuration again");
        failures_ = 0;
        if (take_settings()) ensure_watch();
        sd_notify(0, "READY=1");
    }

    Clock::time_point step() {
        if (!settings_) return Clock::now() + schedule::kLongestWait;  // until its file changes
        ensure_watch();
        if (!client_) {
            auto client = client_of(*settings_, configuration_.file, &stop_wanted);
            if (!client) {
                wait_for(client.error());
                return Clock::now() + schedule::kLongestWait;  // until one of the files changes
            }
            client_ = *std::move(client);
        }
        if (!enrolled_name(settings_->state)) return enrol_once();
        waits_.end(settings_->state);
        return attest_once();
    }

    // Asks for admission, politely: nobody may be there yet to give it.
    Clock::time_point enrol_once() {
        if (const auto enrolled = enrol_by_itself(*client_, *tpm_, *settings_)) {
            spdlog::info("enrolled as {}", printable(enrolled->host));
            set_status("enrolled as " + printable(enrolled->host));
            failures_ = 0;
            waits_.end(settings_->state);
            return Clock::now();
        } else if (!stop_wanted) {
            wait_for(enrolled.error());
        }
        const auto longest = std::min<std::chrono::milliseconds>(settings_->interval, schedule::kLongestWait);
        return Clock::now() + schedule::jittered(schedule::pause_after(++failures_, longest), random());
    }

    // Without a monitor the evidence says so; it is tried again each time, since a disk does not stay full.
    void ensure_watch() {
        if (!settings_->recorded.empty() || (watch_ && !watch_->ended())) return;
        watch_.reset();
        auto started = Watch::start(*settings_, *tpm_, [this] {
            event_ = true;
            static_cast<void>(eventfd_write(wake_.get(), 1));
        });
        if (started) {
            watch_ = std::move(*started);
        } else {
            spdlog::error("usb monitor: {}", printable(describe(started.error())));
        }
    }

    Result<verifier_api::Verdict> attempt() {
        const auto host = TRY(enrolled_name(settings_->state));
        if (!host_) host_ = TRY(open_host(*settings_));
        if (watch_) watch_->journal().catch_up();
        auto voice = voice_beside(*settings_, *host_);
        if (watch_) {
            voice = {[this](std::uint64_t since) { return journal_since(since); },
                     [this] { return watch_->heartbeat(*host_); }};
        }
        return attest(*client_, {*host_, tpm_.get(), {}}, host, settings_->state, voice, false);
    }

    // Held still until the TPM has certified it.
    JournalPart journal_since(std::uint64_t since) {
        auto still = std::make_shared<std::unique_lock<std::mutex>>(watch_->journal().hold());
        auto part = journal_part(*settings_, since);
        part.still = std::move(still);
        if (auto* gate = watch_->gate(); gate != nullptr && gate->trouble()) {
            part.gaps.push_back({std::string(section::kUsb), "gate", "refused",
                                 fmt::format("USB devices are not kept out: {}", *gate->trouble())});
        }
        if (const auto trouble = watch_->journal().trouble()) {
            part.gaps.push_back({std::string(section::kJournal), "TPM", "tpm",
                                 fmt::format("not anchored since {}: {}", utc_text(trouble->since_ms / 1000),
                                             trouble->reason)});
        }
        return part;
    }

    Clock::time_point attest_once() {
        ensure_watch();
        event_ = false;  // what came until now is in this attestation
        const auto verdict = attempt();
        const auto interval = std::chrono::milliseconds(settings_->interval);
        if (!verdict) {
            const auto pause = schedule::pause_after(++failures_, interval);
            if (!stop_wanted) {
                const auto why = fmt::format("not attested: {}", printable(describe(verdict.error())));
                spdlog::warn("{}; again in {} s", why, pause.count() / 1000);
                set_status(why);
            }
            return Clock::now() + schedule::jittered(pause, random());
        }
        failures_ = 0;
        spdlog::info("attested: {}, result {}, conclusion {}", to_string(verdict->tier),
                     printable(verdict->result_id), printable(verdict->conclusion));
        set_status(fmt::format("{} attested at {}: {}", printable(verdict->host),
                               utc_text(std::time(nullptr)), to_string(verdict->tier)));
        prune(verdict->journal_acknowledged);
        const auto next = Clock::now() + schedule::jittered(interval, random());
        return take_grants(*verdict) ? std::min(next, Clock::now() + schedule::kGateRetry) : next;
    }

    // True while somebody may be waiting at the rack for a session to count.
    bool take_grants(const verifier_api::Verdict& verdict) {
        auto* gate = watch_ ? watch_->gate() : nullptr;
        if (gate == nullptr) return false;
        const auto clock = host_->clock();
        std::vector<std::pair<DeviceGrant, std::string>> grants;
        for (const auto& token : verdict.grants) {
            auto grant = received_grant(token, settings_->keys_file(), verdict.host, verdict.nonce);
            if (!grant || !clock) {
                spdlog::warn("gate: {}", printable(describe(grant ? clock.error() : grant.error())));
                continue;
            }
            spdlog::info("gate: session {} of order {} is open", printable(grant->session),
                         printable(grant->order));
            grants.emplace_back(*std::move(grant), token);
        }
        gate->take(std::move(grants), clock ? clock->boottime_ms : 0);
        watch_->beat();
        const auto waiting = gate->waiting();
        if (waiting == 0)
            waiting_since_.reset();
        else if (!waiting_since_ || waiting > waiting_)
            waiting_since_ = Clock::now();
        waiting_ = waiting;
        return waiting_since_ && Clock::now() - *waiting_since_ < schedule::kGatePatience;
    }

    void prune(std::uint64_t acknowledged) {
        if (!watch_ || watch_->journal().size() <= kPruneAbove) return;
        const auto pruned = watch_->journal().prune_through(acknowledged);
        if (!pruned) spdlog::warn("journal: {}", printable(describe(pruned.error())));
    }

    double random() { return std::uniform_real_distribution<double>(0, 1)(generator_); }

    const Configuration& configuration_;
    FileDescriptor wake_;
    std::optional<Settings> settings_;  // nothing until a configuration could be read
    WaitTeller waits_{{[](const std::string& text) { spdlog::warn("{}", text); }, set_status,
                       [] { return static_cast<std::int64_t>(std::time(nullptr)); }}};
    std::vector<Look> looks_;  // of the last time
    std::atomic<bool> event_{false};
    std::optional<std::chrono::microseconds> watchdog_;
    std::optional<client::HttpsClient> client_;
    std::unique_ptr<Host> host_;
    std::unique_ptr<Tpm> tpm_;
    unsigned failures_ = 0;
    std::size_t waiting_ = 0;  // devices that the gate keeps out
    std::optional<Clock::time_point> waiting_since_;
    std::mt19937 generator_{std::random_device{}()};
    std::unique_ptr<Watch> watch_;  // last: its thread uses what stands above
};

}  // namespace

Result<void> run_daemon(const Configuration& configuration) {
    constexpr mode_t kOthers = 077;
    ::umask(kOthers);  // what is made from now on is its owner's alone
    FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) return fail_errno(errno, "eventfd");
    return Daemon(configuration, std::move(wake)).run();
}

}  // namespace assay::agent
