#include "evidence/base/verdict.h"

#include <catch2/catch.hpp>

using namespace assay;

namespace wine {

enum class Kind : std::uint8_t { corked, no_label, dusty };
constexpr std::array kRows{ReasonRow{"wine.corked", Effect::invalid, "it smells"},
                           ReasonRow{"wine.no_label", Effect::undecided, ""},
                           ReasonRow{"wine.dusty", Effect::remark, "there is dust on it"}};
constexpr const auto& reason_rows(Kind /*kind*/) {
    return kRows;
}

}  // namespace wine

using wine::Kind;

TEST_CASE("what nobody judged is not valid: an effect, a verdict, a verdict with remarks alone") {
    CHECK(Effect{} == Effect::invalid);
    VerdictOf<Kind> verdict;
    CHECK(verdict.effect() == Effect::undecided);
    CHECK_FALSE(verdict.trusted());
    verdict.add(Kind::dusty);
    CHECK(verdict.effect() == Effect::undecided);
    verdict.holds("the seal");
    CHECK(verdict.trusted());
}

TEST_CASE("the least of the reasons is the verdict, in whatever order they come") {
    VerdictOf<Kind> verdict;
    verdict.holds("the seal");
    verdict.add(Kind::no_label);
    CHECK(verdict.effect() == Effect::undecided);
    verdict.add(Kind::corked);
    verdict.add(Kind::dusty);
    CHECK(verdict.effect() == Effect::invalid);
    CHECK(verdict.has(Kind::no_label));
    CHECK(to_string(verdict.effect()) == "invalid");
    CHECK(to_string(Effect::undecided) == "undecided");
    CHECK(to_string(Effect::remark) == "valid");
}

TEST_CASE("a reason says its sentence and its detail, and each alone where the other is empty") {
    CHECK(Reason<Kind>{Kind::corked, "of wet dog"}.text() == "it smells: of wet dog");
    CHECK(Reason<Kind>{Kind::corked, ""}.text() == "it smells");
    CHECK(Reason<Kind>{Kind::no_label, "torn off"}.text() == "torn off");
    VerdictOf<Kind> verdict;
    verdict.add(Kind::dusty);
    CHECK(verdict.against().empty());
    verdict.add(Kind::corked);
    verdict.add(Kind::no_label, "torn off");
    CHECK(verdict.against() == "wine.corked: it smells; wine.no_label: torn off");
}

TEST_CASE("a verdict is made only of kinds that have a table") {
    enum class WithoutRows : std::uint8_t { one };
    STATIC_REQUIRE(HasReasonRows<Kind>);
    STATIC_REQUIRE_FALSE(HasReasonRows<WithoutRows>);
}
