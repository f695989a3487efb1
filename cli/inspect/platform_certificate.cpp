#include <memory>

#include <fmt/core.h>

#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "cli/inspect/platform_certificate_json.h"
#include "cli/inspect/verdict.h"
#include "cli/vendors/vendor_data.h"
#include "evidence/base/limits.h"
#include "evidence/certificate/platform/judge_platform_certificate.h"
#include "verifier/service/inputs/certificate_files.h"
#include "verifier/service/inputs/tpm_roots.h"

namespace assay::cli {
namespace {

struct PlatformFiles {
    std::vector<std::string> files, issuers;
    std::string base, ek, roots;
    VendorOptions time;  // --at alone
};

Result<std::vector<tcg::Certificate>> read_issuers(const std::vector<std::string>& files) {
    std::vector<tcg::Certificate> out;
    for (const auto& file : files) {
        for (auto& each : TRY(inputs::read_certificates(file))) {
            if (out.size() == limits::kCertificates) {
                return fail(ErrorCode::limit, fmt::format("more than {} issuers", limits::kCertificates));
            }
            out.push_back(std::move(each));
        }
    }
    return out;
}

Result<std::optional<tcg::Certificate>> read_ek(const std::string& file) {
    if (file.empty()) return std::nullopt;
    auto all = TRY(inputs::read_certificates(file));
    if (all.empty()) return fail(ErrorCode::malformed, cell(file) + " holds no certificate");
    return std::move(all.front());
}

Result<InspectVerdict> judged(const PlatformFiles& files) {
    InspectVerdict answer;
    std::vector<std::string> paths = files.files;
    if (!files.base.empty()) paths.insert(paths.begin(), files.base);
    std::vector<tcg::PlatformCertificate> certificates;
    answer.details["certificates"] = Json::array();
    for (const auto& path : paths) {
        const auto content = TRY(read_file(path, 4 * limits::kCertificate));
        auto certificate = tcg::PlatformCertificate::parse(content);
        if (!certificate) {
            answer.add(Reason{tcg::PlatformReasonKind::malformed,
                              fmt::format("{}: {}", path, describe(certificate.error()))});
            continue;
        }
        answer.details["certificates"].push_back(platform_certificate_json(*certificate))["file"] = path;
        certificates.push_back(std::move(*certificate));
    }
    if (certificates.empty()) return answer;
    const auto issuers = TRY(read_issuers(files.issuers));
    const auto ek = TRY(read_ek(files.ek));
    std::vector<tcg::Certificate> roots;
    if (!files.roots.empty()) roots = TRY(inputs::read_pinned_roots(files.roots)).certificates;
    const auto at = TRY(time_asked(files.time));
    const auto verdict = tcg::judge_platform_certificates({.certificates = certificates,
                                                           .issuers = issuers,
                                                           .roots = roots,
                                                           .ek = ek ? &*ek : nullptr,
                                                           .at = at});
    answer.add(verdict);
    answer.details["components"] = Json::array();
    for (const auto& component : verdict.components) {
        answer.details["components"].push_back(platform_component_json(component));
    }
    return answer;
}

Result<command_line::ExitCode> inspect(const Context& context, const PlatformFiles& files) {
    const auto answer = TRY(judged(files));
    return show(context, answer);
}

}  // namespace

void add_inspect_platform_certificate(command_line::Command& parent, Context& context) {
    const auto files = std::make_shared<PlatformFiles>();
    auto* command = command_line::add_command(
        parent, "platform-certificate",
        "TCG platform certificates, base and deltas: a verdict with every reason, and the components",
        "assay inspect platform-certificate base.cer --ek-certificate ek.der --roots platform-roots/  # "
        "valid, "
        "invalid or undecided\n"
        "assay inspect platform-certificate delta1.cer delta2.cer --base base.cer --json  # the components "
        "after all deltas\n"
        "assay inspect platform-certificate base.cer --at 2024-06-01  # as it was judged on that day",
        [&context, files] { return inspect(context, *files); });
    command->add_option("FILE", files->files, "Attribute certificates, DER or PEM, in any order")
        ->required()
        ->type_name("FILE");
    command->add_option("--base", files->base, "The base of the deltas; the same as one more FILE")
        ->type_name("FILE");
    command
        ->add_option("--ek-certificate", files->ek,
                     "The EK certificate of the machine's TPM, which the base must name as its holder")
        ->type_name("FILE");
    command
        ->add_option("--issuer", files->issuers,
                     "Certificates between the platform certificate and a root; not trusted by themselves")
        ->type_name("FILE");
    command
        ->add_option("--roots", files->roots,
                     "The certificates that are trusted: roots, or the issuer's own certificate")
        ->type_name("DIR");
    command->add_option("--at", files->time.at,
                        "The day that is asked about, by default now: 2026-11-22, 2026-11-22T10:42:25Z");
}

}  // namespace assay::cli
