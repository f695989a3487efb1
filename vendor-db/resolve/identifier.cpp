#include "vendor-db/resolve/identifier.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <utility>

#include "evidence/base/text.h"

namespace assay::vendors {
namespace {

template <typename E, std::size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

constexpr Names<Namespace, 9> kNamespaces{{{Namespace::pci, "pci"},
                                           {Namespace::usb, "usb"},
                                           {Namespace::oui, "oui"},
                                           {Namespace::jep106, "jep106"},
                                           {Namespace::iana_pen, "iana_pen"},
                                           {Namespace::tpm, "tpm"},
                                           {Namespace::pnp, "pnp"},
                                           {Namespace::efi_signer, "efi_signer"},
                                           {Namespace::smbios, "smbios"}}};
constexpr Names<Decision, 3> kDecisions{
    {{Decision::allow, "allow"}, {Decision::deny, "deny"}, {Decision::review, "review"}}};
constexpr Names<Component, 15> kComponents{{{Component::any, "any"},
                                            {Component::system, "system"},
                                            {Component::board, "board"},
                                            {Component::bios, "bios"},
                                            {Component::bmc, "bmc"},
                                            {Component::cpu, "cpu"},
                                            {Component::memory, "memory"},
                                            {Component::drive, "drive"},
                                            {Component::nic, "nic"},
                                            {Component::pci, "pci"},
                                            {Component::gpu, "gpu"},
                                            {Component::psu, "psu"},
                                            {Component::tpm, "tpm"},
                                            {Component::usb, "usb"},
                                            {Component::chassis, "chassis"}}};
constexpr Names<NameKind, 5> kNameKinds{{{NameKind::legal, "legal"},
                                         {NameKind::previous, "previous"},
                                         {NameKind::alias, "alias"},
                                         {NameKind::native, "native"},
                                         {NameKind::smbios, "smbios"}}};
constexpr Names<ListStatus, 4> kListStatuses{{{ListStatus::active, "active"},
                                              {ListStatus::suspended, "suspended"},
                                              {ListStatus::withdrawn, "withdrawn"},
                                              {ListStatus::superseded, "superseded"}}};
constexpr Names<Confidence, 2> kConfidences{{{Confidence::sourced, "sourced"}, {Confidence::weak, "weak"}}};
constexpr Names<Subject, 4> kSubjects{{{Subject::country, "country"},
                                       {Subject::listed, "list"},
                                       {Subject::owned_by, "owned_by"},
                                       {Subject::entity, "entities"}}};

template <typename E, std::size_t N>
std::string_view name_of(const Names<E, N>& names, E value) {
    for (const auto& [key, name] : names) {
        if (key == value) return name;
    }
    return "?";
}

template <typename E, std::size_t N>
Result<E> from_name(const Names<E, N>& names, std::string_view wanted) {
    std::string list;
    for (const auto& [key, name] : names) {
        if (name == wanted) return key;
        list += (list.empty() ? "" : ", ") + std::string(name);
    }
    return fail(ErrorCode::malformed, "'" + printable(shortened(wanted, 64)) + "' is not one of: " + list);
}

constexpr bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

constexpr unsigned digit_value(char c) {
    return static_cast<unsigned>(c >= '0' && c <= '9' ? c - '0' : lower(c) - 'a' + 10);
}

bool all_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_hex);
}

Result<std::uint32_t> decimal(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return fail(ErrorCode::malformed, "not a decimal number");
    }
    return value;
}

Result<std::string> canonical_oui(std::string_view value) {
    std::string digits;
    for (const char c : value) {
        if (c == ':' || c == '-' || c == '.') continue;
        if (!is_hex(c) || digits.size() == 9) return fail(ErrorCode::malformed, "not 6, 7 or 9 hex digits");
        digits.push_back(upper(c));
    }
    if (digits.size() != 6 && digits.size() != 7 && digits.size() != 9) {
        return fail(ErrorCode::malformed, "not 6, 7 or 9 hex digits");
    }
    return digits;
}

Result<std::string> canonical_jep106(std::string_view value) {
    const auto colon = value.find(':');
    if (colon == std::string_view::npos) return fail(ErrorCode::malformed, "not bank:code, as in 10:9b");
    const auto bank = TRY(decimal(value.substr(0, colon)));
    const auto code = value.substr(colon + 1);
    if (bank == 0 || bank > 128 || code.size() != 2 || !all_hex(code)) {
        return fail(ErrorCode::malformed, "not bank:code, as in 10:9b");
    }
    unsigned number = 0;
    for (const char c : code) number = number * 16 + digit_value(c);
    if (std::popcount(number) % 2 == 0)
        return fail(ErrorCode::malformed, "the code lacks its odd-parity bit");
    return std::to_string(bank) + ":" + lower(code);
}

}  // namespace

std::string_view to_string(Namespace ns) {
    return name_of(kNamespaces, ns);
}
std::string_view to_string(Decision decision) {
    return name_of(kDecisions, decision);
}
std::string_view to_string(Component component) {
    return name_of(kComponents, component);
}
std::string_view to_string(NameKind kind) {
    return name_of(kNameKinds, kind);
}
std::string_view to_string(ListStatus status) {
    return name_of(kListStatuses, status);
}
std::string_view to_string(Confidence confidence) {
    return name_of(kConfidences, confidence);
}
std::string_view to_string(Subject subject) {
    return name_of(kSubjects, subject);
}

Result<Namespace> namespace_from_name(std::string_view name) {
    return from_name(kNamespaces, name);
}
Result<Decision> decision_from_name(std::string_view name) {
    return from_name(kDecisions, name);
}
Result<Component> component_from_name(std::string_view name) {
    return from_name(kComponents, name);
}
Result<NameKind> name_kind_from_name(std::string_view name) {
    return from_name(kNameKinds, name);
}
Result<ListStatus> list_status_from_name(std::string_view name) {
    return from_name(kListStatuses, name);
}
Result<Confidence> confidence_from_name(std::string_view name) {
    return from_name(kConfidences, name);
}

Result<std::string> canonical(Namespace ns, std::string_view value) {
    switch (ns) {
        case Namespace::pci:
        case Namespace::usb:
            if (value.starts_with("0x") || value.starts_with("0X")) value.remove_prefix(2);
            if (value.size() != 4 || !all_hex(value))
                return fail(ErrorCode::malformed, "not four hex digits");
            return lower(value);
        case Namespace::oui:
            return canonical_oui(value);
        case Namespace::jep106:
            return canonical_jep106(value);
        case Namespace::iana_pen:
            return std::to_string(TRY(decimal(value)));
        case Namespace::tpm: {
            while (!value.empty() && (value.back() == '\0' || value.back() == ' ')) value.remove_suffix(1);
            const auto graphic = [](char c) { return c > 0x20 && c < 0x7f; };
            if (value.empty() || value.size() > 4 || !std::all_of(value.begin(), value.end(), graphic)) {
                return fail(ErrorCode::malformed, "not one to four printable characters");
            }
            return std::string(value);
        }
        case Namespace::pnp: {
            std::string id(value);
            std::ranges::transform(id, id.begin(), upper);
            const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
            if (id.size() != 3 || !std::all_of(id.begin(), id.end(), letter))
                return fail(ErrorCode::malformed, "not three letters");
            return id;
        }
        case Namespace::efi_signer:
            if (value.size() != 64 || !all_hex(value))
                return fail(ErrorCode::malformed, "not 64 hex digits, the SHA-256 of a certificate");
            return lower(value);
        case Namespace::smbios: {
            auto name = normalised_name(value);
            if (name.empty()) return fail(ErrorCode::malformed, "a name without a letter or digit");
            return name;
        }
    }
    return fail(ErrorCode::internal, "namespace");
}

}  // namespace assay::vendors
