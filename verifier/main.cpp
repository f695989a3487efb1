#include "verifier/service/setup/program.h"

int main(int argc, char** argv) {
    return assay::setup::run_verifier(argc, argv);
}
