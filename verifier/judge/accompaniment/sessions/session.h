#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/receipt.h"
#include "verifier/judge/accompaniment/time.h"

/// Who signed at the host. Signatures were verified before; here stands the answer.
/// docs/formats/accompaniment-case.md, sessions.json.
namespace assay::accompaniment {

struct Signature {
    std::string key;  ///< id of the public key; the directory says whose it is
    Millis at = 0;
    bool valid = false;
    Millis received_at = kAtItsOwnTime;  ///< by the verifier's clock
    /// It was posted to the verifier, not journaled at the host: from where is not known.
    bool posted = false;
};

struct Heartbeat {
    Signature signature;
    std::string host;  ///< where it was given; empty: at the session's host
};

struct Session {
    std::string id;
    std::string host;
    bool rack_scoped = false;  ///< covers all hosts of the host's rack
    std::string order;
    std::string order_digest;  ///< of the version that both signed; empty: not recorded
    std::string boot_id;       ///< empty: not recorded
    Signature technician;
    Signature escort;
    Millis opened_at = 0;
    std::optional<Millis> closed_at;
    std::vector<Heartbeat> heartbeats;  ///< by time
    bool unlisted = false;              ///< opened for an order or persons that the verifier does not have
    std::string digest;                 ///< SHA-256 of the canonical JSON, hex
};

/// A signature afterwards, that names the device.
struct LateAttestation {
    std::string host;
    std::string order;
    std::string device_digest;
    Signature escort;
    std::string digest;
};

/// A session in the BMC's own log.
struct BmcSession {
    std::string host;
    std::string kind;  ///< "media", "console", "nic"
    std::string user;  ///< a person's id, or an account that is no person's
    Span time;
};

struct SessionData {
    std::vector<Session> sessions;
    std::vector<LateAttestation> late;
    std::vector<BmcSession> bmc;
    Millis watermark = 0;      ///< all that hosts journaled up to here has been received
    Millis bmc_watermark = 0;  ///< likewise of the BMCs' logs
};

}  // namespace assay::accompaniment
