// What the certificate of an IAK or IDevID must be by itself.
#include <algorithm>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/certificate/certificate_extension.h"
#include "evidence/certificate/ek_path.h"
#include "evidence/certificate/iak_certificate.h"
#include "evidence/codec/der.h"

namespace assay::tcg {
namespace {

constexpr std::string_view kHardwareModuleName = "1.3.6.1.5.5.7.8.4";  // id-on-hardwareModuleName
constexpr std::size_t kSerial = 256;
constexpr std::size_t kModuleName = 512;

/// Some issuers fill it up with octets 00.
std::string tpm_serial_text(ByteView serial) {
    while (serial.size() > 1 && serial.back() == std::byte{0}) serial = serial.first(serial.size() - 1);
    const std::string text(as_text(serial));
    return printable(text) == text ? text : to_hex(serial);
}

/// HardwareModuleName ::= SEQUENCE { hwType OBJECT IDENTIFIER, hwSerialNum OCTET STRING }
Result<HardwareModule> read_module(const ASN1_TYPE* value) {
    if (value == nullptr || value->type != V_ASN1_SEQUENCE)
        return fail(ErrorCode::malformed, "hardwareModuleName: no SEQUENCE");
    const auto* sequence = value->value.sequence;
    const auto bytes = std::as_bytes(
        std::span(ASN1_STRING_get0_data(sequence), static_cast<std::size_t>(ASN1_STRING_length(sequence))));
    auto in = TRY(der::open(bytes, der::tag::kSequence, kModuleName, "hardwareModuleName"));
    HardwareModule module;
    module.type = TRY(der::oid(TRY(in.take(der::tag::kOid, "hwType")), "hwType"));
    const auto serial = TRY(in.take(der::tag::kOctetString, "hwSerialNum"));
    TRY_VOID(in.finish("hardwareModuleName"));
    if (serial.content.empty() || serial.content.size() > kSerial)
        return fail(ErrorCode::limit, "hwSerialNum of " + std::to_string(serial.content.size()) + " bytes");
    module.serial = tpm_serial_text(serial.content);
    return module;
}

Result<std::optional<HardwareModule>> module_of(const X509* certificate) {
    const auto names = TRY(extension<GeneralNames>(certificate, NID_subject_alt_name, "subjectAltName"));
    std::optional<HardwareModule> found;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_OTHERNAME || !has_oid(name->d.otherName->type_id, kHardwareModuleName))
            continue;
        if (found) return fail(ErrorCode::malformed, "hardwareModuleName twice");
        found = TRY(read_module(name->d.otherName->value));
    }
    return found;
}

Result<bool> says(const X509* certificate, std::string_view oid, bool& in_key_usage) {
    if (TRY(has_policy(certificate, oid))) return true;
    const bool usage = TRY(has_key_usage(certificate, oid));
    in_key_usage = in_key_usage || usage;
    return usage;
}

}  // namespace

Result<DeviceCertificate> device_certificate(const Certificate& certificate) {
    DeviceCertificate found;
    const X509* x509 = certificate.x509();
    found.residency = TRY(says(x509, "2.23.133.11.1.1", found.in_key_usage));
    found.fixed = TRY(says(x509, "2.23.133.11.1.2", found.in_key_usage));
    found.restricted = TRY(says(x509, "2.23.133.11.1.3", found.in_key_usage));
    found.module = TRY(module_of(x509));
    return found;
}

void judge_device_profile(const Certificate& leaf, TpmKeyRole role, EkCertificateVerdict& verdict) {
    using Kind = EkReasonKind;
    if (leaf.is_a_ca()) verdict.add(Kind::is_a_ca);
    const std::uint32_t usage = X509_get_key_usage(leaf.x509());  // all bits where there is no such extension
    if ((usage & X509v3_KU_DIGITAL_SIGNATURE) == 0) verdict.add(Kind::signing_usage);
    if (!leaf.key()) verdict.add(Kind::key_unknown);
    const auto device = device_certificate(leaf);
    if (!device) return verdict.add(Kind::module_malformed, describe(device.error()));
    if (role == TpmKeyRole::iak && !device->restricted) verdict.add(Kind::restricted_not_verified);
    if (role == TpmKeyRole::idevid && !device->fixed) verdict.add(Kind::fixed_not_verified);
    if (!device->residency) verdict.add(Kind::residency_not_verified);
    if (!device->module) verdict.add(Kind::module_missing);
    if (device->in_key_usage) verdict.add(Kind::quirk_capability_in_eku);
    if (leaf.subject().empty() && !device->module && !leaf.tpm()) verdict.add(Kind::names_nothing);
}

EkCertificateVerdict verify_iak_certificate(EkQuestion question) {
    if (question.role == TpmKeyRole::ek) question.role = TpmKeyRole::iak;
    return verify_ek_certificate(question);
}

}  // namespace assay::tcg
