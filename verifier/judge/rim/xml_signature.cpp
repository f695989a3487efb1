// Lets xmlsec1 do the cryptography, with a key that was chosen here and with no transform beyond those of the
// form.
#include "verifier/judge/rim/xml_signature.h"

#include <algorithm>

#include <fmt/core.h>
#include <libxml/xmlerror.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "evidence/base/text.h"
#include "verifier/judge/rim/signer_path.h"

namespace assay::rim {
namespace {

using xml::elements;
using xml::fail_at;
using Context = CHandle<xmlSecDSigCtx, xmlSecDSigCtxDestroy>;
using Key = CHandle<xmlSecKey, xmlSecKeyDestroy>;

void quiet(void* /*context*/, const char* /*format*/, ...) {}

bool initialize() {
    if (xmlSecInit() < 0 || xmlSecOpenSSLInit() < 0) return false;
    xmlSecIOCleanupCallbacks();  // no file, no network, whatever a reference says
    xmlSecErrorsDefaultCallbackEnableOutput(0);
    return true;
}

Context context_with(const EvpKey& key) {
    Context context(xmlSecDSigCtxCreate(nullptr));
    if (!context) return nullptr;
    // With a key set here, xmlsec does not look at KeyInfo.
    Key made(xmlSecKeyCreate());
    if (!made || EVP_PKEY_up_ref(key.get()) != 1) return nullptr;
    auto* data = xmlSecOpenSSLEvpKeyAdopt(key.get());
    if (data == nullptr) {
        EVP_PKEY_free(key.get());
        return nullptr;
    }
    if (xmlSecKeySetValue(made.get(), data) < 0) {
        xmlSecKeyDataDestroy(data);
        return nullptr;
    }
    context->signKey = made.release();
    context->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    context->enabledReferenceUris = xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeSameDocument;
    bool ok = xmlSecDSigCtxEnableReferenceTransform(context.get(), xmlSecTransformEnvelopedId) == 0;
    for (const auto id :
         {xmlSecTransformInclC14NId, xmlSecTransformInclC14N11Id, xmlSecTransformExclC14NId}) {
        ok = ok && xmlSecDSigCtxEnableReferenceTransform(context.get(), id) == 0 &&
             xmlSecDSigCtxEnableSignatureTransform(context.get(), id) == 0;
    }
    for (const auto id : {xmlSecTransformSha256Id, xmlSecTransformSha384Id, xmlSecTransformSha512Id})
        ok = ok && xmlSecDSigCtxEnableReferenceTransform(context.get(), id) == 0;
    for (const auto id :
         {xmlSecTransformRsaSha256Id, xmlSecTransformRsaSha384Id, xmlSecTransformRsaSha512Id,
          xmlSecTransformEcdsaSha256Id, xmlSecTransformEcdsaSha384Id, xmlSecTransformEcdsaSha512Id})
        ok = ok && xmlSecDSigCtxEnableSignatureTransform(context.get(), id) == 0;
    return ok ? std::move(context) : nullptr;
}

enum class Outcome : std::uint8_t { valid, changed, other_key };

// `changed` where a reference's digest is not the document's: no key can help then.
Outcome verify_with(xmlNode* signature, const EvpKey& key) {
    const auto context = context_with(key);
    if (!context) return Outcome::other_key;
    const int ran = xmlSecDSigCtxVerify(context.get(), signature);
    ERR_clear_error();
    if (ran == 0 && context->status == xmlSecDSigStatusSucceeded) return Outcome::valid;
    auto* references = &context->signedInfoReferences;
    for (xmlSecSize i = 0; i < xmlSecPtrListGetSize(references); ++i) {
        const auto* each = static_cast<xmlSecDSigReferenceCtx*>(xmlSecPtrListGetItem(references, i));
        if (each != nullptr && each->status == xmlSecDSigStatusInvalid) return Outcome::changed;
    }
    return Outcome::other_key;
}

Result<Bytes> base64(const xmlNode* node) {
    auto text = TRY(xml::text_in(node));
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    Bytes out(text.size() / 4 * 3);
    const int size =
        EVP_DecodeBlock(as_writable_uchar(out), as_uchar(as_view(text)), static_cast<int>(text.size()));
    if (size < 0 || text.empty()) return fail_at(node, ErrorCode::malformed, "not base64");
    const auto padding = static_cast<std::size_t>(std::ranges::count(text.substr(text.size() - 2), '='));
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

Result<std::vector<Bytes>> certificates_in(const xmlNode* signature) {
    std::vector<Bytes> out;
    for (const auto* info : elements(signature, kDsig, "KeyInfo")) {
        for (const auto* data : elements(info, kDsig, "X509Data")) {
            for (const auto* each : elements(data, kDsig, "X509Certificate")) {
                if (out.size() == limits::kSignerCertificates)
                    return fail_at(each, ErrorCode::limit, "too many certificates in the signature");
                out.push_back(TRY(base64(each)));
            }
        }
    }
    return out;
}

// xmlsec finds what "#id" means only where an attribute is known to be an id, which a DTD would say.
void know_ids(xmlNode* node) {
    for (auto* each = node->properties; each != nullptr; each = each->next) {
        if (each->ns == nullptr && xmlStrcasecmp(each->name, reinterpret_cast<const xmlChar*>("id")) == 0 &&
            each->children != nullptr && each->children->content != nullptr)
            xmlAddID(nullptr, node->doc, each->children->content, each);
    }
    for (auto* each : elements(node)) know_ids(each);
}

std::optional<std::int64_t> utc_seconds(std::string text) {
    // RFC 3339 in UTC without fraction is GeneralizedTime but for its punctuation.
    if (text.size() != 20 || text[10] != 'T') return std::nullopt;
    std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'T'; });
    const CHandle<ASN1_TIME, ASN1_TIME_free> time(ASN1_TIME_new());
    const CHandle<ASN1_TIME, ASN1_TIME_free> epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    if (!time || ASN1_TIME_set_string_X509(time.get(), text.c_str()) != 1 ||
        ASN1_TIME_diff(&days, &seconds, epoch.get(), time.get()) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    return std::int64_t{days} * 86'400 + seconds;
}

Result<std::optional<std::int64_t>> time_stamp_below(const xmlNode* node) {
    if (xml::name_of(node) == "TimeStamp") return utc_seconds(TRY(xml::attribute(node, "dateTime")));
    for (const auto* each : elements(node)) {
        if (const auto found = TRY(time_stamp_below(each))) return found;
    }
    return std::nullopt;
}

bool is_referenced(const xmlNode* signature, const std::string& id) {
    for (const auto* info : elements(signature, kDsig, "SignedInfo")) {
        for (const auto* each : elements(info, kDsig, "Reference")) {
            if (xml::attribute(each, "URI") == "#" + id) return true;
        }
    }
    return false;
}

// Only below an element that the signature refers to: the rest of Object is anybody's.
Result<std::optional<std::int64_t>> signed_time(const xmlNode* signature, const xmlNode* node) {
    const auto id = TRY(xml::attribute(node, "Id"));
    if (!id.empty() && is_referenced(signature, id)) return time_stamp_below(node);
    for (const auto* each : elements(node)) {
        if (const auto found = TRY(signed_time(signature, each))) return found;
    }
    return std::nullopt;
}

Result<std::string> algorithm_of(const xmlNode* signature) {
    const auto* info = elements(signature, kDsig, "SignedInfo").front();
    auto algorithm = TRY(xml::attribute(elements(info, kDsig, "SignatureMethod").front(), "Algorithm"));
    algorithm.erase(0, algorithm.find('#') + 1);  // "rsa-sha256"
    const auto dash = algorithm.find('-');
    return fmt::format("{} with SHA-{}", algorithm.starts_with("rsa") ? "RSA" : "ECDSA",
                       algorithm.substr(dash + 4));
}

}  // namespace

Result<> start_xmlsec() {
    static const bool started = initialize();
    xmlSetGenericErrorFunc(nullptr, quiet);  // libxml2 would print what our error says; one setting a thread
    if (started) return {};
    return fail(ErrorCode::internal, "xmlsec1 does not start with OpenSSL");
}

Result<XmlSignature> verify_xml_signature(const xml::Document& document, const RimTrust& trust) {
    TRY_VOID(start_xmlsec());
    auto* signature = TRY(signature_of(document));
    if (trust.certificates.size() > limits::kTrusted)
        return fail(ErrorCode::limit, fmt::format("more than {} trusted certificates", limits::kTrusted));
    const auto embedded = TRY(certificates_in(signature));
    std::vector<Candidate> candidates;
    candidates.reserve(embedded.size() + trust.certificates.size());
    for (const auto& each : embedded) candidates.push_back({each, {}});
    for (const auto& each : trust.certificates) {
        if (std::ranges::find(embedded, each.der()) == embedded.end()) candidates.push_back({each.der(), {}});
    }
    for (auto* object : elements(signature, kDsig, "Object")) know_ids(object);
    std::optional<Error> not_trusted;
    for (const auto& candidate : candidates) {
        const auto key = public_key(candidate);
        if (!key) continue;  // a key that is too small signs nothing here
        const auto outcome = verify_with(signature, *key);
        if (outcome == Outcome::changed)
            return fail_at(
                signature, ErrorCode::refused,
                "the manifest was changed after it was signed: its digest is not the signed one; fetch "
                "it again from its maker");
        if (outcome != Outcome::valid) continue;
        auto signer = with_context(trusted_signer(candidate, embedded, trust), xml::place(signature));
        if (!signer) {
            if (!not_trusted) not_trusted = signer.error();  // another certificate of the same key may be
            continue;
        }
        XmlSignature out;
        out.signer = std::move(*signer);
        out.signer.algorithm = TRY(algorithm_of(signature));
        for (const auto* object : elements(signature, kDsig, "Object")) {
            if (!out.signed_at) out.signed_at = TRY(signed_time(signature, object));
        }
        return out;
    }
    if (not_trusted) return std::unexpected(*not_trusted);
    return fail_at(
        signature, ErrorCode::refused,
        candidates.empty()
            ? "the signature names no certificate, and no trusted one is given: give the signer's, or "
              "its root, with --roots"
            : "the signature is not by the key of any certificate in it or given; give the signer's "
              "with --roots");
}

}  // namespace assay::rim
