#pragma once

#include <set>
#include <string>
#include <string_view>

#include "verifier/judge/accompaniment/judging/scene.h"

namespace assay::accompaniment {

/// Who may not be alone in the zone of an event and was there, by badge or by signature; and who may escort
/// there and was.
struct Visitors {
    std::set<std::string> sure;
    std::set<std::string> perhaps;     ///< badges of nobody among them
    Cause cause = Cause::none;         ///< why it is not known: waiting helps with Cause::feed alone
    std::set<std::string> escorts;     ///< by badge or by signature
    std::set<std::string> may_escort;  ///< were there perhaps, or have the right perhaps
    Cause of_escorts = Cause::none;    ///< why that is not known
};

Visitors visitors_of(const Scene& scene);

/// The ratio of docs/accompaniment.md, A4: the escorts there may take all visitors. False if even all who
/// were there perhaps could not; unknown if only they could, or if it depends on who else was there.
Condition ratio_kept(const Visitors& visitors, const Scene& scene, const OrderFields& order,
                     std::string_view technician, std::string_view escort);

}  // namespace assay::accompaniment
