// The folder that says whose TPMs the owner believes.
#include <catch2/catch.hpp>
#include <openssl/pem.h>

#include "evidence/base/text.h"
#include "files/output.h"
#include "tests/support/certificates/ek_path_builder.h"
#include "tests/support/machine/temp_folder.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/tpm_roots.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// A maker's root, and lists of its two CAs.
struct Folder {
    TempFolder folder;
    EkPathBuilder path;
    EkPathBuilder::Made made = path.make();
    Bytes of_root = make_revocation_list({}, made.root, path.root_key);
    Bytes of_intermediate = make_revocation_list({}, made.intermediate, path.intermediate_key);

    Folder() { put("root.der", made.root.der()); }
    void put(const std::string& name, ByteView content) const {
        require(files::write_output(folder.path() / name, content).has_value(), "write");
    }
    [[nodiscard]] Result<TpmTrust> load() const { return inputs::load_tpm_trust(folder.path()); }
    [[nodiscard]] std::string refusal() const {
        const auto loaded = load();
        return loaded ? "" : describe(loaded.error());
    }
};

std::string pem_of(ByteView list) {
    const auto* in = as_uchar(list);
    const CHandle<X509_CRL, X509_CRL_free> parsed(d2i_X509_CRL(nullptr, &in, static_cast<long>(list.size())));
    const CHandle<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(bio.get(), parsed.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("roots, pins and revocation lists are read from one folder, and each changes its digest") {
    const Folder folder;
    const auto alone = folder.load().value();
    CHECK(alone.roots().size() == 1);
    CHECK(alone.revocation_lists().empty());
    CHECK(alone.makers().empty());
    folder.put("root.crl", folder.of_root);
    const auto one_list = folder.load().value();
    CHECK(one_list.revocation_lists().size() == 1);
    CHECK(one_list.digest() != alone.digest());
    folder.put("all.crl", as_view(pem_of(folder.of_root) + pem_of(folder.of_intermediate)));
    CHECK(folder.load().value().revocation_lists().size() == 3);

    folder.put("pins.toml", as_view("[[root]]\nsha256 = \"" + folder.made.root.sha256().hex() +
                                    "\"\nvendor = \"Maker\"\nsubject = \"CN=Test TPM Root\"\nnot_before = " +
                                    utc_text(folder.made.root.not_before()) +
                                    "\nnot_after = " + utc_text(folder.made.root.not_after()) +
                                    "\nmanufacturers = [\"id:54455354\"]\nsources = [\"test\"]\n"));
    const auto all = folder.load().value();
    REQUIRE(all.makers().size() == 1);
    CHECK(all.makers().front().root == folder.made.root.sha256());
    CHECK(all.digest() != folder.made.root.sha256());
}

TEST_CASE("a revocation list that cannot be read is an error that names its file") {
    Folder folder;
    SECTION("cut") {
        folder.of_root.pop_back();
    }
    SECTION("a certificate") {
        folder.of_root = folder.made.intermediate.der();
    }
    SECTION("no nextUpdate") {
        RevocationSpec spec;
        spec.next_update = 0;
        folder.of_root = make_revocation_list(spec, folder.made.root, folder.path.root_key);
    }
    SECTION("empty") {
        folder.of_root.clear();
    }
    folder.put("root.crl", folder.of_root);
    CHECK_THAT(folder.refusal(), Catch::Contains("root.crl"));
}

TEST_CASE("more revocation lists than an appraisal looks at are refused, with the remedy") {
    const Folder folder;
    std::string all;
    for (std::size_t i = 0; i < tcg::kRevocationLists; ++i) all += pem_of(folder.of_root);
    folder.put("all.crl", as_view(all));
    CHECK(folder.load());
    folder.put("one-more.crl", folder.of_root);
    CHECK_THAT(folder.refusal(), Catch::Contains("64") && Catch::Contains("one-more.crl"));
}
