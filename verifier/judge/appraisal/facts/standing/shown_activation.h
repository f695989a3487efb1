#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evidence/base/digest.h"
#include "evidence/wire/statement/activation_statement.h"

namespace assay::judge {

/// What became of the token of an ActivationStatement under the verifier's keys that whoever judges has. The
/// keys never come from where the token comes from. Made outside, since only there is it known what a file of
/// keys is: verify_activation in cli/hosts/activation.h.
struct ShownActivation {
    enum class Standing : std::uint8_t {
        missing,      ///< the bundle has none
        unreadable,   ///< it is no token, or says something else
        unknown_key,  ///< none of the keys made its signature
        altered,      ///< the key that it names is there, and did not sign this
        authentic,    ///< one of the keys signed it
    };
    Standing standing = Standing::missing;
    std::string key_id;                            ///< that the token names; hostile unless authentic
    std::string reason;                            ///< why it is not authentic
    std::optional<ActivationStatement> statement;  ///< of an authentic one
    std::optional<Digest> token;                   ///< SHA-256 of the token; absent where there is none
    Digest keys;                                   ///< SHA-256 of the file of keys
};

}  // namespace assay::judge
