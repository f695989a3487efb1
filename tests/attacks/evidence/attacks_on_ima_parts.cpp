#include "tests/attacks/attack.h"
#include "tests/support/appraisal/growing_ima_list.h"

// An IMA list in parts: what root on a host can send instead of what comes after the entries that the
// verifier judged. docs/adr/0010-ima-lists-come-in-parts.md.
using namespace assay;
using namespace assay::test;

namespace {

constexpr std::size_t kJudged = 3;
constexpr std::size_t kAll = 6;

std::optional<ImaState> known_of(const GrowingImaList& list, std::size_t entries = kJudged) {
    return list.report(entries, entries).appraise().next.ima;
}
Outcome judged(const AppraisalCase& made) {
    return outcome_of(made.appraise().result);
}
Outcome honest_part() {
    const auto list = GrowingImaList(kAll);
    return judged(list.report(kAll, kAll, known_of(list)));
}
/// The part that the verifier waits for, with one thing changed.
Outcome sent(const GrowingImaList& list, const std::function<void(ImaPart&)>& change) {
    const auto known = known_of(list);
    ImaPart part{start_of(*known).state, known->entries, known->offset, list.bytes(kJudged, kAll)};
    change(part);
    return judged(list.report_with(kAll, known, [&](GrowingImaList::Sections& sections) {
        sections[std::string(section::kImaLogPart)] = encode_ima_part_section(part);
    }));
}

}  // namespace

ATTACK_RUN(
    "IMA part: an entry between two reports left out", "sends the next part without its first entry",
    "ima.mismatch", "contraindicated",
    [] {
        const auto list = GrowingImaList(kAll);
        return sent(list, [&](ImaPart& part) { part.list = list.bytes(kJudged + 1, kAll); });
    },
    honest_part)
ATTACK_RUN(
    "IMA part: nothing new", "says that nothing was measured since", "ima.mismatch", "contraindicated",
    [] { return sent(GrowingImaList(kAll), [](ImaPart& part) { part.list.clear(); }); }, honest_part)
ATTACK_RUN(
    "IMA part: skips ahead", "goes on from an entry that the verifier has not seen", "ima.unknown_part",
    "contraindicated",
    [] {
        const auto list = GrowingImaList(kAll);
        return sent(list, [&](ImaPart& part) {
            part.entries = kJudged + 1;
            part.offset = list.after(kJudged + 1).offset;
            part.list = list.bytes(kJudged + 1, kAll);
        });
    },
    honest_part)
ATTACK_RUN(
    "IMA part: of another state", "goes on from a list of its own", "ima.unknown_part", "contraindicated",
    [] { return sent(GrowingImaList(kAll), [](ImaPart& part) { part.state = sha256(as_view("own")); }); },
    honest_part)
ATTACK_RUN(
    "IMA part: after a reset of the TPM", "restarts under the boot id of before, and goes on",
    "ima.unknown_part", "contraindicated",
    [] {
        auto list = GrowingImaList(kAll);
        const auto known = known_of(list);
        ++list.host.clock.reset_count;
        return judged(list.report(kAll, kAll, known));
    },
    honest_part)
ATTACK_RUN(
    "IMA part: an edited entry long ago", "waits until the entry that was edited is in no part any more",
    "ima.edited", "contraindicated",
    [] {
        GrowingImaList list;
        list.add([](ImaBuilder& out) { out.edited("/usr/bin/evil"); });
        list.add_files(kAll);
        auto known = known_of(list);
        for (std::size_t entries = kJudged + 1; entries < kAll; ++entries)
            known = list.report(entries, entries, known).appraise().next.ima;
        return judged(list.report(kAll, kAll, known));
    },
    honest_part)
ATTACK_RUN(
    "IMA part: a section of no meaning", "sends bytes that are no part", "ima.unknown_part",
    "contraindicated",
    [] {
        const auto list = GrowingImaList(kAll);
        return judged(list.report_with(kAll, known_of(list), [](GrowingImaList::Sections& sections) {
            sections[std::string(section::kImaLogPart)] = to_bytes("part");
        }));
    },
    honest_part)
