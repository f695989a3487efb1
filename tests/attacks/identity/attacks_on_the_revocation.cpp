// What a maker takes back, and whose TPMs its root stands for: in the appraisal of an enrolled host, and
// where a TPM asks to come in.
#include "tests/attacks/api_attack.h"
#include "tests/attacks/identity/certificate_attack.h"

using namespace assay;
using namespace assay::test;

namespace {

using Path = EkPathBuilder;

/// Lists of both CAs, by default in date, and with nobody on them.
struct Lists {
    RevocationSpec of_root, of_intermediate;
    EVP_PKEY* signer_of_root = nullptr;  ///< null: each CA signs its own
    EVP_PKEY* signer_of_intermediate = nullptr;
};
using Revoke = std::function<void(const Path::Made&, Lists&)>;

std::vector<Bytes> lists_of(const Path& path, const Path::Made& made, const Revoke& revoke) {
    Lists lists;
    revoke(made, lists);
    return {make_revocation_list(lists.of_root, made.root,
                                 lists.signer_of_root != nullptr ? lists.signer_of_root : path.root_key),
            make_revocation_list(lists.of_intermediate, made.intermediate,
                                 lists.signer_of_intermediate != nullptr ? lists.signer_of_intermediate
                                                                         : path.intermediate_key)};
}

Outcome enrolled_with(const Revoke& revoke) {
    return shows_path([](Path&) {},
                      [&](const Path::Made& made, AppraisalCase& host) {
                          host.revocation_lists = lists_of(Path(), made, revoke);
                      });
}

void nobody(const Path::Made&, Lists&) {}

std::function<Outcome()> with(Revoke revoke) {
    return [revoke = std::move(revoke)] { return enrolled_with(revoke); };
}

void the_ek(const Path::Made& made, Lists& lists) {
    lists.of_intermediate.serials = {made.leaf.serial()};
}

void the_ca(const Path::Made& made, Lists& lists) {
    lists.of_root.serials = {made.intermediate.serial()};
}

/// A TPM whose EK certificate is of that path asks to be enrolled.
Outcome asks_with(const Revoke& revoke) {
    TestService service;
    const SoftwareTpm tpm;
    Path path;
    path.leaf_key = tpm.ek_key();
    const auto made = path.make();
    service.now = kPathTime;
    service.tpm_trust = trust_of({made.root.der()}, lists_of(path, made, revoke));
    Application application(tpm, "rack-7");
    application.token = token_for(service, "rack-7");
    application.certificates = {made.leaf.der(), made.intermediate.der()};
    return enrol(service, tpm, application);
}

std::function<Outcome()> asking(Revoke revoke) {
    return [revoke = std::move(revoke)] { return asks_with(revoke); };
}

/// The root's pin says whose TPMs it stands for.
std::function<Outcome()> of_makers(std::vector<std::string> makers) {
    return [makers = std::move(makers)] {
        return shows_path([](Path&) {},
                          [&](const Path::Made& made, AppraisalCase& host) {
                              host.makers = {{made.root.sha256(), makers}};
                          });
    };
}

}  // namespace

ATTACK_RUN("revocation: the EK", "goes on with a TPM whose key its maker has revoked", "ek.revoked",
           "contraindicated", with(the_ek), with([](const Path::Made&, Lists& lists) {
               lists.of_intermediate.serials = {"77"};  // another TPM's
           }))

ATTACK_RUN("revocation: the CA", "goes on with a certificate of a CA whose key was stolen", "ek.revoked",
           "contraindicated", with(the_ca),
           with([](const Path::Made&, Lists& lists) { lists.of_root.serials = {"77"}; }))

ATTACK_RUN("revocation: a list past its next update",
           "keeps the new list from the verifier, so that an old one says that all is well", "ek.crl_stale",
           "contraindicated",
           with([](const Path::Made&, Lists& lists) { lists.of_intermediate.next_update = kNow - 1; }),
           with([](const Path::Made&, Lists& lists) { lists.of_intermediate.next_update = kNow + 1; }))

ATTACK_RUN("revocation: the EK, on a list past its next update", "hopes that an old list counts for nothing",
           "ek.revoked", "contraindicated", with([](const Path::Made& made, Lists& lists) {
               the_ek(made, lists);
               lists.of_intermediate.next_update = kNow - 1;
           }),
           with(nobody))

ATTACK_RUN("revocation: a list of tomorrow", "puts a list in place that is not valid yet",
           "ek.crl_not_yet_valid", "contraindicated",
           with([](const Path::Made&, Lists& lists) { lists.of_root.this_update = kNow + 10; }), with(nobody))

ATTACK_RUN("revocation: a list signed by another CA", "empties the list and signs it with another CA's key",
           "ek.crl_signature_invalid", "contraindicated", with([](const Path::Made&, Lists& lists) {
               lists.signer_of_intermediate = shared_key(Key::p384);  // the root's: a CA, but not this one
           }),
           with(nobody))

ATTACK_RUN(
    "revocation: one CA's list is missing", "takes the list away that has the stolen CA on it",
    "ek.crl_missing", "contraindicated",
    [] {
        return shows_path([](Path&) {},
                          [](const Path::Made& made, AppraisalCase& host) {
                              host.revocation_lists = {lists_of(Path(), made, nobody).back()};
                          });
    },
    [] {
        // Lists of other makers say nothing of this one.
        return shows_path([](Path&) {},
                          [](const Path::Made&, AppraisalCase& host) {
                              Path other;
                              other.root.subject = other.root.issuer = other.intermediate.issuer =
                                  "Other Root";
                              other.intermediate.subject = other.leaf.issuer = "Other CA";
                              const auto made = other.make();
                              host.revocation_lists = lists_of(other, made, nobody);
                          });
    })

ATTACK_RUN("revocation: the EK asks to come in",
           "enrols a machine with a TPM whose key its maker has revoked", "admission.revoked_tpm",
           "refused: refused", asking(the_ek), asking(nobody))

ATTACK_RUN("revocation: an EK of a revoked CA asks to come in",
           "enrols a machine with a certificate of a CA whose key was stolen", "admission.revoked_tpm",
           "refused: refused", asking(the_ca), asking(nobody))

ATTACK_RUN("maker: a root of another maker", "has one maker's CA certify a TPM in another maker's name",
           "ek.maker_differs", "contraindicated", of_makers({"id:FFFFFFFF"}), of_makers({"id:54455354"}))
