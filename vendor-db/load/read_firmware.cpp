#include <algorithm>
#include <array>

#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"
#include "vendor-db/model/firmware.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::vendors {
namespace {

// Of these the evidence has a version of their firmware.
constexpr std::array kWithFirmware{Component::bios, Component::bmc,    Component::drive, Component::nic,
                                   Component::tpm,  Component::memory, Component::usb};

}  // namespace

void Loader::read_firmware(const TomlReader& root) {
    complaints_.take(root.only({"vendor", "firmware"}));
    const auto vendor = complaints_.take(root.text("vendor"));
    if (!vendor.empty()) firmware_vendors_.emplace_back(vendor, root.where("vendor"));
    const auto tables = complaints_.take(root.tables("firmware"));
    if (tables.empty())
        complaints_.add(root.where(), "no rule about firmware", "add [[firmware]], or remove the file");
    for (const auto& table : tables) read_firmware_rule(table, vendor);
}

void Loader::read_firmware_rule(const TomlReader& table, const std::string& vendor) {
    complaints_.take(table.only(
        {"component", "model", "scheme", "series", "minimum", "denied", "advisory", "date", "source"}));
    FirmwareRule rule{.entity = vendor, .where = table.where()};
    const auto component = component_from_name(complaints_.take(table.text("component")));
    if (!component || std::ranges::find(kWithFirmware, *component) == kWithFirmware.end()) {
        complaints_.add(table.where("component"),
                        "a class of component whose firmware version the evidence does not have",
                        "use bios, bmc, drive, nic, tpm, memory or usb");
    } else {
        rule.component = *component;
    }
    const auto scheme = version_scheme_from_name(complaints_.take(table.text("scheme")));
    if (!scheme)
        complaints_.add(table.where("scheme"), "scheme: " + scheme.error().context, "use one of them");
    rule.scheme = scheme.value_or(VersionScheme::dotted);
    rule.model = complaints_.take(table.optional_text("model")).value_or("");
    rule.series = complaints_.take(table.optional_text("series")).value_or("");
    rule.minimum = complaints_.take(table.optional_text("minimum")).value_or("");
    rule.denied = complaints_.take(table.optional_texts("denied"));
    rule.advisory = complaints_.take(table.text("advisory"));
    rule.date = complaints_.take(table.time("date"));
    rule.source = complaints_.take(table.text("source"));
    if (rule.minimum.empty() && rule.denied.empty())
        complaints_.add(table.where(), "a rule that approves and denies nothing",
                        "give 'minimum', 'denied', or both");
    for (const auto* key : {"series", "minimum"}) {
        const auto& text = std::string_view(key) == "series" ? rule.series : rule.minimum;
        if (scheme && !text.empty() && !parse_version(rule.scheme, text)) {
            complaints_.add(table.where(key),
                            "'" + printable(text) + "' is no version of the scheme " +
                                std::string(to_string(rule.scheme)),
                            "correct it, or the scheme: docs/formats/firmware.md");
        }
    }
    if (scheme && !rule.series.empty() && !rule.minimum.empty() &&
        standing(rule, rule.minimum) == FirmwareStanding::not_of_series) {
        complaints_.add(table.where("minimum"), "'minimum' is not of the rule's series",
                        "correct one of them");
    }
    db_.firmware_.push_back(std::move(rule));
}

void Loader::check_firmware() {
    for (const auto& [vendor, where] : firmware_vendors_) {
        if (!db_.entities_.contains(vendor))
            complaints_.add(where, "no vendor file is about '" + printable(vendor) + "'",
                            "correct the id, or add the file");
    }
}

}  // namespace assay::vendors
