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
#include "verifier/judge/appraisal/facts/parts/components.h"
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
    Kind{Namespace::smbios, "--smbios",
         "A name as the firmware prints it: \"Langchao\"; of memory also the SPD's number: 80CE80B380CE"},
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
    std::string product;
};

/// What is asked, and how it was read.
struct Asked {
    const Kind* kind = nullptr;
    std::string value;
    vendors::Component component = vendors::Component::any;
    std::string product;
    std::int64_t at = 0;
    std::string read_as;  ///< the number in a text: "JEP106 1:ce, as '00CE'"; empty where it is what it says
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

/// A name as an appraisal reads it of a part of that kind: what stands in the SPD of a module is a number.
Resolution resolve_name(const vendors::VendorDb& db, Asked& asked) {
    const auto ids = judge::makers_named(asked.component, asked.value);
    const auto made = judge::makers_by_layer(db, ids, asked.product);
    const auto& id = made.front().who.outcome == Resolution::Outcome::known ? *made.front().id : ids.front();
    if (id.ns != Namespace::smbios) asked.read_as = id.what;
    return made.front().who;
}

Result<Resolution> resolve(const vendors::VendorDb& db, Asked& asked) {
    const auto ns = asked.kind->ns;
    if (ns == Namespace::oui) return resolve_oui(db, asked.value);
    if (ns == Namespace::smbios) return resolve_name(db, asked);
    const auto value = vendor_part(ns, asked.value);
    if (const auto known = vendors::canonical(ns, value); !known)
        return fail(ErrorCode::usage, fmt::format("{}: {}", asked.kind->option, known.error().context));
    return db.resolve(ns, value, asked.product);
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
    for (const auto& each : entity.names) {
        auto text = each.text;
        for (const auto& product : each.products) text += " (" + product + ")";
        names.push_back(text);
    }
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

const char* match_text(const Asked& asked) {
    if (!asked.read_as.empty()) return "number in the text";
    switch (asked.kind->ns) {
        case Namespace::smbios:
            return "normalised name";
        case Namespace::tpm:
        case Namespace::pnp:
        case Namespace::efi_signer:
            return "registered id";
        default:
            return "numeric id";
    }
}

/// One whose it is, or may be: who that is, and what was decided of it.
Json maker_json(const vendors::VendorDb& db, const Asked& asked, const std::string& id,
                const std::string& why) {
    Json out{{"why", why}, {"entity", entity_json(db.entities().at(id))}};
    const auto approval = db.approval(id, asked.component, asked.at);
    out["decision"] = {{"component", to_string(asked.component)},
                       {"decision", to_string(approval.decision)},
                       {"reason", approval.reason},
                       {"approver", approval.approver},
                       {"document", approval.document},
                       {"where", approval.where},
                       {"chain", approval.chain}};
    out["listings"] = Json::array();
    for (const auto& listing : db.listings(id, asked.at))
        out["listings"].push_back(db.in_words(listing, asked.at));
    out["owners"] = Json::array();
    for (const auto& [owner, chain] : db.owners_of(id, 0, asked.at))
        out["owners"].push_back(db.in_words(chain));
    return out;
}

Json answer(const vendors::VendorDb& db, const Asked& asked, const Resolution& found) {
    Json out;
    const bool known = found.outcome == Resolution::Outcome::known;
    if (known) out = maker_json(db, asked, found.entity, found.why);
    out["asked"] = {{"namespace", to_string(asked.kind->ns)}, {"value", asked.value}};
    if (!asked.product.empty()) out["asked"]["product"] = asked.product;
    out["outcome"] = outcome_text(found.outcome);
    out["at"] = asked.at;
    out["vendor_data"] = db.digest().hex();
    if (!asked.read_as.empty()) out["read_as"] = asked.read_as;
    if (!known) {
        if (const auto name = named_by_the_system(asked.kind->ns, asked.value))
            out["described_by"] = {{"name", name->name}, {"file", name->file}};
        return out;
    }
    out["matched_by"] = found.matched_by;
    out["match"] = match_text(asked);
    out["also"] = Json::array();
    for (const auto& other : found.others)
        out["also"].push_back(maker_json(db, asked, other.entity, other.why));
    return out;
}

void print_decision(JsonReader& decision) {
    const auto part = [&](const char* before, const char* key) {
        const auto text = decision.peek(key);
        return text.empty() ? std::string() : before + cell(text);
    };
    fmt::print("  decision: {} for {}{}{}{}{}\n", decision.peek("decision"), decision.peek("component"),
               part(", ", "where"), part(": ", "reason"), part("; approved by ", "approver"),
               part("; document ", "document"));
    if (const auto chain = decision.peek("chain"); !chain.empty())
        fmt::print("            {}\n", cell(chain));
}

/// `head` comes before its name.
void print_maker(JsonReader& maker, const std::string& head, const std::string& matched) {
    maker.object("entity", [&](JsonReader& entity) {
        fmt::print("{}{} ({}{}{})\n", head, cell(entity.peek("legal_name")), entity.peek("id"),
                   entity.peek("country").empty() ? "" : ", ", entity.peek("country"));
        fmt::print("{}  because:  {}\n", matched, cell(maker.peek("why")));
        entity.each("names", [&](JsonReader& name) {
            if (name.peek("") != entity.peek("legal_name"))
                fmt::print("  name:     {}\n", cell(name.peek("")));
        });
    });
    maker.each("owners", [](JsonReader& owners) { fmt::print("  owned:    {}\n", cell(owners.peek(""))); });
    maker.each("listings",
               [](JsonReader& listing) { fmt::print("  list:     {}\n", cell(listing.peek(""))); });
    maker.object("decision", print_decision);
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
            "{}: unknown; no vendor file has it{}. Add it to one (docs/formats/vendor-files.md), with its "
            "source\n",
            asked, all.peek("read_as").empty() ? "" : ", read as " + cell(all.peek("read_as")));
        all.object("described_by", [](JsonReader& by) {
            fmt::print("  {} calls it '{}': a description, no basis for a decision\n", cell(by.peek("file")),
                       cell(by.peek("name")));
        });
        return;
    }
    const auto read_as = all.peek("read_as");
    print_maker(all, asked + ": ",
                fmt::format("  matched:  {}, by {}{}{}\n", cell(all.peek("matched_by")), all.peek("match"),
                            read_as.empty() ? "" : ": ", cell(read_as)));
    all.each("also", [](JsonReader& other) { print_maker(other, "or ", ""); });
    if (all.size("also") != 0)
        fmt::print(
            "Each of these prints it. --product, the machine's product name, may tell them apart; an "
            "appraisal takes the stricter decision.\n");
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
    Asked question;
    question.kind = &kKinds.at(*asked);
    question.value = options.values.at(*asked);
    question.component = *component;
    // As in an appraisal: a USB device is from anywhere, whatever the machine is.
    if (*component != vendors::Component::usb) question.product = options.product;
    question.at = TRY(time_asked(options.data));
    const auto db = TRY(vendor_data(options.data));
    const auto found = TRY(resolve(db, question));
    TRY_VOID(show_answer(context, answer(db, question, found).dump(), print_resolve));
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
        "assay vendors resolve --smbios 80CE80B380CE --component memory   # as a module's SPD has it\n"
        "assay vendors resolve --smbios HP --product \"ProLiant DL360 Gen9\"   # HP's servers are HPE's\n"
        "assay vendors resolve --oui 6C:92:BF:01:02:03 --vendors ./vendor-db",
        [&context, options] { return run_resolve(context, *options); });
    for (std::size_t i = 0; i < kKinds.size(); ++i)
        command->add_option(kKinds.at(i).option, options->values.at(i), kKinds.at(i).help);
    command
        ->add_option("--component", options->component,
                     "The class of component that a decision is asked about")
        ->show_default();
    command->add_option(
        "--product", options->product,
        "The product of the machine (SMBIOS type 1), which tells apart makers that print the same");
    add_vendor_options(*command, options->data);
}

}  // namespace assay::cli
