"""A virtual rack server in a site with a directory, orders, badges and people who sign."""
import datetime
import json

from harness import Person
from keepers import give_directory
from rack_server import RackServer


def at(seconds=0):
    """RFC 3339, so many seconds from now."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


class RackSite(RackServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visitor, cls.escort = Person(cls.folder, "visitor"), Person(cls.folder, "escort")
        [host] = cls.verifier.assay_json("hosts")
        directory = cls.folder / "directory.json"
        directory.write_text(json.dumps({
            "zones": [{"id": "site-1", "kind": "site"}, {"id": "hall", "kind": "room", "parent": "site-1"},
                      {"id": "B07", "kind": "rack", "parent": "hall"}],
            "persons": [{"id": "visitor", "employer": "fixit", "credentials": ["b-visitor"], "keys": [cls.visitor.key_id]},
                        {"id": "escort", "employer": "us", "credentials": ["b-escort"], "keys": [cls.escort.key_id],
                         "unescorted_zones": ["site-1"], "escort_zones": ["site-1"]}],
            "hosts": [{"id": "asset-1", "ek": host["ek_digest"], "zone": "B07"}],
            "entities": [{"id": "us", "approved": True}, {"id": "fixit", "approved": True},
                         {"id": "abroad", "approved": True, "owners": ["parent"]},
                         {"id": "parent", "approved": False, "decided": "decision 12"}],
            "issuers": [{"id": "dc-ops", "entity": "us"}, {"id": "dc-abroad", "entity": "abroad"}]}))
        give_directory(cls.verifier, directory)
        cls.give(cls.verifier, "accompaniment", "policy", {"issuers": ["dc-ops", "dc-abroad"], "delta_s": 1, "late_attestation_s": 1}, "--import")
        cls.rows = []
        cls.opened = cls.visit("WO-1", "dc-ops")
        cls.badge("visitor", "in")
        cls.badge("escort", "in")
        cls.deliver_badges()

    @classmethod
    def give(cls, caller, what, verb, document, option=None):
        file = cls.folder / f"{what}.json"
        file.write_text(json.dumps(document))
        caller.assay(what, verb, *([option] if option else []), file)

    @classmethod
    def visit(cls, order, issuer):
        """An order, approved an hour ago, for this host."""
        cls.give_orders(issuer, [{
            "id": order, "created_at": at(-7200), "created_by": "dispatch", "issuer": issuer, "requester": "dispatch",
            "technicians": ["visitor"], "hosts": ["asset-1"], "from": at(-3600), "to": at(3600), "devices": [{"kind": "storage"}],
            "state": "approved", "history": [{"at": at(-3600), "by": "chief", "field": "state", "old": "draft", "new": "approved"}]}])
        return order

    @classmethod
    def give_orders(cls, issuer, orders):
        """By the issuer's own certificate, complete up to now."""
        cls.give(cls.verifier.as_("order-feed", name=issuer), "orders", "import", {"watermark": at(), "orders": orders})

    @classmethod
    def badge(cls, person, direction):
        cls.rows.append({"source": "doors", "event_id": str(len(cls.rows)), "credential": f"b-{person}", "direction": direction,
                         "zone_from": "hall" if direction == "out" else "", "zone_to": "hall" if direction == "in" else "",
                         "occurred_at": at()})

    @classmethod
    def deliver_badges(cls):
        """What the doors and the ticket system told until now."""
        cls.give_orders("dc-ops", [])
        cls.give(cls.verifier.as_("badge-feed", name="doors"), "badges", "import",
                 {"feeds": [{"source": "doors", "watermark": at(), "zones": ["site-1"]}], "rows": cls.rows})

    def sign_in(self, order, *roles):
        session = self.verifier.as_("desk").assay_json("session", "open", "--host", "rack-1", "--order", order, "--technician", "visitor",
                                                       "--escort", "escort")["id"]
        for role in roles:
            self.verifier.assay("session", "sign", session, "--role", role, "--key",
                                (self.visitor if role == "technician" else self.escort).key)
        return session
