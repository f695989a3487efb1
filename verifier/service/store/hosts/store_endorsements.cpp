#include "evidence/base/hex.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/hosts/endorsements.h"
#include "verifier/service/store/store.h"

namespace assay::store {

Result<std::optional<Delivery>> newest_delivery(soci::session& sql, const std::string& host,
                                                const std::string& ek_digest) {
    std::string hex;
    std::string of;
    sql << "SELECT encode(delivery, 'hex'), ek_digest FROM endorsements WHERE host = :host ORDER BY number "
           "DESC "
           "LIMIT 1",
        soci::use(host), soci::into(hex), soci::into(of);
    if (!sql.got_data()) return std::nullopt;
    auto delivery = TRY(decode_delivery(TRY(bytes_from_column(hex))));
    delivery.outdated = of != ek_digest;
    return delivery;
}

Result<> Store::add_endorsement(const Endorsement& endorsement) {
    return database_->write([&](soci::session& sql) -> Result<> {
        std::int64_t number = 0;
        if (!hold_host(sql, endorsement.host))
            return fail(ErrorCode::not_found, "no host of this name is enrolled");
        sql << "SELECT COALESCE(MAX(number), 0) + 1 FROM endorsements WHERE host = :host",
            soci::use(endorsement.host), soci::into(number);
        const auto delivery = to_hex(encode_delivery(endorsement.delivery));
        const auto files = to_hex(encode_list(endorsement.files));
        sql << "INSERT INTO endorsements (host, number, ek_digest, endorsed_at, delivery, files) VALUES "
               "(:host, "
               ":number, :ek, :at, decode(:delivery, 'hex'), decode(:files, 'hex'))",
            soci::use(endorsement.host), soci::use(number), soci::use(endorsement.ek_digest),
            soci::use(endorsement.delivery.at), soci::use(delivery), soci::use(files);
        return {};
    });
}

}  // namespace assay::store
