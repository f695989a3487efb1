#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/wire/attestation_result.h"

namespace assay {
class TomlReader;
}

namespace assay::judge {

/// Which measured files are approved: the table [ima] of a policy. docs/formats/policy.md.
struct ImaPolicy {
    /// Whoever signs files: security.ima, as the kernel measures it with the templates ima-sig and ima-sigv2.
    struct Signer {
        std::string name;
        Bytes public_key;  ///< SubjectPublicKeyInfo, DER
    };
    /// Entries whose path begins so are not judged.
    struct Ignored {
        std::string prefix;
        std::string reason;
    };

    std::vector<Digest> digests;  ///< SHA-256 of files of any name, ascending
    /// Path -> SHA-256 of what may be there, ascending: a file of this name must be one of these.
    std::map<std::string, std::vector<Digest>, std::less<>> files;
    std::vector<Signer> signers;
    std::vector<Ignored> ignored;
    Tier unlisted = Tier::warning;  ///< of an entry of which no rule speaks; affirming: allowed
    Digest digest;  ///< of all of the above: results of earlier entries hold under these rules alone

    static Result<ImaPolicy> read(const TomlReader& in);
};

}  // namespace assay::judge
