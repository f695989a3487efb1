#pragma once

#include <string>
#include <string_view>

#include "evidence/certificate/platform/platform_certificate.h"
#include "evidence/codec/der.h"

/// Inside evidence/certificate/platform: the parts of a platform certificate, each read by its own function.
namespace assay::tcg::platform_fields {

/// The attribute's value of platformConfiguration 1, 2 or 3 (2.23.133.5.1.7.VERSION) into `into`.
Result<void> read_configuration(der::Reader& values, unsigned version, PlatformCertificate& into);

/// The extensions' SEQUENCE OF.
Result<void> read_extensions(der::Reader& list, PlatformCertificate& into);

/// IssuerSerial of RFC 5755: GeneralNames with one directoryName, INTEGER, optional unique identifier.
Result<IssuerSerial> read_issuer_serial(der::Reader& fields, std::string_view what);

/// The only directoryName of GeneralNames: DER of its Name.
Result<ByteView> read_directory_name(der::Reader& names, std::string_view what);

/// RFC 2253 of a DER Name; refuses what OpenSSL cannot read.
Result<std::string> name_text(ByteView name, std::string_view what);

/// SEQUENCE { INTEGER major, INTEGER minor, INTEGER revision }.
Result<PlatformCertificate::Specification> read_specification(der::Reader& numbers, std::string_view what);

/// Like der::utf8, of UTF8String or PrintableString.
Result<std::string> read_text(const der::Element& element, std::string_view what);

}  // namespace assay::tcg::platform_fields
