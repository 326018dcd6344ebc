"""The CRM properties that the app writes, in the portal's language (F4.1), named as in version 3.0."""

from dataclasses import dataclass
from typing import Final

from connector.domain.vocabulary import RecordStatus

GROUP_NAME: Final = "smsfactor"
GROUP_LABEL: Final = "SMSFactor"


@dataclass(frozen=True, slots=True)
class PropertyOption:
    value: str
    labels: dict[str, str]  # language -> label


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    type: str  # HubSpot's type and field type
    field_type: str
    labels: dict[str, str]
    options: tuple[PropertyOption, ...] = ()

    def words(self, value: str) -> frozenset[str]:
        """The value of an option with its labels."""
        return frozenset(
            word
            for option in self.options
            if option.value == value
            for word in (value, *option.labels.values())
        )


_YES_NO = (
    PropertyOption("true", {"fr": "Oui", "en": "Yes"}),
    PropertyOption("false", {"fr": "Non", "en": "No"}),
)

PROPERTIES: Final[tuple[Property, ...]] = (
    Property(
        "smsfactor_is_stop",
        "bool",
        "booleancheckbox",
        {"fr": "SMSFactor - Désabonné", "en": "SMSFactor - Opted out"},
        _YES_NO,
    ),
    Property(
        "smsfactor_is_npai",
        "bool",
        "booleancheckbox",
        {"fr": "SMSFactor - Numéro non attribué", "en": "SMSFactor - Unassigned number"},
        _YES_NO,
    ),
    Property(
        "smsfactor_last_message_date",
        "datetime",
        "date",
        {"fr": "SMSFactor - Date du dernier SMS", "en": "SMSFactor - Date of last SMS"},
    ),
    Property(
        "smsfactor_last_message_destination",
        "string",
        "text",
        {
            "fr": "SMSFactor - Numéro de téléphone du dernier SMS",
            "en": "SMSFactor - Phone number of last SMS",
        },
    ),
    Property(
        "smsfactor_last_message_campaign_id",
        "number",
        "number",
        {
            "fr": "SMSFactor - Identifiant SMSFactor du dernier SMS",
            "en": "SMSFactor - SMSFactor id of last SMS",
        },
    ),
    Property(
        "smsfactor_last_message_content",
        "string",
        "textarea",
        {"fr": "SMSFactor - Contenu du dernier SMS", "en": "SMSFactor - Content of last SMS"},
    ),
    Property(
        "smsfactor_last_message_status",
        "enumeration",
        "select",
        {"fr": "SMSFactor - Statut du dernier SMS", "en": "SMSFactor - Status of last SMS"},
        (
            PropertyOption(RecordStatus.SENT, {"fr": "Envoyé", "en": "Sent"}),
            PropertyOption(RecordStatus.DELIVERED, {"fr": "Délivré", "en": "Delivered"}),
            PropertyOption(RecordStatus.UNDELIVERED, {"fr": "Non délivré", "en": "Not delivered"}),
            PropertyOption(RecordStatus.EXPIRED, {"fr": "Expiré", "en": "Expired"}),
        ),
    ),
)
BY_NAME: Final = {prop.name: prop for prop in PROPERTIES}
