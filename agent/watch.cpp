#include "agent/watch.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>

#include "agent/devices/host/real_host.h"
#include "agent/opened_machine.h"
#include "agent/usb/kernel/kernel_log.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

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

}  // namespace

Result<std::unique_ptr<Watch>> Watch::start(const Settings& settings, Tpm& tpm,
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
    UsbMonitor::Sources sources{read_kernel_log, [&tpm] { return tpm.reset_count(); }, watch->gate_.get()};
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

Watch::Watch(Journal journal, const std::filesystem::path& folder, Tpm& tpm, FileDescriptor stop)
    : host_(make_real_host()), journal_(std::move(journal), folder, &tpm), stop_(std::move(stop)) {}

Watch::~Watch() {
    static_cast<void>(eventfd_write(stop_.get(), 1));
    if (thread_.joinable()) thread_.join();
    if (reader_.joinable()) reader_.join();
}

std::optional<Heartbeat> Watch::heartbeat(Host& host) {
    constexpr std::chrono::milliseconds kPatience{200};
    if (ended_) return std::nullopt;
    return heartbeat_of(host, monitor_->state_after_a_look(kPatience));
}

// Only where there never was one: what was there and is gone is for a person to look at.
void Watch::set_up_anchor() {
    auto record = new_record(*host_);
    const auto auth = tpm_owner_auth();
    const auto done = !record ? Result<AnchoredJournal::Setup>(std::unexpected(record.error()))
                      : !auth ? std::unexpected(auth.error())
                              : journal_.set_up(*auth, false, std::move(*record));
    if (!done) spdlog::warn("journal not anchored in the TPM: {}", printable(describe(done.error())));
}

void Watch::take_statements(const std::filesystem::path& folder, const std::function<void()>& recorded) {
    auto started = statement_spool::Intake::start(
        folder, journal_, *host_, {recorded, [](const std::string& text) { spdlog::warn("{}", text); }});
    if (started) {
        intake_ = std::move(*started);
    } else {
        spdlog::warn("no statements are taken: {}", printable(describe(started.error())));
    }
}

void Watch::read() {
    const auto ended = source_->run(stop_.get());
    if (!ended) spdlog::error("usb: {}", printable(describe(ended.error())));
    ended_ = ended_ || !ended;
}

void Watch::run() {
    const auto ended = monitor_->run(stop_.get());
    if (!ended) spdlog::error("usb: {}", printable(describe(ended.error())));
    ended_ = true;
}

}  // namespace assay::agent
