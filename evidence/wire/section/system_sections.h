#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "evidence/base/limits.h"
#include "evidence/codec/fields.h"

/// Sections about the running system: sections.h.
namespace assay {

struct CpuSection {
    std::string vendor;  ///< "GenuineIntel"
    std::string model_name;
    std::uint64_t family = 0;
    std::uint64_t model = 0;
    std::uint64_t stepping = 0;
    std::uint64_t microcode = 0;     ///< revision of the first logical CPU; 0 if not shown
    bool microcode_differs = false;  ///< logical CPUs with different revisions
    std::uint64_t packages = 0;
    std::uint64_t logical_cpus = 0;
    bool operator==(const CpuSection&) const = default;
};
namespace wire {
inline constexpr auto kCpu =
    record(field("model", &CpuSection::model, Unsigned{}), field("family", &CpuSection::family, Unsigned{}),
           field("vendor", &CpuSection::vendor, Text{}), field("packages", &CpuSection::packages, Unsigned{}),
           field("stepping", &CpuSection::stepping, Unsigned{}),
           field("microcode", &CpuSection::microcode, Unsigned{}),
           field("model_name", &CpuSection::model_name, Text{}),
           field("logical_cpus", &CpuSection::logical_cpus, Unsigned{}),
           field("microcode_differs", &CpuSection::microcode_differs, Flag{}));
}  // namespace wire

struct KernelSection {
    std::string release;
    std::string version;
    std::string machine;
    std::string command_line;
    std::string boot_id;
    std::string os_release;  ///< PRETTY_NAME
    bool operator==(const KernelSection&) const = default;
};
namespace wire {
inline constexpr auto kKernel = record(
    field("boot_id", &KernelSection::boot_id, Text{}), field("machine", &KernelSection::machine, Text{}),
    field("release", &KernelSection::release, Text{}), field("version", &KernelSection::version, Text{}),
    field("os_release", &KernelSection::os_release, Text{}),
    field("command_line", &KernelSection::command_line, Text{}));
}  // namespace wire

/// A sign of life of the device monitor, taken after everything else was collected. On a host on which
/// nothing happens no number of it moves. What each of them may be is judged in
/// verifier/judge/appraisal/facts/standing/watcher.h.
struct Heartbeat {
    std::uint64_t seen = 0;      ///< number of the kernel's event up to which the monitor handled all
    std::uint64_t kernel = 0;    ///< /sys/kernel/uevent_seqnum, read after the monitor's last look
    std::uint64_t start_ms = 0;  ///< CLOCK_BOOTTIME of its record `monitor_start`
    std::optional<std::uint64_t> idle_s = {};  ///< whole seconds since it last looked; absent: less than one
    std::uint64_t diskseq = 0;                 ///< the highest number that a disk had (diskseq)
    Bytes devnums = {};  ///< the highest device number that it knows of each USB bus: usb_numbers.h
    bool operator==(const Heartbeat&) const = default;
};
namespace wire {
inline constexpr auto kHeartbeat = record(
    field("seen", &Heartbeat::seen, Unsigned{}), field("idle_s", &Heartbeat::idle_s, Maybe{Unsigned{}}),
    field("kernel", &Heartbeat::kernel, Unsigned{}),
    field("devnums", &Heartbeat::devnums, Blob{0, limits::kUsbBuses}),
    field("diskseq", &Heartbeat::diskseq, Unsigned{}), field("start_ms", &Heartbeat::start_ms, Unsigned{}));
}  // namespace wire

/// Wall clocks are claims.
struct ClockSection {
    std::int64_t wall_ms = 0;       ///< Unix time, milliseconds
    std::uint64_t boottime_ms = 0;  ///< CLOCK_BOOTTIME
    bool synchronised = false;      ///< the kernel says that a time source disciplines its clock (adjtimex)
    std::optional<Heartbeat> watch = {};  ///< absent: no monitor runs
    bool operator==(const ClockSection&) const = default;
};
namespace wire {
inline constexpr auto kClock = record(field("watch", &ClockSection::watch, Maybe{kHeartbeat}),
                                      field("wall_ms", &ClockSection::wall_ms, Integer{}),
                                      field("boottime_ms", &ClockSection::boottime_ms, Unsigned{}),
                                      field("synchronised", &ClockSection::synchronised, Flag{}));
}  // namespace wire

/// What could not be read, and why: in the evidence, so that nothing is silently absent.
struct Gap {
    std::string section;  ///< the section that lacks it
    std::string source;   ///< path or call
    std::string code;     ///< ErrorCode's name: "refused", "not_found", "io", ...
    std::string reason;   ///< for a person
    bool operator==(const Gap&) const = default;
};
namespace wire {
inline constexpr List kGaps{
    record(field("code", &Gap::code, Text{}), field("reason", &Gap::reason, Text{}),
           field("source", &Gap::source, Text{}), field("section", &Gap::section, Text{})),
    limits::kGaps};
}  // namespace wire

/// PCR values as read with the quote; worth something only when their digest is the quoted one.
using PcrSection = std::map<HashAlgorithm, std::map<std::uint32_t, Digest>>;
namespace wire {
/// {bank name: {PCR index in decimal: value}}
struct PcrBanks {
    void encode(cbor::Writer& out, const PcrSection& banks) const;
    void decode(cbor::Reader& in, std::string_view what, PcrSection& banks) const;
};
inline constexpr PcrBanks kPcrs;
}  // namespace wire

}  // namespace assay
