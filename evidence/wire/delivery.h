#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace assay {

/// A part that a host was delivered with, as the maker's certificate or the as-built list names it. Texts are
/// as they are there; empty where it says nothing.
struct DeliveredPart {
    std::string
        kind;  ///< a component class, "memory"; else the class as it is there: such parts are not checked
    std::string place;  ///< "DIMM_A1"; empty: anywhere
    std::string maker, model, serial, revision;
    std::string mac;  ///< 12 lower-case hex digits

    bool operator==(const DeliveredPart&) const = default;
};

/// What a host was delivered with, all changes since applied. Verified before it was kept.
struct Delivery {
    std::string source;     ///< "platform certificate" or "as-built list"
    std::string digest;     ///< hex SHA-256 over the SHA-256 of each file, in their order
    std::int64_t at = 0;    ///< Unix time, seconds, when an operator gave it
    std::string by;         ///< who that was
    bool outdated = false;  ///< the host has another TPM now than it had then
    std::vector<DeliveredPart> parts;

    bool operator==(const Delivery&) const = default;
};

}  // namespace assay
