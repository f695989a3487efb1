#include "evidence/base/cause.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "tests/support/causes.h"

using namespace assay;

namespace {

std::string title_of(std::string_view area) {
    if (area == "connection") return "Connections";
    if (area == "proxy") return "Proxies";
    if (area == "certificate") return "Certificates";
    if (area == "clock") return "Clocks";
    if (area == "disk") return "Disks";
    if (area == "permission") return "Permissions";
    return area == "tpm" ? "TPMs" : "";
}

std::string causes_markdown() {
    std::string out =
        "# Causes\n\n"
        "What outside of Assay can fail, in the words of its messages: what happened, how that is known, "
        "what to do. A message is\n"
        "`SUBJECT: what happened (what shows it); what to do`. Look for its words here.\n\n"
        "Printed from `evidence/base/causes.inc`; do not edit here.\n";
    std::string_view last;
    for (const auto& row : cause_rows()) {
        const auto area = row.id.substr(0, row.id.find('.'));
        if (area != last) out += fmt::format("\n## {}\n", title_of(area));
        last = area;
        out += fmt::format("\n### {}\n\n{}\n\n- Known by: {}\n- What to do: {}\n", row.id, row.what,
                           row.known, row.remedy);
    }
    return out;
}

}  // namespace

TEST_CASE("docs/causes.md is what the table of causes says") {
    const std::string path = ASSAY_SOURCE_DIR "/docs/causes.md";
    if (std::getenv("ASSAY_REBASELINE") != nullptr)
        std::ofstream(path, std::ios::binary) << causes_markdown();
    std::ifstream file(path, std::ios::binary);
    const std::string there{std::istreambuf_iterator<char>(file), {}};
    INFO("to print it anew: ASSAY_REBASELINE=1 ctest -R 'docs/causes.md'");
    CHECK(there == causes_markdown());
}

TEST_CASE("every cause has an id of its own area, and says what happened, how it is known and what to do") {
    std::set<std::string_view> ids;
    std::set<std::string_view> sentences;
    for (const auto& row : cause_rows()) {
        INFO(row.id);
        CHECK_FALSE(title_of(row.id.substr(0, row.id.find('.'))).empty());
        CHECK(ids.insert(row.id).second);
        CHECK(sentences.insert(row.what).second);
        for (const auto text : {row.what, row.known, row.remedy}) {
            CHECK_FALSE(text.empty());
            CHECK_FALSE(text.ends_with("."));
            CHECK_FALSE(text.contains("see the reason"));
        }
    }
}

TEST_CASE("an error has the row's words, its subject and what shows it, and brackets only around something") {
    const auto error = error_of(Cause::connection_refused, "https://a:1", "Connection refused");
    CHECK(error.code == ErrorCode::io);
    CHECK(error.context ==
          "https://a:1: nobody listens there (Connection refused); see that the verifier runs, and that the "
          "port is the "
          "one of its `listen`");
    CHECK(
        error_of(Cause::tpm_not_started, "x").context.starts_with("x: the firmware did not start the TPM; "));
}

TEST_CASE("what the operating system says of disks and permissions is told by its cause") {
    const std::pair<int, Cause> wanted[] = {{ENOSPC, Cause::disk_full},
                                            {EDQUOT, Cause::disk_quota},
                                            {EROFS, Cause::disk_read_only},
                                            {EIO, Cause::disk_failed},
                                            {EFBIG, Cause::disk_too_large},
                                            {EMFILE, Cause::disk_too_many_files},
                                            {ENFILE, Cause::disk_too_many_files},
                                            {EACCES, Cause::permission_denied},
                                            {EPERM, Cause::permission_not_allowed}};
    for (const auto& [number, cause] : wanted) {
        const auto error = error_of_errno(number, "writing /x");
        INFO(error.context);
        CHECK(test::says(error, cause));
        CHECK(error.context.starts_with("writing /x: "));
    }
}

TEST_CASE(
    "what is no matter of disk or permission keeps the system's words and no remedy that would be wrong") {
    const auto missing = error_of_errno(ENOENT, "reading /x");
    CHECK(missing.code == ErrorCode::not_found);
    CHECK(missing.context == "reading /x: No such file or directory");
    CHECK(error_of_errno(EINTR, "reading /x").context == "reading /x: Interrupted system call");
    CHECK_FALSE(cause_of_errno(ENOENT));
}
