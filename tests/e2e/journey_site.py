"""What a site has in hand before it judges device use: its directory, rules, orders and the export of its doors, for the people of the pages."""
import datetime
import json


def at(seconds=0):
    """RFC 3339, so many seconds from now."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def directory(eks, lee, roy):
    """T. Lee, a technician of another company, and M. Roy, who accompanies; `lee` and `roy` have the ids of their keys; `eks` those of the hosts."""
    return json.dumps({
        "zones": [{"id": "site-1", "kind": "site"}, {"id": "hall", "kind": "room", "parent": "site-1"}],
        "persons": [{"id": "t.lee", "employer": "fixit", "credentials": ["1001"], "keys": lee},
                    {"id": "m.roy", "employer": "us", "credentials": ["1002"], "keys": roy, "unescorted_zones": ["site-1"],
                     "escort_zones": ["site-1"]}],
        "hosts": [{"id": asset, "ek": ek, "zone": "hall"} for asset, ek in eks.items()],
        "readers": [{"id": "hall-in", "controller": "panel-1", "zone_to": "hall", "direction": "in"}],
        "entities": [{"id": "us", "approved": True}, {"id": "fixit", "approved": True}],
        "issuers": [{"id": "dc-ops", "entity": "us"}]})


def policy():
    return json.dumps({"issuers": ["dc-ops"], "delta_s": 1})


def orders(assets):
    return json.dumps({"watermark": at(), "orders": [{
        "id": "WO-1017", "created_at": at(-7200), "created_by": "dispatch", "issuer": "dc-ops", "requester": "dispatch", "technicians": ["t.lee"],
        "escorts": ["m.roy"], "hosts": assets, "from": at(-3600), "to": at(3600), "devices": [{"kind": "storage"}], "state": "approved",
        "history": [{"at": at(-3600), "by": "chief", "field": "state", "old": "draft", "new": "approved"}]}]})


def export():
    """Both went into the hall a minute ago, as OnGuard writes it."""
    when = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=60)).strftime("%Y-%m-%d %H:%M:%S")
    rows = [f"panel-1,{number},{card},hall-in,Access Granted,{when}" for number, card in ((1, "1001"), (2, "1002"))]
    return "\n".join(["machine,serialnum,cardnumber,device,eventtype,time", *rows, ""])


class AccompaniedSite:
    """Mixed into a Journey: docs/howto/judge-device-use.md up to what is needed all the time, with the files of this module in hand."""

    @classmethod
    def judge_device_use(cls, tokens=((), ())):
        """`tokens`: ids of further keys of T. Lee and of M. Roy."""
        page = "docs/howto/judge-device-use.md"
        cls.follow(f"{page}#certificates-once")
        keys = [answer.split()[0] for answer in cls.follow(f"{page}#keys-once") if answer]
        lee, roy = ([key, *more] for key, more in zip(keys, tokens))
        eks = {host["host"].replace("rack", "asset"): host["ek_digest"] for host in json.loads(cls.do("assay hosts --json"))}
        for name, text in (("directory.json", directory(eks, lee, roy)), ("policy.json", policy()), ("orders.json", orders(list(eks))),
                           ("export.csv", export())):
            (cls.checkout / name).write_text(text)
        cls.follow(f"{page}#the-directory-and-the-rules-once")
        cls.follow(f"{page}#orders-and-badges-all-the-time")


class SignedVendorData:
    """Mixed into a Journey: docs/howto/sign-vendor-data.md with three people who sign, two of whom have to."""

    answers = {"-aes256": "a passphrase\na passphrase\n", ".key -pubout": "a passphrase\n", "--passphrase-file -": "a passphrase\n"}

    @classmethod
    def sign_vendor_data(cls):
        page = "docs/howto/sign-vendor-data.md"
        for signer in ("carla", "dora", "emil"):
            cls.follow(f"{page}#1-the-signers", {"carla": signer})
        cls.follow(f"{page}#2-the-bundle")
        cls.follow(f"{page}#each-signs", {"carla": "dora"})
        cls.follow(f"{page}#3-the-verifier")
