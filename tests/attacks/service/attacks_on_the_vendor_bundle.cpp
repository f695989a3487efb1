// The signed bundle of vendor data: whoever brings one, and whatever it says, must not get the verifier to
// load what its owner's signers have not signed, or do not stand by any more.
#include "evidence/codec/cbor.h"
#include "tests/attacks/attack.h"
#include "tests/support/builders/bundle_builder.h"

namespace {

using namespace assay;
using namespace assay::test;
using namespace assay::vendors;

constexpr const char* kRefused = "refused";

Outcome outcome_of(const Result<BundleJudgement>& judged) {
    if (!judged) return refused(judged.error());
    Outcome out{judged->bundle.has_value(), judged->bundle ? "loaded" : kRefused, {}};
    for (const auto& each : judged->reasons) out.reasons.emplace_back(each.id());
    return out;
}

/// What the attacker brings, and to whom.
template <void (*Change)(BundleBuilder&)>
Outcome brought() {
    BundleBuilder builder;
    Change(builder);
    return outcome_of(builder.judge());
}
void nothing(BundleBuilder&) {}
constexpr auto honest = brought<nothing>;

template <void (*Change)(const BundleBuilder&, Bytes&)>
Outcome brought_bytes() {
    const BundleBuilder builder;
    auto file = builder.file();
    Change(builder, file);
    return outcome_of(builder.judge(file));
}

Outcome loaded_once_more() {
    BundleBuilder builder;
    builder.last = LastBundle{builder.content.version, builder.bundle().digest()};
    return outcome_of(builder.judge());
}

/// A signature by `signer` over `message`, as of a bundle with `content`.
BundleSignature signature_over(const SignerKeys& signer, const Bytes& message) {
    const CHandle<BIO, BIO_free> bio(
        BIO_new_mem_buf(signer.secret.data(), static_cast<int>(signer.secret.size())));
    const CHandle<EVP_PKEY, EVP_PKEY_free> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    BundleSignature out{signer.key("signer").id, Bytes(64)};
    std::size_t size = out.signature.size();
    if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), as_writable_uchar(out.signature), &size, as_uchar(message),
                       message.size()) != 1)
        throw std::runtime_error("signing");
    return out;
}

/// Two good signers, over what `message_of` makes of the content.
template <Bytes (*MessageOf)(const Bytes&)>
Outcome signed_over() {
    const BundleBuilder builder;
    Bundle bundle{builder.encoded_content(), {}};
    for (const auto& signer : builder.signers)
        bundle.signatures.push_back(signature_over(signer, MessageOf(bundle.content)));
    return outcome_of(builder.judge(encode_bundle(bundle)));
}

Bytes under_domain(std::string_view domain, const Bytes& content) {
    auto message = to_bytes(domain);
    message.push_back(std::byte{0});
    const auto digest = sha256(content);
    message.insert(message.end(), digest.view().begin(), digest.view().end());
    return message;
}
Bytes ours(const Bytes& content) {
    return under_domain(kBundleProduct, content);
}
Bytes of_another_product(const Bytes& content) {
    return under_domain("assay-policy-bundle-v1", content);
}
Bytes without_domain(const Bytes& content) {
    return to_bytes(sha256(content).view());
}
Bytes the_content_itself(const Bytes& content) {
    return content;
}

/// The same keys honestly signed another product: its content is well formed, and so is each signature.
Outcome another_product() {
    const BundleBuilder builder;
    const auto content = cbor::map({{"v", cbor::unsigned_integer(1)},
                                    {"policy", cbor::text("allow = true")},
                                    {"product", cbor::text("assay-policy-bundle-v1")}});
    return outcome_of(builder.judge(encode_bundle(BundleBuilder::signed_by(content, builder.signers))));
}

/// Each byte of the file in turn: the outcome is that of the first change that passes, or "refused" if none
/// does.
Outcome each_byte_edited() {
    const BundleBuilder builder;
    const auto file = builder.file();
    for (std::size_t i = 0; i < file.size(); ++i) {
        auto edited = file;
        edited[i] ^= std::byte{0x01};
        const auto judged = builder.judge(edited);
        if (judged && judged->bundle) return outcome_of(judged);
    }
    return {false, kRefused, {"every byte"}};
}

void cut_by_one(const BundleBuilder&, Bytes& file) {
    file.pop_back();
}
void one_byte_more(const BundleBuilder&, Bytes& file) {
    file.push_back(std::byte{0});
}
void nobody_signed(BundleBuilder& builder) {
    builder.signers.clear();
}
void one_signed(BundleBuilder& builder) {
    builder.signers = {builder.anna};
}
void one_signed_twice(BundleBuilder& builder) {
    builder.signers = {builder.anna, builder.anna};
}
void one_signed_twice_and_another(BundleBuilder& builder) {
    builder.signers = {builder.anna, builder.anna, builder.bert};
}
void one_key_configured_twice(BundleBuilder& builder) {
    builder.signers = {builder.anna};
    builder.keys = {builder.anna.key("anna.pem"), builder.anna.key("copy-of-anna.pem")};
}
void one_and_a_stranger(BundleBuilder& builder) {
    builder.signers = {builder.anna, builder.stranger};
}
void one_and_a_retired(BundleBuilder& builder) {
    builder.retired = {builder.bert.key("bert.pem")};
    builder.keys = {builder.anna.key("anna.pem"), builder.carla.key("carla.pem")};
}
void retired_with_others(BundleBuilder& builder) {
    builder.signers = {builder.anna, builder.carla};
    one_and_a_retired(builder);
    builder.signers.push_back(builder.bert);
}
void after_it_expired(BundleBuilder& builder) {
    builder.now = builder.content.expires;
}
void before_it_was_issued(BundleBuilder& builder) {
    builder.now = builder.content.issued - 1;
}
void older_after_newer(BundleBuilder& builder) {
    builder.last = LastBundle{builder.content.version + 1, {}};
}
void newer_after_older(BundleBuilder& builder) {
    builder.last = LastBundle{builder.content.version - 1, {}};
}
void same_version_other_content(BundleBuilder& builder) {
    builder.last = LastBundle{builder.content.version, builder.bundle().digest()};
    builder.content.sources.vendors.at(0).text += "# and one more line\n";
}
void nobody_needed(BundleBuilder& builder) {
    builder.signers.clear();
    builder.signatures = 0;
}

/// A good signature under the name of another signer's key, to make two of one.
Outcome signature_renamed() {
    const BundleBuilder builder;
    auto bundle = builder.bundle();
    bundle.signatures = {bundle.signatures.at(0), bundle.signatures.at(0)};
    bundle.signatures.at(1).key = builder.carla.key("carla").id;
    return outcome_of(builder.judge(encode_bundle(bundle)));
}

/// The signatures of an earlier version, put on a later one.
Outcome signatures_moved() {
    BundleBuilder builder;
    auto bundle = builder.bundle();
    builder.content.version += 1;
    bundle.content = builder.encoded_content();
    return outcome_of(builder.judge(encode_bundle(bundle)));
}

/// Good signatures, in an order that the format does not have.
Outcome out_of_order() {
    const BundleBuilder builder;
    auto bundle = builder.bundle();
    std::ranges::sort(bundle.signatures, [](const auto& a, const auto& b) { return b.key < a.key; });
    std::vector<cbor::Encoded> items;
    for (const auto& each : bundle.signatures)
        items.push_back(
            cbor::map({{"key", cbor::bytes(each.key.view())}, {"signature", cbor::bytes(each.signature)}}));
    return outcome_of(builder.judge(cbor::map({{"v", cbor::unsigned_integer(1)},
                                               {"content", cbor::bytes(bundle.content)},
                                               {"signatures", cbor::array(items)}})));
}

}  // namespace

ATTACK_RUN("lists: unsigned", "brings a bundle that nobody signed", "vendors.too_few_signatures", kRefused,
           brought<nobody_signed>, honest)
ATTACK_RUN("lists: too few signatures", "brings a bundle that one of two signed",
           "vendors.too_few_signatures", kRefused, brought<one_signed>, honest)
ATTACK_RUN("lists: one signer twice", "has the only signer sign twice", "vendors.same_signer_twice", kRefused,
           brought<one_signed_twice>, honest)
ATTACK_RUN("lists: one signer twice, with enough others", "adds a signature once more",
           "vendors.same_signer_twice", kRefused, brought<one_signed_twice_and_another>, honest)
ATTACK_RUN("lists: one signature under two names", "puts a signature under another signer's key id",
           "vendors.edited", kRefused, signature_renamed, honest)
ATTACK_RUN("lists: one key configured twice", "has a copy of a signer's key configured", "usage",
           "refused: usage", brought<one_key_configured_twice>, honest)
ATTACK_RUN("lists: no signature asked for", "sets the number of signatures to 0", "usage", "refused: usage",
           brought<nobody_needed>, honest)
ATTACK_RUN("lists: unknown key", "signs in place of the second signer", "vendors.unknown_key", kRefused,
           brought<one_and_a_stranger>, honest)
ATTACK_RUN("lists: retired key", "uses a signer's key that is retired", "vendors.retired_key", kRefused,
           brought<one_and_a_retired>, brought<retired_with_others>)
ATTACK_RUN("lists: expired", "brings a bundle at the second in which it expires", "vendors.expired", kRefused,
           brought<after_it_expired>, honest)
ATTACK_RUN("lists: not yet issued", "brings a bundle a second before it is issued", "vendors.not_yet_issued",
           kRefused, brought<before_it_was_issued>, honest)
ATTACK_RUN("lists: older after newer", "brings an older bundle, rightly signed, after a newer one",
           "vendors.rolled_back", kRefused, brought<older_after_newer>, brought<newer_after_older>)
ATTACK_RUN("lists: same version, other content", "has a second content signed under the same version",
           "vendors.version_reused", kRefused, brought<same_version_other_content>, loaded_once_more)
ATTACK_RUN("lists: signatures of another version", "puts the signatures of version 7 on version 8",
           "vendors.edited", kRefused, signatures_moved, honest)
ATTACK_RUN("lists: wrong product", "brings what the same signers signed for another product",
           "vendors.wrong_product", kRefused, another_product, honest)
ATTACK_RUN("lists: another domain", "uses signatures over the content under another product's domain",
           "vendors.edited", kRefused, signed_over<of_another_product>, signed_over<ours>)
ATTACK_RUN("lists: no domain", "uses signatures over the bare digest", "vendors.edited", kRefused,
           signed_over<without_domain>, signed_over<ours>)
ATTACK_RUN("lists: content signed whole", "uses signatures over the content in place of its digest",
           "vendors.edited", kRefused, signed_over<the_content_itself>, signed_over<ours>)
ATTACK_RUN("lists: any byte edited", "changes one bit of each byte in turn", "every byte", kRefused,
           each_byte_edited, honest)
ATTACK_RUN("lists: truncated", "cuts the last byte off", "truncated", "refused: truncated",
           brought_bytes<cut_by_one>, honest)
ATTACK_RUN("lists: trailing byte", "adds a byte at the end", "malformed", "refused: malformed",
           brought_bytes<one_byte_more>, honest)
ATTACK_RUN("lists: signatures out of order", "swaps two good signatures", "malformed", "refused: malformed",
           out_of_order, honest)
