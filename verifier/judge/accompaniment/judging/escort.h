#pragma once

#include <string>
#include <string_view>

#include "verifier/judge/accompaniment/judging/knowledge.h"

namespace assay::accompaniment {

/// What A4 asks of a person beside being there.
struct Eligibility {
    Condition condition;
    bool self = false;   ///< technician and escort are one, or share a key or badge
    bool split = false;  ///< claimed in another room at the same time
    std::string reason;  ///< "EMPLOYER", "RIGHT", "ROLE", "TECHNICIAN", "RATIO"
};

/// May `escort` escort `technician` of this order at this host at that time? As the directory knew it then;
/// what it was told later makes nothing true: unknown, Cause::late.
Eligibility eligibility_of(std::string_view escort, std::string_view technician, const OrderFields& order,
                           const Host& host, const Span& span, const Knowledge& knowledge);

/// The same but for what `escort` was claimed for at that time: how many, and where else.
Eligibility may_escort(std::string_view escort, std::string_view technician, const OrderFields& order,
                       const Host& host, const Span& span, const Knowledge& knowledge);

/// One of the zones of a person's list is among those `around` the asked one: Directory::around.
bool has_right(const std::vector<std::string>& zones, const std::vector<std::string_view>& around);

}  // namespace assay::accompaniment
