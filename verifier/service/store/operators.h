#pragma once

#include <vector>

#include "verifier/service/store/store.h"

namespace assay::store {

struct Operator {
    std::string certificate;  ///< SHA-256 of the certificate's DER
    std::string name;
    std::string role;  ///< api::to_string(Role)
    std::int64_t created_at = 0;
    std::int64_t revoked_at = 0;  ///< 0 while it is valid
    std::string person = {};      ///< who keeps its key, as the directory names them; empty: not known
    std::string feed = {};        ///< of an order feed the issuer, of a badge feed the source; else empty
};

class Operators : Subject {
  public:
    using Subject::Subject;
    Result<> add(const Operator& who);                      ///< `conflict` for a certificate that is there
    Result<Operator> find(const std::string& certificate);  ///< `not_found`
    Result<std::vector<Operator>> list();                   ///< by name
    Result<> revoke(const std::string& certificate, std::int64_t now);  ///< `not_found`
};

}  // namespace assay::store
