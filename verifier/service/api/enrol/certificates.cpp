#include "verifier/service/api/enrol/certificates.h"

namespace assay::api {

Result<std::vector<tcg::Certificate>> parse_certificates(const std::vector<Bytes>& all) {
    std::vector<tcg::Certificate> out;
    out.reserve(all.size());
    for (const auto& der : all) out.push_back(TRY(tcg::Certificate::parse(der)));
    return out;
}

}  // namespace assay::api
