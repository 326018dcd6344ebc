"""The invented portal: its people, companies and deals. Ids and values are the same at every start.

Contacts 502-511 cover the outcomes that the gateway's simulator plays by the last two digits of a number
(90 to 99), in ten ways of writing a number. 512-518 are the cases of real records: no number, an invalid one, a
landline, two numbers, abroad, overseas, shared. All others have a mobile that receives SMS.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# The creation time of the newest record; all others are older.
FIRST_DAY = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)

# (first name, last name, mobile phone, phone, job title, company number or None)
_CONTACTS: tuple[tuple[str, str, str, str, str, int | None], ...] = (
    ("Camille", "Moreau", "06 12 34 56 78", "", "Directrice", 0),  # 501: delivered; the examples' contact
    ("Hugo", "Lefèvre", "0612345690", "", "Acheteur", 0),  # 502: not delivered
    ("Inès", "Garnier", "+33 6 12 34 56 91", "", "Comptable", 1),  # 503: invalid destination, then NPAI
    ("Jules", "Chevalier", "06.12.34.56.92", "", "Chef de chantier", 1),  # 504: expired
    ("Léa", "Fontaine", "+33612345693", "", "Assistante", 1),  # 505: rejected
    ("Nathan", "Roussel", "0033 6 12 34 56 94", "", "Gérant", 2),  # 506: delivered, answers "Oui"
    ("Manon", "Blanchard", "06-12-34-56-95", "", "Infirmière", 2),  # 507: delivered, answers STOP
    ("Théo", "Perrin", "+33 (0)6 12 34 56 96", "", "Médecin", 2),  # 508: delivered, clicks the links
    ("Chloé", "Mercier", "06 12 34 56 97", "", "Cheffe de rang", 3),  # 509: delivered, receipt twice
    ("Louis", "Dupuis", "06 12 34 56 98", "", "Cuisinier", 3),  # 510: receipts in the wrong order
    ("Emma", "Renaud", "06 12 34 56 99", "", "Cliente", None),  # 511: silence, no receipt
    ("Gabriel", "Marchand", "", "", "Client", None),  # 512: no number
    ("Zoé", "Lefebvre-Dubois", "06 12 34", "", "Cliente", None),  # 513: an invalid number
    ("Paul", "Lemoine", "", "01 42 68 53 00", "Notaire", 4),  # 514: a landline only
    ("Sarah", "Benali", "07 56 12 34 10", "06 12 34 56 11", "Agente immobilière", 4),  # 515: two numbers
    ("Lotte", "Janssens", "+32 470 12 34 56", "", "Acheteuse", None),  # 516: Belgium
    ("Axel", "Théodore", "0690 12 34 56", "", "Client", None),  # 517: Guadeloupe
    ("Anne-Sophie", "d'Aubigné", "06 12 34 56 78", "", "Cliente", None),  # 518: the same number as 501
    ("Raphaël", "Gauthier", "06 12 34 56 21", "01 53 20 14 00", "Responsable des ventes", 0),
    ("Jade", "Robin", "06 12 34 56 22", "", "Vendeuse", 0),
    ("Arthur", "Clément", "06 12 34 56 23", "", "Conducteur de travaux", 1),
    ("Louise", "Guérin", "06 12 34 56 24", "", "Secrétaire médicale", 2),
    ("Adam", "Boyer", "06 12 34 56 25", "", "Traiteur", 3),
    ("Alice", "Denis", "06 12 34 56 26", "", "Cliente", None),
    ("Maël", "Le Goff", "06 12 34 56 27", "02 98 44 10 20", "Marin", None),
    ("Lina", "Haddad", "06 12 34 56 28", "", "Étudiante", None),
    ("Sacha", "Vidal", "+33 7 66 12 34 29", "", "Photographe", None),
    ("Rose", "Caron", "06 12 34 56 30", "", "Fleuriste", None),
    ("Ethan", "Picard", "06 12 34 56 31", "", "Libraire", None),
    ("Mila", "Rivière", "06 12 34 56 32", "", "Cliente", None),
)
# (name, domain, phone, postal code, city, industry, employees)
_COMPANIES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("Boutique Lumière", "boutique-lumiere.example", "01 44 10 20 30", "75011", "Paris", "RETAIL", "14"),
    ("Bâtir Ensemble", "batir-ensemble.example", "04 72 10 20 30", "69003", "Lyon", "CONSTRUCTION", "52"),
    ("Cabinet du Parc", "cabinet-du-parc.example", "05 56 10 20 30", "33000", "Bordeaux",
     "HOSPITAL_HEALTH_CARE", "9"),
    ("La Table d'Hortense", "table-hortense.example", "06 12 34 56 40", "59800", "Lille", "RESTAURANTS", "18"),
    ("Étude et Patrimoine", "etude-patrimoine.example", "", "44000", "Nantes", "REAL_ESTATE", "7"),
)  # fmt: skip
# (name, amount, stage, contact numbers in order of association, company number or None)
_DEALS: tuple[tuple[str, str, str, tuple[int, ...], int | None], ...] = (
    ("Rénovation de la vitrine", "8400", "presentationscheduled", (0, 18), 0),
    ("Extension de l'atelier", "62000", "qualifiedtobuy", (3,), 1),
    ("Agenda des patients", "3100", "appointmentscheduled", (11, 7), 2),  # first contact has no number
    ("Carte de fin d'année", "1250", "closedwon", (), 3),  # no contact: the company's number
    ("Mandat de vente", "9800", "contractsent", (), None),  # no recipient
    ("Banquet des 40 ans", "2600", "qualifiedtobuy", (11,), 3),  # the contact has no number, the company has
    ("Réassort de printemps", "5400", "contractsent", (14, 6, 2), 4),  # two numbers; answers STOP; NPAI
    ("Abonnement annuel", "480", "appointmentscheduled", (11,), None),  # a contact without number, no company
)
_CITIES = ("Paris", "Lyon", "Marseille", "Lille", "Nantes", "Rennes", "Toulouse", "Bordeaux")


# (owner id, user id, first name, last name, e-mail); the first is the person who uses the sandbox.
OWNERS = (
    ("41629701", 77, "Margaux", "Delattre", "margaux.delattre@atelier-lumen.example"),
    ("41629702", 78, "Karim", "Benoît", "karim.benoit@atelier-lumen.example"),
    ("41629703", 79, "Solène", "Prigent", "solene.prigent@atelier-lumen.example"),
)


@dataclass(frozen=True)
class Crm:
    """The tables that one portal is made from; see `_CONTACTS`, `_COMPANIES`, `_DEALS` and `OWNERS` for the columns."""

    contacts: tuple[tuple[str, str, str, str, str, int | None], ...]
    companies: tuple[tuple[str, str, str, str, str, str, str], ...]
    deals: tuple[tuple[str, str, str, tuple[int, ...], int | None], ...]
    owners: tuple[tuple[str, int, str, str, str], ...]
    former_owners: tuple[tuple[str, int, str, str, str], ...] = ()
    queues: tuple[tuple[str, str], ...] = ()  # (owner id, name)


_FORMER_OWNERS = (("41629690", 70, "Yann", "Le Bihan", "yann.le-bihan@atelier-lumen.example"),)
_QUEUES = (("41629710", "Accueil"),)
MAIN = Crm(_CONTACTS, _COMPANIES, _DEALS, OWNERS, _FORMER_OWNERS, _QUEUES)


def contacts(crm: Crm) -> list[tuple[dict[str, str], int | None, datetime]]:
    """Each contact's properties, the number of its company in `companies` (or None), and its creation."""
    rows = []
    for number, (first, last, mobile, phone, job, company) in enumerate(crm.contacts):
        properties = {
            "firstname": first,
            "lastname": last,
            "email": _email(first, last),
            "mobilephone": mobile,
            "phone": phone,
            "jobtitle": job,
            "city": _CITIES[number % len(_CITIES)],
            "country": "France",
            "lifecyclestage": "customer" if number % 3 else "lead",
            "hubspot_owner_id": crm.owners[number % len(crm.owners)][0],
            "company": "" if company is None else crm.companies[company][0],
        }
        rows.append((properties, company, FIRST_DAY - timedelta(days=7 * number)))
    return rows


def companies(crm: Crm) -> list[dict[str, str]]:
    """Each company's properties."""
    names = ("name", "domain", "phone", "zip", "city", "industry", "numberofemployees")
    return [{**dict(zip(names, row, strict=True)), "country": "France"} for row in crm.companies]


def deals(crm: Crm) -> list[tuple[dict[str, str], tuple[int, ...], int | None]]:
    """Each deal's properties, its contacts by their place in `contacts`, and its company's place."""
    return [
        (
            {
                "dealname": name,
                "amount": amount,
                "dealstage": stage,
                "pipeline": "default",
                "closedate": "2026-12-18T17:00:00Z",
            },
            people,
            company,
        )
        for name, amount, stage, people, company in crm.deals
    ]


def _email(first: str, last: str) -> str:
    plain = f"{first}.{last}".lower().replace(" ", "-").replace("'", "")
    for accented, letter in zip("éèêëïîôç", "eeeeiioc", strict=True):
        plain = plain.replace(accented, letter)
    return f"{plain}@courriel.example"
