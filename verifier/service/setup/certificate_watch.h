#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "verifier/service/setup/own_certificates.h"
#include "verifier/service/shared/metrics.h"

namespace assay::setup {

/// One line for the log.
struct CertificateLine {
    bool grave = false;  ///< it has ended, or ends within a week
    std::string text;
    bool operator==(const CertificateLine&) const = default;
};

/// What is to be said of the verifier's own certificates: 60, 30 and 7 days before the end, then each day.
class CertificateReminders {
  public:
    /// `in_use`: what the server serves with; it takes no newer one until it is told to.
    explicit CertificateReminders(std::vector<OwnCertificate> in_use) : in_use_(std::move(in_use)) {}
    void use(std::vector<OwnCertificate> in_use) { in_use_ = std::move(in_use); }

    /// What is due now (Unix time, seconds), where these lie on disk.
    std::vector<CertificateLine> due(const std::vector<OwnCertificate>& on_disk, std::int64_t now);

  private:
    [[nodiscard]] const OwnCertificate& in_use(const OwnCertificate& on_disk) const;

    std::vector<OwnCertificate> in_use_;
    std::map<std::string, tcg::Reminder, std::less<>> reminders_;
};

/// Looks every hour as long as it lives, logs what is due, and keeps /metrics.
class CertificateWatch {
  public:
    CertificateWatch(StateFolder state, std::vector<OwnCertificate> in_use, api::Metrics& metrics);
    CertificateWatch(const CertificateWatch&) = delete;
    CertificateWatch& operator=(const CertificateWatch&) = delete;
    ~CertificateWatch();
    /// The server was told to take these.
    void use(std::vector<OwnCertificate> in_use);

  private:
    void run(const std::stop_token& stop);
    void look();

    StateFolder state_;
    api::Metrics& metrics_;
    CertificateReminders reminders_;
    std::mutex mutex_;
    std::condition_variable_any wakes_;
    std::jthread thread_;
};

}  // namespace assay::setup
