#include "tests/attacks/attack.h"
#include "tests/unit/verifier/service/casework/site_world.h"

// Signatures in the journal of a host without network: what root there, or who has a key of his own, does to
// have a visit pass for an accompanied one. The device is a stick that a technician brings.
using namespace assay;
using namespace assay::test;

namespace {

// The verdict on the stick, after the host has sent these records.
Outcome judged(Site& site, const std::vector<JournalRecord>& records) {
    const auto said = site.outcome(records);
    return {.passes = said == "ACCOMPANIED",
            .said = said,
            .reasons = {site.refusals().empty() ? said : "refused"}};
}

Outcome honest() {
    Site site;
    return judged(site, site.visit());
}

// A session at the verifier that the technician signed, and the escort by `sign`; the stick came 10 s ago.
Outcome posted(int (*sign)(Site&, const std::string& session)) {
    Site site;
    site.give_all();
    site.given_ = true;
    const auto session = site.open_session();
    (void)site.sign(session, "technician", site.technician);  // what comes of it says whether it was taken
    site.service.now += 200;
    const auto status = sign(site, session);
    const auto said = site.outcome({site.record(4, 10)});
    return {.passes = said == "ACCOMPANIED", .said = said, .reasons = {status == 200 ? said : "refused"}};
}

// The escort signs where the host stands, while the technician waits.
Outcome honest_and_posted() {
    Site site;
    site.give_all();
    site.given_ = true;
    const auto session = site.open_session();
    (void)site.sign(session, "technician", site.technician);
    (void)site.sign(session, "escort", site.escort);
    site.service.now += 200;
    const auto said = site.outcome({site.record(4, 10)});
    return {.passes = said == "ACCOMPANIED", .said = said, .reasons = {said}};
}

Outcome with_escorts_record(void (*forge)(Site&, std::vector<JournalRecord>&)) {
    Site site;
    auto records = site.visit();
    forge(site, records);
    return judged(site, records);
}

}  // namespace

ATTACK_RUN(
    "session: key that nobody registered", "signs as the escort with a key made for it", "refused",
    "UNATTESTED",
    [] {
        return with_escorts_record([](Site& site, auto& records) {
            const KeyHolder stranger;
            records[2] = site.journaled(3, 40, site.statement("open", "escort", 40), &stranger);
        });
    },
    honest)
ATTACK_RUN(
    "session: statement for another host", "has the escort sign for rack-8, and journals it here", "refused",
    "UNATTESTED",
    [] {
        return with_escorts_record([](Site& site, auto& records) {
            auto statement = site.statement("open", "escort", 40);
            statement.host = "rack-8";
            records[2] = site.journaled(3, 40, statement, &site.escort);
        });
    },
    honest)
ATTACK_RUN(
    "session: journal of another host", "copies a whole session from rack-8's journal", "refused",
    "UNATTESTED",
    [] {
        Site site;
        auto records = site.visit();
        for (const auto i : {0U, 1U, 2U}) {
            const auto* role = i == 0 ? "" : i == 1 ? "technician" : "escort";
            auto statement = site.statement(i == 0 ? "challenge" : "open", role, 60 - 10 * i);
            statement.host = "rack-8";
            records[i] = site.journaled(i + 1, 60 - 10 * i, statement,
                                        i == 0   ? nullptr
                                        : i == 1 ? &site.technician
                                                 : &site.escort);
        }
        return judged(site, records);
    },
    honest)
ATTACK_RUN(
    "session: signature of an earlier visit", "journals last week's opening once more", "refused",
    "UNATTESTED",
    [] {
        return with_escorts_record([](Site& site, auto& records) {
            constexpr std::int64_t kWeek = 7 * 86'400;
            records[2] = site.journaled(3, 40, site.statement("open", "escort", kWeek), &site.escort);
        });
    },
    honest)
ATTACK_RUN(
    "session: other text under the signature", "changes the role under the technician's signature", "refused",
    "UNATTESTED",
    [] {
        return with_escorts_record([](Site& site, auto& records) {
            auto document = must(decode_session_document(*records[1].document));
            document.text = must(session_statement_text(site.statement("open", "escort", 50)));
            records[2].document = encode_session_document(document);
        });
    },
    honest)
ATTACK_RUN(
    "session: technician's key for both", "the technician signs as the escort, too", "SELF_ESCORT",
    "SELF_ESCORT",
    [] {
        return with_escorts_record([](Site& site, auto& records) {
            records[2] = site.journaled(3, 40, site.statement("open", "escort", 40), &site.technician);
        });
    },
    honest)
ATTACK_RUN(
    "session: technician's key as the escort's, posted", "signs for the escort with his own registered key",
    "refused", "UNATTESTED",
    [] {
        return posted([](Site& site, const std::string& session) {
            return site.sign(session, "escort", site.technician).status;
        });
    },
    honest_and_posted)
ATTACK_RUN(
    "session: opening posted afterwards", "has the escort sign over the time of before the stick",
    "UNATTESTED", "UNATTESTED",
    [] {
        return posted([](Site& site, const std::string& session) {
            return site.sign(session, "escort", site.escort, "open", 200).status;
        });
    },
    honest_and_posted)
ATTACK_RUN(
    "session: escort who is not there", "opens one in which the technician is his own escort", "refused",
    "UNATTESTED",
    [] {
        Site site;
        site.give_all();
        site.given_ = true;
        const auto refused = site.ask_for_session({{"escort", "p-tech"}}).status == 400;
        const auto said = site.outcome({site.record(4, 10)});
        return Outcome{
            .passes = said == "ACCOMPANIED", .said = said, .reasons = {refused ? "refused" : said}};
    },
    honest_and_posted)
