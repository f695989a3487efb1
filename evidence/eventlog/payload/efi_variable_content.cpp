#include "evidence/eventlog/payload/efi_variable_content.h"

#include <algorithm>
#include <array>
#include <utility>

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr std::array kFlags{"SecureBoot"sv,   "SetupMode"sv,      "AuditMode"sv,        "DeployedMode"sv,
                            "VendorKeys"sv,   "MokListTrusted"sv, "MokListTrustedRT"sv, "MokSBState"sv,
                            "MokSBStateRT"sv, "MokIgnoreDB"sv,    "MokDBState"sv,       "MokPolicy"sv};
constexpr std::array kSignatureLists{"PK"sv,         "KEK"sv,       "db"sv,         "dbx"sv,
                                     "dbt"sv,        "dbr"sv,       "devdb"sv,      "PKDefault"sv,
                                     "KEKDefault"sv, "dbDefault"sv, "dbxDefault"sv, "MokList"sv,
                                     "MokListRT"sv,  "MokListX"sv,  "MokListXRT"sv};
constexpr std::array kOrders{"BootOrder"sv, "DriverOrder"sv, "SysPrepOrder"sv, "PlatformRecoveryOrder"sv};
constexpr std::array kOptions{"Boot"sv, "Driver"sv, "SysPrep"sv, "PlatformRecovery"sv};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

// Boot#### and so on: four hexadecimal digits. (UEFI 2.10, 3.3)
bool is_load_option(std::string_view name) {
    return name.size() > 4 && is_one_of(kOptions, name.substr(0, name.size() - 4)) &&
           std::ranges::all_of(name.substr(name.size() - 4), is_hex);
}

template <typename Content, typename Parsed>
EfiVariableContent content_of(Result<Parsed> parsed) {
    if (!parsed) return UnreadContent{describe(parsed.error())};
    return Content{std::move(*parsed)};
}

}  // namespace

EfiVariableContent read_variable_content(const EfiVariable& variable, bool authority) {
    const std::string_view name = variable.name;
    const auto data = variable.data;
    if (data.empty()) return AbsentContent{};
    if (name == "SbatLevel" || name == "SbatLevelRT") return content_of<SbatLevel>(parse_sbat_level(data));
    if (is_one_of(kFlags, name)) {
        if (data.size() != 1) return UnreadContent{"a flag of " + std::to_string(data.size()) + " bytes"};
        return FlagContent{std::to_integer<std::uint8_t>(data.front())};
    }
    if (authority) return content_of<AuthorityContent>(parse_authority(data));
    if (is_one_of(kSignatureLists, name)) return content_of<SignatureContent>(parse_signature_lists(data));
    if (is_one_of(kOrders, name)) return content_of<OrderContent>(parse_boot_order(data));
    if (is_load_option(name)) return content_of<EfiLoadOption>(parse_load_option(data));
    return UnreadContent{"no structure is known for this variable"};
}

bool is_variable(const EfiVariable& variable, std::string_view name, std::string_view guid) {
    return variable.name == name && guid_text(variable.guid) == guid;
}

}  // namespace assay::tcg
