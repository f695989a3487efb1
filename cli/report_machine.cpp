#include "cli/report_machine.h"

#include <fmt/core.h>

#include "cli/context.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

// Texts of parts were made printable before they were stored.
std::string of_part(std::string_view text) {
    return html_escaped(kept_printable(text));
}

std::string line(std::string_view term, const std::string& html) {
    return html.empty() ? std::string() : fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", term, html);
}

std::string makers_of(JsonReader& part) {
    std::string out;
    part.each("makers", [&](JsonReader& maker) {
        if (maker.peek("name").empty()) return;
        if (!out.empty()) out += ", ";
        out += of_part(maker.peek("name"));
        if (maker.peek("entity").empty()) out += " (unknown)";
    });
    return out;
}

std::string joined_html(std::string one, const std::string& other) {
    if (!one.empty() && !other.empty()) one += " ";
    return one + other;
}

std::string place_html(JsonReader& machine) {
    std::string out;
    machine.object("purchase", [&](JsonReader& purchase) {
        const std::pair<const char*, std::string> fields[] = {{"site", of_part(purchase.peek("site"))},
                                                              {"rack", of_part(purchase.peek("rack"))},
                                                              {"unit", of_part(purchase.peek("unit"))}};
        for (const auto& [name, text] : fields) {
            if (!text.empty()) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, text);
        }
    });
    return out;
}

std::string labels_html(JsonReader& machine) {
    std::string out;
    machine.members("labels", [&](const std::string& name, JsonReader& value) {
        out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", of_part(name), of_part(value.peek("")));
    });
    return out;
}

std::string identity_rows(JsonReader& machine) {
    std::string model, serial, bought;
    machine.each("parts", [&](JsonReader& part) {
        if (part.peek("component") != "system") return;
        model = joined_html(makers_of(part), of_part(part.peek("model")));
        serial = of_part(part.peek("serial"));
    });
    machine.object("purchase",
                   [&](JsonReader& purchase) { bought = of_part(purchase.peek("chassis_serial")); });
    return line("Place", place_html(machine)) + line("Labels", labels_html(machine)) + line("Model", model) +
           line("Serial number", serial) + line("Bought with chassis serial", bought) +
           line("TPM (digest of its EK)", fmt::format("<code>{}</code>", of_part(machine.peek("ek_digest"))));
}

std::string part_row(JsonReader& part) {
    return fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        of_part(part.peek("component")), joined_html(of_part(part.peek("place")), of_part(part.peek("slot"))),
        makers_of(part), of_part(part.peek("model")),
        joined_html(of_part(part.peek("serial")), of_part(part.peek("mac"))), of_part(part.peek("revision")));
}

}  // namespace

std::string machine_html(std::string_view text) {
    JsonReader machine(text, kAnswer);
    return "<h2>The machine</h2>\n<table>" + identity_rows(machine) + "</table>\n";
}

std::string parts_html(std::string_view text) {
    JsonReader machine(text, kAnswer);
    if (machine.size("parts") == 0) return "<h2>Parts</h2>\n<p>Its parts are not known.</p>\n";
    auto out = fmt::format(
        "<h2>Parts: {}</h2>\n<table><tr><th>Part</th><th>Place</th><th>Maker</th><th>Model</th><th>Serial "
        "number, address</th><th>Version</th></tr>\n",
        machine.size("parts"));
    machine.each("parts", [&](JsonReader& part) { out += part_row(part); });
    return out + "</table>\n";
}

}  // namespace assay::cli
