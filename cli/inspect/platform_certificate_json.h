#pragma once

#include <nlohmann/json_fwd.hpp>

#include "evidence/certificate/platform/platform_certificate.h"

namespace assay::cli {

/// A component, field by field; what it does not have is absent.
nlohmann::json platform_component_json(const tcg::PlatformComponent& component);

/// A platform certificate, field by field; texts as they are.
nlohmann::json platform_certificate_json(const tcg::PlatformCertificate& certificate);

}  // namespace assay::cli
