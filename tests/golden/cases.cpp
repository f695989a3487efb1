#include "tests/golden/cases.h"

#include <deque>
#include <map>

#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "tests/support/appraisal/baseline_builder.h"
#include "tests/support/appraisal/reference_builder.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"

namespace assay::test {
namespace {

using nlohmann::json;

struct Subject {
    EvidenceBuilder host;
    judge::Policy policy = test_policy();
    std::string firmware_rules;  // of vendor data
    std::vector<vendors::Baseline> baselines;
    std::vector<vendors::ReferenceSet> references;
};
using Change = void (*)(Subject&, const json&);

std::uint16_t hex16(const json& value) {
    return static_cast<std::uint16_t>(std::stoul(value.get<std::string>(), nullptr, 16));
}

void add_event(Subject& subject, DeviceEventKind kind) {
    subject.host.journal.push_back(subject.host.event(kind));
}

UsbDevice device_of(const json& value) {
    const auto ids = value.value("ids", "046b:ff10");
    auto descriptors = usb_descriptors_of(hex16(ids.substr(0, 4)), hex16(ids.substr(5)));
    if (value.contains("release")) descriptors.at(12) = std::byte(value.at("release").get<std::uint8_t>());
    return bmc_device(value.value("port", "1-1"), std::move(descriptors));
}

// What a case may change. Each value is of the kind that its line reads.
const std::map<std::string, Change>& changes() {
    static const std::map<std::string, Change> kChanges{
        {"system_maker", [](Subject& s, const json& v) { s.host.system_maker = v; }},
        {"board_maker", [](Subject& s, const json& v) { s.host.board_maker = v; }},
        {"bios_vendor", [](Subject& s, const json& v) { s.host.bios_vendor = v; }},
        {"bios_version", [](Subject& s, const json& v) { s.host.bios_version = v; }},
        {"cpu_maker", [](Subject& s, const json& v) { s.host.cpu_maker = v; }},
        {"memory_maker", [](Subject& s, const json& v) { s.host.memory_maker = v; }},
        {"psu_maker", [](Subject& s, const json& v) { s.host.psu_maker = v; }},
        {"usb_maker", [](Subject& s, const json& v) { s.host.usb_maker = v; }},
        {"display",
         [](Subject& s, const json& v) {
             s.host.pci.push_back(EvidenceBuilder::display("0000:5f:00.0", hex16(v), 0x1000));
         }},
        {"microcode", [](Subject& s, const json& v) { s.host.cpu.microcode = v; }},
        {"bmc_manufacturer",
         [](Subject& s, const json& v) { s.host.bmc.device_id = EvidenceBuilder::bmc_id(v); }},
        {"pci_function",
         [](Subject& s, const json& v) {
             s.host.pci.push_back(
                 EvidenceBuilder::function(v.at("address"), hex16(v.at("vendor")), hex16(v.at("device")),
                                           hex16(v.at("subsystem_vendor")), hex16(v.at("subsystem"))));
         }},
        {"nic_mac",
         [](Subject& s, const json& v) {
             const auto mac = from_hex(v.get<std::string>(), 6).value();
             std::ranges::copy(mac, s.host.nics.front().permanent_mac.begin());
         }},
        {"nic_firmware", [](Subject& s, const json& v) { s.host.nics.front().firmware_version = v; }},
        {"drive_wwid", [](Subject& s, const json& v) { s.host.drives.front().wwid = v; }},
        {"drive_bus", [](Subject& s, const json& v) { s.host.drives.front().bus = v; }},
        {"drive_model", [](Subject& s, const json& v) { s.host.drives.front().model = v; }},
        {"drive_firmware", [](Subject& s, const json& v) { s.host.drives.front().firmware = v; }},
        {"tpm_manufacturer", [](Subject& s, const json& v) { s.host.tpm.manufacturer = v; }},
        {"tpm_vendor_string", [](Subject& s, const json& v) { s.host.tpm.vendor_string = v; }},
        {"chassis_alarm", [](Subject& s, const json& v) { s.host.chassis.front().alarm = v; }},
        {"chassis_sensors", [](Subject& s, const json& v) { s.host.chassis.resize(v); }},
        {"left_out", [](Subject& s, const json& v) { s.host.left_out[v] = true; }},
        {"gap",
         [](Subject& s, const json& v) {
             s.host.gaps.push_back({v.at("section"), v.at("source"), v.at("code"), v.at("reason")});
         }},
        {"empty_journal", [](Subject& s, const json&) { s.host.journal.clear(); }},
        {"insert", [](Subject& s, const json&) { add_event(s, DeviceEventKind::insert); }},
        {"monitor_start", [](Subject& s, const json&) { add_event(s, DeviceEventKind::monitor_start); }},
        {"gate",  // {"kind": "grant" or "refusal", "reason", "text"}: of a stick that comes
         [](Subject& s, const json& v) {
             auto& journal = s.host.journal;
             add_event(s, DeviceEventKind::insert);
             journal.back().device->authorized = false;
             const auto device = journal.back().device;
             add_event(s, v.at("kind") == "grant" ? DeviceEventKind::grant : DeviceEventKind::refusal);
             journal.back().device = device;
             journal.back().document =
                 to_bytes(json{{"v", 1}, {"reason", v.at("reason")}, {"text", v.at("text")}}.dump());
         }},
        {"lost_events",
         [](Subject& s, const json& v) {
             add_event(s, DeviceEventKind::gap);
             s.host.journal.back().lost = v;
         }},
        {"delivery",  // an as-built list as JSON
         [](Subject& s, const json& v) {
             s.host.known.delivery = {"as-built list", std::string(64, 'd'),
                                      kNow - 1000,     "otto",
                                      false,           judge::parse_as_built_json(v.dump()).value()};
         }},
        {"delivery_outdated", [](Subject& s, const json& v) { s.host.known.delivery->outdated = v; }},
        {"drive_serial", [](Subject& s, const json& v) { s.host.drives.front().serial = v; }},
        {"drives", [](Subject& s, const json& v) { s.host.drives.resize(v); }},
        {"nics", [](Subject& s, const json& v) { s.host.nics.resize(v); }},
        {"no_board", [](Subject& s, const json&) { s.host.with_board = false; }},
        {"pcr_untouched", [](Subject& s, const json& v) { s.host.pcrs_beside_log[v] = Digest(); }},
        {"policy_system_maker_required",
         [](Subject& s, const json& v) { s.policy.system_maker_required = v; }},
        {"policy_without",
         [](Subject& s, const json& v) {
             const auto kind = vendors::component_from_name(v.at("component").get<std::string>());
             s.policy.without[kind.value()] = v.at("reason");
         }},
        {"second_nic",
         [](Subject& s, const json& v) {
             const auto mac = from_hex(v.get<std::string>(), 6).value();
             s.host.nics.push_back(s.host.nics.front());
             s.host.nics.back().name = "eth1";
             std::ranges::copy(mac, s.host.nics.back().permanent_mac.begin());
         }},
        {"elsewhere",  // a device of this host and of rack-9; minutes ago: it came and went here, and there
         [](Subject& s, const json& v) {
             const auto stay = [&](const char* host, const json& span) {
                 const auto ago = [&](const char* key) {
                     return (kNow - 60 * span.value(key, std::int64_t{0})) * 1000;
                 };
                 return DeviceStay{host,
                                   span.value("port", "1-4"),
                                   "0000:00:14.0",
                                   span.value("descriptors", std::string(64, 'd')),
                                   false,
                                   span.value("record", std::uint64_t{2}),
                                   ago("from") - 1000,
                                   ago("from") + 1000,
                                   span.contains("to") ? std::uint64_t{9} : 0,
                                   ago("to") - 1000,
                                   ago("to") + 1000};
             };
             auto& list = s.host.known.elsewhere;
             if (!list) list.emplace();
             for (const auto& each : v) {
                 list->push_back({"0781:5581", "4C530001230415117495", stay("rack-7", each.at("here")),
                                  stay(each.value("host", "rack-9").c_str(), each.at("there"))});
             }
         }},
        {"judged",  // verdict on record 2
         [](Subject& s, const json& v) {
             s.host.known.judged = {{2, v, 1, "", "info", "", std::string(64, 'e'), {}}};
         }},
        {"attested_minutes_ago",
         [](Subject& s, const json& v) {
             const auto at = kNow - 60 * v.get<std::int64_t>();
             const ClockPoint point{s.host.clock.clock_ms - static_cast<std::uint64_t>(kNow - at) * 1000,
                                    at - 1, at};
             s.host.known.boot_clock = BootClock{7, 1, s.host.boot_id, point, point};
             s.host.known.last_clock_ms = point.tpm_ms;
         }},
        {"unproven",  // why evidence in its name failed
         [](Subject& s, const json& v) { s.host.known.unproven = v.get<std::vector<std::string>>(); }},
        {"site_label",  // "fra1", by ada
         [](Subject& s, const json& v) {
             s.host.known.site = v.get<std::string>();
             s.host.known.policy_by = "site=" + *s.host.known.site + " by ada, 2026-11-30 09:00:00Z";
         }},
        {"purchase_site",  // where it would choose
         [](Subject& s, const json& v) {
             s.host.known.purchase_site = PurchaseSite{v.get<std::string>(), "otto", kNow};
         }},
        {"policy_interval", [](Subject& s, const json& v) { s.policy.attestation_interval_s = v; }},
        {"session", [](Subject& s, const json&) { s.host.sessions = {s.host.session()}; }},
        {"session_unlisted_by",
         [](Subject& s, const json& v) {
             s.host.sessions = {s.host.session()};
             s.host.sessions.back().unlisted = v.get<std::string>();
         }},
        {"clock_ms", [](Subject& s, const json& v) { s.host.clock.clock_ms = v; }},
        {"reset_count", [](Subject& s, const json& v) { s.host.clock.reset_count = v; }},
        {"clock_safe", [](Subject& s, const json& v) { s.host.clock.safe = v; }},
        {"secure_boot",
         [](Subject& s, const json& v) {
             const auto data = efi_variable("SecureBoot", Bytes{std::byte{v.get<bool>()}});
             s.host.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG) =
                 BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, data, data};
         }},
        {"event_data",  // of the first event of GRUB, its digest kept
         [](Subject& s, const json& v) {
             s.host.log.find(8, tcg::EV_IPL).data = to_bytes(v.get<std::string>());
         }},
        {"unlogged_pcr",
         [](Subject& s, const json& v) { s.host.pcrs_beside_log[v] = sha256(as_view("unlogged")); }},
        {"policy_unlogged_pcr",
         [](Subject& s, const json& v) { s.policy.unlogged_pcrs.insert(v.get<std::uint32_t>()); }},
        {"policy_secure_boot_required", [](Subject& s, const json& v) { s.policy.secure_boot_required = v; }},
        {"policy_disabled",
         [](Subject& s, const json& v) { s.policy.disabled_checks.insert(v.get<std::string>()); }},
        {"firmware_rule",
         [](Subject& s, const json& v) {
             s.firmware_rules += "[[firmware]]\nadvisory = \"AB-1\"\ndate = 2026-01-31\nsource = \"test\"\n";
             for (const auto& [key, value] : v.items()) s.firmware_rules += key + " = " + value.dump() + "\n";
         }},
        {"baseline",  // of the BMC's device, as it is
         [](Subject& s, const json& v) {
             auto baseline = bmc_baseline();
             baseline.model = v.value("model", baseline.model);
             baseline.generation = v.value("generation", baseline.generation);
             if (v.contains("to")) baseline.span.to = kNow + v.at("to").get<std::int64_t>();
             if (v.contains("ids")) baseline.devices.front() = baseline_device(device_of(v));
             s.baselines.push_back(std::move(baseline));
         }},
        {"second_baseline", [](Subject& s, const json& v) { changes().at("baseline")(s, v); }},
        {"reference",  // captured from the honest host, at these PCRs; "without": these texts of events
         [](Subject& s, const json& v) {
             auto set = captured(EvidenceBuilder(), v.at("pcrs"));
             set.version = v.value("version", set.version);
             set.model = v.value("model", set.model);
             if (v.contains("to")) set.span.to = kNow + v.at("to").get<std::int64_t>();
             for (const std::string text : v.value("without", json::array()))
                 std::erase_if(set.events,
                               [&](const auto& each) { return each.what.find(text) != std::string::npos; });
             for (const std::string measured : v.value("also", json::array()))
                 set.events.push_back({v.at("pcrs").at(0), sha256(as_view(measured)), measured, {}});
             if (v.contains("value_of"))
                 set.pcrs = {{v.at("value_of").at("pcr"),
                              sha256(as_view(v.at("value_of").at("text").get<std::string>())),
                              "the unified kernel image",
                              {}}};
             s.references.push_back(std::move(set));
         }},
        {"second_reference", [](Subject& s, const json& v) { changes().at("reference")(s, v); }},
        {"boot_image",
         [](Subject& s, const json& v) {
             s.host.log.find(4, tcg::EV_EFI_BOOT_SERVICES_APPLICATION).measured =
                 to_bytes(v.get<std::string>());
         }},
        {"option_rom",
         [](Subject& s, const json& v) {
             s.host.log.add(2, tcg::EV_EFI_BOOT_SERVICES_DRIVER, image_load_event("\\rom.efi"),
                            to_bytes(v.get<std::string>()));
         }},
        {"quoted_instead",  // by PCR: another value than the log's; zero where the text is empty
         [](Subject& s, const json& v) {
             for (const auto& [pcr, text] : v.items())
                 s.host.pcrs_beside_log[static_cast<std::uint32_t>(std::stoul(pcr))] =
                     text == "" ? Digest() : sha256(as_view(text.get<std::string>()));
         }},
        {"pcr_value",
         [](Subject& s, const json& v) {
             s.host.pcrs_beside_log[v.at("pcr")] = sha256(as_view(v.at("text").get<std::string>()));
         }},
        {"device_comes",
         [](Subject& s, const json& v) {
             add_event(s, DeviceEventKind::insert);
             s.host.journal.back().device = device_of(v);
         }},
        {"device_found",
         [](Subject& s, const json& v) {
             add_event(s, DeviceEventKind::present);
             s.host.journal.back().provenance = Provenance::coldplug;
             s.host.journal.back().device = device_of(v);
         }},
        {"bmc_use",
         [](Subject& s, const json& v) {
             s.host.journal.push_back(bmc_use(s.host, v.value("size", std::uint64_t{0}), v.value("up", false),
                                              v.value("port", "1-1")));
         }},
        {"verdict_on",
         [](Subject& s, const json& v) {
             s.host.known.judged = {
                 {v.at("record"), v.at("outcome"), 2, "", "info", "", std::string(64, 'e'), {}}};
         }},
        {"policy_ima",  // {"unlisted": tier, "files": {path: content}}
         [](Subject& s, const json& v) {
             auto& rules = s.policy.ima.emplace();
             rules.unlisted = tier_from_name(v.at("unlisted").get<std::string>()).value();
             for (const auto& [path, content] : v.at("files").items())
                 rules.files[path] = {sha256(as_view(content.get<std::string>()))};
         }},
        {"policy_firmware",
         [](Subject& s, const json& v) {
             s.policy.firmware.push_back({v.at("component"), v.at("match"), v.at("at_least")});
             s.policy.required_checks.insert("firmware_is_at_least_approved");  // as from_toml does
         }},
    };
    return kChanges;
}

}  // namespace

AppraisalCase case_from(const json& spec) {
    Subject subject;
    for (const auto& [name, value] : spec.at("change").items()) {
        if (change_watch(subject.host, name, value) || change_devices(subject.host, name, value) ||
            change_changes(subject.host, name, value))
            continue;
        const auto change = changes().find(name);
        require(change != changes().end(), ("no change is called " + name).c_str());
        change->second(subject, value);
    }
    auto made = subject.host.build();
    made.policy = subject.policy;
    static std::deque<vendors::VendorDb> kept;  // a case borrows its vendor data
    if (!subject.baselines.empty()) {
        kept.push_back(with_baselines(subject.baselines));
        made.vendors = &kept.back();
    }
    if (!subject.references.empty()) {
        auto sources = test_vendor_sources();
        sources.references = {{"references/test.toml", vendors::to_toml(subject.references)}};
        auto loaded = vendors::load(sources);
        require(loaded.has_value(), loaded ? "" : describe(loaded.error()).c_str());
        kept.push_back(std::move(*loaded));
        made.vendors = &kept.back();
    }
    if (!subject.firmware_rules.empty()) {
        auto sources = test_vendor_sources();
        sources.firmware = {{"firmware/good.toml", "vendor = \"good\"\n" + subject.firmware_rules}};
        auto loaded = vendors::load(sources);
        require(loaded.has_value(), loaded ? "" : describe(loaded.error()).c_str());
        kept.push_back(std::move(*loaded));
        made.vendors = &kept.back();
    }
    return made;
}

}  // namespace assay::test
