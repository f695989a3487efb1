#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "evidence/certificate/platform/platform_certificate.h"
#include "evidence/wire/delivery.h"
#include "vendor-db/model/vendor_db.h"

/// What a host was delivered with, in the words of the evidence. PURE.
namespace assay::judge {

/// The components of a platform certificate as parts: the class by the TCG's registries (components
/// 2.23.133.18.3.1, SMBIOS .3, PCIe .4, storage .5), where it is one that evidence can show; else the
/// registry and value as text.
std::vector<DeliveredPart> delivered_parts(std::span<const tcg::PlatformComponent> components);

/// An as-built list, CSV or JSON: docs/formats/as-built-list.md. Errors name line or entry, and the remedy.
Result<std::vector<DeliveredPart>> parse_as_built_csv(std::string_view text);
Result<std::vector<DeliveredPart>> parse_as_built_json(std::string_view text);

/// The component class of that name; nothing for another text, and for "any".
std::optional<vendors::Component> component_class(std::string_view kind);

/// 12 lower-case hex digits of a MAC with or without separators; empty for anything else.
std::string mac_digits(std::string_view text);

}  // namespace assay::judge
