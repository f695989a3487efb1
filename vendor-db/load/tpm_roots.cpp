#include "vendor-db/load/tpm_roots.h"

#include <algorithm>

#include "evidence/base/hex.h"
#include "evidence/codec/toml_file.h"

namespace assay::vendors {
namespace {

constexpr std::size_t kPins = 1024;

bool is_manufacturer(std::string_view text) {
    return text.size() == 11 && text.starts_with("id:") &&
           std::all_of(text.begin() + 3, text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

Result<TpmRootPin> read_pin(const TomlReader& table) {
    TRY_VOID(
        table.only({"sha256", "vendor", "subject", "not_before", "not_after", "manufacturers", "sources"}));
    TpmRootPin pin;
    const auto digest = from_hex(TRY(table.text("sha256")), 32);
    if (!digest || digest->size() != 32)
        return table.refuse("sha256", "is not a SHA-256: 64 digits of lower-case hexadecimal");
    pin.sha256 = TRY(Digest::from_bytes(HashAlgorithm::sha256, *digest));
    pin.vendor = TRY(table.text("vendor"));
    pin.subject = TRY(table.text("subject"));
    pin.not_before = TRY(table.time("not_before"));
    pin.not_after = TRY(table.time("not_after"));
    if (pin.not_after < pin.not_before)
        return table.refuse("not_after", "is before not_before: exchange the two");
    pin.manufacturers = TRY(table.optional_texts("manufacturers"));
    if (!std::ranges::all_of(pin.manufacturers, is_manufacturer))
        return table.refuse("manufacturers", "has one that is not like id:4E544300, the TCG's vendor ID");
    pin.sources = TRY(table.texts("sources"));
    pin.where = table.where();
    return pin;
}

}  // namespace

Result<std::vector<TpmRootPin>> parse_tpm_root_pins(std::string name, std::string_view text) {
    const auto file = TRY(TomlFile::parse(std::move(name), text));
    const auto root = file.root();
    TRY_VOID(root.only({"root"}));
    std::vector<TpmRootPin> pins;
    for (const auto& table : TRY(root.tables("root"))) {
        auto pin = TRY(read_pin(table));
        const auto twin = std::ranges::find(pins, pin.sha256, &TpmRootPin::sha256);
        if (twin != pins.end())
            return table.refuse("sha256", "is pinned at " + twin->where + " already: keep one of them");
        if (pins.size() == kPins) return table.refuse("sha256", "is one pin more than are read (1024)");
        pins.push_back(std::move(pin));
    }
    return pins;
}

}  // namespace assay::vendors
