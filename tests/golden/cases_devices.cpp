#include <nlohmann/json.hpp>

#include "tests/golden/cases.h"

namespace assay::test {
namespace {

using nlohmann::json;

Bytes descriptors_of(const json& spec) {
    auto out = build::usb_descriptors();
    const auto ids = spec.value("ids", "0781:5581");
    const auto put = [&](std::size_t at, const std::string& digits) {
        const auto value = std::stoul(digits, nullptr, 16);
        out.at(at) = std::byte(value & 0xffU);
        out.at(at + 1) = std::byte(value >> 8U);
    };
    put(8, ids.substr(0, 4));
    put(10, ids.substr(5));
    out.at(4) = std::byte(spec.value("class", std::uint8_t{0}));
    if (spec.value("audio", false)) {  // nothing that may be left in a host: one interface, of class 1
        out.resize(out.size() - 25);
        out.at(20) = std::byte(9 + 9 + 7 + 7);
        out.at(22) = std::byte{1};
        out.at(32) = std::byte{1};
        out.at(33) = out.at(34) = std::byte{0};
    }
    return out;
}

DeviceEventKind kind_of(const std::string& name) {
    for (const auto kind :
         {DeviceEventKind::insert, DeviceEventKind::remove, DeviceEventKind::present, DeviceEventKind::use,
          DeviceEventKind::ghost, DeviceEventKind::gap, DeviceEventKind::monitor_start})
        if (to_string(kind) == name) return kind;
    throw std::runtime_error("no record is called " + name);
}

// {"kind", "provenance", "since_s": seconds before, "port", "serial", "ids", "class", "removable", "devnum",
// "mounted", "read", "written", "lost"}
JournalRecord record_of(const EvidenceBuilder& host, const json& spec) {
    auto out = host.event(kind_of(spec.at("kind")));
    if (spec.value("provenance", "live") == "coldplug") out.provenance = Provenance::coldplug;
    if (spec.value("provenance", "live") == "reconciled") out.provenance = Provenance::reconciled;
    if (spec.value("provenance", "live") == "inferred") out.provenance = Provenance::inferred;
    if (spec.contains("since_s"))
        out.since_ms = out.boottime_ms - (spec.at("since_s").get<std::uint64_t>() * 1000);
    if (out.kind == DeviceEventKind::gap) {
        out.lost = spec.at("lost");
        return out;
    }
    if (out.kind == DeviceEventKind::monitor_start) {
        auto& downtime = out.downtime.emplace();
        downtime.boot_id = host.boot_id;
        downtime.last_boottime_ms = host.journal.back().boottime_ms;
        downtime.log = "read";
        return out;
    }
    out.device = UsbDevice{spec.value("port", "1-4"),
                           "0000:00:14.0",
                           spec.value("devnum", std::uint64_t{2}),
                           descriptors_of(spec),
                           "SanDisk",
                           "Ultra",
                           spec.value("serial", "4C530001"),
                           true,
                           spec.value("removable", "removable"),
                           {}};
    if (!spec.contains("mounted")) return out;
    auto& use = out.use.emplace();
    use.mounted_at.push_back(spec.at("mounted"));
    use.bytes_read = spec.value("read", std::uint64_t{0});
    use.bytes_written = spec.value("written", std::uint64_t{0});
    return out;
}

// The host has told of its journal so far, and the verifier concluded: what comes next is the next report.
void tell(EvidenceBuilder& host) {
    const auto told = host.build().appraise();
    auto& known = host.known;
    known.journal_sequence = told.next.journal_sequence;
    known.journal_head = told.next.journal_head;
    known.journal_anchor = told.next.journal_anchor;
    if (!told.next.open.empty()) known.open = told.next.open;
    const auto first = host.journal.size();
    host.before_manifest = [&host, first](AppraisalCase& made) {
        JournalSection section{
            made.bundle.known_host.journal_sequence,
            Digest::from_bytes(HashAlgorithm::sha256, made.bundle.known_host.journal_head).value(),
            {}};
        for (auto i = first; i < host.journal.size(); ++i) {
            auto record = host.journal[i];
            record.previous = section.head;
            section.records.push_back(encode_journal_record(record));
            section.head = journal_digest(section.records.back());
            section.head_sequence = record.sequence;
        }
        made.bundle.evidence.sections[std::string(section::kJournal)] = encode_journal_section(section);
    };
}

}  // namespace

bool change_devices(EvidenceBuilder& host, const std::string& name, const json& value) {
    // {"first": records of the first report, "acknowledged_by": persons, "then": those of the next one,
    // "session": whether one covers them all}. Without "then" there is one report.
    if (name != "devices") return false;
    if (value.value("session", false)) host.sessions = {host.session()};
    const auto add = [&](const json& records) {
        for (const auto& spec : records) {
            host.journal.push_back(record_of(host, spec));
            const auto& record = host.journal.back();
            if (record.kind == DeviceEventKind::monitor_start) host.heartbeat->start_ms = record.boottime_ms;
        }
    };
    add(value.value("first", json::array()));
    if (!value.contains("then")) return true;
    tell(host);
    for (const std::string person : value.value("acknowledged_by", json::array()))
        for (auto& matter : *host.known.open) matter.acks.push_back({person, kNow - 1});
    add(value.at("then"));
    return true;
}

}  // namespace assay::test
