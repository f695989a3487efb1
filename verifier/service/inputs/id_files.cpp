#include "verifier/service/inputs/id_files.h"

#include <algorithm>

#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::inputs {
namespace {

using vendors::Namespace;

constexpr std::size_t kFile = 16U << 20U;
constexpr std::size_t kName = 128;
constexpr std::size_t kIdDigits = 4;

template <typename Take>
void each_line(std::string_view text, Take take) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        take(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string shown_name(std::string_view name) {
    return printable(shortened(trimmed(name), kName));
}

}  // namespace

IdFiles IdFiles::of_system(const std::filesystem::path& root) {
    IdFiles out;
    out.read_ids(Namespace::pci, root / "usr/share/misc/pci.ids");
    out.read_ids(Namespace::usb, root / "var/lib/usbutils/usb.ids");
    for (const auto* file : {"oui.csv", "mam.csv", "oui36.csv"})
        out.read_oui(root / "usr/share/ieee-data" / file);
    return out;
}

void IdFiles::read_ids(Namespace ns, const std::filesystem::path& file) {
    const auto bytes = read_file(file, kFile);
    if (!bytes) return;
    std::string called = file.filename().string();
    each_line(as_text(*bytes), [&](std::string_view line) {
        constexpr std::string_view kVersion = "Version:";
        if (line.starts_with('#')) {
            if (const auto at = line.find(kVersion);
                at != std::string_view::npos && called.find(' ') == std::string::npos)
                called += " " + shown_name(line.substr(at + kVersion.size()));
            return;
        }
        // Behind the vendors come tables of other things, each line with a letter before its number.
        if (line.size() < kIdDigits + 3 || line.substr(kIdDigits, 2) != "  ") return;
        const auto id = vendors::canonical(ns, line.substr(0, kIdDigits));
        if (id) names_.try_emplace({ns, *id}, IdName{shown_name(line.substr(kIdDigits)), called});
    });
}

void IdFiles::read_oui(const std::filesystem::path& file) {
    const auto bytes = read_file(file, kFile);
    if (!bytes) return;
    each_line(as_text(*bytes), [&](std::string_view line) {
        const auto rows = parse_csv(line);  // line by line: one that is damaged hides no other
        constexpr std::size_t kCells = 3;
        if (!rows || rows->empty() || rows->front().fields.size() < kCells) return;
        const auto& fields = rows->front().fields;
        const auto id = vendors::canonical(Namespace::oui, fields[1]);
        if (id)
            names_.try_emplace({Namespace::oui, *id},
                               IdName{shown_name(fields[2]), file.filename().string()});
    });
}

std::optional<IdName> IdFiles::find(Namespace ns, std::string_view value) const {
    const auto at = [&](std::string_view key) -> std::optional<IdName> {
        const auto found = names_.find(std::pair{ns, std::string(key)});
        return found == names_.end() ? std::nullopt : std::optional(found->second);
    };
    if (ns != Namespace::oui) return at(value);
    for (const std::size_t digits : {9U, 7U, 6U}) {
        if (digits > value.size()) continue;
        if (auto found = at(value.substr(0, digits))) return found;
    }
    return std::nullopt;
}

}  // namespace assay::inputs
