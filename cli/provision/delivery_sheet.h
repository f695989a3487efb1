#pragma once

#include <cstdint>
#include <string>

#include "cli/provision/delivery.h"
#include "cli/provision/delivery_text.h"

namespace assay::cli {

/// Which list, and whose answers.
struct SheetHead {
    std::string list;         ///< name of the file
    std::string list_digest;  ///< hex SHA-256 of its bytes
    std::string verifier;     ///< its URL
};

/// One printable page for a whole delivery: the gravest verdict, each server with its verdict, reasons,
/// policy and the digest of its result, what enrolled and is not on the list, and a place for a person's
/// signature. Self-contained HTML; the same delivery gives the same bytes. Every text is escaped and made
/// printable.
std::string delivery_sheet(const Delivery& delivery, const Standing& standing, const SheetHead& head);

}  // namespace assay::cli
