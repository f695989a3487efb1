#include "cli/hosts/endorse.h"

#include <memory>

#include <fmt/core.h>

#include "cli/table.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/certificate/platform/platform_certificate.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"
#include "verifier/service/inputs/certificate_files.h"

namespace assay::cli {
namespace {

struct EndorseOptions {
    std::string host, manifest;
    std::vector<std::string> certificates, issuers;
};

std::string path_of(const EndorseOptions& options) {
    return "/v1/hosts/" + client::percent_encoded(options.host) + "/endorsement";
}

/// What is sent; looked at here first, so that an error names the file and needs no verifier.
Result<Json> body_of(const EndorseOptions& options) {
    Json body = Json::object();
    if (!options.manifest.empty()) {
        if (!options.certificates.empty() || !options.issuers.empty())
            return fail(
                ErrorCode::usage,
                "expected either --manifest or --platform-certificate, got both; leave one of them out");
        const auto text = TRY(read_file(options.manifest, limits::kTextFile));
        const bool json = options.manifest.ends_with(".json");
        TRY_VOID(with_context(
            json ? judge::parse_as_built_json(as_text(text)) : judge::parse_as_built_csv(as_text(text)),
            cell(options.manifest)));
        body["list"] = to_base64url(text);
        body["format"] = json ? "json" : "csv";
        return body;
    }
    if (options.certificates.empty())
        return fail(
            ErrorCode::usage,
            "expected --platform-certificate FILE.. or --manifest FILE, got neither; give one of them");
    for (const auto& file : options.certificates) {
        const auto content = TRY(read_file(file, 4 * limits::kCertificate));
        const auto certificate = TRY(with_context(tcg::PlatformCertificate::parse(content), cell(file)));
        body["platform_certificates"].push_back(to_base64url(certificate.der));
    }
    for (const auto& file : options.issuers) {
        for (const auto& issuer : TRY(inputs::read_certificates(file)))
            body["issuers"].push_back(to_base64url(issuer.der()));
    }
    return body;
}

void print_delivery(JsonReader& answer) {
    fmt::print("{}: {} parts by {}, given by {} at {}{}\n", cell(answer.peek("host")), answer.size("parts"),
               cell(answer.peek("source")), cell(answer.peek("by")), time_of(answer, "at"),
               answer.flag_or("outdated", false) ? ", for the TPM before" : "");
    Table table({"CLASS", "PLACE", "MODEL", "SERIAL OR MAC"});
    answer.each("parts", [&](JsonReader& part) {
        const auto mac = part.peek("mac");
        table.add({cell(part.peek("class")), cell(part.peek("place")), cell(part.peek("model")),
                   cell(mac.empty() ? part.peek("serial") : mac)});
    });
    if (!table.empty()) table.print();
}

Result<command_line::ExitCode> endorse(const Context& context, const EndorseOptions& options) {
    const auto body = TRY(body_of(options));
    return show_answer(context, TRY(post(context, path_of(options), body)), print_delivery);
}

Result<command_line::ExitCode> show(const Context& context, const EndorseOptions& options) {
    return show_answer(context, TRY(get(context, path_of(options))), print_delivery);
}

}  // namespace

void add_hosts_endorse(command_line::Command& hosts, Context& context) {
    const auto options = std::make_shared<EndorseOptions>();
    using command_line::add_command;
    auto* given = add_command(
        hosts, "endorse", "Say what a host was delivered with",
        "assay hosts endorse rack-7 --platform-certificate base.cer delta.cer --issuer maker-ca.pem\n"
        "assay hosts endorse rack-7 --manifest as-built.csv  # for makers that ship no certificate",
        [&context, options] { return endorse(context, *options); });
    given->add_option("HOST", options->host, "The host's name")->required();
    given
        ->add_option("--platform-certificate", options->certificates,
                     "The maker's certificate and all its deltas, DER or PEM")
        ->type_name("FILE");
    given
        ->add_option("--issuer", options->issuers,
                     "Certificates between them and the verifier's roots of platform makers")
        ->type_name("FILE");
    given
        ->add_option("--manifest", options->manifest,
                     "As-built list, .csv or .json: class, place, manufacturer, model, serial, revision, mac "
                     "(docs/formats/as-built-list.md)")
        ->type_name("FILE");
    auto* shown = add_command(hosts, "endorsement", "Show the parts that a host was delivered with",
                              "assay hosts endorsement rack-7 --json | jq '.parts[].serial'",
                              [&context, options] { return show(context, *options); });
    shown->add_option("HOST", options->host, "The host's name")->required();
}

}  // namespace assay::cli
