#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "evidence/tpm/journal_index.h"
#include "evidence/wire/proof.h"
#include "evidence/wire/section/journal.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"
#include "tests/support/appraisal/appraisal_case.h"
#include "tests/support/builders/event_log_builder.h"
#include "tests/support/builders/ima_builder.h"
#include "tests/support/builders/smbios_builder.h"
#include "tests/support/builders/usb_builder.h"

namespace assay::test {

/// An honest rack server: as it comes, its evidence is affirming. A test changes one member, then calls
/// `build`.
class EvidenceBuilder {
  public:
    static constexpr std::uint64_t kFirstRecord_ms = 20'000;  ///< CLOCK_BOOTTIME; an hour ago
    std::string host = "rack-7";
    std::string boot_id{kBootId};
    EventLogBuilder log = EventLogBuilder::typical();
    std::function<void(tcg::Quote&)>
        before_signing;  ///< what a host that owns its TPM cannot do, but a test can
    std::function<void(AppraisalCase&)>
        before_manifest;                              ///< sections as bytes, before the manifest names them
    std::map<std::uint32_t, Digest> pcrs_beside_log;  ///< values that no log explains
    bool all_pcrs = false;  ///< as an agent quotes them; else those that the policy judges
    bool with_ima = true;
    std::vector<std::string> ima_files{"/usr/bin/bash", "/usr/bin/assay-agent"};
    std::string bios_vendor = "Good Systems", bios_version = "2.4", system_maker = "Good Systems",
                board_maker = "Good Systems", cpu_maker = "Good Systems", memory_maker = "00CE00B300CE",
                psu_maker = "Good Systems", usb_maker = "Good Systems";
    bool with_board = true;  ///< SMBIOS has a structure of type 2
    std::vector<PciFunction> pci{function("0000:00:00.0", 0x8086, 0x1572),
                                 function("0000:3b:00.0", 0x8086, 0x1592, 0x8086, 1),
                                 display("0000:02:00.0", 0x8086, 0x56a0)};
    std::vector<Drive> drives{
        {"nvme0", "nvme", "Good SSD 1", "", "S-1", "1.0", "nvme.8086-1", "0000:3b:00.0", 1'000'000, false}};
    std::vector<NetworkInterface> nics{nic("eth0", 0xa4, 0xbf, 0x01)};
    BmcSection bmc{bmc_id(343)};
    CpuSection cpu{"GenuineIntel", "Good CPU 9000", 6, 106, 6, 0xd0003d1, false, 1, 8};
    std::vector<EsrtEntry> esrt{{"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", 1, 20, 10, 0, 20, 0}};
    std::vector<IntrusionSensor> chassis{{"nct6779/intrusion0_alarm", false}};
    TpmSection tpm{"IFX", "SLB9670", 0x70055, 0x1100, "2.0", 138};
    std::vector<Gap> gaps;
    std::vector<JournalRecord> journal;
    bool with_journal = true;
    bool anchored = true;  ///< the TPM vouches for the journal, and did before
    std::function<void(JournalAnchor&)>
        before_certifying;  ///< what its indices hold, if not what they should
    std::function<void(tcg::NvCertification& value, tcg::NvCertification& counter)> before_signing_journal;
    /// Of the monitor that wrote `journal`'s first record, on a host on which nothing happens.
    std::optional<Heartbeat> heartbeat = Heartbeat{
        .seen = 1000, .kernel = 1000, .start_ms = kFirstRecord_ms, .diskseq = 3, .devnums = {std::byte{2}}};
    std::map<std::string, bool> left_out;  ///< sections that the host does not send nor name
    tcg::ClockInfo clock{.clock_ms = 5'000'000, .reset_count = 7, .restart_count = 1, .safe = true};
    KnownHost known;
    std::vector<WorkSession> sessions;
    Key ak = Key::p256;

    EvidenceBuilder() {
        journal.push_back(event(DeviceEventKind::monitor_start));
        known.last_clock_ms = 4'000'000;
        known.last_reset_count = 7;
        known.last_restart_count = 1;
        known.journal_anchor = JournalAnchor{sha256(as_view("before")), 40};
    }

    /// As a host that attests for the first time: the verifier knows nothing of its TPM's indices yet.
    void begin_anchored() {
        known.journal_anchor.reset();
        auto record = event(DeviceEventKind::monitor_start);
        record.kind = DeviceEventKind::anchor;
        record.counter = 5;
        journal.push_back(record);
    }

    static PciFunction function(std::string address, std::uint16_t vendor, std::uint16_t device,
                                std::uint16_t subsystem_vendor = 0, std::uint16_t subsystem = 0) {
        ByteWriter config;  // PCI 3.0, 6.1
        config.u16le(vendor).u16le(device).u32le(0).u32le(0x0200'0000).u32le(0).bytes(Bytes(28));
        config.u16le(subsystem_vendor).u16le(subsystem).bytes(Bytes(16));
        return {std::move(address), config.take(), "", "driver", "", ""};
    }
    /// The same, of class VGA controller.
    static PciFunction display(std::string address, std::uint16_t vendor, std::uint16_t device) {
        auto out = function(std::move(address), vendor, device);
        out.config.at(0x0a) = std::byte{0x00};
        out.config.at(0x0b) = std::byte{0x03};
        return out;
    }
    static NetworkInterface nic(std::string name, std::uint8_t a, std::uint8_t b, std::uint8_t c) {
        NetworkInterface out;
        out.name = std::move(name);
        out.permanent_mac = {std::byte{a}, std::byte{b}, std::byte{c},
                             std::byte{1}, std::byte{2}, std::byte{3}};
        out.mac = out.permanent_mac;
        out.driver = "ice";
        out.firmware_version = "4.20";
        out.pci_address = "0000:3b:00.0";
        return out;
    }
    static Bytes bmc_id(std::uint32_t manufacturer) {  // IPMI 2.0, 20.1
        ByteWriter out;
        out.u8(0x20).u8(1).u8(1).u8(0x72).u8(2).u8(0xbf);
        return out.u16le(static_cast<std::uint16_t>(manufacturer))
            .u8(static_cast<std::uint8_t>(manufacturer >> 16U))
            .u16le(1)
            .take();
    }
    /// The next journal record, an hour ago and later by a second each.
    [[nodiscard]] JournalRecord event(DeviceEventKind kind) const {
        JournalRecord out;
        out.sequence = journal.size() + 1;
        out.boot_id = boot_id;
        out.wall_ms = (kNow - 3600 + static_cast<std::int64_t>(journal.size())) * 1000;
        out.boottime_ms = kFirstRecord_ms + (1000 * journal.size());
        out.kind = kind;
        if (kind == DeviceEventKind::insert || kind == DeviceEventKind::remove) {
            out.kernel_sequence = 1000 + journal.size();
            out.device =
                UsbDevice{"1-4", "0000:00:14.0", 5, build::usb_descriptors(), "Maker", "Stick", "SN-USB-1",
                          true,  "removable",    {}};
        }
        return out;
    }
    /// A session of this host that covers every event that `event` makes.
    [[nodiscard]] WorkSession session() const {
        return {"s-1", host, "WO-1", "tech", "escort", kNow - 7200, kNow - 60};
    }

    [[nodiscard]] SmbiosSection smbios() const {
        ByteWriter bios;
        bios.u8(1).u8(2).u16le(0xf000).u8(3).u8(0xff).u64le(0).u8(3).u8(0xd).u8(5).u8(14).u8(2).u8(7);
        ByteWriter system;
        system.u8(1).u8(2).u8(0).u8(3).bytes(Bytes(16)).u8(6).u8(0).u8(0);
        ByteWriter board;
        board.u8(1).u8(2).u8(0).u8(3).u8(0).u8(0).u8(0).u16le(0).u8(10).u8(0);
        ByteWriter processor;
        processor.u8(1)
            .u8(3)
            .u8(0xb3)
            .u8(2)
            .u64le(0)
            .u8(3)
            .u8(0)
            .u16le(100)
            .u16le(3000)
            .u16le(2000)
            .u8(0x41)
            .u8(1);
        ByteWriter memory;  // DSP0134 7.18
        memory.u16le(3).u16le(0xfffe).u16le(72).u16le(64).u16le(16384).u8(9).u8(0).u8(1).u8(2).u8(26);
        memory.u16le(0x80).u16le(3200).u8(3).u8(4).u8(0).u8(5);
        ByteWriter psu;  // 7.40
        psu.u8(1).u8(1).u8(0).u8(2).u8(3).u8(0).u8(4).u8(5).u16le(800).u16le(0x1192);
        const auto table = build::joined(
            {build::smbios_structure(0, 0, bios.view(), {bios_vendor, bios_version, "06/02/2026"}),
             build::smbios_structure(1, 1, system.view(), {system_maker, "Server 1", "SN-1"}),
             with_board ? build::smbios_structure(2, 2, board.view(), {board_maker, "Board 1", "SN-2"})
                        : Bytes(),
             build::smbios_structure(4, 4, processor.view(), {"CPU0", cpu_maker, "Good CPU 9000"}),
             build::smbios_structure(17, 17, memory.view(),
                                     {"DIMM_A1", "BANK 0", memory_maker, "SN-17", "M393"}),
             build::smbios_structure(39, 39, psu.view(), {"PSU1", psu_maker, "SN-39", "PS-800", "A1"}),
             build::smbios_end()});
        return {build::smbios_entry_point_3(static_cast<std::uint32_t>(table.size())), table};
    }

    /// Sections, manifest, quote, signature; known host, challenge, roots.
    [[nodiscard]] AppraisalCase build() {
        AppraisalCase made;
        const auto& identity = TestIdentity::get(ak);
        made.roots = {identity.root};
        auto& bundle = made.bundle;
        bundle.made_by = "test";
        bundle.sessions = sessions;
        bundle.challenge = {Bytes(kNonceSize, std::byte{0x42}), test_policy().pcr_selection, kNow - 5,
                            kNow + 115};
        if (all_pcrs)
            bundle.challenge.selection = to_text(tcg::PcrSelection::of(HashAlgorithm::sha256, kQuotedPcrs));
        known.name = "rack-7";
        known.ak_public = identity.ak_public;
        known.ek_public = identity.ek_public;
        known.ek_certificates = {identity.ek_certificate};
        known.ak_activated = true;
        known.enrolled_at = kNow - 86'400;
        bundle.known_host = known;
        fill(bundle.evidence.sections);
        for (const auto& [name, gone] : left_out) {
            if (gone) bundle.evidence.sections.erase(name);
        }
        bundle.evidence.nonce = bundle.challenge.nonce;
        if (before_manifest) before_manifest(made);
        bundle.evidence.manifest = manifest_of(host, boot_id, bundle.evidence.sections);
        seal(made);
        return made;
    }

    /// Signs anew over the nonce and manifest that are there, with the quoted PCRs of this host.
    void seal(AppraisalCase& made) const {
        auto& evidence = made.bundle.evidence;
        auto quote = valid_quote();
        quote.clock_info = clock;
        quote.selection = tcg::pcr_selection_from_text(made.bundle.challenge.selection).value();
        quote.pcr_digest =
            to_bytes(tcg::pcr_digest(quote.selection, values_, HashAlgorithm::sha256).value().view());
        quote.extra_data = to_bytes(evidence_binding(evidence.nonce, evidence.manifest).view());
        if (before_signing) before_signing(quote);
        evidence.quote = encode_quote(quote);
        sign_quote(made, shared_key(ak));
        certify_journal(made);
    }
    /// What the TPM certifies after the records that `made` has.
    void certify_journal(AppraisalCase& made) const {
        auto& evidence = made.bundle.evidence;
        evidence.journal_proof.reset();
        const auto section = evidence.sections.find(section::kJournal);
        const auto& before = made.bundle.known_host.journal_anchor;
        if (!anchored || section == evidence.sections.end()) return;
        const auto journal = decode_journal_section(section->second);
        if (!journal) return;
        auto anchor = before.value_or(JournalAnchor{});
        for (const auto& bytes : journal->records) {
            const auto record = decode_journal_record(bytes);
            if (record && record->sequence <= made.bundle.known_host.journal_sequence) continue;
            if (record && record->kind == DeviceEventKind::anchor) anchor = {Digest{}, *record->counter};
            anchor = {tcg::extended(anchor.value, journal_digest(bytes)), anchor.counter + 1};
        }
        if (before_certifying) before_certifying(anchor);
        tcg::NvCertification value;
        value.extra_data = to_bytes(evidence_binding(evidence.nonce, evidence.manifest).view());
        value.clock_info = clock;
        auto counter = value;
        value.index_name = tcg::written_name(tcg::kJournalValueIndex);
        value.contents = to_bytes(anchor.value.view());
        counter.index_name = tcg::written_name(tcg::kJournalCounterIndex);
        counter.contents = ByteWriter().u64be(anchor.counter).take();
        if (before_signing_journal) before_signing_journal(value, counter);
        const auto scheme =
            EVP_PKEY_get_base_id(shared_key(ak)) == EVP_PKEY_RSA ? tcg::Scheme::rsassa : tcg::Scheme::ecdsa;
        JournalProof proof;
        proof.value_attest = tcg::encode_nv_certification(value);
        proof.counter_attest = tcg::encode_nv_certification(counter);
        proof.value_signature = encode_signature(sign(shared_key(ak), proof.value_attest, scheme));
        proof.counter_signature = encode_signature(sign(shared_key(ak), proof.counter_attest, scheme));
        evidence.journal_proof = std::move(proof);
    }
    void sign_quote(AppraisalCase& made, EVP_PKEY* key) const {
        const bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
        made.bundle.evidence.signature = encode_signature(
            sign(key, made.bundle.evidence.quote, rsa ? tcg::Scheme::rsassa : tcg::Scheme::ecdsa));
    }
    [[nodiscard]] static Bytes encoded_journal(const std::vector<JournalRecord>& records) {
        JournalSection section;
        for (auto record : records) {
            record.previous = section.head;
            section.records.push_back(encode_journal_record(record));
            section.head = journal_digest(section.records.back());
            section.head_sequence = record.sequence;
        }
        return encode_journal_section(section);
    }
    [[nodiscard]] const tcg::PcrValues& values() const { return values_; }

  private:
    void fill(std::map<std::string, Bytes, std::less<>>& sections) {
        const auto set = [&](std::string_view name, Bytes bytes) {
            sections[std::string(name)] = std::move(bytes);
        };
        auto bank = log.tpm_values(HashAlgorithm::sha256);
        if (with_ima) {
            ImaBuilder ima;
            std::string boot;
            for (unsigned pcr = 0; pcr < 10; ++pcr) boot += as_text(bank.at(pcr)->view());
            ima.file("boot_aggregate", boot);
            for (const auto& file : ima_files) ima.file(file, "contents of " + file);
            bank[10] = ima.pcr10_sha256;
            set(section::kImaLog, ima.bytes());
        }
        for (const auto& [pcr, value] : pcrs_beside_log) bank.at(pcr) = value;
        PcrSection shown;
        values_ = {};
        for (unsigned pcr = 0; pcr < (all_pcrs ? tcg::kPcrCount : 16); ++pcr) {
            const auto value = bank.at(pcr).value_or(Digest{});
            require(values_.set(pcr, value).has_value(), "pcr");
            shown[HashAlgorithm::sha256][pcr] = value;
        }
        set(section::kBootEventLog, log.bytes());
        set(section::kPcrs, encode_pcr_section(shown));
        set(section::kSmbios, encode_smbios_section(smbios()));
        set(section::kPci, encode_pci_section(pci));
        set(section::kStorage, encode_storage_section(drives));
        set(section::kNetwork, encode_network_section(nics));
        set(section::kBmc, encode_bmc_section(bmc));
        set(section::kCpu, encode_cpu_section(cpu));
        set(section::kEsrt, encode_esrt_section(esrt));
        set(section::kChassis, encode_chassis_section(chassis));
        set(section::kUsb, encode_usb_section({{"1-1",
                                                "0000:00:14.0",
                                                2,
                                                build::usb_descriptors(),
                                                usb_maker,
                                                "Virtual hub",
                                                "SN-1-1",
                                                true,
                                                "fixed",
                                                {}}}));
        set(section::kTpm, encode_tpm_section(tpm));
        set(section::kClock, encode_clock_section({.wall_ms = kNow * 1000,
                                                   .boottime_ms = kFirstRecord_ms + (3600 * 1000),
                                                   .synchronised = true,
                                                   .watch = heartbeat}));
        set(section::kGaps, encode_gaps_section(gaps));
        if (with_journal) set(section::kJournal, encoded_journal(journal));
    }

    tcg::PcrValues values_;
};

}  // namespace assay::test
