#include "cli/inspect/ek_verdict.h"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "tests/support/certificates/iak_builder.h"
#include "tests/unit/cli/inspect/reason_ids.h"

using namespace assay;
using namespace assay::cli;
using namespace assay::test;
using Verdict = InspectVerdict::Verdict;

namespace {

/// A question whose answer is `valid`. A test changes one thing.
struct EkAsked {
    EkPathBuilder path;

    [[nodiscard]] EkCertificateQuestion question() const {
        auto made = path.make();
        EkCertificateQuestion out;
        out.leaf = made.leaf.der();
        out.at_unix_time = kPathTime;
        out.intermediates.push_back(std::move(made.intermediate));
        out.roots.emplace();
        out.roots->push_back(std::move(made.root));
        return out;
    }
};

}  // namespace

TEST_CASE("an EK certificate that leads to a pinned root is valid, with its TPM and the root named") {
    const auto question = EkAsked().question();
    const auto answer = judge_ek_certificate(question);
    CHECK(answer.verdict() == Verdict::valid);
    CHECK(ids(answer) == Ids{"ek.quirk.empty_subject", "ek.revocation_not_checked"});
    CHECK(details(answer).at("tpm").at("manufacturer") == "id:54455354");
    CHECK(details(answer).at("root") == question.roots->front().sha256().hex());
    CHECK(details(answer).at("path").size() == 3);
}

TEST_CASE("an EK certificate without roots is undecided: that nobody vouches for it is not its fault") {
    auto question = EkAsked().question();
    question.roots.reset();
    const auto answer = judge_ek_certificate(question);
    CHECK(answer.verdict() == Verdict::undecided);
    CHECK(answer.has("ek.roots_not_given"));
    CHECK_FALSE(answer.has("ek.no_issuer"));
    // What is wrong whatever the roots are is said all the same.
    question.at_unix_time = 2'000'000'001;
    CHECK(judge_ek_certificate(question).verdict() == Verdict::invalid);
}

TEST_CASE("an EK certificate under no roots at all is invalid, not undecided") {
    auto question = EkAsked().question();
    question.roots->clear();
    const auto answer = judge_ek_certificate(question);
    CHECK(answer.verdict() == Verdict::invalid);
    CHECK(answer.has("ek.no_issuer"));
}

TEST_CASE("an EK certificate about another key than the one given is invalid") {
    auto question = EkAsked().question();
    question.key = ek_public(shared_key(test::Key::rsa2048));
    CHECK(judge_ek_certificate(question).verdict() == Verdict::valid);
    question.key = ek_public(shared_key(test::Key::p256));
    const auto answer = judge_ek_certificate(question);
    CHECK(answer.verdict() == Verdict::invalid);
    CHECK(answer.has("ek.key_differs"));
}

TEST_CASE("what is no certificate is invalid with that reason, cut or with a stray octet behind it") {
    auto question = EkAsked().question();
    const auto whole = question.leaf;
    question.leaf.pop_back();
    CHECK(ids(judge_ek_certificate(question)) == Ids{"ek.malformed"});
    question.leaf = whole;
    question.leaf.push_back(std::byte{0x11});
    CHECK(ids(judge_ek_certificate(question)) == Ids{"ek.malformed"});
    question.leaf.clear();
    CHECK(judge_ek_certificate(question).verdict() == Verdict::invalid);
}

TEST_CASE("with a list of the wrong issuer an EK certificate is undecided") {
    auto question = EkAsked().question();
    const EkAsked asked;
    const auto list = make_revocation_list({}, question.roots->front(), asked.path.root_key);
    question.revocation_lists.push_back(tcg::RevocationList::parse(list).value());
    const auto answer = judge_ek_certificate(question);
    CHECK(answer.verdict() == Verdict::undecided);
    CHECK(answer.has("ek.crl_missing"));
}

TEST_CASE("every reason is on the page of its verdict with its effect, and no other") {
    std::string pages;
    for (const auto* name : {"ek-verdict.md", "iak-verdict.md"}) {
        std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/docs/formats/" + name);
        pages += std::string(std::istreambuf_iterator<char>(in), {});
    }
    std::size_t rows = 0;
    for (const auto* first : {"\n| `ek.", "\n| `iak."})
        for (std::size_t at = 0; (at = pages.find(first, at)) != std::string::npos; ++at) ++rows;
    CHECK(rows == tcg::kEkReasons.size());
    for (const auto& reason : tcg::kEkReasons) {
        INFO(reason.id);
        const auto row =
            "\n| `" + std::string(reason.id) + "` |" +
            (reason.effect == Effect::remark ? std::string()
                                             : " " + std::string(to_string(reason.effect)) + " |");
        CHECK(pages.find(row) != std::string::npos);
    }
}

TEST_CASE("an IAK certificate is judged in the same form, under ids of its own, with its device named") {
    EkAsked asked{.path = iak_path()};
    auto question = asked.question();
    question.role = tcg::TpmKeyRole::iak;
    const auto answer = judge_ek_certificate(question);
    CHECK(answer.verdict() == Verdict::valid);
    CHECK(ids(answer) == Ids{"iak.revocation_not_checked"});
    CHECK(details(answer).at("hardware_module").at("serial") == "SN-1");
    CHECK(details(answer).at("verified_by_issuer").at("restricted") == true);

    question.roots.reset();
    CHECK(judge_ek_certificate(question).verdict() == Verdict::undecided);
    question.key = ek_public(shared_key(test::Key::p384));
    CHECK(judge_ek_certificate(question).has("iak.key_differs"));
    question.leaf.pop_back();
    CHECK(ids(judge_ek_certificate(question)) == Ids{"iak.malformed"});
}

TEST_CASE("an EK certificate is invalid as an IAK's, and an IAK's as an EK's") {
    auto question = EkAsked().question();
    question.role = tcg::TpmKeyRole::iak;
    CHECK(judge_ek_certificate(question).has("iak.restricted_not_verified"));
    question = EkAsked{.path = iak_path()}.question();
    CHECK(judge_ek_certificate(question).has("ek.eku_missing"));
}
