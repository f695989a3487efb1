#include <filesystem>
#include <memory>

#include <fmt/core.h>

#include "cli/inspect/evidence_json.h"
#include "cli/inspect/file.h"
#include "cli/inspect/inspect.h"
#include "cli/inspect/quote_verdict.h"
#include "evidence/base/limits.h"
#include "evidence/tpm/pcr_table.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr FileKind kFields{"quote", "", "", inspect_quote, limits::kQuote};

/// Where the parts of the parts are; empty: not given.
struct QuoteFiles {
    std::string path;  ///< a folder of the parts, or a TPMS_ATTEST that is only shown
    std::string attest, signature, key, nonce, pcrs;
};

std::string in_folder(const fs::path& folder, const char* name) {
    return fs::exists(folder / name) ? (folder / name).string() : std::string();
}

Result<QuoteFiles> found_in(const fs::path& folder, const std::string& attest) {
    QuoteFiles files;
    files.attest = attest.empty() ? in_folder(folder, "attest.bin") : attest;
    if (files.attest.empty())
        return fail(ErrorCode::not_found, fmt::format("{} has no attest.bin", cell(folder.string())));
    files.signature = in_folder(folder, "sig.bin");
    files.key = in_folder(folder, "akpub.tpmt.bin");  // says more than the PEM file: the key's attributes
    if (files.key.empty()) files.key = in_folder(folder, "akpub.pem");
    files.nonce = in_folder(folder, "nonce.bin");
    files.pcrs = in_folder(folder, "pcrs.tsv");
    return files;
}

/// The folder's files, but for those that were named themselves.
Result<QuoteFiles> completed(const QuoteFiles& files) {
    auto out = TRY(found_in(files.path, files.attest));
    if (!files.signature.empty()) out.signature = files.signature;
    if (!files.key.empty()) out.key = files.key;
    if (!files.nonce.empty()) out.nonce = files.nonce;
    if (!files.pcrs.empty()) out.pcrs = files.pcrs;
    return out;
}

Result<QuoteParts> read_parts(const QuoteFiles& files) {
    QuoteParts parts;
    parts.attest = TRY(read_file(files.attest, limits::kQuote));
    if (!files.signature.empty()) parts.signature = TRY(read_file(files.signature, limits::kSignature));
    if (!files.key.empty()) {
        const auto bytes = TRY(read_file(files.key, limits::kCertificate));
        parts.key = TRY(with_context(tcg::parse_public_key_file(bytes), cell(files.key)));
    }
    if (!files.nonce.empty()) parts.nonce = TRY(read_file(files.nonce, limits::kQuote));
    if (!files.pcrs.empty()) {
        const auto text = TRY(read_file(files.pcrs, limits::kTextFile));
        parts.pcrs = TRY(with_context(tcg::parse_pcr_table(as_text(text)), cell(files.pcrs)));
    }
    return parts;
}

bool only_shown(const QuoteFiles& files) {
    return !files.path.empty() && !fs::is_directory(files.path);
}

Result<QuoteParts> parts_of_quote(const QuoteFiles& files) {
    if (files.path.empty()) {
        if (files.attest.empty()) return fail(ErrorCode::usage, "give a folder, or --attest FILE");
        return read_parts(files);
    }
    if (!fs::is_directory(files.path))
        return fail(ErrorCode::usage,
                    fmt::format("{} is no folder: name the quote with --attest beside the other options",
                                cell(files.path)));
    return read_parts(TRY(completed(files)));
}

Result<command_line::ExitCode> inspect(const Context& context, const QuoteFiles& files) {
    const bool alone = (files.attest + files.signature + files.key + files.nonce + files.pcrs).empty();
    if (only_shown(files) && alone) return inspect_file(context, kFields, files.path);
    const auto parts = TRY(parts_of_quote(files));
    return show(context, quote_verdict(parts));
}

}  // namespace

void add_inspect_quote(command_line::Command& parent, Context& context) {
    const auto files = std::make_shared<QuoteFiles>();
    auto* command = command_line::add_command(
        parent, "quote",
        "A TPM quote: its fields, and with its signature and key a verdict with every reason",
        "assay inspect quote --attest quote.attest --signature quote.sig --key ak.pem --nonce nonce.bin "
        "--pcrs pcrs.tsv  # valid, invalid or undecided\n"
        "assay inspect quote FOLDER --json  # attest.bin, sig.bin, akpub.pem, nonce.bin, pcrs.tsv in it\n"
        "assay inspect quote FOLDER --nonce asked.bin  # the folder's files, with the nonce that you asked "
        "with\n"
        "assay inspect quote quote.attest  # the fields alone; nothing is verified",
        [&context, files] { return inspect(context, *files); });
    command
        ->add_option(
            "PATH", files->path,
            "A folder of the parts, of which the options below replace some, or a TPMS_ATTEST to be shown")
        ->type_name("PATH");
    command->add_option("--attest", files->attest, "TPMS_ATTEST, as tpm2_quote -m writes it")
        ->type_name("FILE");
    command->add_option("--signature", files->signature, "TPMT_SIGNATURE (tpm2_quote -s), or bare RSASSA")
        ->type_name("FILE");
    command->add_option("--key", files->key, "The key: PEM, TPMT_PUBLIC or TPM2B_PUBLIC")->type_name("FILE");
    command->add_option("--nonce", files->nonce, "The bytes that the quote was asked with")
        ->type_name("FILE");
    command->add_option("--pcrs", files->pcrs, "PCR values: bank, index and hex a line, with tabs between")
        ->type_name("FILE");
}

}  // namespace assay::cli
