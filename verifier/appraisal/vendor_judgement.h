#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/appraisal/examined.h"

namespace assay {

/// Judges the makers of one kind of part: denied is contraindicated; undecided and unknown are warnings;
/// allowed is nothing to say. Decisions are looked up once per identifier.
class VendorJudgement {
  public:
    VendorJudgement(const Examined& examined, Judge& judge, vendors::Component component)
        : examined_(examined), judge_(judge), component_(component) {}

    /// `subject` is the part, `what` the identifier as the evidence has it ("PCI vendor 1bd4").
    /// Gives whether the maker is known, whatever was decided about it. One finding for a maker of a part, by
    /// whichever of its identifiers comes first.
    bool judge(const vendors::Resolution& maker, std::string subject, std::string what, std::string evidence);
    /// The same, without a finding for a maker that is not known.
    bool judge_if_known(const vendors::Resolution& maker, std::string subject, std::string what,
                        std::string evidence);

    /// Makers that need no finding are the common case, and there are hundreds of PCI functions: true if
    /// `vendor` is allowed.
    bool pci_vendor_is_allowed(std::uint16_t vendor);
    [[nodiscard]] const vendors::VendorDb& vendors() const { return examined_.inputs.vendors; }

  private:
    vendors::Approval approval(const std::string& entity) const;

    const Examined& examined_;
    Judge& judge_;
    vendors::Component component_;
    std::map<std::uint16_t, bool> pci_allowed_;
    std::set<std::pair<std::string, std::string>> said_;  // (subject, entity)
};

/// "1bd4".
std::string pci_hex(std::uint16_t id);
/// Walks the SMBIOS structures of one type: `each` judges one. No table is absent data; a table without such
/// a structure is nothing to judge. `noun` is what the summary calls them: "board".
void judge_smbios_structures(const Examined& examined, Judge& judge, std::uint8_t type, std::string_view noun,
                             const std::function<void(const smbios::Structure&)>& each);
/// The makers named by texts of SMBIOS: one finding for each that is not approved.
void judge_smbios_maker(const Examined& examined, Judge& judge, vendors::Component component,
                        const smbios::Structure& structure, std::string_view maker, std::string_view what);

}  // namespace assay
