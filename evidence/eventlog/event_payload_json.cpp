#include "evidence/eventlog/event_payload_json.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "evidence/base/digest.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kListed = 1024;
constexpr std::size_t kShownBytes = 256;

std::string hex_of(ByteView bytes) {
    const auto shown = bytes.first(std::min(bytes.size(), kShownBytes));
    return to_hex(shown) + (shown.size() < bytes.size() ? "..." : "");
}

void put(Json& json, const char* key, const std::string& text) {
    if (!text.empty()) json[key] = printable(text);
}

// The first of `items` as an array; what is left out is counted in `more`.
template <typename Item, typename Make>
void list(Json& json, const char* key, const std::vector<Item>& items, Make make) {
    auto& array = json[key] = Json::array();
    for (const auto& item : std::span(items).first(std::min(items.size(), kListed)))
        array.push_back(make(item));
    if (items.size() > kListed) json["more"] = items.size() - kListed;
}

Json signature_json(const EfiSignature& signature) {
    Json json = Json::object();
    put(json, "owner", guid_text(signature.owner));
    if (has_certificate_form(signature.data)) {
        json["certificate_sha256"] = sha256(signature.data).hex();
        put(json, "subject", certificate_subject(signature.data).value_or(""));
    } else {
        json["data"] = hex_of(signature.data);
    }
    return json;
}

void put_content(Json& json, const UnreadContent& content) {
    put(json, "unread", content.why);
}
void put_content(Json& json, const AbsentContent&) {
    json["absent"] = true;
}
void put_content(Json& json, const FlagContent& content) {
    json["value"] = content.value;
}
void put_content(Json& json, const OrderContent& content) {
    json["options"] = content.options;
}
void put_content(Json& json, const AuthorityContent& content) {
    json["signature"] = signature_json(content.signature);
}
void put_content(Json& json, const EfiLoadOption& option) {
    put(json, "description", option.description);
    put(json, "device_path", option.path.text);
    json["active"] = option.is_active();
    if (!option.optional_data.empty()) json["optional_data"] = hex_of(option.optional_data);
}
void put_content(Json& json, const SbatLevel& level) {
    put(json, "sbat_date", level.date);
    for (const auto& entry : level.entries) json["sbat"][printable(entry.component)] = entry.generation;
}
void put_content(Json& json, const SignatureContent& content) {
    list(json, "lists", content.lists, [left = kListed](const EfiSignatureList& signatures) mutable {
        Json made{{"type", to_string(signatures.kind)}, {"count", signatures.signatures.size()}};
        auto& array = made["signatures"] = Json::array();
        for (const auto& signature : signatures.signatures) {
            if (left == 0) break;
            --left;
            array.push_back(signature_json(signature));
        }
        if (array.size() < signatures.signatures.size())
            made["more"] = signatures.signatures.size() - array.size();
        return made;
    });
}

void put_payload(Json& json, const UnreadPayload& payload) {
    put(json, "why", payload.why);
}
void put_payload(Json& json, const TextPayload& payload) {
    json["kind"] = to_string(payload.kind);
    json["text"] = printable(payload.text);
}
void put_payload(Json& json, const SeparatorPayload& payload) {
    json["value"] = payload.value;
}
void put_payload(Json& json, const StartupLocalityPayload& payload) {
    json["locality"] = payload.locality;
}
void put_payload(Json&, const SpecIdPayload&) {}
void put_payload(Json& json, const FirmwareBlobPayload& payload) {
    put(json, "description", payload.description);
    json["base"] = payload.base;
    json["length"] = payload.length;
}
void put_payload(Json& json, const HandoffTablesPayload& payload) {
    put(json, "description", payload.description);
    list(json, "tables", payload.tables, [](const HandoffTablesPayload::Table& table) {
        return Json{{"vendor_guid", guid_text(table.vendor_guid)}, {"address", table.address}};
    });
}
void put_payload(Json& json, const TaggedPayload& payload) {
    list(json, "records", payload.records, [](const TaggedPayload::Record& record) {
        Json made{{"tag", record.id}, {"data", hex_of(record.data)}};
        put(made, "name", std::string(tag_name(record.id)));
        return made;
    });
}
void put_payload(Json& json, const VariablePayload& payload) {
    json["name"] = printable(payload.variable.name);
    json["guid"] = guid_text(payload.variable.guid);
    std::visit([&json](const auto& content) { put_content(json, content); }, payload.content);
}
void put_payload(Json& json, const ImageLoadEvent& image) {
    put(json, "file_path", image.file_path);
    put(json, "device_path", image.device_path);
    json["location"] = image.location;
    json["length"] = image.length;
}
void put_payload(Json& json, const GptEvent& gpt) {
    json["disk_guid"] = guid_text(gpt.disk);
    list(json, "partitions", gpt.partitions, [](const GptPartition& partition) {
        Json made{{"type_guid", guid_text(partition.type)},
                  {"unique_guid", guid_text(partition.unique)},
                  {"first_lba", partition.first_lba},
                  {"last_lba", partition.last_lba},
                  {"attributes", partition.attributes}};
        put(made, "name", partition.name);
        return made;
    });
}
void put_payload(Json& json, const SpdmEvent& spdm) {
    json["version"] = spdm.version;
    json["authentication_state"] = spdm.auth_state;
    json["device_type"] = spdm.device_type;
    json["hash_algorithm"] = spdm.hash_algorithm;
    put(json, "device_path", spdm.path.text);
    list(json, "measurements", spdm.measurements, [](const SpdmMeasurement& block) {
        return Json{{"index", block.index}, {"type", block.value_type}, {"value", hex_of(block.value)}};
    });
    if (!spdm.certificate_chain.empty())
        json["certificate_chain_sha256"] = sha256(spdm.certificate_chain).hex();
    if (const auto& pci = spdm.pci) {
        json["pci"] = {{"vendor", pci->vendor},
                       {"device", pci->device},
                       {"revision", pci->revision},
                       {"class", pci->class_code},
                       {"subsystem_vendor", pci->subsystem_vendor},
                       {"subsystem", pci->subsystem}};
    }
}
void put_payload(Json& json, const Sp800155Event& event) {
    json["version"] = event.version;
    json["vendor_id"] = event.vendor_id;
    json["reference_manifest_guid"] = guid_text(event.reference_manifest);
    put(json, "platform_manufacturer", event.platform_manufacturer);
    put(json, "platform_model", event.platform_model);
    put(json, "platform_version", event.platform_version);
    put(json, "firmware_manufacturer", event.firmware_manufacturer);
    put(json, "firmware_version", event.firmware_version);
    if (event.version != 3) return;
    const auto locator = [](const Sp800155Locator& found) {
        return Json{{"type", found.type},
                    {"value", found.type == 1 ? printable(as_text(found.value)) : hex_of(found.value)}};
    };
    json["rim_locator"] = locator(event.rim);
    json["platform_certificate_locator"] = locator(event.platform_certificate);
}

}  // namespace

Json payload_json(const EventPayload& payload) {
    Json json{{"form", payload_form(payload)}};
    std::visit([&json](const auto& read) { put_payload(json, read); }, payload);
    return json;
}

}  // namespace assay::tcg
