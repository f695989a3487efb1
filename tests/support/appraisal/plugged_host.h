#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "evidence/wire/section/journal.h"
#include "tests/support/appraisal/evidence_builder.h"

namespace assay::test {

/// A host into which sticks are put, and its agent, that is stopped, overrun and started again: what it
/// journals, and the sections as they are at a moment. No time passes but by `pass`.
class PluggedHost {
  public:
    explicit PluggedHost(const std::string& name) {
        builder.host = name;
        builder.before_manifest = [this](AppraisalCase& made) {
            auto& sections = made.bundle.evidence.sections;
            auto devices = decode_usb_section(sections.at(std::string(section::kUsb))).value();
            for (const auto& [port, stick] : in_) devices.push_back(stick);
            sections[std::string(section::kUsb)] = encode_usb_section(devices);
            sections[std::string(section::kClock)] = encode_clock_section({.wall_ms = wall_ms_,
                                                                           .boottime_ms = boottime_ms_,
                                                                           .synchronised = true,
                                                                           .watch = builder.heartbeat});
        };
    }
    PluggedHost(const PluggedHost&) = delete;
    PluggedHost& operator=(const PluggedHost&) = delete;
    ~PluggedHost() = default;
    PluggedHost(PluggedHost&&) = delete;
    PluggedHost& operator=(PluggedHost&&) = delete;

    EvidenceBuilder builder;

    [[nodiscard]] bool watched() const { return watched_; }
    /// Whether a stick of this serial is in by what the journal tells.
    [[nodiscard]] bool journaled(const std::string& serial) const {
        return std::ranges::any_of(known_, [&](const auto& each) { return each.second.serial == serial; });
    }

    void pass(std::int64_t seconds) {
        const auto passed_ms = static_cast<std::uint64_t>(seconds) * 1000;
        wall_ms_ += seconds * 1000;
        boottime_ms_ += passed_ms;
        builder.clock.clock_ms += passed_ms;
    }
    void plug(const std::string& port, const std::string& serial) {
        auto& stick = in_[port];
        stick = {port, "0000:00:14.0", ++devnum_, build::usb_descriptors(), "Maker", "Stick", serial,
                 true, "removable",    {}};
        if (watched_) record_of(DeviceEventKind::insert, stick);
    }
    void unplug(const std::string& port) {
        const auto stick = in_.at(port);
        in_.erase(port);
        if (watched_) record_of(DeviceEventKind::remove, stick);
    }
    /// Mounts it and writes to it.
    void use(const std::string& port) {
        auto record = record_at(DeviceEventKind::use);
        record.device = in_.at(port);
        record.use.emplace();
        record.use->children.push_back({"block", "sda", "", 1'000'000});
        record.use->mounted_at = {"/mnt"};
        record.use->bytes_read = 4096;
        record.use->bytes_written = 512;
        add(std::move(record));
    }
    /// The agent is stopped, or does not get to read what the kernel sends.
    void look_away() {
        watched_ = false;
        unwatched_since_boottime_ms_ = boottime_ms_;
    }
    /// It is started again.
    void start() {
        add(record_at(DeviceEventKind::monitor_start));
        builder.heartbeat->start_ms = boottime_ms_;
        look(Provenance::coldplug);
    }
    /// It reads on, and has lost something.
    void read_on() {
        auto record = record_at(DeviceEventKind::gap);
        record.lost = 7;
        add(std::move(record));
        look(Provenance::reconciled);
    }
    /// With what is in it.
    void reboot() {
        look_away();
        builder.boot_id = fmt::format("11111111-2222-3333-4444-{:012}", ++boots_);
        ++builder.clock.reset_count;
        boottime_ms_ = EvidenceBuilder::kFirstRecord_ms;
        unwatched_since_boottime_ms_ = 0;
        devnum_ = 2;
        events_ = 1000;
        for (auto& [port, stick] : in_) stick.devnum = ++devnum_;
        start();
    }

  private:
    [[nodiscard]] JournalRecord record_at(DeviceEventKind kind) const {
        JournalRecord out;
        out.sequence = builder.journal.size() + 1;
        out.boot_id = builder.boot_id;
        out.wall_ms = wall_ms_;
        out.boottime_ms = boottime_ms_;
        out.kind = kind;
        return out;
    }
    void add(JournalRecord record) {
        builder.journal.push_back(std::move(record));
        auto& heartbeat = *builder.heartbeat;
        heartbeat.seen = heartbeat.kernel = events_;
        heartbeat.devnums = {static_cast<std::byte>(devnum_)};
    }
    void record_of(DeviceEventKind kind, const UsbDevice& stick) {
        auto record = record_at(kind);
        record.kernel_sequence = ++events_;
        record.device = stick;
        add(std::move(record));
        known_ = in_;
    }
    // What the monitor finds when it compares what is there with what it had seen.
    void look(Provenance provenance) {
        watched_ = true;
        const auto found = [&](DeviceEventKind kind, const UsbDevice& stick) {
            auto record = record_at(kind);
            record.device = stick;
            record.provenance = provenance;
            record.since_ms = unwatched_since_boottime_ms_;
            add(std::move(record));
        };
        for (const auto& [port, stick] : known_) {
            const auto now = in_.find(port);
            if (now == in_.end() || now->second.serial != stick.serial) found(DeviceEventKind::remove, stick);
        }
        // After a start each device that is there has its record; after a loss those alone that are new.
        for (const auto& [port, stick] : in_) {
            const auto before = known_.find(port);
            const bool is_new = before == known_.end() || before->second.serial != stick.serial;
            if (is_new || provenance == Provenance::coldplug) found(DeviceEventKind::present, stick);
        }
        known_ = in_;
    }

    std::map<std::string, UsbDevice> in_;
    std::map<std::string, UsbDevice> known_;  // as the journal has it
    bool watched_ = true;
    std::int64_t wall_ms_ = kNow * 1000;
    std::uint64_t boottime_ms_ = EvidenceBuilder::kFirstRecord_ms + (3600 * 1000);
    std::uint64_t unwatched_since_boottime_ms_ = 0;
    std::uint64_t devnum_ = 2;
    std::uint64_t events_ = 1000;
    int boots_ = 0;
};

}  // namespace assay::test
