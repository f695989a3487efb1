#pragma once

#include "evidence/certificate/platform/platform_certificate.h"
#include "evidence/codec/json_writer.h"

namespace assay::cli {

/// A component, field by field; what it does not have is absent.
Json platform_component_json(const tcg::PlatformComponent& component);

/// A platform certificate, field by field; texts as they are.
Json platform_certificate_json(const tcg::PlatformCertificate& certificate);

}  // namespace assay::cli
