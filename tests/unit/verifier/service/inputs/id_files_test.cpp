#include "verifier/service/inputs/id_files.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "files/output.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"
#include "verifier/service/inputs/inputs.h"

using namespace assay;
using inputs::IdFiles;
using vendors::Namespace;

namespace {

void put(const std::filesystem::path& file, std::string_view text) {
    std::filesystem::create_directories(file.parent_path());
    REQUIRE(files::write_output(file, as_view(text)));
}

/// A system with the three packages, in small.
class System {
  public:
    System() {
        put(root() / "usr/share/misc/pci.ids",
            "#\tVersion: 2023.04.10\n1bd4  Inspur Electronic Information\n\t0911  A drive\n\t\t1bd4 0001  A "
            "card\n"
            "C 01  Mass storage controller\n");
        put(root() / "var/lib/usbutils/usb.ids", "# Version: 2025.07.26\n152d  JMicron\n");
        put(root() / "usr/share/ieee-data/oui.csv",
            "Registry,Assignment,Organization Name,Organization Address\n"
            "MA-L,6C92BF,\"Inspur Electronic, "
            "Ltd\",somewhere\nMA-L,damaged\"line\nMA-L,A4BF01,Intel\x1b[31m,there\n");
        put(root() / "usr/share/ieee-data/oui36.csv", "MA-S,6C92BF000,A smaller one,here\n");
    }
    [[nodiscard]] std::filesystem::path root() const { return folder_.path(); }

  private:
    test::TempFolder folder_;
};

std::string name_of(const std::optional<inputs::IdName>& found) {
    return found ? found->name + " [" + found->file + "]" : "none";
}

}  // namespace

TEST_CASE("the system's files name an identifier with the file's version, each namespace for itself") {
    const System system;
    const auto files = IdFiles::of_system(system.root());
    CHECK(name_of(files.find(Namespace::pci, "1bd4")) ==
          "Inspur Electronic Information [pci.ids 2023.04.10]");
    CHECK(name_of(files.find(Namespace::usb, "152d")) == "JMicron [usb.ids 2025.07.26]");
    CHECK(name_of(files.find(Namespace::pci, "152d")) == "none");
    CHECK(name_of(files.find(Namespace::smbios, "1bd4")) == "none");
}

TEST_CASE("devices, subsystems and classes are no vendors") {
    const System system;
    const auto files = IdFiles::of_system(system.root());
    CHECK(name_of(files.find(Namespace::pci, "0911")) == "none");
    CHECK(name_of(files.find(Namespace::pci, "c001")) == "none");
}

TEST_CASE("an OUI is named by its longest assignment, and a damaged line hides no other") {
    const System system;
    const auto files = IdFiles::of_system(system.root());
    CHECK(name_of(files.find(Namespace::oui, "6C92BF")) == "Inspur Electronic, Ltd [oui.csv]");
    CHECK(name_of(files.find(Namespace::oui, "6C92BF000")) == "A smaller one [oui36.csv]");
    CHECK(name_of(files.find(Namespace::oui, "6C92BF111")) == "Inspur Electronic, Ltd [oui.csv]");
}

TEST_CASE("a system without these files names nothing, and that is no error") {
    const test::TempFolder empty;
    CHECK(name_of(IdFiles::of_system(empty.path()).find(Namespace::pci, "1bd4")) == "none");
}

TEST_CASE("this system's own files are read") {
    if (!std::filesystem::exists("/usr/share/misc/pci.ids"))
        ASSAY_SKIP("the package pci.ids is not installed");
    CHECK(name_of(IdFiles::of_system().find(Namespace::pci, "8086"))
              .starts_with("Intel Corporation [pci.ids 20"));
}
