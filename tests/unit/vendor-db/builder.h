#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vendor-db/model/vendor_db.h"

namespace assay::vendors::test {

/// A valid vendor file; a test changes one part of it.
struct VendorFile {
    std::string id = "acme";
    std::string legal = "Acme Server Works Ltd.";
    std::string source = "a register, version 1";
    std::string more_names;
    std::string ids = "[[ids]]\nnamespace = \"pci\"\nvalues = [\"abcd\"]\nsource = \"pci.ids 1\"\n";
    std::string extra;

    [[nodiscard]] SourceFile file() const {
        return {"vendors/" + id + ".toml", "id = \"" + id + "\"\n" + extra +
                                               "[[names]]\nkind = \"legal\"\ntexts = [\"" + legal +
                                               "\"]\nsource = \"" + source + "\"\n" + more_names + ids};
    }
};

inline Result<VendorDb> load_files(std::vector<SourceFile> vendors, std::vector<SourceFile> decisions = {}) {
    return load({std::move(vendors), {}, std::move(decisions), {}});
}

inline VendorFile second() {
    VendorFile other;
    other.id = "other";
    other.legal = "Other Machines Inc.";
    other.ids.clear();
    return other;
}

/// One decision on "acme".
struct DecisionFile {
    std::string name = "decisions/test.toml";
    std::string component = "any";
    std::string decision = "allow";
    std::string dates;
    std::string entity = "acme";

    [[nodiscard]] std::string table() const {
        return "[[decisions]]\nentities = [\"" + entity + "\"]\ncomponent = \"" + component +
               "\"\ndecision = \"" + decision + "\"\nreason = \"because of " + decision +
               "\"\napprover = \"tests\"\n" + dates;
    }
    [[nodiscard]] SourceFile file() const { return {name, table()}; }
};

/// A maker of this id and country whose legal name is its id in capitals.
inline SourceFile maker(const std::string& id, const std::string& tables = "",
                        const std::string& country = "US") {
    std::string legal;
    for (const char c : id) legal.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    return {"vendors/" + id + ".toml", "id = \"" + id + "\"\ncountry = \"" + country +
                                           "\"\n[[names]]\nkind = \"legal\"\ntexts = [\"" + legal +
                                           "\"]\nsource = \"a register\"\n" + tables};
}

/// A table [[owned_by]]; `more` are further lines.
inline std::string owned_by(const std::string& owner, const std::string& how, const std::string& more = "") {
    return "[[owned_by]]\nowner = \"" + owner + "\"\n" + how + "\nsource = \"annual report\"\n" + more;
}

/// A list with one document of which a copy was kept.
struct ListFile {
    std::string id = "listed";
    std::string extra;
    std::string statuses = "[[statuses]]\nstatus = \"active\"\nfrom = 2020-01-01\nsource = \"a gazette\"\n";
    std::string sha256 = std::string(64, 'a');
    std::string entries;

    ListFile& entry(const std::string& entity, const std::string& more = "") {
        entries += "[[entries]]\nentities = [\"" + entity + "\"]\nnames = [\"" + entity +
                   " Co.\"]\ntext = \"an entry\"\ndocument = \"doc-1\"\nlisted = 2024-01-01\n" + more;
        return *this;
    }
    [[nodiscard]] SourceFile file() const {
        return {"lists/" + id + ".toml",
                "id = \"" + id +
                    "\"\ntitle = \"the List\"\nauthority = \"an office\"\nbars = \"a purchase\"\n" + extra +
                    statuses + "[[documents]]\nid = \"doc-1\"\ntitle = \"Gazette 1\"\n" +
                    "retrieved = 2024-01-02\n" + (sha256.empty() ? "" : "sha256 = \"" + sha256 + "\"\n") +
                    entries};
    }
};

/// One decision; `subject` is its line: "list = \"listed\"".
inline std::string decision(const std::string& subject, const std::string& what,
                            const std::string& more = "") {
    return "[[decisions]]\n" + subject + "\ndecision = \"" + what + "\"\nreason = \"because of " + what +
           "\"\napprover = \"tests\"\n" + more;
}

}  // namespace assay::vendors::test
