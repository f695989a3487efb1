#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "cli/vendors/vendor_data.h"
#include "cli/vendors/vendors.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/service/inputs/id_files.h"

namespace assay::cli {
namespace {

using vendors::Namespace;
using vendors::Resolution;

struct Kind {
    Namespace ns;
    const char* option;
    const char* help;
};
constexpr std::array kKinds{
    Kind{Namespace::pci, "--pci", "PCI vendor or subsystem vendor: 1bd4, or vendor:device"},
    Kind{Namespace::usb, "--usb", "USB idVendor: 046b, or idVendor:idProduct"},
    Kind{Namespace::oui, "--oui", "A MAC address, or its first 24, 28 or 36 bits: 6C92BF, 6c:92:bf:01:02:03"},
    Kind{Namespace::smbios, "--smbios", "A name as the firmware prints it: \"Langchao\""},
    Kind{Namespace::jep106, "--jep106", "JEP106 bank:code, the code with its parity bit: 10:9B"},
    Kind{Namespace::iana_pen, "--pen", "IANA Private Enterprise Number, as a BMC gives it: 37945"},
    Kind{Namespace::tpm, "--tpm", "TPM_PT_MANUFACTURER: IFX"},
    Kind{Namespace::pnp, "--pnp", "UEFI, ACPI or EDID manufacturer id: three letters"},
    Kind{Namespace::efi_signer, "--efi-signer", "SHA-256 of a signer's certificate in DER"},
};

struct ResolveOptions {
    VendorOptions data;
    std::array<std::string, kKinds.size()> values;
    std::string component = "any";
};

/// "vendor:device" as lspci and lsusb print it; the device says nothing about the maker.
std::string_view vendor_part(Namespace ns, std::string_view value) {
    return ns == Namespace::pci || ns == Namespace::usb ? value.substr(0, value.find(':')) : value;
}

/// The digits of an address or of a prefix of one.
std::string oui_digits(std::string_view value) {
    std::string digits(value);
    std::erase_if(digits, [](char c) { return c == ':' || c == '-' || c == '.'; });
    return digits;
}

/// What is asked for is an address or a prefix of one: the longest assignment that covers it.
Result<Resolution> resolve_oui(const vendors::VendorDb& db, std::string_view value) {
    const auto digits = oui_digits(value);
    constexpr std::size_t kMac = 6;
    if (digits.size() == 2 * kMac && from_hex(digits, kMac)) return db.resolve_oui(*from_hex(digits, kMac));
    const auto known = vendors::canonical(Namespace::oui, value);
    if (!known)
        return fail(ErrorCode::usage, "--oui: " + known.error().context + ", nor the 12 of a MAC address");
    // Locally administered or multicast (IEEE 802, 8.2): the two low bits of the first byte.
    if (std::string_view("048C").find(known->at(1)) == std::string_view::npos) return Resolution{};
    for (const std::size_t size : {9U, 7U, 6U}) {
        if (size > known->size()) continue;
        auto found = db.resolve(Namespace::oui, known->substr(0, size));
        if (found.outcome == Resolution::Outcome::known) return found;
    }
    return Resolution{};
}

Result<Resolution> resolve(const vendors::VendorDb& db, const Kind& kind, std::string_view value) {
    if (kind.ns == Namespace::oui) return resolve_oui(db, value);
    value = vendor_part(kind.ns, value);
    if (kind.ns != Namespace::smbios) {
        if (const auto known = vendors::canonical(kind.ns, value); !known)
            return fail(ErrorCode::usage, fmt::format("{}: {}", kind.option, known.error().context));
    }
    return db.resolve(kind.ns, value);
}

const char* outcome_text(Resolution::Outcome outcome) {
    switch (outcome) {
        case Resolution::Outcome::known:
            return "known";
        case Resolution::Outcome::placeholder:
            return "placeholder";
        case Resolution::Outcome::unknown:
            return "unknown";
    }
    return "unknown";
}

Json entity_json(const vendors::Entity& entity) {
    auto identifiers = Json::array();
    for (const auto& each : entity.identifiers) {
        if (each.ns == Namespace::smbios) continue;  // the names, normalised
        identifiers.push_back(
            {{"namespace", to_string(each.ns)}, {"value", each.value}, {"source", each.source}});
    }
    auto names = Json::array();
    for (const auto& each : entity.names) names.push_back(each.text);
    return {{"id", entity.id}, {"legal_name", entity.legal_name}, {"country", entity.country},
            {"names", names},  {"identifiers", identifiers},      {"file", entity.file}};
}

/// What the system's id files call it: for whoever adds it to a vendor file.
std::optional<inputs::IdName> named_by_the_system(Namespace ns, std::string_view value) {
    constexpr std::size_t kLongest = 9;  // digits of an MA-S
    const auto canonical = ns == Namespace::oui
                               ? vendors::canonical(ns, oui_digits(value).substr(0, kLongest))
                               : vendors::canonical(ns, vendor_part(ns, value));
    return canonical ? inputs::IdFiles::of_system().find(ns, *canonical) : std::nullopt;
}

Json answer(const vendors::VendorDb& db, const Kind& kind, std::string_view value, const Resolution& found,
            vendors::Component component, std::int64_t at) {
    Json out{{"asked", {{"namespace", to_string(kind.ns)}, {"value", value}}},
             {"outcome", outcome_text(found.outcome)},
             {"at", at},
             {"vendor_data", db.digest().hex()}};
    if (found.outcome != Resolution::Outcome::known) {
        if (const auto name = named_by_the_system(kind.ns, value))
            out["described_by"] = {{"name", name->name}, {"file", name->file}};
        return out;
    }
    const auto& entity = db.entities().at(found.entity);
    out["matched_by"] = found.matched_by;
    out["match"] = kind.ns == Namespace::smbios ? "normalised name" : "numeric id";
    if (kind.ns == Namespace::tpm || kind.ns == Namespace::pnp || kind.ns == Namespace::efi_signer)
        out["match"] = "registered id";
    out["why"] = found.why;
    out["entity"] = entity_json(entity);
    const auto approval = db.approval(found.entity, component, at);
    out["decision"] = {{"component", to_string(component)},
                       {"decision", to_string(approval.decision)},
                       {"reason", approval.reason},
                       {"approver", approval.approver},
                       {"document", approval.document},
                       {"where", approval.where},
                       {"chain", approval.chain}};
    out["listings"] = Json::array();
    for (const auto& listing : db.listings(found.entity, at))
        out["listings"].push_back(db.in_words(listing, at));
    out["owners"] = Json::array();
    for (const auto& [owner, chain] : db.owners_of(found.entity, 0, at))
        out["owners"].push_back(db.in_words(chain));
    return out;
}

void print_resolve(JsonReader& all) {
    const auto asked =
        fmt::format("{} '{}'", all.text_at("asked.namespace"), cell(all.text_at("asked.value")));
    const auto outcome = all.peek("outcome");
    if (outcome == "placeholder") {
        fmt::print(
            "{}: a placeholder that firmware leaves where a name should be; it says nothing about the maker, "
            "neither approval nor denial\n",
            asked);
        return;
    }
    if (outcome != "known") {
        fmt::print(
            "{}: unknown; no vendor file has it. Add it to one (docs/formats/vendor-files.md), with its "
            "source\n",
            asked);
        all.object("described_by", [](JsonReader& by) {
            fmt::print("  {} calls it '{}': a description, no basis for a decision\n", cell(by.peek("file")),
                       cell(by.peek("name")));
        });
        return;
    }
    all.object("entity", [&](JsonReader& entity) {
        fmt::print("{}: {} ({}{}{})\n", asked, cell(entity.peek("legal_name")), entity.peek("id"),
                   entity.peek("country").empty() ? "" : ", ", entity.peek("country"));
        fmt::print("  matched:  {}, by {}\n", cell(all.peek("matched_by")), all.peek("match"));
        fmt::print("  because:  {}\n", cell(all.peek("why")));
        entity.each("names", [&](JsonReader& name) {
            if (name.peek("") != entity.peek("legal_name"))
                fmt::print("  name:     {}\n", cell(name.peek("")));
        });
    });
    all.each("owners", [](JsonReader& owners) { fmt::print("  owned:    {}\n", cell(owners.peek(""))); });
    all.each("listings", [](JsonReader& listing) { fmt::print("  list:     {}\n", cell(listing.peek(""))); });
    all.object("decision", [](JsonReader& decision) {
        const auto part = [&](const char* before, const char* key) {
            const auto text = decision.peek(key);
            return text.empty() ? std::string() : before + cell(text);
        };
        fmt::print("  decision: {} for {}{}{}{}{}\n", decision.peek("decision"), decision.peek("component"),
                   part(", ", "where"), part(": ", "reason"), part("; approved by ", "approver"),
                   part("; document ", "document"));
        if (const auto chain = decision.peek("chain"); !chain.empty())
            fmt::print("            {}\n", cell(chain));
    });
}

Result<command_line::ExitCode> run_resolve(const Context& context, const ResolveOptions& options) {
    std::optional<std::size_t> asked;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (options.values.at(i).empty()) continue;
        if (asked)
            return fail(ErrorCode::usage, fmt::format("{} and {}: one at a time", kKinds.at(*asked).option,
                                                      kKinds.at(i).option));
        asked = i;
    }
    if (!asked)
        return fail(ErrorCode::usage, "nothing to resolve; give one of --pci, --usb, --oui, --smbios, ...");
    const auto component = vendors::component_from_name(options.component);
    if (!component) return fail(ErrorCode::usage, "--component: " + component.error().context);
    const auto at = TRY(time_asked(options.data));
    const auto db = TRY(vendor_data(options.data));
    const auto& kind = kKinds.at(*asked);
    const auto found = TRY(resolve(db, kind, options.values.at(*asked)));
    const auto all = answer(db, kind, options.values.at(*asked), found, *component, at);
    TRY_VOID(show_answer(context, all.dump(), print_resolve));
    return found.outcome == Resolution::Outcome::known ? command_line::ExitCode::done
                                                       : command_line::ExitCode::none;
}

}  // namespace

void add_vendors_resolve(command_line::Command& parent, Context& context) {
    const auto options = std::make_shared<ResolveOptions>();
    auto* command = command_line::add_command(
        parent, "resolve",
        "Whose identifier or name this is, how it matched, and what was decided; exit code 5 for an unknown "
        "one and "
        "for a placeholder",
        "assay vendors resolve --pci 1bd4\n"
        "assay vendors resolve --smbios \"Langchao\" --at 2024-06-01   # as was decided on that day\n"
        "assay vendors resolve --usb 046b:ff20 --component bmc --json\n"
        "assay vendors resolve --oui 6C:92:BF:01:02:03 --vendors ./vendor-db",
        [&context, options] { return run_resolve(context, *options); });
    for (std::size_t i = 0; i < kKinds.size(); ++i)
        command->add_option(kKinds.at(i).option, options->values.at(i), kKinds.at(i).help);
    command
        ->add_option("--component", options->component,
                     "The class of component that a decision is asked about")
        ->show_default();
    add_vendor_options(*command, options->data);
}

}  // namespace assay::cli
