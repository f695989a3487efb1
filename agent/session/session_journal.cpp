#include <chrono>
#include <thread>

#include "agent/opened_machine.h"
#include "agent/session/local_sessions.h"
#include "agent/usb/journal/statement_spool.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

constexpr std::chrono::seconds kPatience{15};
constexpr std::chrono::milliseconds kLook{50};

// Nothing: another process writes the journal, and takes it.
Result<std::optional<std::string>> take_in_here(const Settings& settings) {
    auto journal = Journal::open(settings.journal_folder());
    if (!journal && journal.error().code == ErrorCode::conflict) return std::nullopt;
    if (!journal) return std::unexpected(journal.error());
    const auto host = TRY(open_host(settings));
    auto tpm = open_tpm(settings);
    AnchoredJournal anchored(std::move(*journal), settings.journal_folder(), tpm ? tpm->get() : nullptr,
                             tpm ? Error{} : tpm.error());
    TRY_VOID(statement_spool::take_in(settings.statements_folder(), anchored, *host));
    const auto trouble = anchored.trouble();
    return trouble ? "the TPM does not have it yet: " + printable(trouble->reason) : std::string();
}

}  // namespace

Result<std::string> journal_statement(const Settings& settings, const SessionDocument& document) {
    const auto file = TRY(statement_spool::put(settings.statements_folder(), document));
    auto refused = file;
    refused.replace_extension(".refused");
    std::string notice;
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::error_code unknown;
    while (std::filesystem::exists(file, unknown)) {
        if (std::chrono::steady_clock::now() > until) {
            return fail(ErrorCode::io, printable(file.string()) +
                                           ": the service has not taken it yet, and takes it when it can; "
                                           "'assay-agent session list' shows what is in the journal");
        }
        if (const auto here = TRY(take_in_here(settings))) {
            notice = *here;
        } else {
            std::this_thread::sleep_for(kLook);
        }
    }
    if (std::filesystem::exists(refused, unknown))
        return fail(ErrorCode::refused, printable(refused.string()) + ": no statement that a host takes");
    return notice;
}

}  // namespace assay::agent
