#pragma once

#include <string_view>

#include "vendor-db/model/model.h"

/// What the owner's firmware rules say of a version. docs/formats/firmware.md. PURE.
namespace assay::vendors {

enum class FirmwareStanding : std::uint8_t {
    approved,
    below_minimum,
    denied,
    unparseable,  ///< of another form than the rule's scheme, or of a family that cannot be compared with its
                  ///< minimum
    not_of_series  ///< the rule is about another series: it says nothing
};

/// Whether the rule is about such a part. A model is compared whole; blanks around it, runs of them and the
/// case of its letters do not count.
bool covers(const FirmwareRule& rule, std::string_view entity, Component component, std::string_view model);

/// Blanks around a model, runs of them and the case of its letters do not count.
bool same_model(std::string_view one, std::string_view other);

FirmwareStanding standing(const FirmwareRule& rule, std::string_view version);

}  // namespace assay::vendors
