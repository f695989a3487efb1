#include "cli/inspect/tpm_certificate.h"

#include <filesystem>
#include <iterator>
#include <memory>

#include <fmt/core.h>

#include "cli/inspect/ek_verdict.h"
#include "cli/inspect/file.h"
#include "cli/vendors/vendor_data.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/pem.h"
#include "verifier/service/inputs/certificate_files.h"
#include "verifier/service/inputs/tpm_roots.h"

namespace assay::cli {
namespace {

struct Options {
    std::vector<std::string> files, lists;
    std::string roots, key, at;
    tcg::TpmKeyRole role = tcg::TpmKeyRole::ek;
    bool idevid = false;
};

// The first certificate of the first file is the key's, and may be anything: what is wrong with it is a
// reason. All others are only helpers.
Result<EkCertificateQuestion> question_of_tpm_certificate(const Options& options) {
    EkCertificateQuestion question;
    question.role = options.idevid ? tcg::TpmKeyRole::idevid : options.role;
    question.at_unix_time = TRY(time_asked({.vendors = {}, .at = options.at}));
    const auto first = TRY(read_file(options.files.front(), tcg::kPemFile));
    auto blocks = tcg::pem_or_der(first, "CERTIFICATE");
    question.leaf = blocks ? std::move(blocks->front()) : first;
    for (std::size_t i = 1; blocks && i < blocks->size(); ++i) {
        question.intermediates.push_back(
            TRY(with_context(tcg::Certificate::parse((*blocks)[i]), printable(options.files.front()))));
    }
    for (std::size_t i = 1; i < options.files.size(); ++i)
        std::ranges::move(TRY(inputs::read_certificates(options.files[i])),
                          std::back_inserter(question.intermediates));
    if (!options.roots.empty()) {
        auto pinned = TRY(inputs::read_pinned_roots(options.roots));
        question.roots = std::move(pinned.certificates);
        question.makers = std::move(pinned.makers);
    }
    for (const auto& file : options.lists)
        std::ranges::move(TRY(inputs::read_revocation_lists(file)),
                          std::back_inserter(question.revocation_lists));
    if (!options.key.empty()) {
        const auto bytes = TRY(read_file(options.key, limits::kCertificate));
        question.key = TRY(with_context(tcg::parse_public_key_file(bytes), cell(options.key))).key;
    }
    return question;
}

Result<command_line::ExitCode> inspect(const Context& context, const Options& options) {
    const auto question = TRY(question_of_tpm_certificate(options));
    return show(context, judge_ek_certificate(question));
}

}  // namespace

void add_tpm_certificate_inspection(command_line::Command& parent, Context& context,
                                    const TpmCertificateInspection& kind) {
    const auto options = std::make_shared<Options>();
    options->role = kind.role;
    const auto role = to_string(kind.role);
    auto* command = command_line::add_command(parent, kind.name, kind.description, kind.examples,
                                              [&context, options] { return inspect(context, *options); });
    command
        ->add_option(
            "FILE", options->files,
            fmt::format("PEM or DER: the {}'s certificate first, then those above it, in any order", role))
        ->required()
        ->type_name("FILE");
    command->add_option("--roots", options->roots, "Pinned root certificates: a folder, or one file")
        ->type_name("DIR|FILE");
    command
        ->add_option("--crl", options->lists, "Revocation lists; then each issuer below the root needs one")
        ->type_name("FILE");
    command
        ->add_option("--key", options->key,
                     fmt::format("The {} that it should be about: PEM, TPMT_PUBLIC, TPM2B_PUBLIC", role))
        ->type_name("FILE");
    command->add_option("--at", options->at, "The time to judge at, by default now: 2026-11-22");
    if (kind.role == tcg::TpmKeyRole::iak)
        command->add_flag("--idevid", options->idevid, "It is an IDevID's: fixed to its TPM, not restricted");
}

}  // namespace assay::cli
