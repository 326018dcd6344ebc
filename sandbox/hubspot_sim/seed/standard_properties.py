"""HubSpot's own properties in the simulated portal: a selection with its real internal names, French and
English labels. Wording of labels is from general knowledge of HubSpot's interface (unconfirmed)."""

from sandbox.hubspot_sim.crm.definitions import Catalogue, Definition, Group, Option
from sandbox.hubspot_sim.crm.object_types import COMMUNICATION, COMPANY, CONTACT, DEAL, TASK, ObjectType

# (value, French, English)
_LIFECYCLE = (
    ("subscriber", "Abonné", "Subscriber"),
    ("lead", "Lead", "Lead"),
    ("marketingqualifiedlead", "Lead marketing qualifié", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Lead commercial qualifié", "Sales Qualified Lead"),
    ("opportunity", "Opportunité", "Opportunity"),
    ("customer", "Client", "Customer"),
    ("evangelist", "Ambassadeur", "Evangelist"),
    ("other", "Autre", "Other"),
)
_LEAD_STATUS = (
    ("NEW", "Nouveau", "New"),
    ("OPEN", "Ouvert", "Open"),
    ("IN_PROGRESS", "En cours", "In Progress"),
    ("CONNECTED", "Connecté", "Connected"),
    ("UNQUALIFIED", "Non qualifié", "Unqualified"),
)
_LANGUAGES = (
    ("fr", "Français", "French"),
    ("en", "Anglais", "English"),
    ("de", "Allemand", "German"),
    ("es", "Espagnol", "Spanish"),
)
_INDUSTRIES = (
    ("RETAIL", "Commerce de détail", "Retail"),
    ("CONSTRUCTION", "Bâtiment", "Construction"),
    ("HOSPITAL_HEALTH_CARE", "Santé", "Hospital & Health Care"),
    ("RESTAURANTS", "Restauration", "Restaurants"),
    ("REAL_ESTATE", "Immobilier", "Real Estate"),
)
_STAGES = (
    ("appointmentscheduled", "Rendez-vous pris", "Appointment Scheduled"),
    ("qualifiedtobuy", "Qualifié pour l’achat", "Qualified To Buy"),
    ("presentationscheduled", "Présentation planifiée", "Presentation Scheduled"),
    ("contractsent", "Contrat envoyé", "Contract Sent"),
    ("closedwon", "Fermée gagnée", "Closed Won"),
    ("closedlost", "Fermée perdue", "Closed Lost"),
)
_CURRENCIES = (("EUR", "Euro", "Euro"), ("USD", "Dollar", "Dollar"), ("CHF", "Franc suisse", "Swiss franc"))
_PIPELINES = (("default", "Pipeline de vente", "Sales Pipeline"),)
_DEAL_TYPES = (
    ("newbusiness", "Nouveau client", "New Business"),
    ("existingbusiness", "Client existant", "Existing Business"),
)
_CHANNELS = (
    ("SMS", "SMS", "SMS"),
    ("WHATS_APP", "WhatsApp", "WhatsApp"),
    ("LINKEDIN_MESSAGE", "Message LinkedIn", "LinkedIn Message"),
)
_LOGGED_FROM = (("CRM", "CRM", "CRM"),)

_MERGED = (
    "hs_merged_object_ids",
    "ID d’enregistrements fusionnés",
    "Merged record IDs",
    "string text",
    "read_only",
)
# (name, French, English, "type fieldType", options or flags)
_CONTACTS = (
    ("firstname", "Prénom", "First name", "string text"),
    ("lastname", "Nom", "Last name", "string text"),
    ("email", "E-mail", "Email", "string text", "unique"),
    ("phone", "Numéro de téléphone", "Phone number", "string phonenumber"),
    ("mobilephone", "Numéro de téléphone portable", "Mobile phone number", "string phonenumber"),
    ("hs_whatsapp_phone_number", "Numéro WhatsApp", "WhatsApp Phone Number", "string phonenumber"),
    ("company", "Nom de l’entreprise", "Company name", "string text"),
    ("jobtitle", "Intitulé du poste", "Job title", "string text"),
    ("address", "Adresse postale", "Street address", "string text"),
    ("zip", "Code postal", "Postal code", "string text"),
    ("city", "Ville", "City", "string text"),
    ("country", "Pays/région", "Country/Region", "string text"),
    ("lifecyclestage", "Phase du cycle de vie", "Lifecycle stage", "enumeration radio", _LIFECYCLE),
    ("hs_lead_status", "Statut du lead", "Lead status", "enumeration radio", _LEAD_STATUS),
    ("hs_language", "Langue préférée", "Preferred language", "enumeration select", _LANGUAGES),
    ("hubspot_owner_id", "Propriétaire du contact", "Contact owner", "enumeration select", "external"),
    ("date_of_birth", "Date de naissance", "Date of birth", "string text"),
    ("closedate", "Date de fermeture", "Close date", "datetime date"),
    ("message", "Message", "Message", "string textarea"),
    ("associatedcompanyid", "ID de l’entreprise principale", "Primary Associated Company ID", "number number"),
    ("createdate", "Date de création", "Create date", "datetime date", "read_only"),
    ("lastmodifieddate", "Date de dernière modification", "Last modified date", "datetime date", "read_only"),
    ("hs_object_id", "ID du contact", "Record ID", "number number", "read_only"),
    _MERGED,
    ("hs_searchable_calculated_phone_number", "Numéro recherché", "Calculated Phone Number for Search",
     "string text", "read_only", "hidden"),
    ("hs_searchable_calculated_mobile_number", "Numéro portable recherché", "Calculated Mobile Number for Search",
     "string text", "read_only", "hidden"),
    ("hs_calculated_phone_number", "Numéro calculé", "Calculated Phone Number with country code", "string text",
     "read_only", "hidden"),
    ("hs_calculated_mobile_number", "Numéro portable calculé", "Calculated Mobile Number with country code",
     "string text", "read_only", "hidden"),
)  # fmt: skip
_COMPANIES = (
    ("name", "Nom de l’entreprise", "Company name", "string text"),
    ("domain", "Nom de domaine de l’entreprise", "Company domain name", "string text"),
    ("phone", "Numéro de téléphone", "Phone number", "string phonenumber"),
    ("address", "Adresse postale", "Street address", "string text"),
    ("zip", "Code postal", "Postal code", "string text"),
    ("city", "Ville", "City", "string text"),
    ("country", "Pays/région", "Country/Region", "string text"),
    ("industry", "Secteur d’activité", "Industry", "enumeration select", _INDUSTRIES),
    ("numberofemployees", "Nombre d’employés", "Number of employees", "number number"),
    ("lifecyclestage", "Phase du cycle de vie", "Lifecycle stage", "enumeration radio", _LIFECYCLE),
    ("hubspot_owner_id", "Propriétaire de l’entreprise", "Company owner", "enumeration select", "external"),
    ("createdate", "Date de création", "Create date", "datetime date", "read_only"),
    ("hs_lastmodifieddate", "Date de dernière modification", "Last modified date", "datetime date", "read_only"),
    ("hs_object_id", "ID de l’entreprise", "Record ID", "number number", "read_only"),
    _MERGED,
    ("hs_searchable_calculated_phone_number", "Numéro recherché", "Calculated Phone Number for Search",
     "string text", "read_only", "hidden"),
)  # fmt: skip
_DEALS = (
    ("dealname", "Nom de la transaction", "Deal name", "string text"),
    ("amount", "Montant", "Amount", "number number"),
    ("deal_currency_code", "Devise", "Currency", "enumeration select", _CURRENCIES),
    ("dealstage", "Phase de la transaction", "Deal stage", "enumeration radio", _STAGES),
    ("pipeline", "Pipeline", "Pipeline", "enumeration select", _PIPELINES),
    ("dealtype", "Type de transaction", "Deal type", "enumeration radio", _DEAL_TYPES),
    ("closedate", "Date de fermeture", "Close date", "datetime date"),
    ("description", "Description de la transaction", "Deal description", "string textarea"),
    ("hubspot_owner_id", "Propriétaire de la transaction", "Deal owner", "enumeration select", "external"),
    ("createdate", "Date de création", "Create date", "datetime date", "read_only"),
    ("hs_lastmodifieddate", "Date de dernière modification", "Last modified date", "datetime date", "read_only"),
    ("hs_object_id", "ID de la transaction", "Record ID", "number number", "read_only"),
    _MERGED,
)  # fmt: skip
_COMMUNICATIONS = (
    ("hs_communication_channel_type", "Canal", "Channel Type", "enumeration select", _CHANNELS),
    ("hs_communication_logged_from", "Enregistré depuis", "Logged From", "enumeration select", _LOGGED_FROM),
    ("hs_communication_body", "Contenu", "Communication Body", "string html"),
    ("hs_timestamp", "Date de l’activité", "Activity date", "datetime date"),
    ("hubspot_owner_id", "Activité assignée à", "Activity assigned to", "enumeration select", "external"),
    ("hs_createdate", "Date de création", "Create date", "datetime date", "read_only"),
    ("hs_lastmodifieddate", "Date de dernière modification", "Last modified date", "datetime date", "read_only"),
    ("hs_object_id", "ID de l’enregistrement", "Record ID", "number number", "read_only"),
)  # fmt: skip
_TASK_STATUSES = (
    ("NOT_STARTED", "Non démarrée", "Not started"),
    ("IN_PROGRESS", "En cours", "In progress"),
    ("WAITING", "En attente", "Waiting"),
    ("DEFERRED", "Reportée", "Deferred"),
    ("COMPLETED", "Terminée", "Completed"),
)
_PRIORITIES = (("LOW", "Basse", "Low"), ("MEDIUM", "Moyenne", "Medium"), ("HIGH", "Haute", "High"))
_TASK_TYPES = (("EMAIL", "E-mail", "Email"), ("CALL", "Appel", "Call"), ("TODO", "À faire", "To do"))
_TASKS = (
    ("hs_task_subject", "Titre de la tâche", "Task title", "string text"),
    ("hs_task_body", "Notes", "Task notes", "string html"),
    ("hs_task_status", "Statut de la tâche", "Task status", "enumeration select", _TASK_STATUSES),
    ("hs_task_priority", "Priorité", "Priority", "enumeration select", _PRIORITIES),
    ("hs_task_type", "Type de tâche", "Task type", "enumeration select", _TASK_TYPES),
    ("hs_task_reminders", "Rappels", "Reminders", "string text"),
    ("hs_timestamp", "Date d’échéance", "Due date", "datetime date"),
    ("hubspot_owner_id", "Attribuée à", "Assigned to", "enumeration select", "external"),
    ("hs_createdate", "Date de création", "Create date", "datetime date", "read_only"),
    ("hs_lastmodifieddate", "Date de dernière modification", "Last modified date", "datetime date", "read_only"),
    ("hs_object_id", "ID de l’enregistrement", "Record ID", "number number", "read_only"),
)  # fmt: skip
_TABLE: tuple[tuple[ObjectType, Group, tuple[tuple[object, ...], ...]], ...] = (
    (
        CONTACT,
        Group("contactinformation", {"fr": "Informations sur le contact", "en": "Contact information"}, 0),
        _CONTACTS,
    ),
    (
        COMPANY,
        Group("companyinformation", {"fr": "Informations sur l’entreprise", "en": "Company information"}, 0),
        _COMPANIES,
    ),
    (
        DEAL,
        Group("dealinformation", {"fr": "Informations sur la transaction", "en": "Deal information"}, 0),
        _DEALS,
    ),
    (
        COMMUNICATION,
        Group("communicationinformation", {"fr": "Communication", "en": "Communication"}, 0),
        _COMMUNICATIONS,
    ),
    (TASK, Group("taskinformation", {"fr": "Tâche", "en": "Task"}, 0), _TASKS),
)


def standard_catalogue() -> Catalogue:
    """A new portal's properties."""
    catalogue = Catalogue()
    for kind, group, rows in _TABLE:
        catalogue.add_group(kind, group)
        catalogue.add(kind, [_definition(group.name, order, row) for order, row in enumerate(rows)])
    return catalogue


def _definition(group: str, order: int, row: tuple[object, ...]) -> Definition:
    name, french, english, types, *rest = row
    value_type, field_type = str(types).split()
    flags = [more for more in rest if isinstance(more, str)]
    choices = [more for more in rest if isinstance(more, tuple)]
    options = tuple(
        Option(value, {"fr": option_fr, "en": option_en}, position)
        for chosen in choices
        for position, (value, option_fr, option_en) in enumerate(chosen)
    )
    return Definition(
        name=str(name),
        labels={"fr": str(french), "en": str(english)},
        type=value_type,
        field_type=field_type,
        group=group,
        options=options,
        read_only="read_only" in flags,
        unique="unique" in flags,
        external_options="external" in flags,
        display_order=order,
        hidden="hidden" in flags,
    )
