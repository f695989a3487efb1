#include "verifier/service/setup/certificate_watch.h"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"

namespace assay::setup {
namespace {

constexpr std::chrono::hours kBetweenLooks{1};

std::string_view remedy_of(std::string_view what) {
    if (what == "ca")
        return "'assay-verifier certificates renew --ca', reload the verifier, and give clients the new "
               "ca.pem";
    if (what == "server") return "'assay-verifier certificates renew', then reload the verifier";
    return "'assay-verifier certificates renew'";
}

}  // namespace

const OwnCertificate& CertificateReminders::in_use(const OwnCertificate& on_disk) const {
    if (on_disk.what == "operator") return on_disk;  // this program does not use it
    const auto found = std::ranges::find(in_use_, on_disk.what, &OwnCertificate::what);
    return found != in_use_.end() ? *found : on_disk;
}

std::vector<CertificateLine> CertificateReminders::due(const std::vector<OwnCertificate>& on_disk,
                                                       std::int64_t now) {
    std::vector<CertificateLine> out;
    for (const auto& file : on_disk) {
        const auto& used = in_use(file);
        const auto is = tcg::nearness(used.validity, now);
        if (!reminders_[file.what].due(used.validity, now)) continue;
        const bool renewed = used.sha256 != file.sha256;
        const bool grave = is >= tcg::Nearness::within_7_days;
        out.push_back(
            {grave, fmt::format("the {} certificate {} {}: {}", file.what, printable(file.file.string()),
                                tcg::validity_words(used.validity, now),
                                renewed ? "it was renewed: reload the verifier to use the new one"
                                        : remedy_of(file.what))});
    }
    return out;
}

CertificateWatch::CertificateWatch(StateFolder state, std::vector<OwnCertificate> in_use,
                                   api::Metrics& metrics)
    : state_(std::move(state)), metrics_(metrics), reminders_({}) {
    use(std::move(in_use));
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

CertificateWatch::~CertificateWatch() {
    thread_.request_stop();
    thread_.join();
}

void CertificateWatch::use(std::vector<OwnCertificate> in_use) {
    const std::scoped_lock lock(mutex_);
    for (const auto& each : in_use) metrics_.set_certificate(each.what, each.validity.not_after);
    reminders_.use(std::move(in_use));
}

void CertificateWatch::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        look();
        wakes_.wait_for(lock, stop, kBetweenLooks, [] { return false; });
    }
}

void CertificateWatch::look() {
    const auto on_disk = own_certificates(state_);
    if (!on_disk) {
        spdlog::warn("own certificates cannot be looked at: {}", printable(describe(on_disk.error())));
        return;
    }
    for (const auto& line : reminders_.due(*on_disk, static_cast<std::int64_t>(std::time(nullptr))))
        spdlog::log(line.grave ? spdlog::level::err : spdlog::level::warn, "{}", line.text);
}

}  // namespace assay::setup
