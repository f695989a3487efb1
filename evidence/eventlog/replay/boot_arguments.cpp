#include "evidence/eventlog/replay/boot_arguments.h"

#include <algorithm>
#include <array>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/eventlog/payload/efi_structures.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kGrubPcr = 8;
constexpr std::uint32_t kEfiStubPcr = 9;
constexpr std::uint32_t kSystemdPcr = 12;
constexpr std::size_t kMaxLine = 64U << 10U;
// What GRUB's texts begin with where they start something; a command's first argument is its file.
struct Opening {
    std::string_view text;
    bool of_module;
};
constexpr std::array kCommands{Opening{"linux ", false},         Opening{"linuxefi ", false},
                               Opening{"linux16 ", false},       Opening{"kernel ", false},
                               Opening{"multiboot ", true},      Opening{"multiboot2 ", true},
                               Opening{"module ", true},         Opening{"module2 ", true},
                               Opening{"xen_hypervisor ", true}, Opening{"xen_module ", true}};
constexpr std::array kPrefixes{Opening{"kernel_cmdline: ", false}, Opening{"grub_kernel_cmdline ", false},
                               Opening{"module_cmdline: ", true}};

// Linux' isspace, which takes 0xa0 for a space.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0' || c == '\xa0';
}

std::string_view without_first_word(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    const auto end = std::ranges::find_if(text, is_space);
    return text.substr(static_cast<std::size_t>(end - text.begin()));
}

// Windows' events are tag, size and that many bytes. A UTF-16 text cannot be: its size field would hold a NUL
// or be above 64 KiB.
bool is_tagged(ByteView data) {
    ByteReader in(data);
    in.u32le("taggedEventID");
    const std::size_t size = in.u32le("taggedEventDataSize");
    return in.ok() && size <= in.remaining();
}

std::optional<std::string> wide_line(ByteView data) {
    const bool wide = data.size() >= 4 && data[0] != std::byte{0} && data[1] == std::byte{0};
    if (!wide || data.size() > kMaxLine || is_tagged(data)) return std::nullopt;
    return utf8_from_utf16le(data.first(data.size() & ~std::size_t{1}));
}

template <std::size_t N>
const Opening* opening_of(const std::array<Opening, N>& openings, std::string_view text) {
    const auto found =
        std::ranges::find_if(openings, [&](const auto& each) { return text.starts_with(each.text); });
    return found == openings.end() ? nullptr : &*found;
}

// The text is believed; the prefix, which no digest covers, only adds what may be a line.
std::optional<BootArguments> grub_line(const ParsedEvent& event, std::string_view covered) {
    const auto line = [&](bool of_module, std::string_view text) {
        return BootArguments{BootArgumentsSource::grub, event.index, of_module,
                             std::string(without_first_word(text))};
    };
    if (const auto* command = opening_of(kCommands, covered))
        return line(command->of_module, covered.substr(command->text.size()));
    if (const auto* prefix = opening_of(kPrefixes, as_text(event.unverified_data)))
        return line(prefix->of_module, covered);
    return std::nullopt;
}

Bytes utf16_of(std::string_view ascii) {
    ByteWriter out;
    for (const char c : ascii) out.u16le(static_cast<unsigned char>(c));
    return out.take();
}

// What the EFI stub would have measured for this command line.
std::vector<Digest> efi_stub_digests(HashAlgorithm bank, std::string_view claimed) {
    while (!claimed.empty() && (claimed.back() == '\n' || claimed.back() == '\0')) claimed.remove_suffix(1);
    if (claimed.empty() || claimed.size() > kMaxLine) return {};
    auto text = utf16_of(claimed);
    std::vector<Digest> digests{hash(bank, {text})};
    text.resize(text.size() + 2);
    digests.push_back(hash(bank, {text}));
    return digests;
}

}  // namespace

std::string_view to_string(BootArgumentsSource source) {
    switch (source) {
        case BootArgumentsSource::grub:
            return "GRUB";
        case BootArgumentsSource::systemd_stub:
            return "systemd-stub";
        case BootArgumentsSource::efi_stub:
            return "EFI stub";
    }
    return "GRUB";
}

MeasuredBootArguments boot_arguments(const ReplayedEventLog& log, std::optional<std::string_view> claimed) {
    MeasuredBootArguments found;
    std::vector<std::uint32_t> uncovered_of_systemd;
    bool systemd_line = false;
    const auto stub = claimed ? efi_stub_digests(log.bank(), *claimed) : std::vector<Digest>{};
    for (const auto& [event, digest, data] : log.verified()) {
        if (event.pcr == kEfiStubPcr && std::ranges::find(stub, digest) != stub.end())
            found.lines.push_back({BootArgumentsSource::efi_stub, event.index, false, std::string(*claimed)});
        if (event.pcr != kGrubPcr && event.pcr != kSystemdPcr) continue;
        if (!data) {
            (event.pcr == kGrubPcr ? found.uncovered : uncovered_of_systemd).push_back(event.index);
        } else if (auto line = wide_line(*data)) {
            found.lines.push_back({BootArgumentsSource::systemd_stub, event.index, false, std::move(*line)});
            systemd_line = systemd_line || event.pcr == kSystemdPcr;
        } else if (event.pcr == kGrubPcr) {
            if (auto text = grub_line(event, as_text(*data))) found.lines.push_back(std::move(*text));
        }
    }
    if (!systemd_line)
        found.uncovered.insert(found.uncovered.end(), uncovered_of_systemd.begin(),
                               uncovered_of_systemd.end());
    return found;
}

std::vector<std::string> boot_argument_tokens(std::string_view text) {
    std::vector<std::string> tokens;
    std::string token;
    bool quoted = false;
    bool in_name = true;
    const auto end = [&] {
        if (!token.empty()) tokens.push_back(std::move(token));
        token.clear();
        in_name = true;
    };
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
        } else if (is_space(c) && !quoted) {
            end();
        } else {
            if (c == '=') in_name = false;
            token += in_name && c == '-' ? '_' : c;
        }
    }
    end();
    return tokens;
}

}  // namespace assay::tcg
