"""The CRM object types that the simulator plays, and the many names HubSpot accepts for each."""

from dataclasses import dataclass

from sandbox.hubspot_sim.errors import InvalidInput


@dataclass(frozen=True)
class ObjectType:
    """One type. id: as in URLs of pages ("0-1"). default_properties: returned by a read that names none.

    created, modified: the names of the properties that hold the first and the last change.
    """

    id: str
    plural: str
    singular: str
    created: str
    modified: str
    default_properties: tuple[str, ...]
    read_scope: str
    write_scope: str
    schema_scopes: tuple[str, str] | None

    @property
    def shout(self) -> str:
        """The type's name inside HubSpot's messages: CONTACT."""
        return self.singular.upper()


def _crm_type(type_id: str, plural: str, singular: str, modified: str, *default: str) -> ObjectType:
    return ObjectType(
        type_id,
        plural,
        singular,
        "createdate",
        modified,
        (*default, "createdate", modified, "hs_object_id"),
        f"crm.objects.{plural}.read",
        f"crm.objects.{plural}.write",
        (f"crm.schemas.{plural}.read", f"crm.schemas.{plural}.write"),
    )


CONTACT = _crm_type("0-1", "contacts", "contact", "lastmodifieddate", "email", "firstname", "lastname")
COMPANY = _crm_type("0-2", "companies", "company", "hs_lastmodifieddate", "domain", "name")
DEAL = _crm_type(
    "0-3", "deals", "deal", "hs_lastmodifieddate",
    "amount", "closedate", "dealname", "dealstage", "pipeline",
)  # fmt: skip
# Communications live under the contacts' scopes (HubSpot's OpenAPI file of communications).
COMMUNICATION = ObjectType(
    "0-18",
    "communications",
    "communication",
    "hs_createdate",
    "hs_lastmodifieddate",
    ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    CONTACT.read_scope,
    CONTACT.write_scope,
    None,
)
# Tasks have the contacts' scopes too: no scope of their own is in HubSpot's stable OpenAPI file of tasks.
TASK = ObjectType(
    "0-27",
    "tasks",
    "task",
    "hs_createdate",
    "hs_lastmodifieddate",
    ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    CONTACT.read_scope,
    CONTACT.write_scope,
    None,
)
ALL_TYPES = (CONTACT, COMPANY, DEAL, COMMUNICATION, TASK)
_BY_NAME = {name: kind for kind in ALL_TYPES for name in (kind.id, kind.plural, kind.singular)}


def find_type(name: str) -> ObjectType | None:
    """The type with a name such as "contacts", "contact", "CONTACT" or "0-1"; None when the simulator has none."""
    return _BY_NAME.get(name.lower())


def object_type(name: str) -> ObjectType:
    """Like find_type, but raises InvalidInput as HubSpot does for a type it cannot infer."""
    kind = find_type(name)
    if kind is None:
        raise InvalidInput(f"Unable to infer object type from: {name}")
    return kind
