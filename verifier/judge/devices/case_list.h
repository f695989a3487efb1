#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/wire/attestation_result.h"
#include "evidence/wire/open_matter.h"
#include "evidence/wire/section/journal.h"
#include "verifier/judge/accompaniment/accompaniment.h"
#include "verifier/judge/accompaniment/time.h"
#include "verifier/judge/devices/judged_matter.h"

namespace assay::judge {

/// The record with which a device went, and the span of the verifier's clock in which that was. 0 and
/// nothing: it is there.
void set_gone(MatterDevice& device, std::uint64_t record, const accompaniment::Span& time);
/// Nobody saw it go.
bool went_unseen(const MatterDevice& device);
/// Its device is there.
bool is_there(const OpenMatter& matter);
/// It is about what came, and not about its going alone.
bool is_of_a_stay(const OpenMatter& matter);
/// A session covered it that stands on one hand's word. That says nothing of what the device does later.
bool is_of_a_session(const OpenMatter& matter);

/// The matters of a host's devices while its journal is followed. A place in the list stays as it is until
/// `take`.
class CaseList {
  public:
    /// `through`, `now`: as DeviceInputs has them.
    CaseList(std::string_view basis, std::uint64_t through, std::int64_t now)
        : basis_(basis), through_(through), now_(now) {}

    std::vector<OpenMatter>& all() { return all_; }
    /// A matter of before. `own`: the record that it begins with, if that comes again; else null.
    void carry_on(const OpenMatter& matter, const JournalRecord* own);
    /// It begins with a record after this one, which comes again.
    [[nodiscard]] bool is_to_come(std::size_t place, std::uint64_t record) const {
        return all_[place].record > record && again_.contains(place);
    }
    /// Its device is there, and was when `record` was written.
    [[nodiscard]] bool was_there(std::size_t place, std::uint64_t record) const {
        return is_there(all_[place]) && !is_to_come(place, record);
    }
    /// The device at `place`, to be changed by `record`. Of a record beyond `through`, which comes again, the
    /// change holds until `take`: what is taken over then is what earlier records made of it.
    MatterDevice& changed(std::size_t place, std::uint64_t record);
    /// It is there again, by `record`. That holds in any case: nothing is over by what is not taken over.
    void reopen(std::size_t place, std::uint64_t record);
    /// Changes the open matters of a device, by `record`: `change(place, device)`. Whether there are any that
    /// say what it does later, too.
    bool change(const MatterDevice& device, std::uint64_t record,
                const std::function<void(std::size_t, MatterDevice&)>& change);
    /// A matter that begins with `record`, once. Null where it is there already, or there are too many.
    OpenMatter* add(std::string_view id, const std::string& subject, const MatterDevice& device,
                    std::uint64_t record);
    void tell(const JudgedMatter& what, const std::string& subject, const MatterDevice& device,
              std::uint64_t record);
    /// The same where the session that covers it is unlisted, once for a stay; nothing where it is listed.
    void tell_covered(const accompaniment::SessionCover& cover, const std::string& subject,
                      const MatterDevice& device, std::uint64_t record);
    /// By the newest verdict: matters of that record are renewed, and end where they are none any more.
    /// Those of before there was a directory stay as they are.
    void judge(const JudgedEvent& event, const MatterDevice& device, const std::string& subject);
    /// It was none: nobody is told of it.
    void drop(std::size_t place) { all_[place].id.clear(); }
    /// How many there were too many of; and those of records that come again, which are counted anew then.
    [[nodiscard]] std::uint64_t more() const { return more_; }
    [[nodiscard]] std::uint64_t more_again() const { return more_again_; }
    /// What is open.
    std::vector<OpenMatter> take() &&;

  private:
    std::string_view basis_;
    std::uint64_t through_;
    std::int64_t now_;
    std::uint64_t more_ = 0, more_again_ = 0;
    std::vector<OpenMatter> all_;
    std::set<std::size_t> again_;               // those that were told, and whose own record comes again
    std::map<std::size_t, MatterDevice> kept_;  // place -> as it is without the records beyond `through_`
};

}  // namespace assay::judge
