#include "agent/daemon.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <random>
#include <thread>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "agent/attest/attest.h"
#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/real_host.h"
#include "agent/devices/tpm/tpm.h"
#include "agent/opened_machine.h"
#include "agent/state/host_identity.h"
#include "agent/state/received_grants.h"
#include "agent/usb/journal/statement_spool.h"
#include "agent/usb/kernel/kernel_log.h"
#include "agent/usb/monitor.h"
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

void on_stop(int) {
    const int saved = errno;
    stop_wanted = true;
    static_cast<void>(eventfd_write(stop_signal_fd, 1));
    errno = saved;
}

void handle_signals(int wake_fd) {
    stop_signal_fd = wake_fd;
    struct sigaction action{};
    action.sa_handler = on_stop;  // NOLINT: sigaction's own union
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    action.sa_handler = SIG_IGN;  // NOLINT
    sigaction(SIGPIPE, &action, nullptr);
}

// The socket that systemd passed (sd_listen_fds(3)): it is kept open by systemd, so events wait in it while
// the agent restarts, and the agent needs no CAP_NET_ADMIN for its buffer. Where none was passed, one of the
// agent's own. May be called again when the first was closed: the passed one stays. Never silently another
// socket than the unit's.
Result<UeventSocket> open_uevent_socket() {
    const int passed = sd_listen_fds(0);  // the environment stays as it is, for the next call
    if (passed < 0) return fail_errno(-passed, "LISTEN_FDS");
    if (passed == 0) return UeventSocket::subscribe();
    if (passed > 1) {
        return fail(ErrorCode::unsupported, fmt::format("expected one socket from systemd, got {}; see "
                                                        "assay-agent.socket",
                                                        passed));
    }
    FileDescriptor copy(fcntl(SD_LISTEN_FDS_START, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START + 1));
    if (!copy) return fail_errno(errno, "the socket that systemd passed");
    return UeventSocket::take_over(std::move(copy));
}

// The USB monitor with its journal and thread. It ends with the object.
class Watch {
  public:
    static Result<std::unique_ptr<Watch>> start(const Settings& settings, Tpm& tpm,
                                                const std::function<void()>& recorded) {
        auto socket = TRY(open_uevent_socket());
        auto journal = TRY(Journal::open(settings.journal_folder()));
        FileDescriptor stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!stop) return fail_errno(errno, "eventfd");
        std::unique_ptr<Watch> watch(new Watch(std::move(journal), settings.journal_folder(), tpm,
                                               std::move(stop)));  // NOLINT: private constructor
        const auto size = socket.buffer_size();
        UsbMonitor::Events events{recorded, [](const std::string& text) { spdlog::warn("usb: {}", text); }};
        watch->source_ = std::make_unique<UeventSource>(std::move(socket));
        watch->reader_ = std::thread([self = watch.get()] { self->read(); });
        if (settings.gate)
            watch->gate_ = std::make_unique<Gate>(*watch->host_, settings.gate_folder(), settings.allow,
                                                  write_sysfs_attribute);
        UsbMonitor::Sources sources{read_kernel_log, [&tpm] { return tpm.reset_count(); },
                                    watch->gate_.get()};
        watch->monitor_ = std::make_unique<UsbMonitor>(*watch->host_, watch->journal_, *watch->source_,
                                                       std::move(sources), std::move(events));
        if (settings.journal_anchor) watch->set_up_anchor();
        TRY_VOID(watch->monitor_->start());
        watch->take_statements(settings.statements_folder(), recorded);
        watch->thread_ = std::thread([self = watch.get()] { self->run(); });
        spdlog::info("watching USB (receive buffer {} KiB)", size / 1024);
        if (watch->gate_) spdlog::info("gate: {}", printable(watch->gate_->trouble().value_or("closed")));
        return watch;
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
        static_cast<void>(eventfd_write(stop_.get(), 1));
        if (thread_.joinable()) thread_.join();
        if (reader_.joinable()) reader_.join();
    }
    AnchoredJournal& journal() { return journal_; }
    /// Also where the verifier is away: the monitor looks whether it lost something, and notes that it
    /// watches.
    void beat() { source_->poke(); }
    /// Each attestation tells a sign of life: the monitor looks first, as far as it comes to it soon.
    std::optional<Heartbeat> heartbeat(Host& host) {
        constexpr std::chrono::milliseconds kPatience{200};
        if (ended_) return std::nullopt;
        return heartbeat_of(host, monitor_->state_after_a_look(kPatience));
    }
    [[nodiscard]] bool ended() const { return ended_; }
    /// Nothing where no gate stands before new devices.
    Gate* gate() { return gate_.get(); }

  private:
    // Only where there never was one: what was there and is gone is for a person to look at.
    void set_up_anchor() {
        auto record = new_record(*host_);
        const auto auth = tpm_owner_auth();
        const auto done = !record ? Result<AnchoredJournal::Setup>(std::unexpected(record.error()))
                          : !auth ? std::unexpected(auth.error())
                                  : journal_.set_up(*auth, false, std::move(*record));
        if (!done) spdlog::warn("journal not anchored in the TPM: {}", printable(describe(done.error())));
    }
    Watch(Journal journal, const std::filesystem::path& folder, Tpm& tpm, FileDescriptor stop)
        : host_(make_real_host()), journal_(std::move(journal), folder, &tpm), stop_(std::move(stop)) {}
    void take_statements(const std::filesystem::path& folder, const std::function<void()>& recorded) {
        auto started = statement_spool::Intake::start(
            folder, journal_, *host_, {recorded, [](const std::string& text) { spdlog::warn("{}", text); }});
        if (started) {
            intake_ = std::move(*started);
        } else {
            spdlog::warn("no statements are taken: {}", printable(describe(started.error())));
        }
    }
    void read() {
        const auto ended = source_->run(stop_.get());
        if (!ended) spdlog::error("usb: {}", printable(describe(ended.error())));
        ended_ = ended_ || !ended;
    }
    void run() {
        const auto ended = monitor_->run(stop_.get());
        if (!ended) spdlog::error("usb: {}", printable(describe(ended.error())));
        ended_ = true;
    }

    std::unique_ptr<Host> host_;
    AnchoredJournal journal_;
    FileDescriptor stop_;
    std::unique_ptr<UeventSource> source_;
    std::unique_ptr<Gate> gate_;
    std::unique_ptr<UsbMonitor> monitor_;
    std::thread reader_, thread_;
    std::atomic<bool> ended_{false};
    std::unique_ptr<statement_spool::Intake> intake_;  // last: its thread uses what stands above
};

class Daemon {
  public:
    Daemon(const Settings& settings, TpmAccess access, FileDescriptor wake)
        : settings_(settings),
          wake_(std::move(wake)),
          tpm_(std::make_unique<Tpm>(way_to_tpm(settings_), std::move(access))) {}

    Result<void> run() {
        handle_signals(wake_.get());
        TRY_VOID(read_watchdog());
        ensure_watch();
        sd_notify(0, "READY=1\nSTATUS=watching");
        auto due = Clock::now();
        for (;;) {
            wait_until(due);
            if (stop_wanted) break;
            const auto now = Clock::now();
            if (event_.exchange(false)) due = std::min(due, now + schedule::kDebounce);
            if (now >= due) due = attest_once();
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

    // Without a monitor the evidence says so; it is tried again each time, since a disk does not stay full.
    void ensure_watch() {
        if (!settings_.recorded.empty() || (watch_ && !watch_->ended())) return;
        watch_.reset();
        auto started = Watch::start(settings_, *tpm_, [this] {
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
        const auto host = TRY(enrolled_name(settings_.state));
        if (!client_) {
            auto config = settings_.client();
            config.cancelled = &stop_wanted;
            client_ = TRY(client::HttpsClient::make(std::move(config)));
        }
        if (!host_) host_ = TRY(open_host(settings_));
        if (watch_) watch_->journal().catch_up();
        auto voice = voice_beside(settings_, *host_);
        if (watch_) {
            voice = {[this](std::uint64_t since) { return journal_since(since); },
                     [this] { return watch_->heartbeat(*host_); }};
        }
        return attest(*client_, {*host_, tpm_.get(), {}}, host, settings_.state, voice, false);
    }

    // Held still until the TPM has certified it.
    JournalPart journal_since(std::uint64_t since) {
        auto still = std::make_shared<std::unique_lock<std::mutex>>(watch_->journal().hold());
        auto part = journal_part(settings_, since);
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
        const auto interval = std::chrono::milliseconds(settings_.interval);
        if (!verdict) {
            const auto pause = schedule::pause_after(++failures_, interval);
            if (!stop_wanted)
                spdlog::warn("not attested: {}; again in {} s", printable(describe(verdict.error())),
                             pause.count() / 1000);
            return Clock::now() + schedule::jittered(pause, random());
        }
        failures_ = 0;
        spdlog::info("attested: {}, result {}, conclusion {}", to_string(verdict->tier),
                     printable(verdict->result_id), printable(verdict->conclusion));
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
            auto grant = received_grant(token, settings_.keys_file(), verdict.host, verdict.nonce);
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

    const Settings& settings_;
    FileDescriptor wake_;
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

Result<void> run_daemon(const Settings& settings) {
    constexpr mode_t kOthers = 077;
    ::umask(kOthers);  // what is made from now on is its owner's alone
    for (const auto& text : files::narrow_all(settings.own_files())) spdlog::warn("{}", text);
    FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) return fail_errno(errno, "eventfd");
    return Daemon(settings, TRY(access_to_tpm(settings)), std::move(wake)).run();
}

}  // namespace assay::agent
