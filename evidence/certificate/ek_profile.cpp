// What an EK certificate must be by itself, and what real ones are beside that.
#include <algorithm>
#include <array>

#include <openssl/x509v3.h>

#include "evidence/base/text.h"
#include "evidence/certificate/certificate_key.h"
#include "evidence/certificate/ek_path.h"

namespace assay::tcg {
namespace {

Bytes encoded(const X509_NAME_ENTRY* entry) {
    return written_der([&](unsigned char** out) { return i2d_X509_NAME_ENTRY(entry, out); });
}

/// The elements of a SET OF are in ascending order of their encodings. (X.690, 11.6)
bool rdns_in_order(const X509_NAME* name) {
    for (int i = 1; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* before = X509_NAME_get_entry(name, i - 1);
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
        if (X509_NAME_ENTRY_set(before) != X509_NAME_ENTRY_set(entry)) continue;
        if (std::ranges::lexicographical_compare(encoded(entry), encoded(before))) return false;
    }
    return true;
}

bool names_a_tpm(const Certificate& leaf) {
    const auto& tpm = leaf.tpm();
    return tpm && !(tpm->manufacturer.empty() && tpm->model.empty() && tpm->version.empty());
}

std::string place_in_path(std::size_t depth) {
    return "certificate " + std::to_string(depth) + " of the path";
}

std::string subject_of(const X509* certificate) {
    return printable(certificate_name(X509_get_subject_name(certificate)));
}

}  // namespace

void judge_ek_profile(const Certificate& leaf, EkCertificateVerdict& verdict) {
    if (leaf.is_a_ca()) verdict.add(EkReasonKind::is_a_ca);
    if (!leaf.has_ek_usage()) verdict.add(EkReasonKind::eku_missing);
    if (!leaf.ambiguity().empty())
        verdict.add(EkReasonKind::san_ambiguous, leaf.ambiguity());
    else if (leaf.subject().empty() && !names_a_tpm(leaf))
        verdict.add(EkReasonKind::names_nothing);
    const std::uint32_t usage = X509_get_key_usage(leaf.x509());  // all bits where there is no such extension
    if ((usage & (X509v3_KU_KEY_ENCIPHERMENT | X509v3_KU_KEY_AGREEMENT)) == 0)
        verdict.add(EkReasonKind::key_usage);
    if (!leaf.key()) verdict.add(EkReasonKind::key_unknown);
}

void judge_ek_maker(const EkQuestion& question, const Digest& root, EkCertificateVerdict& verdict) {
    const auto pin =
        std::ranges::find_if(question.makers, [&](const RootMakers& each) { return each.root == root; });
    const auto& tpm = question.leaf.tpm();
    if (pin == question.makers.end() || pin->manufacturers.empty() || !tpm) return;
    const auto named = lower(tpm->manufacturer);
    const auto is_named = [&](const std::string& each) { return lower(each) == named; };
    if (std::ranges::any_of(pin->manufacturers, is_named)) return;
    std::string wanted;
    for (const auto& each : pin->manufacturers) wanted += (wanted.empty() ? "" : ", ") + each;
    verdict.add(EkReasonKind::maker_differs,
                "'" + printable(shortened(tpm->manufacturer, 64)) + "', the root stands for " + wanted);
}

void note_ek_quirks(const EkQuestion& question, EkPath path, EkCertificateVerdict& verdict) {
    const Certificate& leaf = question.leaf;
    for (const auto quirk : leaf.quirks()) verdict.add(quirk);
    const auto& tpm = leaf.tpm();
    if (question.role == TpmKeyRole::ek && leaf.ambiguity().empty() &&
        (!tpm || tpm->manufacturer.empty() || tpm->model.empty() || tpm->version.empty()))
        verdict.add(EkReasonKind::san_incomplete);
    if (leaf.subject().empty() && tpm) verdict.add(EkReasonKind::quirk_empty_subject);
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (!rdns_in_order(X509_get_subject_name(path[i])) || !rdns_in_order(X509_get_issuer_name(path[i])))
            verdict.add(EkReasonKind::quirk_rdn_order, place_in_path(i) + ", " + subject_of(path[i]));
        if (i > 0 && ASN1_TIME_compare(X509_get0_notAfter(path[i - 1]), X509_get0_notAfter(path[i])) > 0)
            verdict.add(EkReasonKind::quirk_outlives_its_ca, place_in_path(i - 1));
    }
    if (path.empty()) return;
    const Digest end = certificate_digest(path.back());
    const auto twin = [&](const Certificate& root) {
        return X509_NAME_cmp(X509_get_subject_name(root.x509()), X509_get_subject_name(path.back())) == 0 &&
               root.sha256() != end;
    };
    if (std::ranges::any_of(question.pinned_roots, twin))
        verdict.add(EkReasonKind::quirk_roots_share_a_subject, subject_of(path.back()));
}

std::string unknown_critical_extensions(const X509* certificate) {
    std::string out;
    for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
        X509_EXTENSION* extension = X509_get_ext(certificate, i);
        if (X509_EXTENSION_get_critical(extension) == 0 || X509_supported_extension(extension) != 0) continue;
        std::array<char, 64> oid{};
        const int size =
            OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), X509_EXTENSION_get_object(extension), 1);
        out += (out.empty() ? "" : ", ") + std::string(size > 0 ? oid.data() : "?");
    }
    return out;
}

Digest certificate_digest(const X509* certificate) {
    return sha256(written_der([&](unsigned char** out) { return i2d_X509(certificate, out); }));
}

}  // namespace assay::tcg
