#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "evidence/eventlog/payload/efi_variable_content.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/boot/boot_difference.h"

namespace assay::judge {
namespace {

using Words = std::vector<std::string>;

bool is_variable(const BootMeasurement& each) {
    return each.type == tcg::EV_EFI_VARIABLE_DRIVER_CONFIG || each.type == tcg::EV_EFI_VARIABLE_BOOT ||
           each.type == tcg::EV_EFI_VARIABLE_BOOT2 || each.type == tcg::EV_EFI_VARIABLE_AUTHORITY;
}

std::optional<tcg::EfiVariable> variable_of(const BootMeasurement& each) {
    if (!is_variable(each)) return std::nullopt;
    auto variable = tcg::parse_efi_variable(each.data);
    return variable ? std::optional(std::move(*variable)) : std::nullopt;
}

/// A boot loader's text without its NUL; of a measurement without data, what it is called.
std::string text_of(const BootMeasurement& each) {
    if (each.data.empty()) {
        const auto blank = each.what.find(' ');  // behind the type
        return blank == std::string::npos ? each.what : each.what.substr(blank + 1);
    }
    const auto text = as_text(each.data);
    return std::string(text.substr(0, text.find('\0')));
}

constexpr std::array<std::string_view, 3> kGrub{"grub_cmd: ", "kernel_cmdline: ", "module_cmdline: "};

Words tokens_of(std::string_view text) {
    Words out;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end != 0) out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// What GRUB is told to start: a kernel or an initial RAM disk, and with which arguments.
struct Started {
    std::string_view of;  ///< "kernel", "initrd"; empty: something else
    std::string file;
    Words arguments;
};

Started started_by(const BootMeasurement& each) {
    if (each.type != tcg::EV_IPL && !each.what.starts_with("EV_IPL ")) return {};
    const auto text = text_of(each);
    auto tokens = Words();
    std::string_view of;
    if (text.starts_with(kGrub[1])) {
        tokens = tokens_of(std::string_view(text).substr(kGrub[1].size()));
        of = "kernel";
    } else if (text.starts_with(kGrub[0])) {
        tokens = tokens_of(std::string_view(text).substr(kGrub[0].size()));
        if (tokens.empty()) return {};
        const auto& command = tokens.front();
        if (command.starts_with("linux")) of = "kernel";
        if (command.starts_with("initrd")) of = "initrd";
        tokens.erase(tokens.begin());
    }
    if (of.empty() || tokens.empty()) return {};
    Started out{of, tokens.front(), {}};
    out.arguments.assign(tokens.begin() + 1, tokens.end());
    return out;
}

/// Those of `of` that `without` has not, counted.
Words beyond(const Words& of, Words without) {
    Words out;
    for (const auto& each : of) {
        const auto found = std::ranges::find(without, each);
        if (found == without.end())
            out.push_back(each);
        else
            without.erase(found);
    }
    return out;
}

std::string quoted(const Words& words) {
    Words out;
    for (const auto& each : words) out.push_back("`" + shown(each) + "`");
    return fmt::format("{}", fmt::join(out, " "));
}

Words start_words(const Started& before, const Started& after) {
    Words out;
    if (before.file != after.file)
        out.push_back(fmt::format("{} {} -> {}", after.of, shown(before.file), shown(after.file)));
    const auto gained = beyond(after.arguments, before.arguments);
    const auto lost = beyond(before.arguments, after.arguments);
    const auto of = after.of == "kernel" ? "kernel command line" : "further initrds";
    if (!gained.empty()) out.push_back(fmt::format("{} gained {}", of, quoted(gained)));
    if (!lost.empty()) out.push_back(fmt::format("{} lost {}", of, quoted(lost)));
    if (gained.empty() && lost.empty() && before.arguments != after.arguments)
        out.push_back(fmt::format("{}: the same words in another order", of));
    return out;
}

/// Entries of the lists, each as its kind and bytes.
std::optional<Words> entries_of(const tcg::EfiVariable& variable) {
    const auto content = tcg::read_variable_content(variable, false);
    if (std::holds_alternative<tcg::AbsentContent>(content)) return Words();
    const auto* lists = std::get_if<tcg::SignatureContent>(&content);
    if (lists == nullptr) return std::nullopt;
    Words out;
    for (const auto& list : lists->lists) {
        for (const auto& each : list.signatures)
            out.push_back(fmt::format("{} {}", tcg::to_string(list.kind), sha256(each.data).hex()));
    }
    return out;
}

/// "variable dbx +3 entries"; empty where the variables hold no lists.
std::optional<std::string> entry_words(const tcg::EfiVariable& before, const tcg::EfiVariable& after) {
    const auto had = entries_of(before);
    const auto has = entries_of(after);
    if (!had || !has || (had->empty() && has->empty())) return std::nullopt;
    const auto gained = beyond(*has, *had).size();
    const auto lost = beyond(*had, *has).size();
    if (gained == 0 && lost == 0) return std::nullopt;
    std::string out;
    if (gained != 0) out += fmt::format(" +{}", gained);
    if (lost != 0) out += fmt::format(" -{}", lost);
    return fmt::format("variable {}{} {}", shown(after.name), out, gained + lost == 1 ? "entry" : "entries");
}

std::string sbat_words(const tcg::SbatLevel& level) {
    std::string out = level.date.empty() ? "the original level" : shown(level.date);
    for (const auto& entry : level.entries)
        out += fmt::format(", {} {}", shown(entry.component), entry.generation);
    return out;
}

std::string order_words(const tcg::OrderContent& order) {
    std::string out;
    for (const auto option : order.options) out += fmt::format("{}{:04X}", out.empty() ? "" : ",", option);
    return out.empty() ? "empty" : out;
}

/// "variable SbatLevel 2021030218 -> 2024010900, shim 4", "variable BootOrder 0001,0000 -> 0000,0001".
std::optional<std::string> content_words(const tcg::EfiVariable& before, const tcg::EfiVariable& after) {
    const auto was = tcg::read_variable_content(before, false);
    const auto is = tcg::read_variable_content(after, false);
    const auto words = [&](const std::string& one, const std::string& other) {
        return fmt::format("variable {} {} -> {}", shown(after.name), one, other);
    };
    const auto* sbat_was = std::get_if<tcg::SbatLevel>(&was);
    const auto* sbat_is = std::get_if<tcg::SbatLevel>(&is);
    if (sbat_was != nullptr && sbat_is != nullptr) return words(sbat_words(*sbat_was), sbat_words(*sbat_is));
    const auto* order_was = std::get_if<tcg::OrderContent>(&was);
    const auto* order_is = std::get_if<tcg::OrderContent>(&is);
    if (order_was != nullptr && order_is != nullptr)
        return words(order_words(*order_was), order_words(*order_is));
    return std::nullopt;
}

std::string variable_words(const tcg::EfiVariable& before, const tcg::EfiVariable& after) {
    const auto name = "variable " + shown(after.name);
    if (auto words = entry_words(before, after)) return *std::move(words);
    if (auto words = content_words(before, after)) return *std::move(words);
    if (before.data.size() == 1 && after.data.size() == 1)
        return fmt::format("{} {} -> {}", name, std::to_integer<int>(before.data[0]),
                           std::to_integer<int>(after.data[0]));
    if (before.data.size() != after.data.size())
        return fmt::format("{} changed, {} -> {} bytes", name, before.data.size(), after.data.size());
    return fmt::format("{} changed, {} bytes as before", name, after.data.size());
}

/// What it is called: a file that GRUB read is one.
std::string name_of(const BootMeasurement& each) {
    constexpr std::uint32_t kGrubFiles = 9;
    constexpr std::string_view kIpl = "EV_IPL ";
    if (each.pcr == kGrubFiles && each.what.starts_with(kIpl)) return "file " + each.what.substr(kIpl.size());
    return each.what;
}

std::string without_numbers(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit)
            out += c;
        else if (out.empty() || out.back() != '#')
            out += '#';
    }
    return out;
}

}  // namespace

std::string likeness_of(const BootMeasurement& each) {
    if (const auto variable = variable_of(each)) return tcg::guid_text(variable->guid) + variable->name;
    const auto started = started_by(each);
    if (!started.of.empty()) {
        const bool command = text_of(each).starts_with(kGrub[0]);
        return fmt::format("{} {}", started.of, command ? "command" : "line");
    }
    return without_numbers(each.what);
}

Words words_of(const BootPair& pair) {
    const auto* before = pair.before;
    const auto* after = pair.after;
    const auto place = fmt::format("PCR {}", after != nullptr ? after->pcr : before->pcr);
    if (before == nullptr) return {fmt::format("{} is new in {}", name_of(*after), place)};
    if (after == nullptr) return {fmt::format("{} is not in {} any more", name_of(*before), place)};
    if (before->digest == after->digest)
        return {fmt::format("{} stands at another place in {}", name_of(*after), place)};
    const auto variable_before = variable_of(*before);
    const auto variable_after = variable_of(*after);
    if (variable_before && variable_after) return {variable_words(*variable_before, *variable_after)};
    const auto started_before = started_by(*before);
    const auto started_after = started_by(*after);
    if (!started_after.of.empty() && started_before.of == started_after.of) {
        auto words = start_words(started_before, started_after);
        if (!words.empty()) return words;
    }
    if (before->what == after->what) return {fmt::format("{} changed", name_of(*after))};
    return {fmt::format("{} -> {}", name_of(*before), name_of(*after))};
}

}  // namespace assay::judge
