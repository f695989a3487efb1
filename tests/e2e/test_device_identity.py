"""IAK and IDevID with real processes: tpm2-tools and openssl are the device's maker, who provisions keys and certificates; then the
host enrols by what the maker says, without a root of the TPM's maker."""
import contextlib
import hashlib
import json
import os
import unittest

from harness import NOT_PROCESSED, VERDICTS, Agent, SoftwareTpm, Verifier, folder, need, run

KEYS = {  # by their templates (TCG TPM 2.0 Keys for Device Identity and Attestation: H-2), written down a second time
    "iak": ("IAKIAK", "restricted|", "5437182326e414fca797d5f174615a1641f61255797c3a2b22c21d120b2d1e07", "0x01c90001",
            "2.23.133.11.1.1,2.23.133.11.1.2,2.23.133.11.1.3"),
    "idevid": ("IDEVIDIDEVID", "", "ad6b3a2284fd698a0710bf5cc1b9bdf15e2532e3f601fa4b93a6a8fa8de579ea", "0x01c90000",
               "2.23.133.11.1.1,2.23.133.11.1.2"),
}


class DeviceMaker:
    """A CA, and what it does in a factory."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-days", "3650",
            "-subj", "/O=Device maker/CN=Device identity root", "-keyout", folder / "ca.key", "-out", folder / "ca.pem",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def certify(self, public, name, policies, out):
        extensions = self.folder / "extensions"
        extensions.write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                              f"certificatePolicies={policies}\nauthorityKeyIdentifier=keyid\n"
                              "subjectAltName=otherName:1.3.6.1.5.5.7.8.4;SEQUENCE:module\n"
                              f"[module]\ntype=OID:2.23.133.1.2\nserial=FORMAT:ASCII,OCT:{name}\n")
        run("openssl", "x509", "-new", "-subj", f"/CN={name}", "-force_pubkey", public, "-CA", self.folder / "ca.pem",
            "-CAkey", self.folder / "ca.key", "-days", "3650", "-extfile", extensions, "-outform", "DER", "-out", out)

    def provision(self, tpm, kind, name):
        """Makes the key in the TPM, and puts its certificate into NV. Gives the certificate's file."""
        unique, attribute, policy, index, policies = KEYS[kind]
        environment = {**os.environ, "TPM2TOOLS_TCTI": tpm.tcti}
        there = self.folder / f"{name}-{kind}"
        there.mkdir()
        (there / "policy").write_bytes(bytes.fromhex(policy))
        (there / "public.pem").touch()
        run("tpm2_createprimary", "-C", "e", "-g", "sha256", "-G", "ecc256:ecdsa-sha256:null", "-L", there / "policy",
            "-a", attribute + "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|adminwithpolicy|sign", "-u", "-",
            "-c", there / "context", "-f", "pem", "-o", there / "public.pem", env=environment, input=unique)
        run("tpm2_flushcontext", "-t", env=environment)
        self.certify(there / "public.pem", name, policies, there / "certificate.der")
        size = (there / "certificate.der").stat().st_size
        run("tpm2_nvdefine", index, "-C", "o", "-s", size, "-a", "ownerread|ownerwrite|authread|no_da", env=environment)
        run("tpm2_nvwrite", index, "-C", "o", "-i", there / "certificate.der", env=environment)
        return there / "certificate.der"


class AHostByItsMakersWord(unittest.TestCase):
    """Tests run in the order of their names: each goes on where the one before ended."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = cls.stack.enter_context(folder())
        cls.maker = DeviceMaker(cls.folder / "maker")
        cls.stranger = DeviceMaker(cls.folder / "stranger")
        roots = cls.folder / "roots"
        roots.mkdir()
        (roots / "maker.pem").write_text((cls.maker.folder / "ca.pem").read_text())
        cls.verifier = Verifier(cls.folder, roots=roots)
        cls.stack.callback(cls.verifier.stop)
        cls.tpm = SoftwareTpm(cls.folder)
        cls.stack.callback(cls.tpm.stop)
        cls.agent = Agent(cls.folder, cls.verifier, cls.tpm.tcti)

    def tpm_of_another(self, name):
        tpm = SoftwareTpm(self.folder, name=name)
        self.addCleanup(tpm.stop)
        return tpm

    def findings(self, agent):
        verdict = json.loads(agent("attest", "--json", codes=VERDICTS).stdout)
        return {finding["id"]: finding for finding in verdict["result"]["findings"]}

    def doctor(self, agent):
        checks = json.loads(agent("doctor", "--json", codes=range(6)).stdout)["checks"]
        return {check["what"]: check for check in checks}

    def test_1_the_doctor_tells_what_the_maker_provisioned(self):
        self.assertNotIn("IAK certificate", self.doctor(self.agent))
        type(self).iak = self.maker.provision(self.tpm, "iak", "SN-7")
        type(self).idevid = self.maker.provision(self.tpm, "idevid", "SN-7")
        told = self.doctor(self.agent)
        self.assertEqual(told["IAK certificate"]["state"], "good")
        self.assertEqual(told["IDevID certificate"]["state"], "good")
        self.assertNotIn("device identity", told)

    def test_2_the_certificates_are_valid_by_themselves(self):
        root = self.maker.folder / "ca.pem"
        answer = json.loads(self.verifier.assay("inspect", "iak", self.iak, "--roots", root, "--json").stdout)
        self.assertEqual(answer["verdict"], "valid")
        self.assertEqual(answer["details"]["hardware_module"]["serial"], "SN-7")
        self.verifier.assay("inspect", "iak", self.idevid, "--idevid", "--roots", root)
        self.verifier.assay("inspect", "iak", self.idevid, "--roots", root, codes=(3,))
        self.verifier.assay("inspect", "iak", self.iak, codes=(5,))

    def test_3_the_purchase_list_names_the_iak_certificate_and_the_host_enrols_without_a_token(self):
        digest = hashlib.sha256(self.iak.read_bytes()).hexdigest()
        listed = self.folder / "racks.csv"
        listed.write_text(f"host,tpm_digest\nrack-7,{digest}\n")
        self.verifier.assay("hosts", "register", "--purchase", listed)
        self.assertIn("enrolled as rack-7", self.agent("enrol", "--name", "rack-7").stdout)
        self.assertIn("already enrolled", self.agent("enrol", "--name", "rack-7").stdout)
        # The list again: the enrolled host is known by this digest.
        again = self.verifier.assay_json("hosts", "register", "--purchase", listed)
        self.assertEqual(again["hosts"][0]["outcome"], "unchanged")

    def test_4_its_maker_stands_in_for_the_tpms(self):
        findings = self.findings(self.agent)
        self.assertFalse([each for each in findings if each.startswith("identity.")], findings.keys())

    def test_5_without_a_maker_the_same_tpm_would_not_be_believed(self):
        plain = Agent(self.folder, self.verifier, self.tpm_of_another("tpm5").tcti, name="plain")
        plain.enrol("rack-5")
        self.assertIn("identity.ek_certificate_untrusted", self.findings(plain))

    def test_6_a_maker_whom_nobody_pinned_is_refused_with_the_reason_and_the_remedy(self):
        tpm = self.tpm_of_another("tpm6")
        self.stranger.provision(tpm, "iak", "SN-8")
        agent = Agent(self.folder, self.verifier, tpm.tcti, name="agent6")
        refused = agent.enrol("rack-8", codes=(NOT_PROCESSED,))
        self.assertIn("iak.no_issuer", refused.stderr)
        self.assertIn("device_identity = false", refused.stderr)
        config = self.folder / "agent6.toml"
        config.write_text("device_identity = false\n")
        agent("--config", config, "enrol", "--token", self.verifier.token("rack-8"), "--name", "rack-8")

    def test_7_another_devices_certificate_in_nv_is_told_by_the_doctor_and_not_sent(self):
        tpm = self.tpm_of_another("tpm7")
        environment = {**os.environ, "TPM2TOOLS_TCTI": tpm.tcti}
        run("tpm2_nvdefine", "0x01c90001", "-C", "o", "-s", self.iak.stat().st_size, "-a",
            "ownerread|ownerwrite|authread|no_da", env=environment)
        run("tpm2_nvwrite", "0x01c90001", "-C", "o", "-i", self.iak, env=environment)
        agent = Agent(self.folder, self.verifier, tpm.tcti, name="agent7")
        self.assertIn("does not have", self.doctor(agent)["device identity"]["detail"])
        agent.enrol("rack-9")


if __name__ == "__main__":
    need("swtpm", "swtpm_setup", "swtpm_localca", "tpm2_createprimary", "tpm2_nvdefine", "openssl")
    unittest.main(verbosity=2)
