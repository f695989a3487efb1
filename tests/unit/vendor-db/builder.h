#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vendor-db/vendor_db.h"

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

}  // namespace assay::vendors::test
