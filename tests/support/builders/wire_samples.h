#pragma once

#include "evidence/wire/attestation_result.h"
#include "evidence/wire/evidence.h"
#include "evidence/wire/proof.h"
#include "evidence/wire/saved_bundle.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/sections.h"

/// One valid, filled-in example of each wire document: what tests break one field of, what the format pages
/// show in hex, and what the fuzz corpora start from. That of a section has its id in sections.inc as name.
namespace assay::sample {

inline constexpr std::string_view kBootId = "6f6b1cf0-9f0e-4f6e-9d51-1b8a3c3e2a10";

inline Bytes filled(std::size_t size, unsigned char value) {
    return Bytes(size, static_cast<std::byte>(value));
}

inline Manifest manifest() {
    return {"rack-7",
            std::string(kBootId),
            {{"cpu", 3, sha256(as_view("cpu"))}, {"smbios", 6, sha256(as_view("smbios"))}}};
}

inline Evidence evidence() {
    Evidence evidence;
    evidence.nonce = filled(kNonceSize, 0x11);
    evidence.sections = {{"cpu", to_bytes("cpu")}, {"smbios", to_bytes("smbios")}};
    evidence.manifest = manifest_of("rack-7", kBootId, evidence.sections);
    evidence.quote = filled(5, 0x22);
    evidence.signature = filled(4, 0x33);
    return evidence;
}

inline Proof proof() {
    return {.evidence = evidence(), .journal_from = 41, .ima_from = sha256(as_view("state"))};
}

inline UsbDevice usb_device() {
    return {"1-4.2", "0000:00:14.0", 7,    filled(18, 0x12), "ACME",
            "Stick", "S1",           true, "removable",      {"usb-storage"}};
}

inline JournalRecord journal_record() {
    JournalRecord record;
    record.sequence = 41;
    record.boot_id = kBootId;
    record.wall_ms = 1'790'000'000'000;
    record.boottime_ms = 86'400'000;
    record.kernel_sequence = 4711;
    record.device = usb_device();
    record.previous = sha256(as_view("record 40"));
    return record;
}

inline JournalSection journal() {
    const auto record = encode_journal_record(journal_record());
    return {41, journal_digest(record), {record}};
}

inline SmbiosSection smbios() {
    return {filled(24, 0x5f), filled(6, 0x7f)};
}
inline std::vector<PciFunction> pci() {
    return {{"0000:3b:00.0", filled(64, 0x86), "3", "i40e", "8.0 GT/s PCIe", "8"}};
}
inline std::vector<Drive> storage() {
    return {{"nvme0", "nvme", "MODEL 1", "", "S/N 1", "FW1", "eui.0025385b71b00001", "0000:5e:00.0",
             960'197'124'096, false}};
}
inline std::vector<NetworkInterface> network() {
    NetworkInterface interface{"eno1", {}, {}, "i40e", "7.10 0x80007b33", "0000:3b:00.0"};
    interface.mac.fill(std::byte{0x02});
    interface.permanent_mac.fill(std::byte{0x04});
    return {interface};
}
inline CpuSection cpu() {
    return {"GenuineIntel", "A CPU", 6, 106, 6, 0xd0003a5, false, 2, 64};
}
inline BmcSection bmc() {
    return {filled(15, 0x20)};
}
inline std::vector<EsrtEntry> esrt() {
    return {{"9ab7f5b1-2b8f-4d5c-9c38-41f7c1d0a6f2", 1, 65540, 65536, 2, 65540, 0}};
}
inline std::vector<UsbDevice> usb() {
    return {usb_device()};
}
inline std::vector<IntrusionSensor> chassis() {
    return {{"nct6779/intrusion0_alarm", true}};
}
inline KernelSection kernel() {
    return {"6.1.0-18-amd64",
            "#1 SMP",
            "x86_64",
            "ro quiet",
            std::string(kBootId),
            "Debian GNU/Linux 12 (bookworm)"};
}
inline TpmSection tpm() {
    return {"IFX", "SLB9670", 0x00070055, 0x00116a00, "2.0", 138};
}
inline PcrSection pcr() {
    return {{HashAlgorithm::sha1, {{0, Digest::filled(HashAlgorithm::sha1, std::byte{1})}}},
            {HashAlgorithm::sha256, {{7, sha256(as_view("7"))}, {14, sha256(as_view("14"))}}}};
}
inline ClockSection clock() {
    return {1'790'000'000'000, 86'400'000, true};
}
inline std::vector<Gap> gaps() {
    return {{"bmc", "/dev/ipmi0", "not_found", "no BMC driver is loaded"}};
}

inline Challenge challenge() {
    return {filled(kNonceSize, 0x11), "sha256:0,1,7", 1'790'000'000, 1'790'000'300};
}
inline WorkSession work_session() {
    return {"ws-1", "rack-7", "CHG-9", "T. Technician", "E. Escort", 1'790'000'000, 1'790'003'600};
}
inline KnownHost known_host() {
    KnownHost host;
    host.name = "rack-7";
    host.ak_public = filled(3, 0xa1);
    host.ek_public = filled(3, 0xe1);
    host.ek_certificates = {filled(2, 0x30)};
    host.ak_activated = true;
    host.enrolled_at = 1'780'000'000;
    host.last_clock_ms = 1000;
    host.last_reset_count = 3;
    host.last_restart_count = 1;
    host.journal_sequence = 40;
    host.journal_head = filled(32, 0x40);
    return host;
}
/// A stick that came unaccompanied, is there, and was written to.
inline OpenMatter device_matter() {
    OpenMatter out;
    out.id = "usb.unaccompanied";
    out.subject = "USB port 1-4";
    out.expected = "a work session of this host, open when it came";
    out.where = "journal: record 41";
    out.tier = "contraindicated";
    out.basis = "bound";
    out.since = 1'790'000'000;
    out.record = 41;
    out.device = MatterDevice();
    auto& device = *out.device;
    device.ids = "0781:5581";
    device.name = "SanDisk Ultra";
    device.serial = "4C530001";
    device.port = "1-4";
    device.controller = "0000:00:14.0";
    device.identity = filled(32, 0x1d);
    device.descriptors = filled(32, 0xde);
    device.came_from_ms = device.came_to_ms = 1'789'999'990'000;
    device.how = "insert";
    device.mounted = {"/mnt"};
    device.read = 1024;
    return out;
}
/// A BIOS that was updated, and nobody said so.
inline OpenMatter change_matter() {
    OpenMatter out;
    out.id = "firmware.changed";
    out.subject = "BIOS";
    out.expected = "2.1";
    out.actual = "2.2";
    out.tier = "warning";
    out.basis = "bound";
    out.since = 1'790'000'001;
    out.change = MatterChange{ChangeKind::firmware, filled(32, 0xb1), filled(32, 0xb2)};
    return out;
}
inline WatchPoint watch_point() {
    WatchPoint out;
    out.boot = filled(16, 0xb0);
    out.kernel = 2512;
    out.seen = 2512;
    out.start_ms = 9000;
    out.diskseq = 7;
    out.devnums = filled(4, 3);
    out.there = filled(8, 0x7e);
    return out;
}
inline ImaPart ima_part() {
    return {sha256(as_view("state")), 812, 91'022, to_bytes("entries")};
}
inline ImaState ima_state() {
    return {.boot_id = std::string(kBootId),
            .reset_count = 3,
            .entries = 812,
            .offset = 91'022,
            .value = sha256(as_view("PCR 10")),
            .aggregate_hash = "sha256",
            .aggregate = filled(32, 0xa9),
            .edited = {},
            .violations = {1, {{14, 1500, "/var/log/wtmp", "", ""}}},
            .files = {}};
}
inline SavedBundle saved_bundle() {
    auto open = work_session();
    open.closed_at.reset();
    return {evidence(), challenge(), known_host(), {work_session(), open}, "assay-agent 0.1.0 collect"};
}

inline Finding finding() {
    return {"usb.unaccompanied",  Tier::contraindicated,
            Basis::bound,         "USB 1-4.2",
            "a work session",     "none",
            "journal: record 41", "open a session before work"};
}
inline AttestationResult attestation_result() {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = Tier::contraindicated;
    result.claims = {{TrustClaim::hardware, Tier::contraindicated},
                     {TrustClaim::executables, Tier::affirming}};
    result.checks = {{"usb_insertions_are_accompanied", TrustClaim::hardware, Tier::contraindicated,
                      Basis::bound, true, "1 event"}};
    result.findings = {finding()};
    result.inputs = {{"evidence", std::string(64, 'a')}, {"policy", std::string(64, 'b')}};
    result.appraised_at = 1'790'000'010;
    result.challenged_at = 1'790'000'000;
    result.appraiser = "assay 0.1.0";
    result.boot_id = kBootId;
    result.journal_acknowledged = 41;
    result.previous = std::string(64, 'c');
    return result;
}

}  // namespace assay::sample
