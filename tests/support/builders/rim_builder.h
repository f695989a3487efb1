#pragma once

#include <string>
#include <vector>

#include <libxml/parser.h>
#include <xmlsec/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "tests/support/builders/event_log_builder.h"
#include "tests/support/builders/rim_signers.h"
#include "tests/support/machine/text.h"
#include "verifier/judge/rim/pc_client_rim.h"
#include "verifier/judge/rim/xml_signature.h"

namespace assay::test {

/// Makes a PC Client RIM as makers do: a SWID tag with the digest of its support RIM, signed. A test changes
/// a field before it is signed, or the text after.
struct SwidBuilder {
    std::string tag_id = "5b1c1f6e-8d3c-4a51-9d6f-7f6a0b1c2d3e";
    std::string tag_version = "2";
    std::string version = "1.42";
    std::string maker = "Example Systems";
    std::string model = "R750 & Co";
    std::string binding_spec = "PC Client RIM";
    std::string payload_extra;  ///< elements beside the support RIM
    std::string prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    Bytes support = EventLogBuilder::typical().bytes();

    std::string signature_method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    std::string digest_method = "http://www.w3.org/2001/04/xmlenc#sha256";
    std::string uri;  ///< of the reference
    std::string transforms =
        R"(<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)";
    std::string canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    std::string references_extra, objects;
    std::vector<Bytes> certificates;  ///< DER, in the signature's KeyInfo

    [[nodiscard]] std::string signature_template() const {
        std::string info;
        for (const auto& each : certificates) {
            std::string text((each.size() + 2) / 3 * 4 + 1, '\0');
            text.resize(
                static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                         as_uchar(each), static_cast<int>(each.size()))));
            info += "<X509Certificate>" + text + "</X509Certificate>";
        }
        if (!info.empty()) info = "<KeyInfo><X509Data>" + info + "</X509Data></KeyInfo>";
        return R"(<Signature xmlns="http://www.w3.org/2000/09/xmldsig#" Id="RimSignature"><SignedInfo>)"
               "<CanonicalizationMethod Algorithm=\"" +
               canonicalization +
               "\"/>"
               "<SignatureMethod Algorithm=\"" +
               signature_method +
               "\"/>"
               "<Reference URI=\"" +
               uri + "\"><Transforms>" + transforms +
               "</Transforms>"
               "<DigestMethod Algorithm=\"" +
               digest_method + "\"/><DigestValue/></Reference>" + references_extra +
               "</SignedInfo><SignatureValue/>" + info + objects + "</Signature>";
    }

    [[nodiscard]] std::string unsigned_xml(const std::string& signature = "") const {
        return prolog +
               "<SoftwareIdentity xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" "
               "name=\"Example BIOS\" "
               "tagId=\"" +
               tag_id + "\" tagVersion=\"" + tag_version + "\" version=\"" + version +
               "\" xml:lang=\"en\">\n"
               "  <Entity name=\"Example Systems\" regid=\"example.com\" role=\"softwareCreator "
               "tagCreator\"/>\n"
               "  <Meta xmlns:rim=\"https://trustedcomputinggroup.org/wp-content/uploads/TCG_RIM_Model\" "
               "rim:bindingSpec=\"" +
               binding_spec + "\" rim:bindingSpecVersion=\"1.2\" rim:platformManufacturerStr=\"" +
               escaped(maker) + "\" rim:platformModel=\"" + escaped(model) +
               "\" rim:firmwareVersion=\"1.42.0\"/>\n"
               "  <Payload Id=\"payload\"><Directory name=\"rim\">\n"
               "    <File xmlns:SHA256=\"http://www.w3.org/2001/04/xmlenc#sha256\" SHA256:hash=\"" +
               sha256(support).hex() + "\" name=\"example.rimel\" size=\"" + std::to_string(support.size()) +
               "\"/>\n  </Directory>" + payload_extra + "</Payload>" + signature + "\n</SoftwareIdentity>\n";
    }

    static std::string escaped(std::string text) {
        for (std::size_t at = 0; (at = text.find('&', at)) != std::string::npos; at += 5)
            text.replace(at, 1, "&amp;");
        return text;
    }

    [[nodiscard]] std::string sign(EVP_PKEY* key) const {
        return sign_xml(unsigned_xml(signature_template()), key);
    }

    /// Signs the first Signature of `text` by xmlsec1.
    static std::string sign_xml(const std::string& text, EVP_PKEY* key) {
        require(rim::start_xmlsec().has_value(), "xmlsec1");
        const CHandle<xmlDoc, xmlFreeDoc> document(
            xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NONET));
        require(document != nullptr, "the template is XML");
        add_ids(xmlDocGetRootElement(document.get()));
        auto* signature =
            xmlSecFindNode(xmlDocGetRootElement(document.get()), xmlSecNodeSignature, xmlSecDSigNs);
        require(signature != nullptr, "the template has a Signature");
        const CHandle<xmlSecDSigCtx, xmlSecDSigCtxDestroy> context(xmlSecDSigCtxCreate(nullptr));
        EVP_PKEY_up_ref(key);
        context->signKey = xmlSecKeyCreate();
        require(xmlSecKeySetValue(context->signKey, xmlSecOpenSSLEvpKeyAdopt(key)) == 0, "key");
        require(xmlSecDSigCtxSign(context.get(), signature) == 0, "xmlsec1 signs");
        xmlChar* out = nullptr;
        int size = 0;
        xmlDocDumpMemory(document.get(), &out, &size);
        const std::string made(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
        xmlFree(out);
        return made;
    }

    static void add_ids(xmlNode* node) {
        for (auto* each = node->properties; each != nullptr; each = each->next) {
            if (xmlStrcmp(each->name, reinterpret_cast<const xmlChar*>("Id")) == 0)
                xmlAddID(nullptr, node->doc, each->children->content, each);
        }
        for (auto* each : rim::xml::elements(node)) add_ids(each);
    }
};

}  // namespace assay::test
